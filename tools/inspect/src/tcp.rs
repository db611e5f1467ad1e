//! From segments to what each side said, in order: RFC 9293 from outside, where segments may be lost, repeated, late,
//! or were sent before the capture began.
//!
//! Octets in order are passed on as they lie in the capture. Of two copies the first counts. What is never captured is
//! told missing: once the other side has acknowledged it ([`Limits::grace_segments`]), once what waits behind it is too
//! much, or once the connection ends. Everything held is bounded by [`Limits`]. Windows and checksums are not looked
//! at.

mod connection;
mod direction;
mod ends;
mod held;
mod lately;
mod limits;
mod oddities;
mod table;
mod voice;

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{At, ConnectionId, Happening, Listener};
use crate::packet::Segment;

pub use limits::{Holding, Limits};
pub use oddities::Oddities;

use connection::{Connection, Relation};
use ends::Ends;
use lately::Lately;
use table::{Slot, Table};
use voice::Shared;

/// How far back time has to go not to be disorder among packets but another time, in nanoseconds.
const LEAP_NS: u64 = 60_000_000_000;

/// How long a name of an address may be, in octets: longer ones are none (RFC 1035 §2.3.4).
const NAME_OCTETS_MAX: usize = 255;

/// Puts TCP segments together. The same segments give the same happenings.
#[derive(Debug)]
pub struct Reassembly {
    table: Table,
    shared: Shared,
    /// The latest time that was seen, since captures are not always in order; a far earlier one is another capture, or
    /// this was a wrong one.
    clock: At,
    /// How many connections there were.
    opened: u32,
    /// Connections with a grace that runs, and until when; in that order, since all graces are equally long.
    graces: VecDeque<(At, ConnectionId)>,
    names: BTreeMap<IpAddr, Arc<str>>,
}

impl Default for Reassembly {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Reassembly {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let shared = Shared {
            limits,
            holding: Holding::default(),
            lately: Lately::new(limits.compared_octets),
            oddities: Oddities::default(),
        };
        Self {
            table: Table::default(),
            shared,
            clock: At(0),
            opened: 0,
            graces: VecDeque::new(),
            names: BTreeMap::new(),
        }
    }

    /// An address has this name: connections that open from now on show it. The first name counts; beyond
    /// [`Limits::names`] there are none.
    pub fn name(&mut self, address: IpAddr, name: &str) {
        if self.names.len() < self.shared.limits.names && name.len() <= NAME_OCTETS_MAX {
            self.names.entry(address).or_insert_with(|| name.into());
        }
    }

    /// Takes the next segment of the capture.
    pub fn take<L: Listener>(&mut self, at: At, segment: &Segment<'_>, listener: &mut L) {
        self.pass(at, listener);
        let (key, from_low) = Ends::of(segment);
        let slot = match self.place(&key, segment, from_low) {
            Place::Open(slot) => {
                self.table.heard(slot);
                slot
            }
            Place::New(taken) => {
                if !opens(segment) || self.opened == u32::MAX {
                    self.shared.oddities.stray += 1;
                    return;
                }
                if let Some(old) = taken {
                    self.remove(old, listener);
                }
                self.open(at, key, from_low, segment, listener)
            }
            Place::Ended => {
                self.shared.oddities.late += 1;
                return;
            }
            Place::Odd => {
                self.shared.oddities.absurd += 1;
                return;
            }
        };
        self.table[slot].take(at, segment, from_low, &mut self.shared, listener);
        self.follow_up(slot);
    }

    /// The connection that a segment belongs to, if that is open.
    #[must_use]
    pub fn connection_of(&self, segment: &Segment<'_>) -> Option<ConnectionId> {
        let (key, from_low) = Ends::of(segment);
        match self.place(&key, segment, from_low) {
            Place::Open(slot) => Some(self.table[slot].id),
            Place::New(_) | Place::Ended | Place::Odd => None,
        }
    }

    /// Time has come to `at`, whether there is a segment or not: gives up waiting where that is due.
    pub fn pass<L: Listener>(&mut self, at: At, listener: &mut L) {
        if at > self.clock || (at != At(0) && self.clock.since(at) > LEAP_NS) {
            self.clock = at;
        }
        while let Some(&(_, id)) = self.graces.front().filter(|(until, _)| *until <= self.clock) {
            self.graces.pop_front();
            if let Some(slot) = self.table.find_id(id) {
                let connection = &mut self.table[slot];
                connection.queued = false;
                connection.settle_both(self.clock, &mut self.shared, listener);
                self.follow_up(slot);
            }
        }
        while let Some(slot) = self.table.first_ended() {
            let ended = self.table[slot].ended.unwrap_or_default();
            if self.clock.since(ended) < self.shared.limits.ended_ns {
                break;
            }
            self.table.remove(slot);
        }
    }

    /// Nobody wants to hear of this connection: what it holds is freed, and nothing more is told of it but its end.
    pub fn ignore(&mut self, id: ConnectionId) {
        if let Some(slot) = self.table.find_id(id) {
            self.table[slot].ignore(&mut self.shared.holding);
        }
    }

    /// The capture is over: tells everything that was held, and abandons every connection that is open. Connections
    /// that come after that get further numbers.
    pub fn finish<L: Listener>(&mut self, listener: &mut L) {
        for slot in self.table.open_in_order() {
            self.table[slot].abandon(self.clock, &mut self.shared, listener);
        }
        self.table = Table::default();
        self.graces.clear();
    }

    /// What is held at the moment.
    #[must_use]
    pub fn holding(&self) -> Holding {
        self.shared.holding
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.table.open_len()
    }

    /// What was passed over or given up until now.
    #[must_use]
    pub fn oddities(&self) -> Oddities {
        self.shared.oddities
    }

    fn place(&self, key: &Ends, segment: &Segment<'_>, from_low: bool) -> Place {
        let Some(slot) = self.table.find(key) else { return Place::New(None) };
        let connection = &self.table[slot];
        match (connection.relation(segment, from_low), connection.ended) {
            (Relation::Anew, _) => Place::New(Some(slot)),
            (Relation::Same | Relation::Odd, Some(_)) => Place::Ended,
            (Relation::Same, None) => Place::Open(slot),
            (Relation::Odd, None) => Place::Odd,
        }
    }

    fn open<L: Listener>(
        &mut self,
        at: At,
        key: Ends,
        from_low: bool,
        segment: &Segment<'_>,
        listener: &mut L,
    ) -> Slot {
        while self.table.open_len() >= self.shared.limits.connections.max(1) {
            let Some(slot) = self.table.most_silent() else { break };
            self.shared.oddities.crowded_out += 1;
            self.remove(slot, listener);
        }
        self.opened += 1;
        let id = ConnectionId(self.opened);
        let connection =
            Connection::new(id, key, from_low, segment, |address| self.names.get(&address).cloned());
        listener.take(Happening::Opened { at, id, ends: &connection.ends, from_start: segment.flags.syn });
        self.table.insert(connection)
    }

    /// Forgets a connection; one that is open is abandoned.
    fn remove<L: Listener>(&mut self, slot: Slot, listener: &mut L) {
        let connection = &mut self.table[slot];
        if connection.ended.is_none() {
            connection.abandon(self.clock, &mut self.shared, listener);
        }
        self.table.remove(slot);
    }

    /// After something happened on a connection: it may have ended, or wait for a grace.
    fn follow_up(&mut self, slot: Slot) {
        let limits = &self.shared.limits;
        let connection = &mut self.table[slot];
        if connection.ended.is_some() {
            self.table.retire(slot);
            while self.table.ended_len() > limits.ended {
                let Some(slot) = self.table.first_ended() else { break };
                self.table.remove(slot);
            }
        } else if !connection.queued && connection.is_settling() && self.graces.len() < limits.connections {
            // Past the end of time only segments are counted.
            if let Some(until) = self.clock.0.checked_add(limits.grace_ns) {
                connection.queued = true;
                self.graces.push_back((At(until), connection.id));
            }
        }
    }
}

/// Where a segment belongs.
enum Place {
    Open(Slot),
    /// Nowhere yet, though another connection may have its ends.
    New(Option<Slot>),
    Ended,
    Odd,
}

/// Whether a connection is worth opening for a segment: its beginning, or somebody says something.
fn opens(segment: &Segment<'_>) -> bool {
    !segment.flags.rst && (segment.flags.syn || segment.payload_octets_on_wire > 0)
}

#[cfg(test)]
mod tests;
