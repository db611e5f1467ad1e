//! What the brain asks of the storage, and what it hears back. The programs carry this out in SQLite; tests
//! and simulation in [`MemoryStore`](crate::MemoryStore).
//!
//! A connection has at most one request open and is not read meanwhile. Requests about one account are
//! answered in the order in which they were made; an answer is durable (where it is one to a change) before
//! it is given.

use chatdev_stream::sasl::Credentials;
use jid::BareJid;

/// Names a request, for storage or for stretching, among those of its connection. An answer to another one than the
/// last is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// Something to be looked up or changed.
#[derive(Clone, Debug)]
pub enum StorageRequest {
    /// The keys of `account`, for somebody who wants to sign in.
    Credentials {
        /// Whose keys.
        account: BareJid,
    },
    /// A new account; there may be one already.
    Create {
        /// Its address.
        account: BareJid,
        /// The keys of its password.
        credentials: Credentials,
    },
    /// Another password for an account.
    Replace {
        /// Whose password.
        account: BareJid,
        /// The keys of the new one.
        credentials: Credentials,
    },
    /// An account goes, with all that is kept for it.
    Remove {
        /// Which one.
        account: BareJid,
    },
}

impl StorageRequest {
    /// The account that it is about.
    #[must_use]
    pub fn account(&self) -> &BareJid {
        match self {
            Self::Credentials { account }
            | Self::Create { account, .. }
            | Self::Replace { account, .. }
            | Self::Remove { account } => account,
        }
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
pub enum StorageAnswer {
    /// To [`StorageRequest::Credentials`]: the keys, or that there is no such account.
    Credentials(Option<Credentials>),
    /// To the other requests: done.
    Done,
    /// To [`StorageRequest::Create`]: there is an account of that name; it stays as it was.
    Exists,
    /// To [`StorageRequest::Replace`] and [`StorageRequest::Remove`]: there is no such account.
    Missing,
    /// To any: the storage failed. The person is told to try again later, the operator in the log.
    Failed,
}
