//! Who is let in before anything is known of them: connections in all, and connections of one address that
//! have not signed in (PROTOCOL section 1; XEP-0205). Sessions are counted elsewhere.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;

use crate::outbound::{ConnectionId, Outbound};
use crate::{Counters, Limits};

/// A connection that was let in; its [`Connection`](crate::Connection) is made from it.
#[derive(Debug)]
pub struct Admitted {
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) address: IpAddr,
}

impl Admitted {
    /// Names the connection.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.outbound.connection()
    }
}

/// Why a connection is closed before a byte of it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// The server has as many connections as it takes.
    #[error("the limit of connections is reached")]
    Connections,
    /// The address has as many connections that are not signed in as it may have.
    #[error("the limit of connections of one address that are not signed in is reached")]
    Address,
    /// The server is going down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    connections: BTreeMap<ConnectionId, Admittance>,
    /// How many connections of an address are not signed in; no address stands here with none.
    unsigned: BTreeMap<IpAddr, usize>,
    next: u64,
    shutting_down: bool,
}

#[derive(Debug)]
struct Admittance {
    outbound: Arc<Outbound>,
    /// The address that it counts for until it has signed in.
    unsigned: Option<IpAddr>,
}

impl Admission {
    pub(crate) fn admit(
        &mut self,
        address: IpAddr,
        limits: &Limits,
        counters: &mut Counters,
    ) -> Result<Admitted, Refused> {
        let address = address.to_canonical();
        let refused = if self.shutting_down {
            Some(Refused::ShuttingDown)
        } else if self.connections.len() >= limits.connections_max {
            Some(Refused::Connections)
        } else if self.unsigned.get(&address).is_some_and(|count| *count >= limits.unsigned_per_address_max) {
            Some(Refused::Address)
        } else {
            None
        };
        if let Some(refused) = refused {
            counters.connections_refused += 1;
            return Err(refused);
        }
        let id = ConnectionId(self.next);
        self.next += 1;
        let outbound = Outbound::new(id, limits.outbound_bytes_max);
        *self.unsigned.entry(address).or_default() += 1;
        self.connections.insert(id, Admittance { outbound: Arc::clone(&outbound), unsigned: Some(address) });
        counters.connections_accepted += 1;
        counters.connections += 1;
        Ok(Admitted { outbound, address })
    }

    /// The connection has signed in: from now on it counts as a session.
    pub(crate) fn signed_in(&mut self, connection: ConnectionId) {
        let admittance = self.connections.get_mut(&connection);
        if let Some(address) = admittance.and_then(|admittance| admittance.unsigned.take()) {
            self.forget_unsigned(address);
        }
    }

    pub(crate) fn release(&mut self, connection: ConnectionId, counters: &mut Counters) {
        if let Some(admittance) = self.connections.remove(&connection) {
            counters.connections -= 1;
            if let Some(address) = admittance.unsigned {
                self.forget_unsigned(address);
            }
        }
    }

    /// Lets nobody in any more; returns all connections, in the order in which they came.
    pub(crate) fn shut_down(&mut self) -> Vec<Arc<Outbound>> {
        self.shutting_down = true;
        self.connections.values().map(|admittance| Arc::clone(&admittance.outbound)).collect()
    }

    pub(crate) fn is_shutting_down(&self) -> bool {
        self.shutting_down
    }

    fn forget_unsigned(&mut self, address: IpAddr) {
        let count =
            self.unsigned.get_mut(&address).expect("every connection that is not signed in was counted");
        *count -= 1;
        if *count == 0 {
            self.unsigned.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Door {
        admission: Admission,
        limits: Limits,
        counters: Counters,
    }

    impl Door {
        fn new(connections_max: usize, unsigned_per_address_max: usize) -> Self {
            let limits = Limits { connections_max, unsigned_per_address_max, ..Limits::default() };
            Self { admission: Admission::default(), limits, counters: Counters::default() }
        }

        fn knock(&mut self, address: &str) -> Result<ConnectionId, Refused> {
            let address = address.parse().unwrap();
            let admitted = self.admission.admit(address, &self.limits, &mut self.counters);
            admitted.map(|admitted| admitted.connection())
        }
    }

    #[test]
    fn an_address_has_only_so_many_that_are_not_signed_in() {
        let mut door = Door::new(10, 2);
        let first = door.knock("192.0.2.1").unwrap();
        door.knock("192.0.2.1").unwrap();
        assert_eq!(door.knock("192.0.2.1"), Err(Refused::Address));
        assert_eq!(door.knock("::ffff:192.0.2.1"), Err(Refused::Address), "the same address, mapped");
        door.knock("192.0.2.2").unwrap();
        door.admission.signed_in(first);
        door.knock("192.0.2.1").unwrap();
        assert_eq!(door.counters.connections_refused, 2);
    }

    #[test]
    fn there_are_only_so_many_in_all() {
        let mut door = Door::new(2, 2);
        let first = door.knock("192.0.2.1").unwrap();
        let second = door.knock("192.0.2.2").unwrap();
        assert_eq!(door.knock("192.0.2.3"), Err(Refused::Connections));
        door.admission.signed_in(second);
        assert_eq!(door.knock("192.0.2.3"), Err(Refused::Connections), "sessions are connections too");
        door.admission.release(first, &mut door.counters);
        door.admission.release(first, &mut door.counters);
        assert_eq!(door.counters.connections, 1, "a connection ends once");
        door.knock("192.0.2.3").unwrap();
    }

    #[test]
    fn nobody_comes_in_once_the_server_goes_down() {
        let mut door = Door::new(2, 2);
        let first = door.knock("192.0.2.1").unwrap();
        let told: Vec<ConnectionId> = door.admission.shut_down().iter().map(|out| out.connection()).collect();
        assert_eq!(told, [first]);
        assert_eq!(door.knock("192.0.2.1"), Err(Refused::ShuttingDown));
    }

    #[test]
    fn no_address_is_remembered_for_longer_than_it_counts() {
        let mut door = Door::new(2, 2);
        let first = door.knock("192.0.2.1").unwrap();
        door.admission.signed_in(first);
        door.admission.signed_in(first);
        assert!(door.admission.unsigned.is_empty());
    }
}
