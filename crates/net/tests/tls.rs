//! What real TLS refuses, and what it reports (SECURITY rules 3 and 5; PROTOCOL section 3).

#![expect(clippy::disallowed_methods, reason = "tests on real sockets and clocks")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authority;
mod identities;

use std::{io, sync::Arc};

use authority::Authority;
use chatdev_net::{
    Io,
    tls::{self, ALPN_PEER, Acceptor, Connector, Handshaken, Identity, IdentityError},
};
use identities::identity;
use jiff::Timestamp;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, DuplexStream, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The certificate of one identity with the key of another: what somebody has who only ever saw the certificate.
fn stolen(certificate: &Identity, key: &Identity) -> Arc<SingleCertAndKey> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.secret_key().to_vec()));
    let chain = vec![CertificateDer::from(certificate.certificate().to_vec())];
    let signing = ring::sign::any_supported_type(&key).unwrap();
    Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, signing)))
}

/// A stranger's TLS: it takes any certificate, and speaks `versions` with `alpn`.
fn stranger(
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&[u8]],
    shows: Option<Arc<SingleCertAndKey>>,
) -> TlsConnector {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything));
    let mut config = match shows {
        Some(resolver) => builder.with_client_cert_resolver(resolver),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
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
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// How our acceptor answers a stranger. The stranger reads until we hang up, so that it hears what we say of its certificate.
async fn answer_to(acceptor: &Acceptor, stranger: TlsConnector) -> io::Result<Handshaken<impl Io>> {
    let (near, far) = duplex(16 * 1024);
    let dialling = async {
        let name = ServerName::try_from("example.net").unwrap();
        if let Ok(mut stream) = stranger.connect(name, far).await {
            // An error here is the answer under test; our side's is the one that is judged.
            let _refused = stream.read_u8().await;
        }
    };
    tokio::select! {
        biased;
        answer = tls::accept(near, acceptor) => answer,
        () = dialling => panic!("the stranger gave up before we did"),
    }
}

async fn answer_from(server: ServerConfig, connector: &Connector) -> io::Result<Handshaken<impl Io>> {
    let (near, far) = duplex(16 * 1024);
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let (_, answer) =
        tokio::join!(biased; acceptor.accept(far), tls::connect(near, connector, Timestamp::now()));
    answer
}

fn peer_server(
    resolver: Arc<SingleCertAndKey>,
    version: &'static SupportedProtocolVersion,
    alpn: &[u8],
) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    if !alpn.is_empty() {
        config.alpn_protocols = vec![alpn.to_vec()];
    }
    config
}

async fn pair(acceptor: &Acceptor, connector: &Connector) -> (Handshaken<impl Io>, Handshaken<impl Io>) {
    let (near, far): (DuplexStream, DuplexStream) = duplex(16 * 1024);
    let (answered, dialled) = tokio::join!(
        biased;
        tls::accept(far, acceptor),
        tls::connect(near, connector, Timestamp::now()),
    );
    (answered.unwrap(), dialled.unwrap())
}

#[tokio::test]
async fn bobs_certificate_without_bobs_key_is_refused_when_it_dials() {
    let (alice, bob, eve) = (identity("alice"), identity("bob"), identity("eve"));
    let acceptor = Acceptor::for_peers(&alice);
    let honest = stranger(&[&TLS13], &[ALPN_PEER], Some(stolen(&bob, &bob)));
    let answer = answer_to(&acceptor, honest).await.unwrap();
    assert_eq!(answer.peer.unwrap().fingerprint, bob.fingerprint());

    let thief = stranger(&[&TLS13], &[ALPN_PEER], Some(stolen(&bob, &eve)));
    let refusal = answer_to(&acceptor, thief).await.err().unwrap();
    assert!(refusal.to_string().contains("BadSignature"), "{refusal}");
}

#[tokio::test]
async fn bobs_certificate_without_bobs_key_is_refused_when_it_answers() {
    let (alice, bob, eve) = (identity("alice"), identity("bob"), identity("eve"));
    let connector = Connector::to_peer(&alice);
    let honest = peer_server(stolen(&bob, &bob), &TLS13, ALPN_PEER);
    assert_eq!(answer_from(honest, &connector).await.unwrap().peer.unwrap().fingerprint, bob.fingerprint());

    let thief = peer_server(stolen(&bob, &eve), &TLS13, ALPN_PEER);
    let refusal = answer_from(thief, &connector).await.err().unwrap();
    assert!(refusal.to_string().contains("BadSignature"), "{refusal}");
}

#[tokio::test]
async fn a_server_without_the_key_of_its_certificate_is_refused_over_either_version() {
    let (bob, eve) = (identity("example.net"), identity("eve"));
    let connector = Connector::to_server("example.net").unwrap();
    for version in [&TLS12, &TLS13] {
        let honest = peer_server(stolen(&bob, &bob), version, b"");
        assert!(answer_from(honest, &connector).await.is_ok());
        let thief = peer_server(stolen(&bob, &eve), version, b"");
        assert!(answer_from(thief, &connector).await.is_err());
    }
}

#[tokio::test]
async fn peers_speak_nothing_older_than_tls_1_3() {
    let (alice, bob) = (identity("alice"), identity("bob"));
    let old = stranger(&[&TLS12], &[ALPN_PEER], Some(stolen(&bob, &bob)));
    assert!(answer_to(&Acceptor::for_peers(&alice), old).await.is_err());
    let old = peer_server(stolen(&bob, &bob), &TLS12, ALPN_PEER);
    assert!(answer_from(old, &Connector::to_peer(&alice)).await.is_err());
}

#[tokio::test]
async fn a_peer_that_names_no_protocol_or_another_is_refused() {
    let (alice, bob) = (identity("alice"), identity("bob"));
    let acceptor = Acceptor::for_peers(&alice);
    for alpn in [&[][..], &[&b"xmpp-client"[..]][..]] {
        let other = stranger(&[&TLS13], alpn, Some(stolen(&bob, &bob)));
        assert!(answer_to(&acceptor, other).await.is_err());
    }
    let silent = peer_server(stolen(&bob, &bob), &TLS13, b"");
    assert!(answer_from(silent, &Connector::to_peer(&alice)).await.is_err());
}

#[tokio::test]
async fn a_peer_that_shows_no_certificate_is_refused() {
    let nobody = stranger(&[&TLS13], &[ALPN_PEER], None);
    assert!(answer_to(&Acceptor::for_peers(&identity("alice")), nobody).await.is_err());
}

#[tokio::test]
async fn a_client_of_a_server_may_name_no_protocol_but_not_a_foreign_one() {
    let acceptor = Acceptor::for_clients(&identity("example.net"));
    for (alpn, taken) in
        [(&[][..], true), (&[&b"xmpp-client"[..]][..], true), (&[&b"http/1.1"[..]][..], false)]
    {
        assert_eq!(answer_to(&acceptor, stranger(&[&TLS13], alpn, None)).await.is_ok(), taken);
    }
}

#[tokio::test]
async fn the_binding_is_equal_on_both_sides_and_new_each_time_over_either_version() {
    let server = identity("example.net");
    let acceptor = Acceptor::for_clients(&server);
    let connector = Connector::to_server("example.net").unwrap();
    let (answered, dialled) = pair(&acceptor, &connector).await;
    assert_eq!(answered.exporter, dialled.exporter);
    let (again, _) = pair(&acceptor, &connector).await;
    assert_ne!(answered.exporter, again.exporter);

    // TLS 1.2: the stranger exports by itself what RFC 9266 says, and gets what we have.
    let (near, far) = duplex(16 * 1024);
    let name = ServerName::try_from("example.net").unwrap();
    let old = stranger(&[&TLS12], &[], None);
    let (answered, theirs) = tokio::join!(biased; tls::accept(far, &acceptor), old.connect(name, near));
    let theirs = theirs.unwrap();
    let label = b"EXPORTER-Channel-Binding";
    let exported = theirs.get_ref().1.export_keying_material([0; 32], label, None).unwrap();
    assert_eq!(answered.unwrap().exporter, exported);
}

#[tokio::test]
async fn trusted_says_whether_an_authority_vouches_for_this_name_today() {
    let (ours, other) = (Authority::new(), Authority::new());
    let cases = [
        (ours.vouch("example.net", 4000), true),
        (ours.vouch("example.org", 4000), false),
        (ours.vouch("example.net", 2001), false),
        (other.vouch("example.net", 4000), false),
        (identity("example.net"), false),
    ];
    let connector = Connector::to_server_vouched_by("example.net", ours.certificate()).unwrap();
    for (server, trusted) in cases {
        let (_, dialled) = pair(&Acceptor::for_clients(&server), &connector).await;
        let shown = dialled.peer.unwrap();
        assert_eq!((shown.fingerprint, shown.trusted), (server.fingerprint(), trusted));
    }
}

#[test]
fn an_identity_is_read_from_pem_and_der_alike_and_keeps_its_key_to_itself() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["a.example".into()]).unwrap().self_signed(&key).unwrap();
    let from_pem = Identity::from_pem(&certificate.pem(), &key.serialize_pem()).unwrap();
    let from_der = Identity::from_der(certificate.der(), &key.serialize_der()).unwrap();
    assert_eq!(from_pem.fingerprint(), from_der.fingerprint());
    assert_eq!(from_pem.certificate(), from_der.certificate());
    assert_eq!(format!("{from_der:?}"), format!("Identity({})", from_der.fingerprint()));

    let other = rcgen::KeyPair::generate().unwrap();
    let mismatch = Identity::from_der(certificate.der(), &other.serialize_der());
    assert!(matches!(mismatch, Err(IdentityError::Unusable(_))), "{mismatch:?}");
    let missing = Identity::from_pem("", &key.serialize_pem());
    assert!(matches!(missing, Err(IdentityError::NoCertificate)), "{missing:?}");
    let nonsense = Identity::from_pem(&certificate.pem(), "not a key");
    assert!(matches!(nonsense, Err(IdentityError::Pem { .. })), "{nonsense:?}");
}

#[test]
fn a_server_name_is_a_dns_name_or_an_address() {
    for good in ["localhost", "example.net", "192.0.2.1", "2001:db8::1", "xn--bcher-kva.example"] {
        assert!(Connector::to_server(good).is_ok(), "{good}");
    }
    for bad in ["", "bücher.example", "a b", "-"] {
        assert!(Connector::to_server(bad).is_err(), "{bad}");
    }
    // The list of public authorities is not empty, which `to_server` relies on.
    assert!(!RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()).is_empty());
}
