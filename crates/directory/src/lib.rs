//! Who is online: the directory of ChatDev (PROTOCOL section 2).

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
