//! A real client, driven step by step: one stream of the project's own over one connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_net::tls::{Connector, PeerCertificate};
use chatdev_net::{Env as _, Io, TokioEnv};
use chatdev_stream::initiating::{Config, Event, Failure, TlsPolicy};
use chatdev_stream::sasl::{Mechanism, Password};
use chatdev_stream::{Closed, Initiating, TlsFacts, Transport};
use chatdev_xml::Element;
use jid::BareJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Clear,
    StartTls,
    AtOnce,
}

/// One signed-in client.
pub(crate) struct Caller {
    io: Box<dyn Io>,
    stream: Initiating,
    /// How it signed in.
    pub(crate) mechanism: Option<Mechanism>,
    /// The certificate that it was shown.
    pub(crate) certificate: Option<PeerCertificate>,
    /// What was agreed on by ALPN.
    pub(crate) alpn: Option<Vec<u8>>,
    /// Its full JID.
    pub(crate) jid: String,
}

impl Caller {
    /// Makes the account and signs in.
    pub(crate) async fn sign_in(address: SocketAddr, way: Way, name: &str) -> Result<Self, Failure> {
        let account = BareJid::new(&format!("{name}@localhost")).unwrap();
        let mut config = Config::new(&account, Password::new("pencil").unwrap()).unwrap();
        config.register = true;
        if way == Way::Clear {
            config.tls = TlsPolicy::OptionalOnLoopback;
        }
        let mut connection = TcpStream::connect(address).await.map_err(lost)?;
        let connector = Connector::to_server(config.domain.as_str()).unwrap();
        let connector = if way == Way::AtOnce { connector.at_once() } else { connector };
        let mut transport = Transport { tls: None, loopback: true };
        let env = TokioEnv::new().unwrap();
        if way == Way::AtOnce {
            let tls = env.connect_tls(connection, &connector).await.map_err(lost)?;
            transport.tls = Some(TlsFacts { exporter: tls.exporter });
            let stream = Initiating::new(Arc::new(config), transport, rng(), Duration::ZERO);
            let (certificate, alpn) = (tls.peer, tls.alpn);
            let io = Box::new(tls.stream);
            return Self { io, stream, mechanism: None, certificate, alpn, jid: String::new() }.bind().await;
        }
        let mut stream = Initiating::new(Arc::new(config), transport, rng(), Duration::ZERO);
        if way == Way::Clear {
            let io = Box::new(connection);
            return Self { io, stream, mechanism: None, certificate: None, alpn: None, jid: String::new() }
                .bind()
                .await;
        }
        loop {
            match stream.poll_event() {
                Some(Event::StartTls) => break,
                Some(Event::Failed(failure)) => return Err(failure),
                _ => exchange(&mut connection, &mut stream).await,
            }
        }
        let tls = env.connect_tls(connection, &connector).await.map_err(lost)?;
        stream.handle_tls(TlsFacts { exporter: tls.exporter });
        let (certificate, alpn) = (tls.peer, tls.alpn);
        Self { io: Box::new(tls.stream), stream, mechanism: None, certificate, alpn, jid: String::new() }
            .bind()
            .await
    }

    /// The next stanza.
    pub(crate) async fn stanza(&mut self) -> Element {
        loop {
            match self.next().await {
                Event::Element(stanza) => return stanza,
                Event::Failed(failure) => panic!("{failure:?}"),
                Event::Closed(closed) => panic!("{closed:?}"),
                _ => {}
            }
        }
    }

    /// Sends one stanza.
    pub(crate) async fn send(&mut self, xml: &str) {
        self.stream.send(&Element::parse(xml).unwrap()).unwrap();
        let output = std::mem::take(self.stream.output());
        self.io.write_all(&output).await.unwrap();
        self.io.flush().await.unwrap();
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.stream.poll_event() {
                return event;
            }
            exchange(&mut self.io, &mut self.stream).await;
        }
    }

    async fn bind(mut self) -> Result<Self, Failure> {
        loop {
            match self.next().await {
                Event::Bound(jid) => {
                    self.jid = jid.to_string();
                    return Ok(self);
                }
                Event::SignedIn { mechanism } => self.mechanism = Some(mechanism),
                Event::Failed(failure) => return Err(failure),
                _ => {}
            }
        }
    }
}

/// Writes what is to be written, then reads once. A connection that fails has ended.
async fn exchange(io: &mut impl Io, stream: &mut Initiating) {
    let output = std::mem::take(stream.output());
    let mut buffer = [0; 4096];
    let both = async {
        io.write_all(&output).await?;
        io.flush().await?;
        io.read(&mut buffer).await
    };
    match both.await {
        Ok(0) | Err(_) => stream.handle_eof(),
        Ok(length) => stream.handle_bytes(Duration::ZERO, &mut &buffer[..length]),
    }
}

fn lost(_: std::io::Error) -> Failure {
    Failure::Ended(Closed::Lost)
}

fn rng() -> ChaCha20Rng {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    ChaCha20Rng::from_seed(seed)
}
