//! PROTOCOL section 2: "Applied in order, deltas equal the full list, at every paging and every interleaving with
//! changes." Any history is played against the directory and against a model of plain lists that shares nothing with
//! it; watchers ask for pages in between, and in the end each mirror must hold what the model says that its watcher sees.
//! The model also says, for every single page, whether it may reset.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chatdev_directory::{
    Announcement, Change, Config, Directory, Endpoint, EndpointVisibility, Expired, Mirror, Profile, Reason,
    SessionId, Show, Version, Visibility,
};
use proptest::prelude::*;

use crate::model::{Model, Network, Open, Seen};
use crate::world::{EPOCH, LIMIT, jid, moment};

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "eve"];
/// The first of them also watch.
const WATCHERS: usize = 3;

/// Where sessions come from, and the network that this is as far as private addresses go.
const ORIGINS: [(&str, Network); 4] = [
    ("10.0.0.1", Network::Inside),
    ("192.168.3.3", Network::Inside),
    ("192.0.2.7", Network::Home),
    ("198.51.100.9", Network::Elsewhere),
];

const PRIVATE: &str = "10.9.9.9:5298";

#[derive(Clone, Debug)]
enum Step {
    /// Signs in from an origin; whoever had the name is closed at once, or lingers.
    Open {
        name: usize,
        origin: usize,
        lingers: bool,
    },
    CheckIn {
        name: usize,
        nick: u8,
        private: bool,
    },
    Heartbeat {
        name: usize,
    },
    Presence {
        name: usize,
        show: Show,
    },
    Leave {
        name: usize,
    },
    Close {
        name: usize,
    },
    /// All sessions that lost their name and linger are closed.
    CloseOld,
    /// A limit passes, and only this one is silent; those that linger are as well.
    Silence {
        name: usize,
    },
    Ask {
        name: usize,
        changes_max: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..NAMES.len();
    prop_oneof![
        3 => (name.clone(), 0..ORIGINS.len(), any::<bool>())
            .prop_map(|(name, origin, lingers)| Step::Open { name, origin, lingers }),
        4 => (name.clone(), 0..3u8, any::<bool>())
            .prop_map(|(name, nick, private)| Step::CheckIn { name, nick, private }),
        1 => name.clone().prop_map(|name| Step::Heartbeat { name }),
        1 => (name.clone(), prop_oneof![Just(Show::Away), Just(Show::Available)])
            .prop_map(|(name, show)| Step::Presence { name, show }),
        2 => name.clone().prop_map(|name| Step::Leave { name }),
        2 => name.clone().prop_map(|name| Step::Close { name }),
        1 => Just(Step::CloseOld),
        1 => name.prop_map(|name| Step::Silence { name }),
        8 => (0..WATCHERS, 1..4usize).prop_map(|(name, changes_max)| Step::Ask { name, changes_max }),
    ]
}

/// What a watcher has, and what it has been told as the model counts it.
#[derive(Default)]
struct Watching {
    mirror: Mirror,
    /// Everything up to this COUNTER has been told, or the walk in progress began there.
    told: u64,
    network: Option<Network>,
    resets: usize,
}

struct Play {
    directory: Directory,
    mono: Duration,
    opened: u64,
    model: Model,
    watching: [Watching; WATCHERS],
}

impl Play {
    fn new(config: Config) -> Self {
        let directory = Directory::new(config).unwrap();
        let watching = Default::default();
        Self { directory, mono: Duration::ZERO, opened: 0, model: Model::default(), watching }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Open { name, origin, lingers } => self.open(name, origin, lingers),
            Step::CheckIn { name, nick, private } => self.check_in(name, nick, private),
            Step::Heartbeat { name } => self.heartbeat(name),
            Step::Presence { name, show } => self.presence(name, show),
            Step::Leave { name } => {
                let now = moment(self.mono);
                if let Some(open) = self.model.owners.get(&name).copied() {
                    let gone = self.directory.leave(now, open.session);
                    assert_eq!(gone, self.model.entries.contains_key(&name));
                    self.departed(name);
                }
            }
            Step::Close { name } => {
                if let Some(open) = self.model.owners.get(&name).copied() {
                    assert!(self.directory.close(moment(self.mono), open.session, Reason::Closed));
                    self.departed(name);
                    self.model.owners.remove(&name);
                }
            }
            Step::CloseOld => {
                for session in std::mem::take(&mut self.model.lingering) {
                    assert!(self.directory.close(moment(self.mono), session, Reason::Closed));
                }
            }
            Step::Silence { name } => self.silence(name),
            Step::Ask { name, changes_max } => {
                self.ask(name, changes_max);
            }
        }
    }

    fn open(&mut self, name: usize, origin: usize, lingers: bool) {
        self.opened += 1;
        let session = SessionId(self.opened);
        let (address, network) = ORIGINS[origin];
        let now = moment(self.mono);
        let older = self.directory.open(now, session, jid(NAMES[name]), address.parse().unwrap()).unwrap();
        let known = self.model.owners.get(&name).copied();
        assert_eq!(older, known.map(|known| known.session));
        let inherited = self.model.entries.contains_key(&name);
        let until = known.and_then(|known| known.inherited_until).unwrap_or(self.mono + LIMIT);
        let inherited_until = inherited.then_some(until);
        self.model.owners.insert(name, Open { session, network, entered: false, inherited_until });
        match older {
            Some(older) if lingers => _ = self.model.lingering.insert(older),
            Some(older) => assert!(self.directory.close(now, older, Reason::Closed)),
            None => {}
        }
    }

    fn check_in(&mut self, name: usize, nick: u8, private: bool) {
        let Some(open) = self.model.owners.get(&name).copied() else { return };
        let profile = Profile { nick: Some(nick.to_string().into()), ..Profile::default() };
        let endpoints = if private { vec![endpoint()] } else { vec![] };
        let announcement = Announcement { profile, endpoints, fingerprint: None };
        let refused = self.directory.check_in(moment(self.mono), open.session, Some(announcement));
        assert_eq!(refused, Ok(vec![]));
        self.said(name, Some(nick), Show::Available, private);
    }

    fn heartbeat(&mut self, name: usize) {
        let Some(open) = self.model.owners.get(&name).copied() else { return };
        self.directory.check_in(moment(self.mono), open.session, None).unwrap();
        if !open.entered {
            self.said(name, None, Show::Available, false);
        }
    }

    fn presence(&mut self, name: usize, show: Show) {
        let Some(open) = self.model.owners.get(&name).copied() else { return };
        self.directory.set_presence(moment(self.mono), open.session, show, None, None).unwrap();
        let own = self.model.entries.get(&name).filter(|_| open.entered);
        let (nick, private) = own.map_or((None, false), |seen| (seen.nick, seen.private));
        self.said(name, nick, show, private);
    }

    fn said(&mut self, name: usize, nick: Option<u8>, show: Show, private: bool) {
        let open = self.model.owners.get_mut(&name).unwrap();
        let before = self.model.entries.get(&name).filter(|_| open.entered);
        let now = moment(self.mono).wall_second().to_string();
        let since = before.map_or(now, |before| before.since.clone());
        let session = open.session.tag().to_string();
        let seen = Seen { session, nick, show, private, network: open.network, since };
        let changes = before != Some(&seen);
        (open.entered, open.inherited_until) = (true, None);
        if changes {
            self.model.arrives(name, self.directory.counter(), seen);
        }
        assert_eq!(self.directory.counter(), self.model.changed.values().copied().max().unwrap());
    }

    fn departed(&mut self, name: usize) {
        if self.model.entries.contains_key(&name) {
            let departures_max = self.directory.config().departures_max;
            self.model.departs(name, self.directory.counter(), departures_max);
        }
        if let Some(open) = self.model.owners.get_mut(&name) {
            (open.entered, open.inherited_until) = (false, None);
        }
    }

    fn silence(&mut self, name: usize) {
        self.mono += LIMIT;
        let now = moment(self.mono);
        for (other, open) in &self.model.owners {
            if *other != name {
                self.directory.seen(self.mono, open.session);
            }
        }
        let mut left_behind: Vec<_> = self.model.owners.iter().collect();
        left_behind.retain(|(_, open)| open.inherited_until.is_some_and(|until| until <= self.mono));
        left_behind.sort_by_key(|(_, open)| (open.inherited_until, open.session));
        let left_behind: Vec<_> = left_behind.into_iter().map(|(name, open)| (*name, open.session)).collect();
        let before = self.directory.counter();
        let (mut due, mut unclaimed) = (BTreeSet::new(), Vec::new());
        while let Some(expired) = self.directory.expire(now) {
            match expired {
                Expired::Due(session) => assert!(due.insert(session)),
                Expired::Unclaimed(heir) => unclaimed.push(heir),
                Expired::Ping(session) => panic!("{session} is silent for all of its limit or not at all"),
            }
        }
        assert_eq!(self.directory.counter(), before, "nobody goes before their connection was looked at");
        assert_eq!(unclaimed, Vec::from_iter(left_behind.iter().map(|(_, heir)| *heir)));
        for (name, heir) in left_behind {
            assert!(self.directory.disinherit(now, heir));
            self.departed(name);
        }
        let mut expected = self.model.lingering.clone();
        expected.extend(self.model.owners.get(&name).map(|open| open.session));
        assert_eq!(due, expected);
        for session in std::mem::take(&mut self.model.lingering) {
            assert!(self.directory.reap(now, session));
        }
        if let Some(open) = self.model.owners.get(&name).copied() {
            assert!(self.directory.reap(now, open.session));
            self.departed(name);
            self.model.owners.remove(&name);
        }
    }

    /// The watcher asks for one page and applies it. Returns whether there is more.
    fn ask(&mut self, name: usize, changes_max: usize) -> bool {
        if !self.model.owners.contains_key(&name) {
            self.open(name, name, false);
        }
        let Open { session, network, .. } = self.model.owners[&name];
        let watching = &mut self.watching[name];
        let since = watching.mirror.since().cloned();
        let page = self.directory.changes(session, since.as_ref()).unwrap().page(changes_max);

        let same_view = watching.network == Some(network);
        assert_eq!(
            page.reset,
            !same_view || watching.told < self.model.forgotten,
            "told {}, forgotten {}, {since:?}",
            watching.told,
            self.model.forgotten
        );
        assert!(page.changes.len() <= changes_max);
        let jids: BTreeSet<_> = page.changes.iter().map(Change::jid).collect();
        assert_eq!(jids.len(), page.changes.len(), "each full JID once");

        watching.network = Some(network);
        if page.reset {
            watching.told = self.directory.counter();
            watching.resets += 1;
        }
        if !page.more {
            watching.told = self.directory.counter();
        } else if let Some(last) = page.changes.last() {
            let last = NAMES.iter().position(|name| jid(name) == **last.jid()).unwrap();
            watching.told = watching.told.max(self.model.changed[&last]);
        }
        let more = page.more;
        watching.mirror.apply(self.mono, LIMIT, page);
        more
    }

    /// Every COUNTER is somebody who came, changed or went, and whoever came and did not go is online.
    fn check_counters(&self) {
        let counters = self.directory.counters();
        let went = counters.left + counters.closed + counters.reaped;
        assert_eq!(counters.entered + counters.changed + went, self.directory.counter());
        assert_eq!(counters.entered - went, self.directory.online() as u64);
        assert_eq!(self.directory.online(), self.model.entries.len());
        assert_eq!(self.directory.departures(), self.model.remembered.len());
    }

    fn check_quiescence(&mut self, changes_max: usize) {
        for (name, watcher) in NAMES.iter().enumerate().take(WATCHERS) {
            let resets = self.watching[name].resets;
            let mut pages = 1;
            while self.ask(name, changes_max) {
                pages += 1;
                assert!(pages <= 2 * NAMES.len() + 2, "paging ends when changes stop");
            }
            assert!(self.watching[name].resets <= resets + 1, "and resets at most once");
            let mirror = &self.watching[name].mirror;
            let expected = self.model.view(name, self.directory.config());
            assert_eq!(held(mirror), expected, "what {watcher} holds");
            let list = whole(&self.directory, self.model.owners[&name].session);
            assert_eq!(held(&list), expected, "the full list for {watcher}");
            let quiet = self.directory.changes(self.model.owners[&name].session, mirror.since()).unwrap();
            assert_eq!((quiet.reset(), quiet.more(), Some(&quiet.version())), (false, false, mirror.since()));
        }
    }
}

fn endpoint() -> Endpoint {
    PRIVATE.parse::<std::net::SocketAddr>().unwrap().into()
}

fn whole(directory: &Directory, watcher: SessionId) -> Mirror {
    let mut mirror = Mirror::default();
    let none: Option<&Version> = None;
    mirror.apply(Duration::ZERO, LIMIT, directory.changes(watcher, none).unwrap().page(usize::MAX));
    mirror
}

/// A mirror in the words of the model.
fn held(mirror: &Mirror) -> BTreeMap<usize, Seen> {
    let mut held = BTreeMap::new();
    for listed in mirror.entries() {
        assert!(listed.confirmed);
        let entry = listed.entry;
        let name = NAMES.iter().position(|name| jid(name) == *entry.jid).unwrap();
        let seen = Seen {
            session: entry.session.to_string(),
            nick: entry.profile.nick.as_ref().map(|nick| nick.parse().unwrap()),
            show: entry.profile.show,
            private: entry.endpoints.contains(&endpoint()),
            network: Network::Inside,
            since: entry.since.to_string(),
        };
        held.insert(name, seen);
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deltas_equal_the_full_list(
        steps in prop::collection::vec(step(), 0..80),
        departures_max in 0..6usize,
        changes_max in 1..4usize,
        visibility in prop_oneof![4 => Just(Visibility::Everyone), 1 => Just(Visibility::Off)],
        endpoints in prop_oneof![4 => Just(EndpointVisibility::Everyone), 1 => Just(EndpointVisibility::Nobody)],
    ) {
        let config = Config { departures_max, visibility, endpoints, ..Config::new(EPOCH) };
        let mut play = Play::new(config);
        for step in &steps {
            play.step(step);
            play.check_counters();
        }
        play.check_quiescence(changes_max);
    }
}
