//! Whether somebody vouches for the server's certificate: asked always, told in a remark, and insisted on only with `--verify`.
//!
//! A proxy for debugging meets servers with self-signed, expired and misnamed certificates every day. That the server holds the key
//! of what it shows is always required.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::certificate::{provider, read_certificates};
use super::{Options, ProxyError};

/// Whom to trust.
#[derive(Debug)]
pub(super) struct Trust {
    authorities: Arc<WebPkiServerVerifier>,
    insist: bool,
}

impl Trust {
    pub(super) fn load(options: &Options) -> Result<Self, ProxyError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = &options.trust {
            for certificate in read_certificates(path)? {
                let expected = "certificates of authorities";
                roots.add(certificate).map_err(|error| ProxyError::Pem {
                    path: path.clone(),
                    expected,
                    found: error.to_string(),
                })?;
            }
        }
        let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .expect("there are authorities, and no revocation lists that could be wrong");
        Ok(Self { authorities, insist: options.verify })
    }

    /// For one handshake, with a server that should be `name`.
    pub(super) fn judge(&self, name: ServerName<'static>) -> Arc<Judge> {
        let authorities = Arc::clone(&self.authorities);
        Arc::new(Judge { authorities, insist: self.insist, name, verdict: Mutex::default() })
    }
}

/// Judges the certificate of one handshake, and remembers the verdict.
#[derive(Debug)]
pub(super) struct Judge {
    authorities: Arc<WebPkiServerVerifier>,
    insist: bool,
    /// Who it should be, whatever name the handshake was begun with.
    name: ServerName<'static>,
    verdict: Mutex<Option<Error>>,
}

impl Judge {
    /// What speaks against the certificate.
    pub(super) fn objection(&self) -> Option<String> {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Error::to_string)
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _begun_with: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict =
            self.authorities.verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now);
        match verdict {
            Ok(verified) => Ok(verified),
            Err(error) if self.insist => Err(error),
            Err(error) => {
                *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Ok(ServerCertVerified::assertion())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}
