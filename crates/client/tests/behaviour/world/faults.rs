//! What can go wrong in the world: processes die, connections are cut or known to one end alone, strangers knock.

use std::net::SocketAddr;

use chatdev_client::{ConnectionId, Output, Secured};
use chatdev_directory::Fingerprint;

use super::{End, Happening, Who, Wire, World};

impl World {
    /// The process is gone, with all its connections; its storage stays.
    pub(crate) fn kill(&mut self, who: Who) {
        self.actors[who].client = None;
        self.actors[who].held.clear();
        self.happenings.retain(|happening| match happening {
            Happening::Refused(of, _) | Happening::Connected(of, ..) | Happening::Stored(of, _) => *of != who,
            _ => true,
        });
        let ends: Vec<End> = self
            .by_end
            .keys()
            .copied()
            .filter(|end| matches!(end, End::Actor(actor, _) if *actor == who))
            .collect();
        ends.into_iter().for_each(|end| self.close(end));
    }

    /// Cuts every connection between two clients, in the middle of whatever is on it.
    pub(crate) fn cut_peers(&mut self) {
        let between = self.wires.iter().filter(|(_, wire)| is_between_clients(wire));
        let cut: Vec<u64> = between.map(|(id, _)| *id).collect();
        self.happenings
            .retain(|happening| !matches!(happening, Happening::Bytes(id, ..) if cut.contains(id)));
        for id in cut {
            for side in 0..2 {
                self.happenings.push_back(Happening::Closed(id, side));
            }
        }
    }

    /// For one client its connections with others are gone; the others are not told, and what they say goes nowhere.
    pub(crate) fn lose_peers(&mut self, who: Who) {
        let at = self.at();
        let lost = self.by_end.iter().filter_map(|(end, wire)| match end {
            End::Actor(actor, id) if *actor == who && is_between_clients(&self.wires[wire]) => Some(*id),
            _ => None,
        });
        for id in lost.collect::<Vec<ConnectionId>>() {
            self.by_end.remove(&End::Actor(who, id));
            self.with_client(who, |client| client.handle_closed(at, id));
        }
    }

    /// A stranger comes to a client's door, shows this certificate, and says this. Nobody hears what is answered.
    pub(crate) fn knock(&mut self, who: Who, shown: Fingerprint, words: &str) {
        self.settle();
        let at = self.at();
        let client = self.actors[who].client.as_mut().unwrap();
        let id = client.handle_accepted(at, SocketAddr::from(([10, 0, 0, 66], 40000))).unwrap();
        assert!(matches!(client.poll_output(), Some(Output::StartTls { .. })));
        client.handle_tls(at, id, Secured { fingerprint: shown, publicly_valid: false, exporter: [9; 32] });
        client.handle_bytes(at, id, words.as_bytes());
        self.settle();
    }
}

fn is_between_clients(wire: &Wire) -> bool {
    wire.ends.iter().all(|end| matches!(end, End::Actor(..)))
}
