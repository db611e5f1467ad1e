//! The directory on the wire (`urn:chatdev:directory:1`, PROTOCOL section 2).
//!
//! [`CheckIn`] and [`Look`] ask, [`Online`] answers with [`Change`](chatdev_directory::Change)s. The values are
//! `chatdev-directory`'s; here they become elements and back. Who may see whom, which endpoints are taken and how long a
//! nick may be is decided there.

mod change;
mod check_in;
mod online;
mod piece;

pub use change::octets_max;
pub use check_in::{CheckIn, ENDPOINTS_READ_MAX, Look};
pub use online::{CHANGES_MAX, Online, RefusedEndpoint};

/// The namespace.
pub const NS: &str = "urn:chatdev:directory:1";

/// The namespace of `<fingerprint/>` (XEP-0320).
pub const NS_FINGERPRINT: &str = "urn:xmpp:jingle:apps:dtls:0";
