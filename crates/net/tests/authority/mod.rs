//! An authority of our own, which vouches for certificates in tests.

use chatdev_net::tls::Identity;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate, in DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        self.0.der()
    }

    /// A certificate for `name` that is valid until the end of `year_last`.
    pub(crate) fn vouch(&self, name: &str, year_last: i32) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year_last, 12, 31);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity::from_der(certificate.der(), &key.serialize_der()).unwrap()
    }
}
