//! What a person says of themselves: nick, availability, status. Profile and presence are one state
//! (PROTOCOL section 2); how either is written on the wire is `chatdev-stanza`'s.

use std::str::FromStr;

use thiserror::Error;

/// Availability: the `<show/>` of RFC 6121 §4.7.2.1, in a person's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Show {
    /// Online, and nothing more said. On the wire: no `show` at all.
    #[default]
    Available,
    /// Eager to talk.
    Chat,
    /// Away for a while.
    Away,
    /// Busy: do not disturb.
    Dnd,
    /// Away for long (extended away).
    Xa,
}

impl Show {
    /// The value on the wire; `None` for [`Show::Available`], which is said by leaving it out.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Available => None,
            Self::Chat => Some("chat"),
            Self::Away => Some("away"),
            Self::Dnd => Some("dnd"),
            Self::Xa => Some("xa"),
        }
    }
}

impl FromStr for Show {
    type Err = UnknownShow;

    /// Reads the four values of RFC 6121 §4.7.2.1. [`Show::Available`] has no text, so none gives it.
    fn from_str(text: &str) -> Result<Self, UnknownShow> {
        match text {
            "chat" => Ok(Self::Chat),
            "away" => Ok(Self::Away),
            "dnd" => Ok(Self::Dnd),
            "xa" => Ok(Self::Xa),
            _ => Err(UnknownShow),
        }
    }
}

/// The text is none of the values of RFC 6121 §4.7.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("show is one of chat, away, dnd, xa")]
pub struct UnknownShow;

/// How a person shows themselves in the directory. The default is an available person who says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Profile {
    /// The name they chose (≤ 64 octets by default). Claimed, never checked: the JID always stands beside it.
    pub nick: Option<Box<str>>,
    /// Availability.
    pub show: Show,
    /// A line of text (≤ 512 octets by default).
    pub status: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn show_reads_back_as_it_was_written() {
        for show in [Show::Chat, Show::Away, Show::Dnd, Show::Xa] {
            assert_eq!(show.as_str().unwrap().parse(), Ok(show));
        }
        assert_eq!(Show::Available.as_str(), None);
        assert_eq!("available".parse::<Show>(), Err(UnknownShow));
        assert_eq!("Away".parse::<Show>(), Err(UnknownShow));
    }
}
