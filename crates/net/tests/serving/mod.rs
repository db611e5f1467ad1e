//! A server on loopback sockets and clients of it, for tests of the driver.

#![expect(clippy::disallowed_methods, reason = "tests on real sockets and clocks")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatdev_net::serve::tap::Tap;
use chatdev_net::serve::{Server, Storage};
use chatdev_net::tls::{Acceptor, Connector, Handshaken};
use chatdev_net::{Env as _, Io, TokioEnv};
use chatdev_server::{Config, MemoryStore, StorageAnswer, StorageRequest};
use chatdev_stream::initiating::{self, Event, TlsPolicy};
use chatdev_stream::sasl::{Credentials, FakeSalts, Password};
use chatdev_stream::{Closed, Initiating, TlsFacts, Transport, receiving};
use chatdev_xml::Element;
use jid::{BareJid, DomainPart, FullJid};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::identities::identity;

/// Longer than any of this takes; a test that waits for what never comes fails here instead of hanging.
const PATIENCE: Duration = Duration::from_secs(20);

/// Storage in memory, whose answers can be held back.
#[derive(Clone)]
pub(crate) struct Memory {
    store: Arc<Mutex<MemoryStore>>,
    /// One permit for each answer that may be given.
    pub(crate) gate: Arc<Semaphore>,
}

impl Storage for Memory {
    fn request(&self, request: StorageRequest) -> impl Future<Output = StorageAnswer> + Send {
        let answer = self.store.lock().unwrap().answer(request);
        let gate = Arc::clone(&self.gate);
        async move {
            gate.acquire().await.unwrap().forget();
            answer
        }
    }
}

/// A running server.
pub(crate) struct Running {
    pub(crate) env: TokioEnv,
    pub(crate) server: Server<TokioEnv, Memory>,
    pub(crate) storage: Memory,
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

/// The server's defaults for `localhost`, with one iteration of PBKDF2.
pub(crate) fn config() -> Config {
    let domain = DomainPart::new("localhost").unwrap().into_owned();
    let stream = receiving::Config::new(domain, FakeSalts::new([1; 32], 1));
    let mut config = Config::new(stream, chatdev_directory::Config::new(7));
    config.iterations = 1;
    // Clients of these tests do not read while the server is being stopped.
    config.limits.parting = Duration::from_millis(200);
    config
}

pub(crate) fn with_stream(change: impl FnOnce(&mut receiving::Config)) -> Config {
    let mut config = config();
    change(Arc::get_mut(&mut config.stream).unwrap());
    config
}

impl Running {
    pub(crate) async fn start(config: Config) -> Self {
        Self::start_with(config, Some(Acceptor::for_clients(&identity("localhost")))).await
    }

    pub(crate) async fn start_with(config: Config, acceptor: Option<Acceptor>) -> Self {
        Self::start_tapped(config, acceptor, None).await
    }

    pub(crate) async fn start_tapped(config: Config, acceptor: Option<Acceptor>, tap: Option<Tap>) -> Self {
        let env = TokioEnv::new().unwrap();
        let listener = env.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let storage =
            Memory { store: Arc::default(), gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)) };
        let server = Server::with_tap(env.clone(), config, acceptor, storage.clone(), tap).unwrap();
        let task = tokio::spawn({
            let server = server.clone();
            async move { server.serve(vec![listener]).await }
        });
        Self { env, server, storage, address, task }
    }

    /// Adds an account whose password is its name.
    pub(crate) fn add_account(&self, name: &str) {
        let account = BareJid::new(&format!("{name}@localhost")).unwrap();
        let credentials =
            Credentials::derive(&Password::new(name).unwrap(), 1, &mut ChaCha20Rng::from_seed([2; 32]));
        self.storage.store.lock().unwrap().insert(account, credentials);
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        self.env.connect(self.address).await.unwrap()
    }

    /// A connection whose client takes little at once, so that it is soon behind.
    async fn connect_narrow(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// Seals a connection without asking who the server is.
    pub(crate) async fn seal(&self, socket: TcpStream, at_once: bool) -> Handshaken<impl Io + use<>> {
        let connector = Connector::to_server("localhost").unwrap();
        let connector = if at_once { connector.at_once() } else { connector };
        patient(self.env.connect_tls(socket, &connector)).await.unwrap()
    }

    /// Signs `name` in over STARTTLS.
    pub(crate) async fn sign_in(&self, name: &str) -> Client {
        self.sign_in_on(self.connect().await, name).await
    }

    /// The same with a client that is soon behind if it does not read.
    pub(crate) async fn sign_in_narrow(&self, name: &str) -> Client {
        self.sign_in_on(self.connect_narrow().await, name).await
    }

    async fn sign_in_on(&self, socket: TcpStream, name: &str) -> Client {
        let mut client = Client::new(socket, self.signing_in(name, None));
        patient(client.until_waiting()).await;
        let Client { socket, mut initiating, .. } = client;
        let socket = *socket.into_any().downcast::<TcpStream>().expect("no other socket yet");
        let sealed = self.seal(socket, false).await;
        initiating.handle_tls(TlsFacts { exporter: sealed.exporter });
        let mut client = Client::new(sealed.stream, initiating);
        client.bound().await;
        client
    }

    /// Signs `name` in over TLS from the first byte.
    pub(crate) async fn sign_in_at_once(&self, name: &str) -> Client {
        let sealed = self.seal(self.connect().await, true).await;
        let tls = TlsFacts { exporter: sealed.exporter };
        let mut client = Client::new(sealed.stream, self.signing_in(name, Some(tls)));
        client.bound().await;
        client
    }

    /// Signs `name` in without TLS.
    pub(crate) async fn sign_in_in_clear(&self, name: &str) -> Client {
        let mut client = Client::new(self.connect().await, self.signing_in(name, None));
        client.bound().await;
        client
    }

    fn signing_in(&self, name: &str, tls: Option<TlsFacts>) -> Initiating {
        self.add_account(name);
        let account = BareJid::new(&format!("{name}@localhost")).unwrap();
        let mut config = initiating::Config::new(&account, Password::new(name).unwrap()).unwrap();
        config.resource = Some(jid::ResourcePart::new("test").unwrap().into_owned());
        config.iterations = 1..=1;
        config.tls = TlsPolicy::OptionalOnLoopback;
        let transport = Transport { tls, loopback: true };
        Initiating::new(Arc::new(config), transport, ChaCha20Rng::from_seed([3; 32]), self.env.now())
    }

    /// Asks the server to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.env.stop().trigger();
        patient(self.task).await.unwrap();
    }
}

/// A socket of whatever kind.
pub(crate) trait Socket: Io {
    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any>;
}

impl<T: Io> Socket for T {
    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any> {
        self
    }
}

/// A client that is signed in, or about to be.
pub(crate) struct Client {
    socket: Box<dyn Socket>,
    initiating: Initiating,
    pub(crate) jid: Option<FullJid>,
    pub(crate) closed: Option<Closed>,
}

impl Client {
    fn new(socket: impl Io, initiating: Initiating) -> Self {
        Self { socket: Box::new(socket), initiating, jid: None, closed: None }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        patient(async {
            self.socket.write_all(text.as_bytes()).await.unwrap();
            self.socket.flush().await.unwrap();
        })
        .await;
    }

    /// The next stanza; `None` once the stream is over.
    pub(crate) async fn receive(&mut self) -> Option<Element> {
        patient(async {
            loop {
                match self.next().await {
                    Some(Event::Element(element)) => return Some(element),
                    Some(_) => {}
                    None => return None,
                }
            }
        })
        .await
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(&mut self, text: &str) -> String {
        self.send(text).await;
        self.receive().await.expect("an answer").to_string()
    }

    /// The condition of the stream error that ends the stream; what comes before it is passed over.
    pub(crate) async fn stream_error(&mut self) -> String {
        while self.receive().await.is_some() {}
        match &self.closed {
            Some(Closed::Failed { error, .. }) => error.condition.name().to_owned(),
            other => panic!("not closed with an error: {other:?}"),
        }
    }

    pub(crate) async fn sign_out(mut self) {
        self.initiating.close(Duration::ZERO, None);
        while self.receive().await.is_some() {}
        assert!(matches!(self.closed, Some(Closed::Orderly { .. })), "{:?}", self.closed);
    }

    async fn bound(&mut self) {
        patient(async {
            while self.jid.is_none() {
                match self.next().await {
                    Some(Event::Bound(jid)) => self.jid = Some(jid),
                    Some(Event::Failed(failure)) => panic!("cannot sign in: {failure}"),
                    Some(_) => {}
                    None => panic!("the stream is over before it is bound"),
                }
            }
        })
        .await;
    }

    async fn until_waiting(&mut self) {
        while !self.initiating.is_waiting() {
            self.next().await.expect("the stream goes on");
        }
    }

    async fn next(&mut self) -> Option<Event> {
        let now = Duration::ZERO;
        loop {
            let output = std::mem::take(self.initiating.output());
            // Whether the server is still there is told by what it says.
            drop(self.socket.write_all(&output).await);
            drop(self.socket.flush().await);
            if let Some(event) = self.initiating.poll_event() {
                if let Event::Closed(closed) = &event {
                    self.closed = Some(closed.clone());
                }
                return Some(event);
            }
            if self.initiating.is_over() {
                return None;
            }
            let mut buffer = [0; 4096];
            match self.socket.read(&mut buffer).await {
                Ok(0) | Err(_) => self.initiating.handle_eof(),
                Ok(length) => {
                    let mut input = &buffer[..length];
                    while !input.is_empty() {
                        self.initiating.handle_bytes(now, &mut input);
                        // Events are few here: no test sends more at once than fit.
                    }
                }
            }
        }
    }
}

/// Waits, but not for ever.
pub(crate) async fn patient<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("what was waited for did not come")
}

/// Everything that comes until the end of the connection.
pub(crate) async fn read_to_end(socket: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    drop(patient(socket.read_to_end(&mut bytes)).await);
    String::from_utf8(bytes).unwrap()
}

/// Reads until `mark` has come.
pub(crate) async fn read_until(socket: &mut (impl tokio::io::AsyncRead + Unpin), mark: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 1024];
    while !text.contains(mark) {
        let length = patient(socket.read(&mut buffer)).await.unwrap();
        assert!(length > 0, "the connection ended: {text}");
        text.push_str(str::from_utf8(&buffer[..length]).unwrap());
    }
    text
}
