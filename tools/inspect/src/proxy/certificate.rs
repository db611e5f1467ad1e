//! The certificate that clients are shown: the given one, or a throw-away one for the name that they ask for.
//!
//! Throw-away certificates are self-signed, and made once for each name of a run; nobody vouches for them, so the client has to be
//! told to take them. All have one key, which is nowhere but in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chatdev_directory::Fingerprint;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};

use super::{NAMES_MAX, Options, ProxyError};

/// The one cryptography provider of the proxy's TLS.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// SHA-256 over the DER, as people compare it.
pub(super) fn fingerprint(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint(Sha256::digest(certificate).into())
}

/// All certificates that can be shown.
#[derive(Debug)]
pub(super) struct Certificates {
    given: Option<Arc<CertifiedKey>>,
    made: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
    key: KeyPair,
}

impl Certificates {
    pub(super) fn load(options: &Options) -> Result<Self, ProxyError> {
        let given = match (&options.certificate, &options.key) {
            (Some(certificate), Some(key)) => Some(load(certificate, key)?),
            _ => None,
        };
        // With the `ring` provider, making a P-256 key fails only if the machine has no randomness.
        let key = KeyPair::generate().map_err(|error| ProxyError::Runtime(std::io::Error::other(error)))?;
        Ok(Self { given, made: Mutex::default(), key })
    }

    /// The given certificate.
    pub(super) fn given(&self) -> Option<&CertificateDer<'_>> {
        self.given.as_deref()?.end_entity_cert().ok()
    }

    /// What to show to a client that asks for `name`.
    pub(super) fn for_name(&self, name: &str) -> Result<Arc<CertifiedKey>, String> {
        if let Some(given) = &self.given {
            return Ok(Arc::clone(given));
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(name) {
            return Ok(Arc::clone(known));
        }
        let new = Arc::new(self.make(name)?);
        if made.len() < NAMES_MAX {
            made.insert(name.to_owned(), Arc::clone(&new));
        }
        Ok(new)
    }

    fn make(&self, name: &str) -> Result<CertifiedKey, String> {
        let failed = |error: rcgen::Error| format!("no certificate can be made for {name:?}: {error}");
        let mut params = CertificateParams::new([name.to_owned()]).map_err(failed)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "chatdev-inspect, thrown away after use");
        let certificate = params.self_signed(&self.key).map_err(failed)?;
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        CertifiedKey::from_der(vec![certificate.der().clone()], key, &provider())
            .map_err(|error| error.to_string())
    }
}

fn load(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, ProxyError> {
    let chain = read_certificates(certificate)?;
    let expected = "a private key";
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| ProxyError::Pem {
        path: key.to_owned(),
        expected,
        found: error.to_string(),
    })?;
    CertifiedKey::from_der(chain, key, &provider()).map(Arc::new).map_err(ProxyError::Certificate)
}

/// All certificates of a file, at least one.
pub(super) fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ProxyError> {
    let wrong = |found| ProxyError::Pem { path: path.to_owned(), expected: "certificates", found };
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let chain = read().map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("none".to_owned()));
    }
    Ok(chain)
}
