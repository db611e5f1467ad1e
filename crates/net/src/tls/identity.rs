//! A certificate and its private key: who this process is to others.
//!
//! The certificate is the device's identity (PROTOCOL section 3); its SHA-256 over DER is what others
//! remember. Reading one is here, making one is the programs' business.

use std::{fmt, sync::Arc};

use chatdev_directory::Fingerprint;
use rustls::{
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};

use super::provider;

/// A certificate (with the chain that leads to it, where there is one) and its private key. Cheap to clone;
/// never prints its key.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    certified: Arc<CertifiedKey>,
    fingerprint: Fingerprint,
}

/// Why an identity could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The PEM text is not PEM, or lacks what is looked for.
    #[error("expected {expected} in PEM form: {error}")]
    Pem {
        /// What was looked for.
        expected: &'static str,
        /// What the reader says.
        error: pem::Error,
    },
    /// There is no certificate at all.
    #[error("expected a certificate, found none")]
    NoCertificate,
    /// The certificate or the key cannot be used, or they do not belong together.
    #[error("certificate and private key cannot be used together: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Identity {
    /// From a certificate in DER and its key in PKCS#8 DER.
    ///
    /// # Errors
    /// [`IdentityError::Unusable`] where either cannot be read or the key is another certificate's.
    pub fn from_der(certificate: &[u8], key_pkcs8: &[u8]) -> Result<Self, IdentityError> {
        let key = PrivatePkcs8KeyDer::from(key_pkcs8.to_vec()).into();
        Self::new(vec![CertificateDer::from(certificate.to_vec())], key)
    }

    /// From PEM: `certificates` is the leaf, then the chain that leads to it; `key` is PKCS#8, SEC1 or
    /// PKCS#1.
    ///
    /// # Errors
    /// [`IdentityError`], naming the part at fault.
    pub fn from_pem(certificates: &str, key: &str) -> Result<Self, IdentityError> {
        let chain = CertificateDer::pem_slice_iter(certificates.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| IdentityError::Pem { expected: "certificates", error })?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|error| IdentityError::Pem { expected: "a private key", error })?;
        Self::new(chain, key)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, IdentityError> {
        let Some(leaf) = chain.first() else { return Err(IdentityError::NoCertificate) };
        let fingerprint = fingerprint_of(leaf);
        let certified = Arc::new(CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider())?);
        Ok(Self { inner: Arc::new(Inner { chain, key, certified, fingerprint }) })
    }

    /// SHA-256 over the certificate's DER: what others know this identity by.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.inner.fingerprint
    }

    /// The certificate's DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.inner.chain[0]
    }

    /// The private key's DER. Secret: for a handshake, and for nothing else.
    #[must_use]
    pub fn secret_key(&self) -> &[u8] {
        self.inner.key.secret_der()
    }

    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.inner.certified)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.inner.fingerprint).finish()
    }
}

/// SHA-256 over a certificate's DER.
pub(super) fn fingerprint_of(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint(Sha256::digest(certificate).into())
}
