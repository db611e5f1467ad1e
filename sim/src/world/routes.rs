//! What lies between the machines of a world: ways that are shut or slow, dials that do not succeed, and who
//! listens where.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// What becomes of a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dial {
    /// It is answered.
    Answered,
    /// It is refused.
    Refused,
    /// Nothing comes back.
    Hangs,
}

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Routes {
    /// From machine to machine.
    shut: BTreeSet<(IpAddr, IpAddr)>,
    slow: BTreeMap<(IpAddr, IpAddr), Duration>,
    dials: BTreeMap<IpAddr, Dial>,
    listeners: BTreeMap<SocketAddr, Arc<str>>,
    /// Processes whose plug is pulled, with the ports that they listened on.
    dark: BTreeMap<Arc<str>, BTreeSet<SocketAddr>>,
}

impl Routes {
    pub(super) fn set_shut(&mut self, way: (IpAddr, IpAddr), shut: bool) {
        if shut {
            self.shut.insert(way);
        } else {
            self.shut.remove(&way);
        }
    }

    pub(super) fn is_shut(&self, way: (IpAddr, IpAddr)) -> bool {
        self.shut.contains(&way)
    }

    pub(super) fn set_slow(&mut self, way: (IpAddr, IpAddr), by: Duration) {
        self.slow.insert(way, by);
    }

    pub(super) fn slow_by(&self, way: (IpAddr, IpAddr)) -> Duration {
        self.slow.get(&way).copied().unwrap_or_default()
    }

    pub(super) fn set_dials(&mut self, machine: IpAddr, how: Dial) {
        self.dials.insert(machine, how);
    }

    pub(super) fn listen(&mut self, at: SocketAddr, process: &Arc<str>) {
        self.listeners.insert(at, Arc::clone(process));
    }

    pub(super) fn deafen(&mut self, at: SocketAddr) {
        self.listeners.remove(&at);
    }

    /// Where a process listens.
    pub(super) fn listener_of(&self, process: &str) -> Option<SocketAddr> {
        self.listeners.iter().find(|(_, owner)| ***owner == *process).map(|(at, _)| *at)
    }

    pub(super) fn power_cut(&mut self, process: &Arc<str>) {
        let ports = self.listeners.iter().filter(|(_, owner)| *owner == process).map(|(at, _)| *at);
        self.dark.insert(Arc::clone(process), ports.collect());
    }

    pub(super) fn power_on(&mut self, process: &str) {
        self.dark.remove(process);
    }

    /// What becomes of a dial from `from` to `to` that begins, or tries again, now.
    pub(super) fn dial(&self, from: IpAddr, to: SocketAddr) -> Dial {
        let there = to.ip();
        let hangs = self.is_shut((from, there))
            || self.is_shut((there, from))
            || self.dark.values().any(|ports| ports.contains(&to));
        match self.dials.get(&there) {
            _ if hangs => Dial::Hangs,
            Some(how) if *how != Dial::Answered => *how,
            _ if self.listeners.contains_key(&to) => Dial::Answered,
            _ => Dial::Refused,
        }
    }
}
