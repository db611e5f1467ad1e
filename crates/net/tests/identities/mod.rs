//! Self-signed certificates for tests.

use chatdev_net::tls::Identity;
use rcgen::{CertificateParams, KeyPair};

/// A self-signed certificate of `name`, with its key.
pub(crate) fn identity(name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    Identity::from_der(certificate.der(), &key.serialize_der()).unwrap()
}
