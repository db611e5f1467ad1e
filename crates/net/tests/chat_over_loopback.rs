//! The whole way on real sockets: server and clients over loopback, real rustls, and a thief with a stolen certificate.

#![expect(clippy::disallowed_methods, reason = "tests on real sockets and clocks")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod identities;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatdev_client::{
    Command, Config, Event, FailReason, MessageState, Password, Reach, ServerSecurity, SignedOutReason,
    StoreAnswer, StoreRequest, Target, Way,
};
use chatdev_directory::{Endpoint, Fingerprint, Profile};
use chatdev_net::chat::{self, Handle, MemoryStorage, Settings};
use chatdev_net::serve::{Server, Storage};
use chatdev_net::tls::{ALPN_PEER, Acceptor, Identity};
use chatdev_net::{Env as _, TokioEnv};
use chatdev_server::{MemoryStore, StorageAnswer, StorageRequest};
use chatdev_stream::receiving;
use chatdev_stream::sasl::{Credentials, FakeSalts, ITERATIONS_MIN};
use identities::identity;
use jid::{BareJid, DomainPart};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use rustls::{ServerConfig, sign::CertifiedKey, sign::SingleCertAndKey};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// A wait that only ends a test that has failed.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Default)]
struct Accounts(Arc<Mutex<MemoryStore>>);

impl Storage for Accounts {
    async fn request(&self, request: StorageRequest) -> StorageAnswer {
        self.0.lock().unwrap().answer(request)
    }
}

struct Running {
    env: TokioEnv,
    server: Server<TokioEnv, Accounts>,
    address: SocketAddr,
    certificate: Fingerprint,
}

/// A server for alice and bob, with a certificate of its own making.
async fn server() -> Running {
    let env = TokioEnv::new().unwrap();
    let accounts = Accounts::default();
    let mut rng = env.rng("test accounts", 0);
    let credentials = Credentials::derive(&Password::new("secret").unwrap(), ITERATIONS_MIN, &mut rng);
    for name in ["alice", "bob"] {
        accounts.0.lock().unwrap().insert(account(name), credentials.clone());
    }
    let stream = receiving::Config::new(
        DomainPart::new("localhost").unwrap().into_owned(),
        FakeSalts::new([1; 32], ITERATIONS_MIN),
    );
    let mut directory = chatdev_directory::Config::new(1);
    directory.interval = Duration::from_secs(1);
    directory.limit = Duration::from_secs(3);
    let identity = identity("localhost");
    let listener = env.bind(SocketAddr::new(LOOPBACK, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = chatdev_server::Config::new(stream, directory);
    let server = Server::new(env.clone(), config, Some(Acceptor::for_clients(&identity)), accounts).unwrap();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(vec![listener]).await });
    Running { env, server, address, certificate: identity.fingerprint() }
}

fn account(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@localhost")).unwrap()
}

/// What a client of this person is started with, towards this server, whose certificate it knows.
fn settings(running: &Running, name: &str, identity: &Identity, storage: &MemoryStorage) -> Settings {
    let profile = Profile { nick: Some(name.into()), ..Profile::default() };
    let password = Password::new("secret").unwrap();
    let mut client = Config::new(account(name), password, identity.fingerprint(), profile);
    client.server = Target { host: running.address.ip().to_string(), port: running.address.port() };
    let mut remembered = storage.remembered();
    remembered.servers.insert("localhost".to_owned(), running.certificate);
    let listen = Some(SocketAddr::new(LOOPBACK, 0));
    Settings { client, identity: identity.clone(), remembered, listen, instance: 0, key_log: None }
}

struct Person {
    handle: Handle,
    storage: MemoryStorage,
    /// Its process.
    env: TokioEnv,
}

impl Person {
    async fn start(settings: Settings, storage: MemoryStorage) -> Self {
        let env = TokioEnv::new().unwrap();
        let handle = chat::start(env.clone(), settings, storage.clone()).await.unwrap();
        Self { handle, storage, env }
    }

    /// A client that has signed in and knows who is online.
    async fn arrive(running: &Running, name: &str) -> Self {
        let storage = MemoryStorage::default();
        let settings = settings(running, name, &identity(name), &storage);
        let mut person = Self::start(settings, storage).await;
        person.wait_for(|event| *event == Event::DirectoryComplete).await;
        person
    }

    /// The next event that is wanted; those before it are passed over.
    async fn wait_for(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        let next = async {
            loop {
                let event = self.handle.next_event().await.expect("the client goes on");
                if wanted(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("the event comes")
    }

    async fn hear(&mut self) -> (String, Way) {
        match self.wait_for(|event| matches!(event, Event::Message(_))).await {
            Event::Message(received) => (received.body, received.way),
            other => panic!("{other:?}"),
        }
    }

    async fn say(&self, to: &str, body: &str) {
        self.handle.commands.send(account(to).into(), body).await.unwrap();
    }

    async fn wait_for_state(&mut self, wanted: impl Fn(&MessageState) -> bool) -> MessageState {
        let event =
            self.wait_for(|event| matches!(event, Event::MessageState { state, .. } if wanted(state))).await;
        match event {
            Event::MessageState { state, .. } => state,
            other => panic!("{other:?}"),
        }
    }

    async fn end(&mut self) {
        self.handle.command(Command::Quit).await.unwrap();
        self.wait_for(|event| *event == Event::Ended).await;
    }

    /// Waits until `name` is in its list.
    async fn see(&mut self, name: &str) {
        self.wait_until_listed(name, true).await;
    }

    /// Waits until `name` is not in its list.
    async fn miss(&mut self, name: &str) {
        self.wait_until_listed(name, false).await;
    }

    async fn wait_until_listed(&mut self, name: &str, listed: bool) {
        loop {
            self.handle.command(Command::ListOnline).await.unwrap();
            let Event::Online(people) = self.wait_for(|event| matches!(event, Event::Online(_))).await else {
                unreachable!("only the wanted event is given");
            };
            if people.iter().any(|person| person.jid.to_bare() == account(name)) == listed {
                return;
            }
            self.wait_for(|event| matches!(event, Event::DirectoryChanged(_))).await;
        }
    }
}

#[tokio::test]
async fn two_people_chat_directly_and_the_server_routes_nothing() {
    let running = server().await;
    let mut alice = Person::arrive(&running, "alice").await;
    let mut bob = Person::arrive(&running, "bob").await;
    alice.see("bob").await;
    alice.say("bob", "hello").await;
    assert_eq!(bob.hear().await.0, "hello");
    alice.wait_for_state(|state| *state == MessageState::Delivered).await;
    for turn in 0..50 {
        bob.say("alice", &format!("answer {turn}")).await;
    }
    for turn in 0..50 {
        let (body, way) = alice.hear().await;
        assert_eq!(body, format!("answer {turn}"));
        assert!(matches!(way, Way::Sealed(_)));
    }
    alice.handle.command(Command::ListOnline).await.unwrap();
    let online = alice.wait_for(|event| matches!(event, Event::Online(_))).await;
    let Event::Online(people) = online else { unreachable!("only the wanted event is given") };
    assert_eq!(people.iter().map(|person| person.reach).collect::<Vec<_>>(), [Reach::Oneself, Reach::Open]);
    assert_eq!(running.server.counters().messages_routed, 0);
    assert_eq!(bob.storage.received().len(), 1);
    assert_eq!(alice.storage.received().len(), 50);
    alice.end().await;
    bob.wait_for(|event| matches!(event, Event::PeerClosed { .. })).await;
    bob.end().await;
}

#[tokio::test]
async fn an_unknown_certificate_is_asked_about_and_remembered() {
    let running = server().await;
    let storage = MemoryStorage::default();
    let mut unsettled = settings(&running, "alice", &identity("alice"), &storage);
    unsettled.remembered.servers.clear();
    unsettled.client.security = ServerSecurity::Direct;
    let mut alice = Person::start(unsettled, storage).await;
    let asked = alice.wait_for(|event| matches!(event, Event::ServerUnknown { .. })).await;
    assert_eq!(asked, Event::ServerUnknown { domain: "localhost".to_owned(), shown: running.certificate });
    alice.handle.command(Command::AcceptServer { fingerprint: running.certificate }).await.unwrap();
    alice.wait_for(|event| *event == Event::DirectoryComplete).await;
    alice.end().await;
    assert_eq!(alice.storage.remembered().servers.get("localhost"), Some(&running.certificate));
}

#[tokio::test]
async fn a_changed_certificate_is_refused() {
    let running = server().await;
    let storage = MemoryStorage::default();
    let mut pinned = settings(&running, "alice", &identity("alice"), &storage);
    let known = Fingerprint([7; 32]);
    pinned.remembered.servers.insert("localhost".to_owned(), known);
    let mut alice = Person::start(pinned, storage).await;
    let changed = Event::ServerChanged { domain: "localhost".to_owned(), known, shown: running.certificate };
    assert_eq!(alice.wait_for(|event| matches!(event, Event::ServerChanged { .. })).await, changed);
    alice.end().await;
}

#[tokio::test]
async fn a_wrong_password_ends_the_attempt() {
    let running = server().await;
    let storage = MemoryStorage::default();
    let mut wrong = settings(&running, "alice", &identity("alice"), &storage);
    wrong.client.password = Password::new("wrong").unwrap();
    let mut alice = Person::start(wrong, storage).await;
    let ended = alice.wait_for(|event| matches!(event, Event::SignedOut { .. })).await;
    assert!(matches!(ended, Event::SignedOut { reason: SignedOutReason::NotAuthorized(_), retry_in: None }));
    alice.end().await;
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_an_error_with_a_next_attempt() {
    let mut running = server().await;
    // A port that was just given back: nobody listens there.
    running.address = TcpListener::bind(SocketAddr::new(LOOPBACK, 0)).await.unwrap().local_addr().unwrap();
    let storage = MemoryStorage::default();
    let settings = settings(&running, "alice", &identity("alice"), &storage);
    let mut alice = Person::start(settings, storage).await;
    let ended = alice.wait_for(|event| matches!(event, Event::SignedOut { .. })).await;
    assert!(matches!(
        ended,
        Event::SignedOut { reason: SignedOutReason::NoConnection(_), retry_in: Some(_) }
    ));
    alice.end().await;
}

#[tokio::test]
async fn a_conversation_goes_on_without_the_server() {
    let running = server().await;
    let mut alice = Person::arrive(&running, "alice").await;
    let mut bob = Person::arrive(&running, "bob").await;
    alice.see("bob").await;
    alice.say("bob", "one").await;
    bob.hear().await;
    running.env.stop().trigger();
    let ended = alice.wait_for(|event| matches!(event, Event::SignedOut { .. })).await;
    assert!(
        matches!(ended, Event::SignedOut { reason: SignedOutReason::ServerShutdown, retry_in: Some(_) }),
        "{ended:?}"
    );
    alice.say("bob", "two").await;
    assert_eq!(bob.hear().await.0, "two");
    alice.end().await;
    bob.end().await;
}

#[tokio::test]
async fn stopping_the_process_ends_the_client_gracefully() {
    let running = server().await;
    let mut alice = Person::arrive(&running, "alice").await;
    alice.env.stop().trigger();
    alice.wait_for(|event| *event == Event::Ended).await;
    assert_eq!(running.server.online(), 0);
}

#[tokio::test]
async fn what_is_remembered_serves_the_next_run() {
    let running = server().await;
    let bobs = identity("bob");
    let mut alice = Person::arrive(&running, "alice").await;
    let storage = MemoryStorage::default();
    let mut bob = Person::start(settings(&running, "bob", &bobs, &storage), storage.clone()).await;
    bob.wait_for(|event| *event == Event::DirectoryComplete).await;
    alice.see("bob").await;
    alice.say("bob", "one").await;
    bob.hear().await;
    alice.wait_for_state(|state| *state == MessageState::Delivered).await;
    bob.end().await;
    alice.miss("bob").await;
    let mut bob = Person::start(settings(&running, "bob", &bobs, &storage), storage.clone()).await;
    bob.wait_for(|event| *event == Event::DirectoryComplete).await;
    alice.see("bob").await;
    alice.say("bob", "two").await;
    assert_eq!(bob.hear().await.0, "two");
    assert_eq!(storage.received().len(), 2);
    alice.end().await;
    bob.end().await;
}

/// Storage that stores nothing before it is let.
struct Stuck {
    storage: MemoryStorage,
    let_go: Arc<Notify>,
}

impl chat::Storage for Stuck {
    async fn store(&self, batch: Vec<StoreRequest>) -> Vec<StoreAnswer> {
        self.let_go.notified().await;
        self.storage.store(batch).await
    }
}

#[tokio::test]
async fn the_events_end_when_everything_is_stored() {
    let running = server().await;
    let (storage, let_go) = (MemoryStorage::default(), Arc::new(Notify::new()));
    let settings = settings(&running, "alice", &identity("alice"), &storage);
    let stuck = Stuck { storage: storage.clone(), let_go: Arc::clone(&let_go) };
    let mut handle = chat::start(TokioEnv::new().unwrap(), settings, stuck).await.unwrap();
    let (jid, fingerprint) = (account("bob"), Fingerprint([7; 32]));
    handle.command(Command::AcceptDevice { jid: jid.clone(), fingerprint }).await.unwrap();
    handle.command(Command::Quit).await.unwrap();
    while handle.next_event().await.expect("it says that it has ended") != Event::Ended {}
    let_go.notify_one();
    assert_eq!(handle.next_event().await, None);
    assert!(storage.remembered().devices[&jid].contains_key(&fingerprint));
}

/// TLS of somebody who shows one identity's certificate and signs with another's key.
fn thief(certificate: &Identity, key: &Identity) -> TlsAcceptor {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.secret_key().to_vec()));
    let chain = vec![CertificateDer::from(certificate.certificate().to_vec())];
    let shown = CertifiedKey::new(chain, ring::sign::any_supported_type(&key).unwrap());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    config.alpn_protocols = vec![ALPN_PEER.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// Alice writes to Bob, at whose endpoint somebody answers who shows Bob's certificate and signs with `key`. What that somebody
/// reads first, if the handshake succeeds; and what becomes of the message.
async fn answered_by(bobs: &Identity, key: &Identity) -> (Option<String>, MessageState) {
    let running = server().await;
    let trap = TcpListener::bind(SocketAddr::new(LOOPBACK, 0)).await.unwrap();
    let storage = MemoryStorage::default();
    let mut settings = settings(&running, "bob", bobs, &storage);
    settings.listen = None;
    settings.client.endpoints = vec![Endpoint::from(trap.local_addr().unwrap())];
    let mut bob = Person::start(settings, storage).await;
    bob.wait_for(|event| *event == Event::DirectoryComplete).await;
    let mut alice = Person::arrive(&running, "alice").await;
    alice.see("bob").await;
    alice.say("bob", "for Bob alone").await;
    let (connection, _) = trap.accept().await.unwrap();
    let read = match thief(bobs, key).accept(connection).await {
        Err(_) => None,
        Ok(mut stream) => {
            let mut octets = [0; 4096];
            let count = stream.read(&mut octets).await.unwrap_or(0);
            (count > 0).then(|| String::from_utf8_lossy(&octets[..count]).into_owned())
        }
    };
    drop(trap);
    let state = alice.wait_for_state(|state| matches!(state, MessageState::Failed { .. })).await;
    alice.end().await;
    bob.end().await;
    (read, state)
}

#[tokio::test]
async fn who_shows_bobs_certificate_without_bobs_key_is_told_nothing() {
    let (bobs, eves) = (identity("bob"), identity("eve"));
    let (read, state) = answered_by(&bobs, &eves).await;
    assert_eq!(read, None);
    assert_eq!(state, MessageState::Failed { reason: FailReason::Unreachable, may_have_arrived: false });
}

#[tokio::test]
async fn with_bobs_key_the_same_endpoint_is_greeted_with_a_stream_header() {
    let bobs = identity("bob");
    let (read, _) = answered_by(&bobs, &bobs).await;
    let greeting = read.expect("the handshake succeeds");
    assert!(greeting.contains("to='bob@localhost/") && !greeting.contains("for Bob alone"), "{greeting}");
}
