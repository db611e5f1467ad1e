//! One side of a connection: what is held of its octets, where its records begin, under which key it speaks.

use std::collections::VecDeque;

use super::messages::Messages;
use super::negotiation::{Open, Phase};
use super::record::{HANDSHAKE, Header};
use super::search::Lost;
use super::{Label, Why};

/// What is known of one side.
#[derive(Debug, Default)]
pub(super) struct Direction {
    /// What has not been read yet: the beginning of a record, or more while something is lacking.
    pub(super) held: Vec<u8>,
    /// Where in `held` octets are missing.
    pub(super) gaps: VecDeque<Gap>,
    pub(super) alignment: Alignment,
    pub(super) protection: Protection,
    pub(super) messages: Messages,
    /// Handshake messages may be cut, since octets were missing: none is read that may be the middle of another.
    pub(super) is_broken: bool,
    /// The beginning of a handshake record in the clear whose rest is missing: it may have whole messages.
    pub(super) cut: Option<Vec<u8>>,
    pub(super) lost: Option<Lost>,
    /// What is needed to read on.
    pub(super) lacking: Option<Lacking>,
    /// At least one record was seen.
    pub(super) has_begun: bool,
}

/// Octets are missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// Behind so many of the held octets.
    pub(super) position: usize,
    /// How many are missing, if that is known.
    pub(super) octets: Option<u64>,
}

/// Where the next octet is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Alignment {
    /// At the beginning of a record.
    #[default]
    Boundary,
    /// In a record that cannot be read for want of its beginning, so many octets before its end.
    Within(u64),
    /// Anywhere.
    Unknown,
    /// There are no records, or no more.
    None,
}

/// How the next record is sealed.
#[derive(Debug, Default)]
pub(super) enum Protection {
    #[default]
    Clear,
    /// Under this key, which was not needed yet.
    Wanted(Phase),
    /// Under this key.
    Open(Box<Open>),
    /// It does not matter: nothing can be read.
    GivenUp,
}

/// What reading waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lacking {
    /// A line of the key log.
    Key(Label),
    /// What the server says, or the client.
    Hello,
}

impl Direction {
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.gaps.is_empty()
    }

    pub(super) fn is_given_up(&self) -> bool {
        matches!(self.protection, Protection::GivenUp)
    }

    /// Octets are missing behind `partial`, the beginning of a record that was not complete.
    pub(super) fn lose(&mut self, partial: &[u8], octets: Option<u64>) {
        if self.cut.is_none() && self.alignment != Alignment::None {
            self.cut = Some(match (&self.protection, partial) {
                (Protection::Clear, [HANDSHAKE, _, _, _, _, content @ ..]) => content.to_vec(),
                _ => Vec::new(),
            });
        }
        let until_boundary = match self.alignment {
            Alignment::None => return,
            Alignment::Boundary if partial.is_empty() => Some(0),
            Alignment::Boundary => match Header::read(partial) {
                Ok(Some(header)) => Some((header.record_octets() - partial.len()) as u64),
                _ => None,
            },
            Alignment::Within(octets) => Some(octets),
            Alignment::Unknown => None,
        };
        self.alignment = match (until_boundary, octets) {
            (Some(until), Some(missing)) if missing == until => Alignment::Boundary,
            (Some(until), Some(missing)) if missing < until => Alignment::Within(until - missing),
            _ => Alignment::Unknown,
        };
        self.lost = Some(self.lost.unwrap_or(Lost::NOTHING).more(octets));
    }
}

impl Lacking {
    /// What to say if it never comes.
    pub(super) fn why(self, client_random: Option<&[u8; 32]>) -> Why {
        match (self, client_random) {
            (Self::Key(label), Some(client_random)) => Why::NoKey { label, client_random: *client_random },
            _ => Why::StartMissing,
        }
    }
}
