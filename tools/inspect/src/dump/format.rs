//! The forms that are known.

use std::fmt;
use std::str::FromStr;

use super::mark::Pattern;
use super::{DumpError, arrows, ejabberd, gajim, profanity, prosody, rfc, slixmpp, smack};

/// A form of dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Debug log of ejabberd.
    Ejabberd,
    /// Debug log of Prosody.
    Prosody,
    /// Debug console and log of Gajim.
    Gajim,
    /// Smack, as Android programs log it.
    Smack,
    /// Log and console of Profanity, and other programs with libstrophe.
    Profanity,
    /// slixmpp, and whatever else writes SEND or SENT and RECV.
    Slixmpp,
    /// `C:` and `S:`, as in the RFCs.
    Rfc,
    /// `>>>` and `<<<`, or `OUT` and `IN`.
    Arrows,
    /// Nothing but XML.
    Stream,
}

impl Format {
    /// All; one that asks for more comes before one that asks for less.
    pub const ALL: [Self; 9] = [
        Self::Ejabberd,
        Self::Prosody,
        Self::Gajim,
        Self::Smack,
        Self::Profanity,
        Self::Slixmpp,
        Self::Rfc,
        Self::Arrows,
        Self::Stream,
    ];

    /// Its name for `--format`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ejabberd => "ejabberd",
            Self::Prosody => "prosody",
            Self::Gajim => "gajim",
            Self::Smack => "smack",
            Self::Profanity => "profanity",
            Self::Slixmpp => "slixmpp",
            Self::Rfc => "rfc",
            Self::Arrows => "arrows",
            Self::Stream => "stream",
        }
    }

    /// A line of it.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Ejabberd => "[debug] (tls|<0.562.0>) Send XML on stream = <<\"<iq/>\">>",
            Self::Prosody => "c2s55ed533db830 debug RECV: <iq/>",
            Self::Gajim => "<!-- Outgoing Thu Nov 26 10:00:00 2026 (account) -->",
            Self::Smack => "SENT (0): <iq/>",
            Self::Profanity => "conn: DBG: SENT: <iq/>",
            Self::Slixmpp => "DEBUG    SEND: <iq/>",
            Self::Rfc => "C: <iq/>",
            Self::Arrows => ">>> <iq/>",
            Self::Stream => "<stream:stream …>",
        }
    }

    /// All of them for people, a line each.
    #[must_use]
    pub fn list() -> String {
        Self::examples() + "\n"
    }

    pub(super) fn words() -> String {
        Self::ALL.map(Self::word).join(", ")
    }

    pub(super) fn examples() -> String {
        Self::ALL.map(|format| format!("  {:<10} {}", format.word(), format.example())).join("\n")
    }

    /// How its marks are found; `None` for what has none.
    pub(super) fn pattern(self) -> Option<Box<dyn Pattern>> {
        Some(match self {
            Self::Ejabberd => Box::new(ejabberd::Ejabberd::new()),
            Self::Prosody => Box::new(prosody::Prosody::new()),
            Self::Gajim => Box::new(gajim::Gajim::new()),
            Self::Smack => Box::new(smack::Smack::new()),
            Self::Profanity => Box::new(profanity::Profanity::new()),
            Self::Slixmpp => Box::new(slixmpp::Slixmpp::new()),
            Self::Rfc => Box::new(rfc::Rfc::new()),
            Self::Arrows => Box::new(arrows::Arrows::new()),
            Self::Stream => return None,
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Format {
    type Err = DumpError;

    fn from_str(word: &str) -> Result<Self, DumpError> {
        let found = Self::ALL.into_iter().find(|format| format.word().eq_ignore_ascii_case(word));
        found.ok_or_else(|| DumpError::NoSuchFormat(word.to_owned()))
    }
}
