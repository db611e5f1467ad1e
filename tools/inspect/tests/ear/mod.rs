//! Who listens to what a source tells, and insists on what it promises: numbers in order, nothing after the end,
//! nothing empty. Shared by the tests and the fuzz targets.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use chatdev_inspect::model::{ConnectionId, Ending, Happening, Listener, Side};

/// What was heard of one side: octets at their places, and how far it went, what is missing included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Octets without a gap in between, and where they begin.
    pub(crate) runs: Vec<(u64, Vec<u8>)>,
    /// Where the next octet stands.
    pub(crate) next: u64,
}

impl Heard {
    /// Octets came.
    pub(crate) fn octets(&mut self, octets: &[u8]) {
        match self.runs.last_mut() {
            Some((begin, run)) if *begin + run.len() as u64 == self.next => run.extend(octets),
            _ => self.runs.push((self.next, octets.to_vec())),
        }
        self.next += octets.len() as u64;
    }

    /// Octets are missing.
    pub(crate) fn missing(&mut self, octets: u64) {
        self.next += octets;
    }
}

/// What was heard.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    /// Who dialled, and whether from the start.
    pub(crate) opened: BTreeMap<ConnectionId, (SocketAddr, bool)>,
    /// What each side said.
    pub(crate) heard: BTreeMap<(ConnectionId, Side), Heard>,
    /// How it ended.
    pub(crate) ended: BTreeMap<ConnectionId, Vec<Ending>>,
    /// In words.
    pub(crate) remarks: Vec<String>,
}

impl Ear {
    fn side(&mut self, id: ConnectionId, side: Side) -> &mut Heard {
        assert!(self.opened.contains_key(&id) && !self.is_over(id));
        let finished = self.ended.get(&id).is_some_and(|ended| ended.contains(&Ending::Finished(side)));
        assert!(!finished, "nothing comes after FIN");
        self.heard.entry((id, side)).or_default()
    }

    /// Whether nothing more may be told of a connection.
    pub(crate) fn is_over(&self, id: ConnectionId) -> bool {
        let ended = self.ended.get(&id).map_or(&[][..], Vec::as_slice);
        ended.len() == 2 || ended.iter().any(|how| !matches!(how, Ending::Finished(_)))
    }

    /// Everything that opened has ended.
    pub(crate) fn all_over(&self) -> bool {
        self.opened.keys().all(|id| self.is_over(*id))
    }

    /// Where every octet sent was the lowest eight bits of its sequence number: they are heard at the distances that
    /// they had.
    pub(crate) fn assert_numbered(&self) {
        for (place, heard) in &self.heard {
            let mut origin = None;
            for (begin, run) in &heard.runs {
                for (octet, position) in run.iter().zip(*begin..) {
                    let first = octet.wrapping_sub(position as u8);
                    assert_eq!(*origin.get_or_insert(first), first, "{place:?}, octet {position}");
                }
            }
        }
    }
}

impl Listener for Ear {
    fn take(&mut self, happening: Happening<'_>) {
        match happening {
            Happening::Opened { id, ends, from_start, .. } => {
                let dialler = ends[Side::Dialler.index()].address.expect("a capture has addresses");
                assert_eq!(self.opened.insert(id, (dialler, from_start)), None, "a number is used once");
                assert_eq!(id.0 as usize, self.opened.len(), "numbers are in order");
            }
            Happening::Octets { id, side, octets, .. } => {
                assert!(!octets.is_empty());
                self.side(id, side).octets(octets);
            }
            Happening::Missing { id, side, octets, .. } => {
                let octets = octets.expect("the numbers are known");
                assert!(octets > 0);
                self.side(id, side).missing(octets);
            }
            Happening::Ended { id, how, .. } => {
                assert!(self.opened.contains_key(&id) && !self.is_over(id));
                let ended = self.ended.entry(id).or_default();
                assert!(!ended.contains(&how), "it ends once");
                ended.push(how);
            }
            Happening::Remark { id, text, .. } => {
                assert!(id.is_none_or(|id| self.opened.contains_key(&id) && !self.is_over(id)));
                self.remarks.push(text.to_owned());
            }
        }
    }
}
