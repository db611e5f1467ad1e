//! Signing in the sessions of one thread, so many at a time, before the load begins; and making their accounts.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use chatdev_stream::initiating::{Config, Failure, TlsPolicy};
use chatdev_stream::sasl::Mechanism;
use jid::ResourcePart;
use tokio::sync::Semaphore;

use super::worker::Worker;
use crate::measure::Operation;
use crate::scenario::Load;
use crate::target::{Encryption, Speech};
use crate::wire::{Link, SignInError, SignInWith, SignedIn, Socket, pair_up, sign_in};

/// A session that is there.
pub(super) struct Session {
    /// Its number in the whole run.
    pub(super) number: usize,
    /// Its address; in raw speech, one that is only written into stanzas.
    pub(super) jid: String,
    pub(super) link: Rc<Link>,
    /// What came behind the answer that bound it.
    pub(super) rest: Vec<u8>,
}

/// Whose bytes go to whom, in raw speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Partner {
    /// One's own: an echo.
    Oneself,
    /// 2n's to 2n+1 and back.
    Neighbour,
}

/// Does something for each number, so many at a time, until all is done.
pub(super) async fn for_each<F, T>(numbers: Vec<usize>, at_once: usize, mut begin: F)
where
    F: FnMut(usize) -> T,
    T: Future<Output = ()> + 'static,
{
    let room = Rc::new(Semaphore::new(at_once));
    for number in numbers {
        let permit = Rc::clone(&room);
        // It is never closed.
        let Ok(free) = room.acquire().await else { return };
        free.forget();
        let task = begin(number);
        tokio::task::spawn_local(async move {
            task.await;
            permit.add_permits(1);
        });
    }
    let all = u32::try_from(at_once).unwrap_or(u32::MAX);
    let _ = room.acquire_many(all).await;
}

impl Worker {
    /// Makes the accounts of this thread's sessions, in band (XEP-0077). Those that there are already are good too.
    pub(super) async fn register(self: &Rc<Self>) {
        let numbers = self.numbers();
        for_each(numbers, self.share_of(self.scenario.sign_in.at_once), |number| {
            let worker = Rc::clone(self);
            async move {
                let registered = worker.sign_in_now(number, true).await;
                match registered {
                    Ok(signed_in) => worker.leave(signed_in.socket).await,
                    Err(SignInError::Failed(Failure::AccountExists)) => {}
                    Err(error) => {
                        worker.flaw(&format!("account not made: {}", error.name()), || {
                            format!("account {number}: {error}")
                        });
                    }
                }
            }
        })
        .await;
    }

    /// Signs in all sessions of this thread, and gives each to `settle`.
    pub(super) async fn sign_in_all(self: &Rc<Self>, partner: Partner, settle: impl Fn(Session) + 'static) {
        let settle = Rc::new(settle);
        // At the relay, each of a pair waits for the other.
        let waits = self.target.speech == Speech::Raw && partner == Partner::Neighbour;
        let at_once = self.share_of(self.scenario.sign_in.at_once).max(if waits { 2 } else { 1 });
        for_each(self.numbers(), at_once, |number| {
            let (worker, settle) = (Rc::clone(self), Rc::clone(&settle));
            async move {
                if let Some(session) = worker.sign_in(number, worker.clock.now(), None, partner).await {
                    settle(session);
                }
            }
        })
        .await;
    }

    /// Signs in one session, which was to begin then, and counts how that went.
    pub(super) async fn sign_in(
        self: &Rc<Self>,
        number: usize,
        intended: Duration,
        late: Option<Duration>,
        partner: Partner,
    ) -> Option<Session> {
        self.count(Operation::SignIn, |count| count.start(late));
        let began = self.clock.now();
        let signed_in = match self.target.speech {
            Speech::Xmpp => self.sign_in_now(number, false).await,
            Speech::Raw => {
                let seconds_max = Duration::from_secs_f64(self.scenario.sign_in.seconds_max);
                let connected = self.connect_raw(number, partner);
                #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
                let connected = tokio::time::timeout(seconds_max, connected).await;
                connected.unwrap_or(Err(SignInError::TimedOut))
            }
        };
        match signed_in {
            Ok(signed_in) => {
                let now = self.clock.now();
                self.count(Operation::SignIn, |count| count.complete(now.saturating_sub(intended)));
                self.count(Operation::Connect, |count| {
                    count.start(None);
                    count.complete(signed_in.connected.saturating_sub(began));
                });
                self.tally.borrow_mut().sessions += 1;
                let SignedIn { jid, socket, rest, .. } = signed_in;
                Some(Session { number, jid: jid.to_string(), link: Link::new(socket), rest })
            }
            Err(error) => {
                self.count(Operation::SignIn, |count| count.failed += 1);
                self.flaw(&error.name(), || format!("session {number}: {error}"));
                None
            }
        }
    }

    /// A connection to the bare relay, in the place of a session.
    async fn connect_raw(&self, number: usize, partner: Partner) -> Result<SignedIn, SignInError> {
        let mut socket = Socket::clear(self.target.connect(number).await?);
        if self.target.encryption != Encryption::None {
            (socket, _) = socket.seal(&self.connector).await?;
        }
        let connected = self.clock.now();
        let partner = if partner == Partner::Oneself { number } else { number ^ 1 };
        pair_up(&socket, number, partner).await?;
        self.note_manner(&socket, None);
        Ok(SignedIn {
            jid: self.made_up_jid(number),
            socket,
            rest: Vec::new(),
            connected,
            mechanism: None,
            keys: None,
        })
    }

    /// Signs in, or makes the account and signs in.
    pub(super) async fn sign_in_now(&self, number: usize, register: bool) -> Result<SignedIn, SignInError> {
        let config = match self.config(number, register) {
            Ok(config) => config,
            Err(error) => {
                let words = format!("{error:#}");
                self.fail(error);
                return Err(std::io::Error::other(words).into());
            }
        };
        let seconds_max = Duration::from_secs_f64(self.scenario.sign_in.seconds_max);
        let signed_in = sign_in(SignInWith {
            target: &self.target,
            connector: &self.connector,
            config,
            rng: self.rng(),
            number,
            clock: self.clock,
            deadline: self.clock.now() + seconds_max,
        });
        let signed_in = signed_in.await?;
        self.note_manner(&signed_in.socket, signed_in.mechanism);
        if let Some(keys) = &signed_in.keys
            && (register
                || matches!(self.scenario.load, Load::Login(_) | Load::Reconnect(_) | Load::Mixed(_)))
        {
            self.keys.borrow_mut().insert(number, Arc::clone(keys));
        }
        Ok(signed_in)
    }

    /// How the first connection was encrypted and signed in, for the report.
    pub(super) fn note_manner(&self, socket: &Socket, mechanism: Option<Mechanism>) {
        self.run.manner.get_or_init(|| {
            let encryption = match self.target.encryption {
                Encryption::None => "none".to_owned(),
                Encryption::Starttls => format!("{}, STARTTLS", socket.tls_version()),
                Encryption::Direct => format!("{}, from the start", socket.tls_version()),
            };
            (encryption, mechanism.map_or("", Mechanism::name).to_owned())
        });
    }

    fn config(&self, number: usize, register: bool) -> anyhow::Result<Config> {
        let (account, password) = self.run.accounts.get(number, &self.target.domain)?;
        let mut config = Config::new(&account, password)?;
        config.resource = Some(ResourcePart::new("load")?.into_owned());
        config.mechanisms.clone_from(&self.target.mechanisms);
        config.register = register;
        config.known_keys = self.keys.borrow().get(&number).cloned();
        config.negotiation = Duration::from_secs_f64(self.scenario.sign_in.seconds_max);
        if self.target.encryption == Encryption::None {
            config.tls = TlsPolicy::OptionalOnLoopback;
        }
        Ok(config)
    }

    /// Leaves in good order, as far as the server lets us in a second.
    pub(super) async fn leave(&self, socket: Socket) {
        let mut buffer = [0; 512];
        let farewell = async {
            socket.write_all(b"</stream:stream>").await?;
            while socket.read(&mut buffer).await? > 0 {}
            std::io::Result::Ok(())
        };
        #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
        let _ = tokio::time::timeout(Duration::from_secs(1), farewell).await;
    }
}
