//! A handshake of real TLS that shows another's certificate, signed with one's own key, as an impostor without the
//! true key has to. Nothing else in the product can say this to rustls.

use std::{io, sync::Arc};

use chatdev_net::{
    Io,
    tls::{ALPN_PEER, Handshaken, Identity},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::{
    TlsConnector, TlsStream,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, ring},
        sign::{CertifiedKey, SingleCertAndKey},
        version::TLS13,
    },
};

/// Begins a handshake with a peer over `io`, showing `certificate` and signing with the key of `own`.
pub(super) async fn connect<S: Io>(
    io: S,
    certificate: &[u8],
    own: &Identity,
) -> io::Result<Handshaken<TlsStream<S>>> {
    let provider = Arc::new(ring::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.secret_key().to_vec()));
    let key = provider.key_provider.load_private_key(key).map_err(io::Error::other)?;
    // Unlike `from_der`, this does not look whether they belong together.
    let shown = CertifiedKey::new(vec![CertificateDer::from(certificate.to_vec())], key);
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    config.enable_sni = false;
    config.alpn_protocols = vec![ALPN_PEER.to_vec()];
    let name = ServerName::try_from("peer.invalid").map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, io).await?;
    Ok(Handshaken {
        stream: TlsStream::Client(stream),
        peer: None,
        exporter: [0; 32],
        alpn: None,
        protection: None,
    })
}

/// An impostor does not mind whom it speaks to.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
