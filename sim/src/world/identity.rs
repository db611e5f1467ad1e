//! Certificates that follow from the seed: Ed25519 keys, whose signatures are a function of key and text.

use chatdev_net::tls::Identity;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls_pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};

/// RFC 8410 §7: what stands before the 32 octets of an Ed25519 private key in PKCS#8.
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The certificate of `name` in the world of `seed`: always the same one.
#[must_use]
pub fn identity(seed: u64, name: &str) -> Identity {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(name);
    let secret: [u8; 32] = hash.finalize().into();
    let pkcs8 = [&PKCS8_ED25519[..], &secret].concat();
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8.clone()), &PKCS_ED25519)
        .expect("32 octets are an Ed25519 key");
    let certificate = CertificateParams::new(vec![name.to_owned()])
        .and_then(|params| params.self_signed(&key))
        .expect("a name of letters makes a certificate");
    Identity::from_der(certificate.der(), &pkcs8).expect("the certificate was signed with this key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_follows_from_seed_and_name() {
        let alice = identity(1, "alice");
        assert_eq!(alice.certificate(), identity(1, "alice").certificate());
        assert_ne!(alice.fingerprint(), identity(1, "bob").fingerprint());
        assert_ne!(alice.fingerprint(), identity(2, "alice").fingerprint());
    }
}
