//! A client for tests: one stream over one connection, driven step by step.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_directory::Fingerprint;
use chatdev_net::tls::Connector;
use chatdev_net::{Env as _, Io, TokioEnv};
use chatdev_stream::initiating::{Config, Event, Failure};
use chatdev_stream::sasl::Password;
use chatdev_stream::{Closed, Initiating, TlsFacts, Transport};
use chatdev_xml::Element;
use jid::BareJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One signed-in client.
pub(crate) struct Caller {
    io: Box<dyn Io>,
    stream: Initiating,
}

/// The settings of a client that signs in as `account` with `password`.
pub(crate) fn settings(account: &str, password: &str) -> Config {
    Config::new(&BareJid::new(account).unwrap(), Password::new(password).unwrap()).unwrap()
}

/// Signs in with TLS at once, after making the account if `config.register` says so.
pub(crate) async fn sign_in(address: SocketAddr, config: Config) -> Result<Caller, Failure> {
    let env = TokioEnv::new().unwrap();
    let connector = connector(&config).at_once();
    let tls = env.connect_tls(connect(address).await?, &connector).await.map_err(lost)?;
    let transport = Transport { tls: Some(TlsFacts { exporter: tls.exporter }), loopback: true };
    let stream = Initiating::new(Arc::new(config), transport, rng(), Duration::ZERO);
    Caller { io: Box::new(tls.stream), stream }.bind().await
}

/// Signs in over STARTTLS.
pub(crate) async fn sign_in_by_starttls(address: SocketAddr, config: Config) -> Result<Caller, Failure> {
    let env = TokioEnv::new().unwrap();
    let connector = connector(&config);
    let transport = Transport { tls: None, loopback: true };
    let mut stream = Initiating::new(Arc::new(config), transport, rng(), Duration::ZERO);
    let mut connection = connect(address).await?;
    loop {
        match stream.poll_event() {
            Some(Event::StartTls) => break,
            Some(Event::Failed(failure)) => return Err(failure),
            _ => exchange(&mut connection, &mut stream).await,
        }
    }
    let tls = env.connect_tls(connection, &connector).await.map_err(lost)?;
    stream.handle_tls(TlsFacts { exporter: tls.exporter });
    Caller { io: Box::new(tls.stream), stream }.bind().await
}

/// Signs in without any encryption.
pub(crate) async fn sign_in_in_clear(address: SocketAddr, config: Config) -> Result<Caller, Failure> {
    let transport = Transport { tls: None, loopback: true };
    let stream = Initiating::new(Arc::new(config), transport, rng(), Duration::ZERO);
    Caller { io: Box::new(connect(address).await?), stream }.bind().await
}

/// The fingerprint of the certificate that the server shows.
pub(crate) async fn fingerprint(address: SocketAddr) -> Fingerprint {
    let connector = Connector::to_server("localhost").unwrap().at_once();
    let tls =
        TokioEnv::new().unwrap().connect_tls(connect(address).await.unwrap(), &connector).await.unwrap();
    tls.peer.unwrap().fingerprint
}

impl Caller {
    /// The next event of the stream.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.stream.poll_event() {
                return event;
            }
            exchange(&mut self.io, &mut self.stream).await;
        }
    }

    /// Writes what was sent.
    pub(crate) async fn flush(&mut self) {
        let output = std::mem::take(self.stream.output());
        self.io.write_all(&output).await.unwrap();
        self.io.flush().await.unwrap();
    }

    /// Sends one stanza; it is written with the next [`Self::next`] or [`Self::flush`].
    pub(crate) fn send(&mut self, xml: &str) {
        self.stream.send(&Element::parse(xml).unwrap()).unwrap();
    }

    async fn bind(mut self) -> Result<Self, Failure> {
        loop {
            match self.next().await {
                Event::Bound(_) => return Ok(self),
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

fn connector(config: &Config) -> Connector {
    Connector::to_server(config.domain.as_str()).unwrap()
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    TcpStream::connect(address).await.map_err(lost)
}

fn lost(_: std::io::Error) -> Failure {
    Failure::Ended(Closed::Lost)
}

fn rng() -> ChaCha20Rng {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    ChaCha20Rng::from_seed(seed)
}
