//! The connection to the server: connecting, its certificate, signing in, and coming back when it is lost.
//!
//! ```text
//!   Away ──▶ Connecting ──▶ Securing ⇄ Streaming ──▶ Closing
//!     ▲                                    │
//!     └──────── Waiting (back-off) ◀───────┘
//! ```
//!
//! No coming back by itself after a conflict, a wrong password, a refused registration or a certificate that is not accepted. What
//! it does *not* do: stanzas (`server_stanzas.rs`) and the directory (`listing.rs`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_directory::{Fingerprint, Moment};
use chatdev_stanza::StreamCondition;
use chatdev_stanza::sasl::SaslCondition;
use chatdev_stream::initiating::{self, Event as StreamEvent, Failure, TlsPolicy};
use chatdev_stream::{Closed, Initiating, Side, TlsFacts, Transport};
use chatdev_xml::Element;
use rand_core::SeedableRng as _;

use super::Client;
use super::stored::Awaited;
use crate::backoff::{Backoff, BackoffLimits};
use crate::config::ServerSecurity;
use crate::event::{Event, SignedOutReason};
use crate::output::{ConnectionId, Handshake, Output, Secured};
use crate::server_trust::Verdict;
use crate::storage::Record;

/// Where the connection stands.
enum Phase {
    /// None is wanted.
    Away,
    /// The next attempt begins then.
    Waiting { until: Duration },
    /// The connection is being made.
    Connecting { until: Duration },
    /// The TLS handshake is under way: for a new stream, or within one (STARTTLS).
    Securing { until: Duration, stream: Option<Box<Initiating>>, remote: SocketAddr },
    /// A stream is there, bound or about to be.
    Streaming(Box<Initiating>),
    /// Our closing tag is out; why.
    Closing(Box<Initiating>, SignedOutReason),
}

/// The connection to the server, and what is remembered between two of them.
pub(super) struct ServerConnection {
    id: Option<ConnectionId>,
    phase: Phase,
    backoff: Backoff,
    /// The certificate that the person is asked about.
    shown: Option<Fingerprint>,
    registered: bool,
}

impl ServerConnection {
    pub(super) fn new(limits: BackoffLimits) -> Self {
        Self { id: None, phase: Phase::Away, backoff: Backoff::new(limits), shown: None, registered: false }
    }

    pub(super) fn is(&self, id: ConnectionId) -> bool {
        self.id == Some(id)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.id.is_none()
    }

    pub(super) fn is_bound(&self) -> bool {
        matches!(&self.phase, Phase::Streaming(stream) if stream.jid().is_some())
    }

    /// The session proved to be of use: the next failure is a first one again.
    pub(super) fn handle_useful(&mut self) {
        self.backoff.reset();
    }
}

impl Client {
    pub(super) fn connect(&mut self, at: Moment) {
        let id = self.next_connection();
        self.server.id = Some(id);
        self.server.phase = Phase::Connecting { until: at.mono + self.config.limits.connect_wait };
        self.outputs.push_back(Output::Connect { id, target: self.config.server.clone() });
    }

    /// The person wants to be connected: now, whatever kept us from it.
    pub(super) fn go_online(&mut self, at: Moment) {
        if self.ending == super::Ending::No
            && matches!(self.server.phase, Phase::Away | Phase::Waiting { .. })
        {
            self.connect(at);
        }
    }

    /// The person accepts the certificate that was shown.
    pub(super) fn accept_server(&mut self, at: Moment, fingerprint: Fingerprint) {
        if self.server.shown != Some(fingerprint) {
            return;
        }
        self.server.shown = None;
        let domain = self.config.jid.domain().as_str().to_owned();
        self.server_trust.pin(&domain, fingerprint);
        self.store(Record::ServerPin { domain, fingerprint }, Awaited::Nothing("the server's certificate"));
        self.go_online(at);
    }

    pub(super) fn handle_server_connected(&mut self, at: Moment, local: SocketAddr, remote: SocketAddr) {
        let Phase::Connecting { until } = self.server.phase else { return };
        self.listing.set_local(local.ip().to_canonical());
        let loopback = remote.ip().to_canonical().is_loopback();
        match self.config.security {
            ServerSecurity::Off if !loopback => {
                let reason = "without TLS only a server on this machine is used".to_owned();
                self.stop_server(at, SignedOutReason::Incompatible(reason));
            }
            ServerSecurity::Off | ServerSecurity::StartTls => self.begin_stream(at, None, remote),
            ServerSecurity::Direct => {
                self.server.phase = Phase::Securing { until, stream: None, remote };
                self.request_server_tls();
            }
        }
    }

    pub(super) fn handle_server_unreachable(&mut self, at: Moment, error: &str) {
        self.lose_server(at, SignedOutReason::NoConnection(error.to_owned()));
    }

    fn request_server_tls(&mut self) {
        let Some(id) = self.server.id else { return };
        let domain = self.config.jid.domain().as_str().to_owned();
        let at_once = self.config.security == ServerSecurity::Direct;
        self.outputs.push_back(Output::StartTls { id, handshake: Handshake::ToServer { domain, at_once } });
    }

    /// The handshake is done. Nothing is sent before the certificate is accepted.
    pub(super) fn handle_server_tls(&mut self, at: Moment, secured: Secured) {
        let (stream, remote) = match std::mem::replace(&mut self.server.phase, Phase::Away) {
            Phase::Securing { stream, remote, .. } => (stream, remote),
            other => {
                self.server.phase = other;
                return;
            }
        };
        let domain = self.config.jid.domain().as_str().to_owned();
        let shown = secured.fingerprint;
        let facts = TlsFacts { exporter: secured.exporter };
        match self.server_trust.check(&domain, shown, secured.publicly_valid) {
            Verdict::Trusted => match stream {
                Some(mut stream) => {
                    stream.handle_tls(facts);
                    self.server.phase = Phase::Streaming(stream);
                    self.drive_server(at);
                }
                None => self.begin_stream(at, Some(facts), remote),
            },
            Verdict::Unknown => {
                self.server.shown = Some(shown);
                self.tell(Event::ServerUnknown { domain, shown });
                self.stop_server(at, SignedOutReason::ServerNotTrusted);
            }
            Verdict::Changed { known } => {
                self.server.shown = Some(shown);
                self.tell(Event::ServerChanged { domain, known, shown });
                self.stop_server(at, SignedOutReason::ServerNotTrusted);
            }
        }
    }

    fn begin_stream(&mut self, at: Moment, tls: Option<TlsFacts>, remote: SocketAddr) {
        let mut config = match initiating::Config::new(&self.config.jid, self.config.password.clone()) {
            Ok(config) => config,
            Err(error) => return self.stop_server(at, SignedOutReason::Incompatible(error.to_string())),
        };
        // After a loss the same resource again, so that peers know the session for the same one.
        let bound = self.me.as_ref().map(|me| me.resource().to_owned());
        config.resource = bound.or_else(|| self.config.resource.clone());
        config.register = self.config.register && !self.server.registered;
        config.negotiation = self.config.limits.sign_in_wait;
        if self.config.security == ServerSecurity::Off {
            config.tls = TlsPolicy::OptionalOnLoopback;
        }
        let transport = Transport { tls, loopback: remote.ip().to_canonical().is_loopback() };
        let rng = rand_chacha::ChaCha20Rng::from_rng(&mut self.rng);
        let stream = Initiating::new(Arc::new(config), transport, rng, at.mono);
        self.server.phase = Phase::Streaming(Box::new(stream));
        self.drive_server(at);
    }

    pub(super) fn handle_server_bytes(&mut self, at: Moment, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (Phase::Streaming(stream) | Phase::Closing(stream, _)) = &mut self.server.phase else {
                return;
            };
            stream.handle_bytes(at.mono, &mut bytes);
            self.drive_server(at);
        }
    }

    pub(super) fn handle_server_eof(&mut self, at: Moment) {
        match &mut self.server.phase {
            Phase::Streaming(stream) | Phase::Closing(stream, _) => {
                stream.handle_eof();
                self.drive_server(at);
            }
            Phase::Connecting { .. } | Phase::Securing { .. } => {
                let words = "it ended before encryption was agreed on".to_owned();
                self.lose_server(at, SignedOutReason::NoConnection(words));
            }
            Phase::Away | Phase::Waiting { .. } => {}
        }
    }

    pub(super) fn handle_server_timeout(&mut self, at: Moment) {
        match &mut self.server.phase {
            Phase::Waiting { until } if at.mono >= *until => self.connect(at),
            Phase::Connecting { until } | Phase::Securing { until, .. } if at.mono >= *until => {
                self.lose_server(at, SignedOutReason::NoConnection("it took too long".to_owned()));
            }
            Phase::Streaming(stream) | Phase::Closing(stream, _) => {
                stream.handle_timeout(at.mono);
                self.drive_server(at);
            }
            _ => {}
        }
    }

    pub(super) fn server_timeout(&self) -> Option<Duration> {
        match &self.server.phase {
            Phase::Away => None,
            Phase::Waiting { until } | Phase::Connecting { until } | Phase::Securing { until, .. } => {
                Some(*until)
            }
            Phase::Streaming(stream) | Phase::Closing(stream, _) => stream.poll_timeout(),
        }
    }

    /// Takes what the stream has for us, until there is nothing.
    fn drive_server(&mut self, at: Moment) {
        loop {
            self.flush_server();
            let (Phase::Streaming(stream) | Phase::Closing(stream, _)) = &mut self.server.phase else {
                return;
            };
            let Some(event) = stream.poll_event() else { return };
            self.handle_stream_event(at, event);
        }
    }

    fn handle_stream_event(&mut self, at: Moment, event: StreamEvent) {
        match event {
            StreamEvent::StartTls => self.begin_start_tls(at),
            StreamEvent::Registered => {
                self.server.registered = true;
                self.tell(Event::Registered);
            }
            StreamEvent::Bound(jid) => {
                self.me = Some(jid.clone());
                self.tell(Event::SignedIn { jid });
                self.begin_listing(at);
            }
            StreamEvent::Element(element) => self.handle_server_element(at, element),
            StreamEvent::SignedIn { .. } | StreamEvent::KeepAlive => {}
            StreamEvent::Failed(failure) => self.handle_failure(at, failure),
            StreamEvent::Closed(closed) => self.handle_stream_closed(at, closed),
        }
    }

    fn begin_start_tls(&mut self, at: Moment) {
        self.flush_server();
        let phase = std::mem::replace(&mut self.server.phase, Phase::Away);
        if let Phase::Streaming(stream) = phase {
            let until = at.mono + self.config.limits.connect_wait;
            // The address matters only where a stream begins, and this one has begun.
            let remote = SocketAddr::from(([0, 0, 0, 0], 0));
            self.server.phase = Phase::Securing { until, stream: Some(stream), remote };
            self.request_server_tls();
        } else {
            self.server.phase = phase;
        }
    }

    fn flush_server(&mut self) {
        let Some(id) = self.server.id else { return };
        if let Phase::Streaming(stream) | Phase::Closing(stream, _) = &mut self.server.phase {
            let bytes = std::mem::take(stream.output());
            if !bytes.is_empty() {
                self.outputs.push_back(Output::Write { id, bytes });
            }
        }
    }

    /// Writes a stanza; nothing, where there is no bound stream.
    pub(super) fn send_to_server(&mut self, element: &Element) -> bool {
        let Phase::Streaming(stream) = &mut self.server.phase else { return false };
        let sent = stream.send(element).is_ok();
        self.flush_server();
        sent
    }

    pub(super) fn send_keep_alive(&mut self) {
        if let Phase::Streaming(stream) = &mut self.server.phase {
            stream.send_keep_alive();
        }
        self.flush_server();
    }

    /// The close handshake, by wish: no coming back by itself.
    pub(super) fn close_server(&mut self, at: Moment, reason: SignedOutReason) {
        match std::mem::replace(&mut self.server.phase, Phase::Away) {
            Phase::Streaming(mut stream) => {
                stream.close(at.mono, None);
                self.server.phase = Phase::Closing(stream, reason);
                self.drive_server(at);
            }
            closing @ Phase::Closing(..) => self.server.phase = closing,
            Phase::Connecting { .. } | Phase::Securing { .. } | Phase::Waiting { .. } => {
                self.stop_server(at, reason);
            }
            Phase::Away => {}
        }
    }

    fn handle_failure(&mut self, at: Moment, failure: Failure) {
        let words = failure.to_string();
        match failure {
            Failure::NotAuthorized { .. } => self.stop_server(at, SignedOutReason::NotAuthorized(words)),
            Failure::Refused { condition: Some(SaslCondition::TemporaryAuthFailure), .. } => {
                self.lose_server(at, SignedOutReason::StreamEnded(words));
            }
            Failure::RegistrationNotOffered | Failure::AccountExists | Failure::RegistrationRefused(_) => {
                self.stop_server(at, SignedOutReason::RegistrationRefused(words));
            }
            Failure::TimedOut => self.lose_server(at, SignedOutReason::NoAnswer),
            Failure::Ended(closed) => self.handle_stream_closed(at, closed),
            Failure::TlsRefused | Failure::BindRefused(_) => {
                self.lose_server(at, SignedOutReason::StreamEnded(words));
            }
            Failure::TlsNotOffered
            | Failure::NoMechanism { .. }
            | Failure::Refused { .. }
            | Failure::Distrusted(_) => self.stop_server(at, SignedOutReason::Incompatible(words)),
        }
    }

    fn handle_stream_closed(&mut self, at: Moment, closed: Closed) {
        if let Phase::Closing(_, reason) = &self.server.phase {
            let reason = reason.clone();
            return self.stop_server(at, reason);
        }
        match closed {
            Closed::Lost => self.lose_server(at, SignedOutReason::ConnectionLost),
            Closed::Orderly { .. } => {
                self.lose_server(at, SignedOutReason::StreamEnded("the server closed it".to_owned()));
            }
            Closed::Failed { by: Side::Us, error } => {
                self.lose_server(at, SignedOutReason::StreamEnded(format!("not understood: {error}")));
            }
            Closed::Failed { by: Side::Them, error } => match error.condition {
                StreamCondition::Conflict if !planted(Canary::ConflictFights) => {
                    self.stop_server(at, SignedOutReason::Conflict);
                }
                StreamCondition::ConnectionTimeout => self.lose_server(at, SignedOutReason::Reaped),
                StreamCondition::SystemShutdown => self.lose_server(at, SignedOutReason::ServerShutdown),
                StreamCondition::NotAuthorized => {
                    self.stop_server(at, SignedOutReason::NotAuthorized(error.to_string()));
                }
                _ => self.lose_server(at, SignedOutReason::StreamEnded(error.to_string())),
            },
        }
    }

    /// The session, or the attempt to have one, is over, and another attempt follows.
    pub(super) fn lose_server(&mut self, at: Moment, reason: SignedOutReason) {
        if self.ending != super::Ending::No {
            return self.stop_server(at, reason);
        }
        self.drop_server();
        let wait = self.server.backoff.next(&mut self.rng);
        self.server.phase = Phase::Waiting { until: at.mono + wait };
        self.tell(Event::SignedOut { reason, retry_in: Some(wait) });
        self.end_listing(at);
    }

    /// The same, and no other attempt follows by itself.
    pub(super) fn stop_server(&mut self, at: Moment, reason: SignedOutReason) {
        self.drop_server();
        self.tell(Event::SignedOut { reason, retry_in: None });
        self.end_listing(at);
    }

    /// Lets go of the connection, whatever its phase.
    pub(super) fn drop_server(&mut self) {
        self.flush_server();
        self.server.phase = Phase::Away;
        if let Some(id) = self.server.id.take() {
            self.close_connection(id);
        }
    }
}
