//! Who is online: the directory of ChatDev (PROTOCOL section 2).
//!
//! [`Directory`] is the server's: sessions come in, check in, fall silent and go, and every watcher is told what changed
//! after the [`Version`] it last heard. [`Mirror`] is the client's copy of it. The values that both speak of
//! ([`Entry`], [`Departure`], [`Profile`], [`Endpoint`], [`Fingerprint`] …) are here too, and `chatdev-stanza` writes
//! them to the wire. This crate knows no XML and no sockets, reads no clock and draws no random number: time is an
//! argument ([`Moment`]), and EPOCH is given ([`Config::new`]).
//!
//! ```
//! use std::time::Duration;
//! use chatdev_directory::{Announcement, Config, Directory, Mirror, Moment, SessionId};
//!
//! let mut directory = Directory::new(Config::new(1))?;
//! let at = Moment::new(Duration::ZERO, "2026-11-22T21:00:00Z".parse()?);
//! let alice = SessionId(1);
//! directory.open(at, alice, "alice@example.net/desk".parse()?, "192.168.1.10".parse()?)?;
//! let refused = directory.check_in(at, alice, Some(Announcement::default()))?;
//! assert!(refused.is_empty());
//!
//! let mut mirror = Mirror::default();
//! let changes = directory.changes(alice, mirror.since()).expect("alice's session is open");
//! mirror.apply(at.mono, directory.config().limit, changes.page(200));
//! assert_eq!(mirror.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How the server runs it
//!
//! [`Directory::open`] when a stream is bound, and [`Directory::close`] when it has ended, whatever ended it;
//! [`Directory::seen`] for what comes in; [`Directory::check_in`], [`Directory::set_presence`], [`Directory::leave`] for
//! what is said; [`Directory::changes`] for the answer, and [`Directory::told`] with the limit that the answer named. At
//! [`Directory::poll_timeout`], [`Directory::expire`] until there is nothing; each [`Expired::Due`] is answered, after
//! one more look at its connection, by [`Directory::reap`], and each [`Expired::Unclaimed`] in the same way by
//! [`Directory::disinherit`].
//!
//! # What it costs
//!
//! With n online. Nothing depends on n by more than the depth of a tree; `tests/directory/cost.rs` counts it, and
//! `cargo bench -p chatdev-directory` shows the time, and `just instructions` the instructions.
//!
//! | step | cost |
//! |---|---|
//! | `seen`, `told`, `stalled`, a check-in that changes nothing | O(1) |
//! | coming, changing, going | O(log n) |
//! | an answer of k changes | O(log n + k); texts are shared, not copied |
//! | `expire`, `reap`, `disinherit` | O(log n) for each session that expired, nothing for any that is live |
//!
//! # What it holds
//!
//! At most 600 bytes for each user online, all indexes and the timing of silence included, beside the session that the
//! server keeps: measured 553 to 592 by how full the tables happen to be (JID of 34 octets, nick, status of 21 octets,
//! two endpoints, fingerprint; `cargo run --release -p chatdev-directory --example memory`). Each remembered departure
//! takes less. What it may hold is limited by [`Config`]: sessions, departures, endpoints, octets of texts.

mod acceptance;
mod changes;
mod check_in;
mod config;
mod directory;
mod endpoint;
mod entry;
mod fingerprint;
mod mirror;
mod moment;
mod profile;
mod reaping;
mod records;
mod session;
mod sessions;
mod silence;
mod standing;
mod version;
mod view;

pub use acceptance::{PORT_MIN, Prefix, PrefixError, Refusal, Refused};
pub use changes::Changes;
pub use check_in::CheckInError;
pub use config::{Config, ConfigError, ENDPOINT_ALLOW_MAX, EndpointVisibility, LIMIT_MAX, Visibility};
pub use directory::{Counters, Directory, OpenError};
pub use endpoint::Endpoint;
pub use entry::{Announcement, Change, Departure, Entry, Page, Reason, UnknownReason};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use mirror::{Listed, MIRROR_ENTRIES_MAX, Mirror, Update};
pub use moment::Moment;
pub use profile::{Profile, Show, UnknownShow};
pub use session::{SESSION_TAG_OCTETS_MAX, SessionId, SessionTag, SessionTagError};
pub use silence::Expired;
pub use version::{VERSION_OCTETS_MAX, Version, VersionError};
