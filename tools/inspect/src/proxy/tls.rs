//! TLS that ends here and begins here again: towards the server with what the client asked for (its SNI, its ALPN), then towards the
//! client with what the server chose.
//!
//! Versions 1.2 and 1.3. Nothing is resumed and no tickets are given: each connection shows its whole handshake.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, DnsName, ServerName};
use rustls::server::{Acceptor, NoServerSessionStorage};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, CommonState, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream as ClientSide;
use tokio_rustls::{LazyConfigAcceptor, TlsConnector, client::TlsStream as ServerSide};

use super::PATIENCE_SECONDS;
use super::certificate::{fingerprint, provider};
use super::connection::Connection;
use super::telling::Voice;
use crate::model::Side;

/// Both legs of a connection after the handshakes.
pub(super) struct Sealed {
    pub(super) client: ClientSide<TcpStream>,
    pub(super) server: ServerSide<TcpStream>,
    /// Whether the client saw the very certificate that the server has.
    pub(super) same_certificate: bool,
}

/// With which side no handshake came about, and why.
pub(super) struct Refusal {
    pub(super) side: Side,
    pub(super) text: String,
}

impl Connection {
    /// Both handshakes. `domain` is what the client's stream is for, where it has said so.
    pub(super) async fn seal(
        &self,
        client: TcpStream,
        server: TcpStream,
        domain: Option<&str>,
        voice: &Voice,
    ) -> Result<Sealed, Refusal> {
        let hello =
            within(LazyConfigAcceptor::new(Acceptor::default(), client)).await.map_err(|error| Refusal {
                side: Side::Dialler,
                text: format!("the client begins no TLS that can be read: {error}"),
            })?;
        let (sni, offered) = {
            let hello = hello.client_hello();
            let offered: Vec<Vec<u8>> = hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect();
            (hello.server_name().map(str::to_owned), offered)
        };
        let server = self.towards_server(server, sni.as_deref(), domain, offered, voice).await?;
        let name = self.name(sni.as_deref(), domain);
        let unshown = |text| Refusal { side: Side::Dialler, text };
        let shown = self.certificates.for_name(&name).map_err(unshown)?;
        let chosen = server.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        let config = answering(&shown, chosen).map_err(|error| unshown(error.to_string()))?;
        let client = within(hello.into_stream(Arc::new(config))).await.map_err(|error| {
            unshown(format!(
                "the client broke off TLS: {error}; it is shown the certificate SHA-256 {}, which it has to take for {name} (--certificate and --key show another one)",
                shown.end_entity_cert().map_or_else(|_| "?".to_owned(), |shown| fingerprint(shown).to_string()),
            ))
        })?;
        let kind = if self.certificates.given().is_some() { "given" } else { "throw-away" };
        let shown = shown.end_entity_cert().ok();
        voice
            .remark(format!("client: {}, {kind} certificate {}", agreed(client.get_ref().1), known_as(shown)))
            .await;
        let theirs = server.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let same_certificate = theirs.is_some() && theirs == self.certificates.given();
        Ok(Sealed { client, server, same_certificate })
    }

    async fn towards_server(
        &self,
        server: TcpStream,
        sni: Option<&str>,
        domain: Option<&str>,
        alpn: Vec<Vec<u8>>,
        voice: &Voice,
    ) -> Result<ServerSide<TcpStream>, Refusal> {
        let refused = |text| Refusal { side: Side::Answerer, text };
        let name = server_name(&self.name(sni, domain)).map_err(refused)?;
        let judge = self.trust.judge(name.clone());
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&judge) as Arc<_>)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.enable_sni = sni.is_some();
        config.alpn_protocols = alpn;
        let connecting = TlsConnector::from(Arc::new(config)).connect(name.clone(), server);
        let server = within(connecting).await.map_err(|error| {
            refused(format!(
                "the server does not take part in TLS: {error}{}",
                advice(self.options.verify, &error)
            ))
        })?;
        let state = server.get_ref().1;
        let certificate = state.peer_certificates().and_then(<[_]>::first);
        let trusted = match judge.objection() {
            None => format!("trusted for {}", name.to_str()),
            Some(objection) => format!("not trusted for {}: {objection}", name.to_str()),
        };
        voice
            .remark(format!("server: {}, certificate {}, {trusted}", agreed(state), known_as(certificate)))
            .await;
        Ok(server)
    }

    /// Whom the client is looking for, as far as it says so.
    fn name(&self, sni: Option<&str>, domain: Option<&str>) -> String {
        let name = sni.or(domain).or(self.options.domain.as_deref());
        // A stream may be for a domain that cannot stand in a certificate: then it is the machine that counts.
        let usable = name.filter(|name| server_name(name).is_ok());
        usable.unwrap_or(&self.options.to.host).to_owned()
    }
}

/// Towards the client.
fn answering(shown: &Arc<CertifiedKey>, alpn: Option<Vec<u8>>) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(shown))));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = alpn.into_iter().collect();
    Ok(config)
}

fn server_name(name: &str) -> Result<ServerName<'static>, String> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(ServerName::IpAddress(address.into()));
    }
    DnsName::try_from(name.to_owned())
        .map(ServerName::DnsName)
        .map_err(|_| format!("{name:?} is no name of a server: say --domain"))
}

fn agreed(state: &CommonState) -> String {
    let version = state.protocol_version().map(|version| format!("{version:?}").replace("TLSv1_", "TLS 1."));
    let suite = state.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    let alpn = state.alpn_protocol().map(|alpn| format!(", ALPN {}", String::from_utf8_lossy(alpn)));
    format!("{}, {}{}", version.unwrap_or_default(), suite.unwrap_or("?"), alpn.unwrap_or_default())
}

fn known_as(certificate: Option<&CertificateDer<'_>>) -> String {
    certificate
        .map_or_else(|| "none".to_owned(), |certificate| format!("SHA-256 {}", fingerprint(certificate)))
}

/// What to do about a handshake that did not come about.
fn advice(verify: bool, error: &io::Error) -> &'static str {
    match error.get_ref().and_then(|error| error.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) if verify => {
            " (--verify insists; --trust FILE adds an authority)"
        }
        Some(rustls::Error::InvalidMessage(_)) => " (does it speak TLS on this port, and at once?)",
        _ => "",
    }
}

/// A handshake or a connection that takes longer is given up.
pub(super) async fn within<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    #[expect(clippy::disallowed_methods, reason = "a live source is not simulated")]
    let patient = tokio::time::timeout(Duration::from_secs(PATIENCE_SECONDS), future);
    patient.await.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))
}
