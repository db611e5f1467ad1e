//! What a client is told when it is made: whose account, which server, which device, and the limits of everything it keeps.

use std::net::SocketAddr;
use std::time::Duration;

use chatdev_directory::{Endpoint, Fingerprint, Profile};
use chatdev_stream::sasl::Password;
use jid::{BareJid, ResourcePart};

use crate::backoff::BackoffLimits;
use crate::dial_plan::DialLimits;
use crate::doorkeeper::DoorLimits;
use crate::peer_trust::TrustLimits;
use crate::schedule::CheckInLimits;

/// How the connection to the server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServerSecurity {
    /// STARTTLS (RFC 6120 §5), required: a server that does not offer it is left. The default.
    #[default]
    StartTls,
    /// TLS from the first byte (XEP-0368).
    Direct,
    /// None at all. Refused unless the server's address is a loopback one.
    Off,
}

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host name or IP address, resolved by the owner.
    pub host: String,
    /// TCP port. Default 5222.
    pub port: u16,
}

/// What this client is to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Participation {
    /// It enters with its first check-in, and is seen. The default.
    #[default]
    Enter,
    /// It reads the list once and is not seen; nobody can open a peer stream with it.
    Read,
}

/// One account on one device.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whose account.
    pub jid: BareJid,
    /// Its password.
    pub password: Password,
    /// The resource asked for; `None` lets the server make one.
    pub resource: Option<ResourcePart>,
    /// Where to connect. Default: the JID's domain, port 5222.
    pub server: Target,
    /// How that connection is secured.
    pub security: ServerSecurity,
    /// Whether to create the account (XEP-0077) before the first sign-in.
    pub register: bool,
    /// SHA-256 of this device's certificate: its identity.
    pub device: Fingerprint,
    /// Where the owner accepts peers; `None` where it does not. It is announced; with an unspecified address (`0.0.0.0`, `::`), the local
    /// address of the server connection is announced in its place.
    pub peer_address: Option<SocketAddr>,
    /// Endpoints announced beside it. Default: none.
    pub endpoints: Vec<Endpoint>,
    /// Nick, show and status at the beginning.
    pub profile: Profile,
    /// Whether to be in the directory, or only to read it.
    pub participation: Participation,
    /// Bounds of everything.
    pub limits: Limits,
}

impl Config {
    /// A configuration with every default, for this account and device.
    #[must_use]
    pub fn new(jid: BareJid, password: Password, device: Fingerprint, profile: Profile) -> Self {
        let host = jid.domain().as_str().to_owned();
        Self {
            jid,
            password,
            resource: None,
            server: Target { host, port: 5222 },
            security: ServerSecurity::default(),
            register: false,
            device,
            peer_address: None,
            endpoints: Vec::new(),
            profile,
            participation: Participation::default(),
            limits: Limits::default(),
        }
    }
}

/// Every bound of the client brain, with its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wait between attempts to reach the server.
    pub backoff: BackoffLimits,
    /// Pace of check-ins.
    pub check_ins: CheckInLimits,
    /// Reaching a peer.
    pub dial: DialLimits,
    /// Incoming connections that have not opened a stream.
    pub door: DoorLimits,
    /// Least time between two [`Event::Impostor`](crate::Event::Impostor)s: strangers at the door must not fill the screen. Those in
    /// between are refused without a word. Default 1 s.
    pub impostor_gap: Duration,
    /// Remembered fingerprints.
    pub trust: TrustLimits,
    /// Entries of the directory kept. Default 100,000; a server that lists more is one whose list is cut off there.
    pub entries_max: usize,
    /// Entries asked for per page. Default 200.
    pub page_entries_max: u32,
    /// Opened peer streams. Default 256; beyond it the stream that was used least recently and carries nothing is closed,
    /// and where there is none the newcomer is refused.
    pub peer_streams_max: usize,
    /// Messages to one session that are not yet acknowledged. Default 256; one more fails.
    pub unacknowledged_max: usize,
    /// Received messages of one stream that wait for storage. Default 64; beyond it the connection is not read.
    pub unstored_max: usize,
    /// Messages that wait until it is known how their receiver is reached. Default 256; one more fails.
    pub undecided_max: usize,
    /// How long a message waits to learn how its receiver is reached. Default 20 s; then it fails.
    pub undecided_wait: Duration,
    /// Messages through the server whose receipt is awaited. Default 1,024; beyond it the oldest is no longer waited for.
    pub receipts_awaited_max: usize,
    /// From a peer's certificate until messages may flow, extended by nothing. Default 10 s; then the connection is given up, and
    /// messages that waited for it look for another way, or fail where it was ours.
    pub peer_open_wait: Duration,
    /// Octets of a message's text, as XML writes it. Default 32 KiB, so that its stanza stays below every limit on its way.
    pub body_bytes_max: usize,
    /// Reaching the server, TLS included, may take this long. Default 15 s.
    pub connect_wait: Duration,
    /// From the first octet of a stream to a bound resource, extended by nothing. Default 30 s; then the connection is given up.
    pub sign_in_wait: Duration,
    /// An answer of the server, other than to a check-in, is awaited this long. Default 20 s; then the connection is given up.
    pub answer_wait: Duration,
    /// What is still queued at the end has this long to be acknowledged, and streams to be closed. Default 5 s.
    pub quit_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            backoff: BackoffLimits::default(),
            check_ins: CheckInLimits::default(),
            dial: DialLimits::default(),
            door: DoorLimits::default(),
            impostor_gap: Duration::from_secs(1),
            trust: TrustLimits::default(),
            entries_max: 100_000,
            page_entries_max: 200,
            peer_streams_max: 256,
            unacknowledged_max: 256,
            unstored_max: 64,
            undecided_max: 256,
            undecided_wait: Duration::from_secs(20),
            receipts_awaited_max: 1024,
            body_bytes_max: 32 * 1024,
            peer_open_wait: Duration::from_secs(10),
            connect_wait: Duration::from_secs(15),
            sign_in_wait: Duration::from_secs(30),
            answer_wait: Duration::from_secs(20),
            quit_wait: Duration::from_secs(5),
        }
    }
}
