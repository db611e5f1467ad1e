//! Signing in: from a TCP connection to a bound resource, by the client's own state machine.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chatdev_net::tls::Connector;
use chatdev_stream::Transport;
use chatdev_stream::initiating::{Config, Event, Failure, Initiating};
use chatdev_stream::sasl::{ClientKeys, Mechanism};
use jid::FullJid;
use memchr::memchr;
use rand_chacha::ChaCha20Rng;

use super::Socket;
use crate::clock::Clock;
use crate::target::{Encryption, Target};

/// Read at once while signing in, in octets.
const READ_BYTES: usize = 4 * 1024;

/// Who signs in where, and with what chance.
#[derive(Debug)]
pub struct SignInWith<'a> {
    /// Where.
    pub target: &'a Target,
    /// How TLS is begun.
    pub connector: &'a Connector,
    /// Who.
    pub config: Config,
    /// For the exchange's nonces.
    pub rng: ChaCha20Rng,
    /// The number of the session, which its source address follows from.
    pub number: usize,
    /// The run's clock.
    pub clock: Clock,
    /// When it is given up.
    pub deadline: Duration,
}

/// A session that is bound.
#[derive(Debug)]
pub struct SignedIn {
    /// Its address.
    pub jid: FullJid,
    /// Its connection.
    pub socket: Socket,
    /// What came behind the answer that bound it; as good as always nothing.
    pub rest: Vec<u8>,
    /// When the connection was there, with TLS where that comes first.
    pub connected: Duration,
    /// How; nobody signs in to a bare relay.
    pub mechanism: Option<Mechanism>,
    /// What the password was stretched to.
    pub keys: Option<Arc<ClientKeys>>,
}

/// Why nobody signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The connection could not be made, or broke.
    #[error("connection: {0}")]
    Io(#[from] io::Error),
    /// The server did not let them in.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The load was to go in clear, and the server does not let it.
    #[error("the server insists on TLS: give --tls starttls, or set the server up to go without")]
    TlsInsisted,
    /// It took too long.
    #[error("not signed in in time")]
    TimedOut,
}

impl SignInError {
    /// What all of its kind are counted under.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Io(error) => format!("connection: {}", error.kind()),
            Self::TimedOut | Self::Failed(Failure::TimedOut) => "sign-in: too late".to_owned(),
            Self::TlsInsisted => "sign-in: the server insists on TLS".to_owned(),
            Self::Failed(failure) => format!("sign-in: {failure}"),
        }
    }
}

/// Connects, and signs in.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(with: SignInWith<'_>) -> Result<SignedIn, SignInError> {
    let (clock, deadline) = (with.clock, with.deadline);
    #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
    let given_up = tokio::time::sleep_until(clock.instant(deadline));
    tokio::select! {
        biased;
        signed_in = Box::pin(attempt(with)) => signed_in,
        () = given_up => Err(SignInError::TimedOut),
    }
}

async fn attempt(with: SignInWith<'_>) -> Result<SignedIn, SignInError> {
    let SignInWith { target, connector, config, rng, number, clock, .. } = with;
    let mut socket = Socket::clear(target.connect(number).await?);
    let mut tls = None;
    if target.encryption == Encryption::Direct {
        let (sealed, facts) = socket.seal(connector).await?;
        (socket, tls) = (sealed, Some(facts));
    }
    let connected = clock.now();
    // Where the load is to go in clear, that is wished for; the passwords are made up, and not sent as they are.
    let transport = Transport { tls, loopback: target.encryption == Encryption::None };
    let stream = Initiating::new(Arc::new(config), transport, rng, connected);
    let in_clear = target.encryption == Encryption::None;
    Negotiation { socket, stream, connector, clock, connected, in_clear }.run().await
}

/// A stream that is not bound yet, on its connection.
struct Negotiation<'a> {
    socket: Socket,
    stream: Initiating,
    connector: &'a Connector,
    clock: Clock,
    connected: Duration,
    in_clear: bool,
}

impl Negotiation<'_> {
    /// Until a resource is bound.
    async fn run(mut self) -> Result<SignedIn, SignInError> {
        let (mut buffer, mut mechanism) = ([0; READ_BYTES], None);
        loop {
            self.write().await?;
            let length = self.socket.read(&mut buffer).await?;
            if length == 0 {
                self.stream.handle_eof();
            }
            let mut rest = &buffer[..length];
            loop {
                while let Some(event) = self.stream.poll_event() {
                    match event {
                        Event::StartTls if self.in_clear => return Err(SignInError::TlsInsisted),
                        Event::StartTls => {
                            self = self.start_tls().await?;
                            // What came behind came in clear.
                            rest = &[];
                        }
                        Event::SignedIn { mechanism: by } => mechanism = Some(by),
                        Event::Bound(jid) => {
                            let keys = self.stream.keys().cloned();
                            let Self { socket, connected, .. } = self;
                            return Ok(SignedIn {
                                jid,
                                socket,
                                rest: rest.to_vec(),
                                connected,
                                mechanism,
                                keys,
                            });
                        }
                        Event::Failed(failure) => return Err(failure.into()),
                        _ => {}
                    }
                }
                if rest.is_empty() {
                    break;
                }
                // Tag by tag, so that the stream takes nothing that comes behind the answer which binds.
                let tag = memchr(b'>', rest).map_or(rest.len(), |end| end + 1);
                let (mut piece, behind) = rest.split_at(tag);
                self.stream.handle_bytes(self.clock.now(), &mut piece);
                rest = behind;
            }
        }
    }

    async fn start_tls(mut self) -> Result<Self, SignInError> {
        self.write().await?;
        let (socket, facts) = self.socket.seal(self.connector).await?;
        self.stream.handle_tls(facts);
        Ok(Self { socket, ..self })
    }

    async fn write(&mut self) -> io::Result<()> {
        let output = std::mem::take(self.stream.output());
        if output.is_empty() { Ok(()) } else { self.socket.write_all(&output).await }
    }
}
