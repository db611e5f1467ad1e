//! What a tap tells.

use std::net::SocketAddr;

use jiff::Timestamp;

/// One thing that happened on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, by the wall clock.
    pub at: Timestamp,
    /// The connection: counted from the start of the server, never given twice.
    pub connection: u64,
    /// What.
    pub record: Record,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The connection was made.
    Opened {
        /// Where it comes from.
        dialler: SocketAddr,
        /// Where it was taken. `None` if it was gone before it could be asked.
        answerer: Option<SocketAddr>,
    },
    /// A piece of XML: a header, an element, the end of a stream, white space. As it was said, but for secrets.
    Said {
        /// Who said it.
        by: Speaker,
        /// Whether it went over TLS.
        sealed: bool,
        /// What.
        text: String,
    },
    /// Bytes that were said and are not told.
    Missing {
        /// Who said them.
        by: Speaker,
        /// How many.
        octets: u64,
    },
    /// A remark, for people.
    Note(String),
    /// The connection is over.
    Ended(Ending),
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The client.
    Dialler,
    /// The server.
    Answerer,
}

/// Who ended a connection, as far as the server can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client closed it first.
    Dialler,
    /// The server closed it first.
    Answerer,
    /// It broke.
    Reset,
    /// Nobody knows.
    Unknown,
}
