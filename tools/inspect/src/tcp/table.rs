//! All connections: found by their ends or their number; the open ones in the order in which they were last heard of,
//! the ended ones in the order in which they ended.

use std::ops::{Index, IndexMut};

use hashbrown::HashMap;

use super::connection::Connection;
use super::ends::Ends;
use crate::model::ConnectionId;

/// Where a connection is in the table, until it is removed.
pub(super) type Slot = usize;

const NONE: Slot = Slot::MAX;

#[derive(Debug, Default)]
pub(super) struct Table {
    places: Vec<Place>,
    free: Vec<Slot>,
    by_ends: HashMap<Ends, Slot>,
    by_id: HashMap<ConnectionId, Slot>,
    open: Queue,
    ended: Queue,
}

#[derive(Debug)]
struct Place {
    connection: Option<Connection>,
    older: Slot,
    newer: Slot,
}

/// A list through the places, from the oldest to the newest.
#[derive(Debug)]
struct Queue {
    oldest: Slot,
    newest: Slot,
    len: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self { oldest: NONE, newest: NONE, len: 0 }
    }
}

impl Table {
    pub(super) fn find(&self, ends: &Ends) -> Option<Slot> {
        self.by_ends.get(ends).copied()
    }

    pub(super) fn find_id(&self, id: ConnectionId) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn open_len(&self) -> usize {
        self.open.len
    }

    pub(super) fn ended_len(&self) -> usize {
        self.ended.len
    }

    /// The open connection that was silent longest.
    pub(super) fn most_silent(&self) -> Option<Slot> {
        (self.open.oldest != NONE).then_some(self.open.oldest)
    }

    /// The connection that ended first.
    pub(super) fn first_ended(&self) -> Option<Slot> {
        (self.ended.oldest != NONE).then_some(self.ended.oldest)
    }

    /// Adds an open connection, as the one heard of last.
    pub(super) fn insert(&mut self, connection: Connection) -> Slot {
        let slot = self.free.pop().unwrap_or(self.places.len());
        self.by_ends.insert(connection.key, slot);
        self.by_id.insert(connection.id, slot);
        let place = Place { connection: Some(connection), older: NONE, newer: NONE };
        match self.places.get_mut(slot) {
            Some(free) => *free = place,
            None => self.places.push(place),
        }
        self.open.push(&mut self.places, slot);
        slot
    }

    /// This open connection was heard of last.
    pub(super) fn heard(&mut self, slot: Slot) {
        if self.open.newest != slot {
            self.open.unlink(&mut self.places, slot);
            self.open.push(&mut self.places, slot);
        }
    }

    /// This open connection has ended; it is remembered by its ends only.
    pub(super) fn retire(&mut self, slot: Slot) {
        self.open.unlink(&mut self.places, slot);
        self.ended.push(&mut self.places, slot);
        let id = self[slot].id;
        self.by_id.remove(&id);
    }

    /// Forgets a connection.
    pub(super) fn remove(&mut self, slot: Slot) {
        let Some(connection) = self.places[slot].connection.take() else { return };
        // Only an open one has its number, and that is what says in which list it is.
        let queue =
            if self.by_id.remove(&connection.id).is_some() { &mut self.open } else { &mut self.ended };
        queue.unlink(&mut self.places, slot);
        self.by_ends.remove(&connection.key);
        self.free.push(slot);
    }

    /// The open ones, by number.
    pub(super) fn open_in_order(&self) -> Vec<Slot> {
        let mut slots = Vec::with_capacity(self.open.len);
        let mut next = self.open.oldest;
        while next != NONE {
            slots.push(next);
            next = self.places[next].newer;
        }
        slots.sort_unstable_by_key(|slot| self[*slot].id);
        slots
    }
}

impl Queue {
    fn push(&mut self, places: &mut [Place], slot: Slot) {
        (places[slot].older, places[slot].newer) = (self.newest, NONE);
        match self.newest {
            NONE => self.oldest = slot,
            newest => places[newest].newer = slot,
        }
        self.newest = slot;
        self.len += 1;
    }

    fn unlink(&mut self, places: &mut [Place], slot: Slot) {
        let Place { older, newer, .. } = places[slot];
        match older {
            NONE => self.oldest = newer,
            older => places[older].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => places[newer].older = older,
        }
        self.len -= 1;
    }
}

impl Index<Slot> for Table {
    type Output = Connection;

    fn index(&self, slot: Slot) -> &Connection {
        self.places[slot].connection.as_ref().expect("a slot is found by what is removed with it")
    }
}

impl IndexMut<Slot> for Table {
    fn index_mut(&mut self, slot: Slot) -> &mut Connection {
        self.places[slot].connection.as_mut().expect("a slot is found by what is removed with it")
    }
}
