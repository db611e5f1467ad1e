//! [`KeyLog`]: the secrets that a program wrote down, by the client random of their connection (RFC 9850).
//!
//! Text comes in pieces, as a growing file gives it; a line counts once it has ended. Which of the secrets a connection needs is `session`'s
//! business; a file that grows is [`FollowedKeyLog`](super::FollowedKeyLog)'s.

mod line;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

pub use line::LineFlaw;
use line::{Line, parse};

/// Secrets kept at most, about 150 octets of memory each; a connection of TLS 1.3 has four, one of 1.2 has one. Beyond it the oldest is
/// forgotten, and counted ([`KeyLog::forgotten`]).
pub const ENTRIES_MAX: usize = 1_000_000;

/// Octets of a line that are kept while its end has not come. A longer one is a [`LineFlaw::TooLong`], unless its label is one that is
/// passed over anyway.
pub const LINE_OCTETS_MAX: usize = 1_024;

/// Bad lines that are remembered; more are counted.
pub const FLAWS_KEPT_MAX: usize = 16;

/// Where the secrets of connections are looked up.
pub trait Keys {
    /// The secret of this kind, of the connection with this client random. Asked again and again while it is not there.
    fn secret(&mut self, label: Label, client_random: &[u8; 32]) -> Option<Secret>;
}

impl<K: Keys + ?Sized> Keys for &mut K {
    fn secret(&mut self, label: Label, client_random: &[u8; 32]) -> Option<Secret> {
        (**self).secret(label, client_random)
    }
}

/// The first that has it.
impl<K: Keys> Keys for Vec<K> {
    fn secret(&mut self, label: Label, client_random: &[u8; 32]) -> Option<Secret> {
        self.iter_mut().find_map(|keys| keys.secret(label, client_random))
    }
}

/// Which secret of a connection. `Display` gives the label as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// TLS 1.2: the master secret.
    ClientRandom,
    /// What the client sends before it has heard the server.
    ClientEarly,
    /// The client's part of the handshake.
    ClientHandshake,
    /// The server's part of the handshake.
    ServerHandshake,
    /// The client's application data, until its first update of keys.
    ClientApplication,
    /// The server's application data, until its first update of keys.
    ServerApplication,
}

impl Label {
    const ALL: [Self; 6] = [
        Self::ClientRandom,
        Self::ClientEarly,
        Self::ClientHandshake,
        Self::ServerHandshake,
        Self::ClientApplication,
        Self::ServerApplication,
    ];

    /// As the log has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientRandom => "CLIENT_RANDOM",
            Self::ClientEarly => "CLIENT_EARLY_TRAFFIC_SECRET",
            Self::ClientHandshake => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Self::ServerHandshake => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            Self::ClientApplication => "CLIENT_TRAFFIC_SECRET_0",
            Self::ServerApplication => "SERVER_TRAFFIC_SECRET_0",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A secret of 32 or 48 octets. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    octets: [u8; Self::OCTETS_MAX],
    length: u8,
}

impl Secret {
    /// That of SHA-384, and of a master secret.
    pub const OCTETS_MAX: usize = 48;

    /// From its octets; `None` if they are neither 32 nor 48.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        let length = match octets.len() {
            32 => 32,
            48 => 48,
            _ => return None,
        };
        let mut kept = [0; Self::OCTETS_MAX];
        kept[..octets.len()].copy_from_slice(octets);
        Some(Self { octets: kept, length })
    }

    /// Its octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} octets)", self.length)
    }
}

/// What was read of a key log.
#[derive(Debug)]
pub struct KeyLog {
    secrets: BTreeMap<(Label, [u8; 32]), Secret>,
    /// The keys of `secrets`, the oldest first.
    order: VecDeque<(Label, [u8; 32])>,
    entries_max: usize,
    forgotten: u64,
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
    /// Whether `partial` is cut at [`LINE_OCTETS_MAX`].
    overlong: bool,
    lines: u64,
    passed_over: u64,
    bad: u64,
    flaws: Vec<(u64, LineFlaw)>,
}

impl Default for KeyLog {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyLog {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::with_entries_max(ENTRIES_MAX)
    }

    /// An empty one that keeps so many secrets in the place of [`ENTRIES_MAX`]; at least one.
    #[must_use]
    pub fn with_entries_max(entries_max: usize) -> Self {
        Self {
            secrets: BTreeMap::new(),
            order: VecDeque::new(),
            entries_max: entries_max.max(1),
            forgotten: 0,
            partial: Vec::new(),
            overlong: false,
            lines: 0,
            passed_over: 0,
            bad: 0,
            flaws: Vec::new(),
        }
    }

    /// Takes more of the text. Pieces may end anywhere.
    pub fn add(&mut self, mut text: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', text) {
            if self.partial.is_empty() {
                self.line(&text[..end.min(LINE_OCTETS_MAX)], end > LINE_OCTETS_MAX);
            } else {
                self.extend_partial(&text[..end]);
                let line = std::mem::take(&mut self.partial);
                self.line(&line, self.overlong);
                self.partial = line;
                self.partial.clear();
            }
            self.overlong = false;
            text = &text[end + 1..];
        }
        self.extend_partial(text);
    }

    fn extend_partial(&mut self, text: &[u8]) {
        let room = LINE_OCTETS_MAX - self.partial.len();
        self.overlong |= text.len() > room;
        self.partial.extend_from_slice(&text[..text.len().min(room)]);
    }

    fn line(&mut self, line: &[u8], overlong: bool) {
        self.lines += 1;
        match parse(line, overlong) {
            Ok(Line::Nothing) => {}
            Ok(Line::PassedOver) => self.passed_over += 1,
            Ok(Line::Entry(label, client_random, secret)) => self.keep(label, client_random, secret),
            Err(flaw) => {
                self.bad += 1;
                if self.flaws.len() < FLAWS_KEPT_MAX {
                    self.flaws.push((self.lines, flaw));
                }
            }
        }
    }

    fn keep(&mut self, label: Label, client_random: [u8; 32], secret: Secret) {
        // Both ends may write into one file: the same line twice is one entry.
        if self.secrets.insert((label, client_random), secret).is_some() {
            return;
        }
        self.order.push_back((label, client_random));
        if self.order.len() > self.entries_max
            && let Some(oldest) = self.order.pop_front()
        {
            self.secrets.remove(&oldest);
            self.forgotten += 1;
        }
    }

    /// The secret of this kind, of the connection with this client random. A last line that has not ended yet counts here, if it is whole.
    #[must_use]
    pub fn get(&self, label: Label, client_random: &[u8; 32]) -> Option<Secret> {
        if let Some(secret) = self.secrets.get(&(label, *client_random)) {
            return Some(*secret);
        }
        match parse(&self.partial, self.overlong) {
            Ok(Line::Entry(of, whose, secret)) if of == label && whose == *client_random => Some(secret),
            _ => None,
        }
    }

    /// How many secrets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// How many secrets were forgotten because there were more than [`ENTRIES_MAX`].
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many lines have other labels than those of [`Label`] (exporters and the like).
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// How many lines could not be read.
    #[must_use]
    pub fn bad_lines(&self) -> u64 {
        self.bad
    }

    /// The first of the bad lines, by their numbers (from 1), and what is wrong with them; at most [`FLAWS_KEPT_MAX`].
    #[must_use]
    pub fn flaws(&self) -> &[(u64, LineFlaw)] {
        &self.flaws
    }
}

impl Keys for KeyLog {
    fn secret(&mut self, label: Label, client_random: &[u8; 32]) -> Option<Secret> {
        self.get(label, client_random)
    }
}

/// The whole text at once.
impl From<&[u8]> for KeyLog {
    fn from(text: &[u8]) -> Self {
        let mut log = Self::new();
        log.add(text);
        log
    }
}
