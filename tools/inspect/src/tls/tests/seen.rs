//! What a bystander was told, put down.

use super::party::Connection;
use crate::model::Side;
use crate::tls::{KeyLog, Keys, Session, Told, Why};

/// Everything told of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Application data by [`Side::index`].
    pub(super) plain: [Vec<u8>; 2],
    /// The rest in words, without client randoms.
    pub(super) words: Vec<String>,
    pub(super) unreadable: Vec<(Side, Why)>,
    /// Octets, by [`Side::index`].
    pub(super) sealed: [usize; 2],
    /// With how much of that side's plain data before it.
    pub(super) resumed: Vec<(Side, Option<u64>, usize)>,
}

impl Seen {
    pub(super) fn take(&mut self, side: Side, told: Told<'_>) {
        let who = if side == Side::Dialler { '>' } else { '<' };
        match told {
            Told::Plain(octets) => {
                assert!(!octets.is_empty());
                self.plain[side.index()].extend_from_slice(octets);
            }
            Told::ClientHello { server_name, alpn, versions, .. } => {
                let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
                self.words.push(format!("{who} hello for {server_name:?}, {alpn:?}, {versions:?}"));
            }
            Told::Agreed { version, suite, alpn, resumed, extended_master_secret } => {
                self.words.push(format!(
                    "{who} {version}, {suite}, {alpn:?}{}{}",
                    if resumed { ", resumed" } else { "" },
                    if extended_master_secret { "" } else { ", not bound" }
                ));
            }
            Told::Certificate { sha256 } => {
                self.words.push(format!("{who} certificate {:02x}{:02x}", sha256[0], sha256[1]));
            }
            Told::Alert { fatal, name, .. } => {
                self.words.push(format!("{who} {name}{}", if fatal { ", fatal" } else { "" }));
            }
            Told::Unreadable { why } => self.unreadable.push((side, why)),
            Told::Sealed { octets } => self.sealed[side.index()] += octets,
            Told::Resumed { records_lost } => {
                self.resumed.push((side, records_lost, self.plain[side.index()].len()));
            }
        }
    }

    /// Reads `wire` as it was sent.
    pub(super) fn of(wire: &[(Side, Vec<u8>)], keys: &mut impl Keys) -> Self {
        let mut seen = Self::default();
        let mut session = Session::new();
        for (side, octets) in wire {
            session.read(keys, *side, octets, &mut |side, told| seen.take(side, told));
        }
        session.finish(keys, &mut |side, told| seen.take(side, told));
        seen
    }

    /// Reads a connection with all its keys.
    pub(super) fn of_connection(connection: &Connection) -> Self {
        Self::of(&connection.wire, &mut KeyLog::from(&connection.log.text()[..]))
    }

    /// Everything was read, and is what was said.
    pub(super) fn assert_complete(&self, said: &[Vec<u8>; 2]) {
        assert_eq!(self.unreadable, []);
        assert_eq!(self.sealed, [0, 0]);
        assert_eq!(self.resumed, []);
        assert!(self.plain == *said, "read {:?}", self.plain.each_ref().map(Vec::len));
    }
}
