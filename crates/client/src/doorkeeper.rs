//! Incoming connections that have not yet opened a peer stream: how many there may be, in all and from one address.
//!
//! A stranger's connection costs a TLS handshake before it proves who it is, so it is counted from the first moment until
//! its stream is open (or it ends). What it does *not* do: bound opened streams; `peers.rs` does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::ConnectionId;

/// Bounds of connections that are not yet anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorLimits {
    /// Connections that have not opened a stream, in all. Default 64. One more is closed at once.
    pub unopened_max: usize,
    /// The same, from one IP address. Default 8. One more is closed at once.
    pub unopened_per_address_max: usize,
    /// How long the TLS handshake of an incoming connection may take. Default 10 s. (The stream has its own deadline.)
    pub handshake: Duration,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self { unopened_max: 64, unopened_per_address_max: 8, handshake: Duration::from_secs(10) }
    }
}

/// The connections that were let in and have not yet opened.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    limits: DoorLimits,
    inside: BTreeMap<ConnectionId, IpAddr>,
}

impl Doorkeeper {
    pub(crate) fn new(limits: DoorLimits) -> Self {
        Self { limits, inside: BTreeMap::new() }
    }

    /// Whether one more connection from `address` may come in now.
    pub(crate) fn has_room(&self, address: IpAddr) -> bool {
        let from_address = self.inside.values().filter(|inside| **inside == address).count();
        self.inside.len() < self.limits.unopened_max && from_address < self.limits.unopened_per_address_max
    }

    pub(crate) fn enter(&mut self, id: ConnectionId, address: IpAddr) {
        self.inside.insert(id, address);
    }

    /// The connection opened or ended; it no longer counts.
    pub(crate) fn leave(&mut self, id: ConnectionId) {
        self.inside.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn limits(unopened_max: usize, unopened_per_address_max: usize) -> DoorLimits {
        DoorLimits { unopened_max, unopened_per_address_max, ..DoorLimits::default() }
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let mut door = Doorkeeper::new(limits(4, 2));
        door.enter(ConnectionId(1), address(1));
        door.enter(ConnectionId(2), address(1));
        assert!(!door.has_room(address(1)));
        assert!(door.has_room(address(2)));
    }

    #[test]
    fn all_addresses_together_are_bounded() {
        let mut door = Doorkeeper::new(limits(2, 2));
        door.enter(ConnectionId(1), address(1));
        door.enter(ConnectionId(2), address(2));
        assert!(!door.has_room(address(3)));
    }

    #[test]
    fn a_connection_that_opened_makes_room() {
        let mut door = Doorkeeper::new(limits(1, 1));
        door.enter(ConnectionId(1), address(1));
        door.leave(ConnectionId(1));
        assert!(door.has_room(address(1)));
    }
}
