//! The words that all rooms share: times, ends, connections, and what happens on them.
//!
//! A *source* (a capture, a dump, a transcript, the proxy) tells [`Happening`]s in order; `reading` makes entries of them. Nothing
//! here reads a clock: times are those of the source.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// A time, in nanoseconds since the Unix epoch; 0 where the source has no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At(pub u64);

impl At {
    /// Nanoseconds from `earlier` until here; `None` where the source has no clock.
    #[must_use]
    pub fn after(self, earlier: Self) -> Option<u64> {
        (self.0 > 0 && earlier.0 > 0).then(|| self.since(earlier))
    }

    /// Nanoseconds from `earlier` until here; 0 if that is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Nanoseconds from `other` until here, less than 0 if that is later; as many as fit, which is 292 years.
    #[must_use]
    pub fn difference(self, other: Self) -> i64 {
        let difference = i128::from(self.0) - i128::from(other.0);
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }
}

/// An end of a connection: who opened it (the client, or the dialler of a peer stream), and who was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Who opened the connection.
    Dialler,
    /// Who accepted it.
    Answerer,
}

impl Side {
    /// Both, the dialler first.
    pub const BOTH: [Self; 2] = [Self::Dialler, Self::Answerer];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Answerer,
            Self::Answerer => Self::Dialler,
        }
    }

    /// The word for it in outputs and filters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dialler => "dialler",
            Self::Answerer => "answerer",
        }
    }

    /// 0 for the dialler, 1 for the answerer: the place in a pair.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Dialler => 0,
            Self::Answerer => 1,
        }
    }
}

/// How what was said was protected on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// In the clear.
    #[default]
    Clear,
    /// Inside TLS.
    Tls,
}

impl Layer {
    /// The word for it in outputs and filters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Tls => "tls",
        }
    }
}

/// Number of a connection in this run, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// An end, as the source knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Its address, where there is one.
    pub address: Option<SocketAddr>,
    /// Its name, where the source has one (a name resolution block of a capture, or a dump).
    pub name: Option<Arc<str>>,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.address) {
            (Some(name), Some(address)) => write!(f, "{name}:{}", address.port()),
            (Some(name), None) => f.write_str(name),
            (None, Some(address)) => write!(f, "{address}"),
            (None, None) => f.write_str("?"),
        }
    }
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This side has said all that it will (FIN); the other may still speak.
    Finished(Side),
    /// This side cut it off (RST).
    Reset(Side),
    /// The source stopped telling about it, or another connection took its addresses.
    Abandoned,
}

/// What a source tells, in order. Octets of one side come in the order of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening<'a> {
    /// A connection begins, or is seen for the first time.
    Opened {
        /// When.
        at: At,
        /// Its number, not in use before.
        id: ConnectionId,
        /// Both ends, by [`Side::index`].
        ends: &'a [End; 2],
        /// Whether its beginning was seen; else its first octets are missing.
        from_start: bool,
    },
    /// One side said something. Never empty.
    Octets {
        /// When the last of them came.
        at: At,
        /// Which connection.
        id: ConnectionId,
        /// Who said it.
        side: Side,
        /// [`Layer::Tls`] only where the source has decrypted it already (transcript, proxy); from a capture always
        /// [`Layer::Clear`], TLS records included.
        layer: Layer,
        /// The octets.
        octets: &'a [u8],
    },
    /// Octets of one side are not in the source.
    Missing {
        /// When it was noticed.
        at: At,
        /// Which connection.
        id: ConnectionId,
        /// Whose octets.
        side: Side,
        /// How many, where that is known.
        octets: Option<u64>,
    },
    /// A connection ended.
    Ended {
        /// When.
        at: At,
        /// Which connection. After [`Ending::Reset`] and [`Ending::Abandoned`], or both sides' [`Ending::Finished`], nothing more comes of it.
        id: ConnectionId,
        /// How.
        how: Ending,
    },
    /// The source says something in words: a comment of a packet, what TLS agreed on.
    Remark {
        /// When.
        at: At,
        /// Which connection, if it is about one.
        id: Option<ConnectionId>,
        /// The words.
        text: &'a str,
    },
}

/// Who takes what a source tells.
pub trait Listener {
    /// Takes the next happening.
    fn take(&mut self, happening: Happening<'_>);

    /// The source has nothing more for now: whoever reads along wants to see what there is.
    fn pause(&mut self) {}

    /// Whether nothing more is wanted: the source may stop.
    fn is_over(&self) -> bool {
        false
    }

    /// The source brings secrets of TLS along, in the format of `SSLKEYLOGFILE`, for what comes after them.
    fn secrets(&mut self, log: &[u8]) {
        let _ = log;
    }
}

impl<F: FnMut(Happening<'_>)> Listener for F {
    fn take(&mut self, happening: Happening<'_>) {
        self(happening);
    }
}

/// A listener, lent.
#[derive(Debug)]
pub struct Lent<'a, L>(pub &'a mut L);

impl<L: Listener> Listener for Lent<'_, L> {
    fn take(&mut self, happening: Happening<'_>) {
        self.0.take(happening);
    }

    fn pause(&mut self) {
        self.0.pause();
    }

    fn is_over(&self) -> bool {
        self.0.is_over()
    }

    fn secrets(&mut self, log: &[u8]) {
        self.0.secrets(log);
    }
}
