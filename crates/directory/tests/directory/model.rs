//! The directory as plain lists: who owns each name, what was said last, which departures are remembered. It shares
//! nothing with the directory but the names of things, and looks at everything every time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chatdev_directory::{Config, EndpointVisibility, SessionId, Show, Visibility};

/// The network that a session comes from, as far as private addresses go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    Inside,
    Home,
    Elsewhere,
}

/// What the model holds of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) session: String,
    pub(crate) nick: Option<u8>,
    pub(crate) show: Show,
    pub(crate) private: bool,
    pub(crate) network: Network,
    pub(crate) since: String,
}

/// A session as the model knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) session: SessionId,
    pub(crate) network: Network,
    /// It has spoken: the entry is its own, not inherited.
    pub(crate) entered: bool,
    pub(crate) inherited_until: Option<Duration>,
}

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) owners: BTreeMap<usize, Open>,
    pub(crate) lingering: BTreeSet<SessionId>,
    pub(crate) entries: BTreeMap<usize, Seen>,
    /// COUNTER of the last change of each name.
    pub(crate) changed: BTreeMap<usize, u64>,
    pub(crate) remembered: VecDeque<(usize, u64)>,
    pub(crate) forgotten: u64,
}

impl Model {
    pub(crate) fn departs(&mut self, name: usize, counter: u64, departures_max: usize) {
        self.entries.remove(&name);
        self.changed.insert(name, counter);
        self.remembered.push_back((name, counter));
        while self.remembered.len() > departures_max {
            self.forgotten = self.remembered.pop_front().unwrap().1;
        }
    }

    pub(crate) fn arrives(&mut self, name: usize, counter: u64, seen: Seen) {
        self.remembered.retain(|(gone, _)| *gone != name);
        self.entries.insert(name, seen);
        self.changed.insert(name, counter);
    }

    /// What `watcher` is to see in the end.
    pub(crate) fn view(&self, watcher: usize, config: &Config) -> BTreeMap<usize, Seen> {
        let network = self.owners[&watcher].network;
        let mut view = self.entries.clone();
        view.retain(|name, _| config.visibility == Visibility::Everyone || *name == watcher);
        for (name, seen) in &mut view {
            let near = network == Network::Inside || network == seen.network;
            let told = config.endpoints == EndpointVisibility::Everyone;
            seen.private &= *name == watcher || (near && told);
            // The wire does not tell it.
            seen.network = Network::Inside;
        }
        view
    }
}
