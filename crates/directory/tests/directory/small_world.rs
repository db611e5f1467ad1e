//! Two sessions of one full JID through every order, up to a depth, of signing in, checking in, leaving, time passing,
//! being reaped or disinherited and closing (PROTOCOL section 2, "Reaping names a session, never a JID"). A third session watches every
//! step. What must hold is said by a model of a few values.

use std::time::Duration;

use chatdev_directory::{Change, CheckInError, Config, Directory, Expired, Reason, SessionId, Version};

use crate::world::{EPOCH, LIMIT, jid, moment};

const DEPTH: usize = 7;
const WATCHER: SessionId = SessionId(9);
const TWINS: [SessionId; 2] = [SessionId(1), SessionId(2)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Open(SessionId),
    CheckIn(SessionId),
    Leave(SessionId),
    Reap(SessionId),
    Disinherit(SessionId),
    Close(SessionId),
    HalfOfTheLimit,
}

impl Step {
    fn all() -> Vec<Self> {
        let steps = [Self::Open, Self::CheckIn, Self::Leave, Self::Reap, Self::Disinherit, Self::Close];
        let of = |session| steps.map(|step: fn(_) -> _| step(session));
        TWINS.into_iter().flat_map(of).chain([Self::HalfOfTheLimit]).collect()
    }
}

/// What must be so.
#[derive(Clone, Debug, Default)]
struct Model {
    /// When each open session was last seen.
    seen: [Option<Duration>; 2],
    /// A session signs in once.
    used: [bool; 2],
    owner: Option<SessionId>,
    /// The session that the entry speaks of.
    entry: Option<SessionId>,
    /// When an entry that is still an older session's goes.
    inherited_until: Option<Duration>,
    /// It was said that nobody claimed it in time.
    unclaimed: bool,
}

#[derive(Clone)]
struct Node {
    directory: Directory,
    model: Model,
    now: Duration,
    since: Version,
    path: Vec<Step>,
}

/// What the watcher must be told of a step.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Online(SessionId),
    Gone(Reason),
}

impl Node {
    fn root() -> Self {
        let mut directory = Directory::new(Config::new(EPOCH)).unwrap();
        let now = Duration::ZERO;
        directory.open(moment(now), WATCHER, jid("watcher"), "10.0.0.9".parse().unwrap()).unwrap();
        let since = directory.changes(WATCHER, None).unwrap().version();
        Self { directory, model: Model::default(), now, since, path: Vec::new() }
    }

    /// Whether this step means anything here.
    fn applies(&self, step: Step) -> bool {
        match step {
            Step::Open(session) => !self.model.used[place(session)],
            Step::CheckIn(session)
            | Step::Leave(session)
            | Step::Reap(session)
            | Step::Disinherit(session)
            | Step::Close(session) => self.model.seen[place(session)].is_some(),
            Step::HalfOfTheLimit => self.path.last().is_some(),
        }
    }

    fn step(&mut self, step: Step) {
        self.path.push(step);
        let told = match step {
            Step::Open(session) => self.open(session),
            Step::CheckIn(session) => self.check_in(session),
            Step::Leave(session) => self.leave(session),
            Step::Reap(session) => self.reap(session),
            Step::Disinherit(session) => self.disinherit(session),
            Step::Close(session) => {
                assert!(self.directory.close(moment(self.now), session, Reason::Closed), "{:?}", self.path);
                self.model.seen[place(session)] = None;
                self.ends(session, Reason::Closed)
            }
            Step::HalfOfTheLimit => self.half_of_the_limit(),
        };
        self.check(&told);
    }

    fn open(&mut self, session: SessionId) -> Told {
        let address = "10.0.0.1".parse().unwrap();
        let older = self.directory.open(moment(self.now), session, jid("bob"), address).unwrap();
        assert_eq!(older, self.model.owner, "{:?}", self.path);
        let place = place(session);
        (self.model.seen[place], self.model.used[place]) = (Some(self.now), true);
        self.model.owner = Some(session);
        self.model.inherited_until = self.model.entry.map(|_| self.now + LIMIT);
        Told::Nothing
    }

    fn check_in(&mut self, session: SessionId) -> Told {
        self.model.seen[place(session)] = Some(self.now);
        let answer = self.directory.check_in(moment(self.now), session, None);
        if self.model.owner != Some(session) {
            assert_eq!(answer, Err(CheckInError::Superseded), "{:?}", self.path);
            return Told::Nothing;
        }
        assert_eq!(answer, Ok(vec![]), "{:?}", self.path);
        (self.model.inherited_until, self.model.unclaimed) = (None, false);
        match self.model.entry.replace(session) {
            Some(before) if before == session => Told::Nothing,
            _ => Told::Online(session),
        }
    }

    fn leave(&mut self, session: SessionId) -> Told {
        self.model.seen[place(session)] = Some(self.now);
        let left = self.directory.leave(moment(self.now), session);
        let owns = self.model.owner == Some(session);
        assert_eq!(left, owns && self.model.entry.is_some(), "{:?}", self.path);
        if left { self.departs(Reason::Left) } else { Told::Nothing }
    }

    fn reap(&mut self, session: SessionId) -> Told {
        let seen = self.model.seen[place(session)].unwrap();
        let overdue = self.now - seen >= LIMIT;
        assert_eq!(self.directory.reap(moment(self.now), session), overdue, "{:?}", self.path);
        if !overdue {
            return Told::Nothing;
        }
        self.model.seen[place(session)] = None;
        self.ends(session, Reason::Reaped)
    }

    fn half_of_the_limit(&mut self) -> Told {
        self.now += LIMIT / 2;
        let mut unclaimed = Vec::new();
        while let Some(expired) = self.directory.expire(moment(self.now)) {
            if let Expired::Unclaimed(heir) = expired {
                unclaimed.push(heir);
            }
        }
        let newly = self.inheritance_is_over() && !std::mem::replace(&mut self.model.unclaimed, true);
        assert_eq!(unclaimed, Vec::from_iter(self.model.owner.filter(|_| newly)), "{:?}", self.path);
        Told::Nothing
    }

    fn disinherit(&mut self, session: SessionId) -> Told {
        let goes = self.model.owner == Some(session) && self.inheritance_is_over();
        assert_eq!(self.directory.disinherit(moment(self.now), session), goes, "{:?}", self.path);
        if goes { self.departs(Reason::Closed) } else { Told::Nothing }
    }

    fn inheritance_is_over(&self) -> bool {
        self.model.inherited_until.is_some_and(|until| until <= self.now)
    }

    fn ends(&mut self, session: SessionId, reason: Reason) -> Told {
        if self.model.owner != Some(session) {
            return Told::Nothing;
        }
        self.model.owner = None;
        if self.model.entry.is_some() { self.departs(reason) } else { Told::Nothing }
    }

    fn departs(&mut self, reason: Reason) -> Told {
        (self.model.entry, self.model.inherited_until, self.model.unclaimed) = (None, None, false);
        Told::Gone(reason)
    }

    /// The watcher is told exactly this, and the list says exactly what the model does.
    fn check(&mut self, expected: &Told) {
        let page = self.directory.changes(WATCHER, Some(&self.since)).unwrap().page(9);
        assert!(!page.reset && !page.more, "{:?}", self.path);
        let told = match &page.changes[..] {
            [] => Told::Nothing,
            [Change::Online(entry)] => Told::Online(TWINS[usize::from(entry.session == TWINS[1].tag())]),
            [Change::Gone(departure)] => Told::Gone(departure.reason),
            more => panic!("{more:?} after {:?}", self.path),
        };
        assert_eq!(&told, expected, "{:?}", self.path);
        self.since = page.version;

        let list = self.directory.changes(WATCHER, None).unwrap().page(9).changes;
        let listed: Vec<_> = list
            .iter()
            .map(|change| match change {
                Change::Online(entry) => entry.session,
                Change::Gone(_) => panic!("a list names no departures: {:?}", self.path),
            })
            .collect();
        assert_eq!(listed, Vec::from_iter(self.model.entry.map(SessionId::tag)), "{:?}", self.path);
        assert_eq!(self.directory.owner(&jid("bob")), self.model.owner, "{:?}", self.path);
        let open = self.model.seen.iter().flatten().count() + 1;
        assert_eq!(self.directory.sessions(), open, "{:?}", self.path);
    }
}

fn place(session: SessionId) -> usize {
    usize::from(session == TWINS[1])
}

fn explore(node: &Node, depth: usize, visited: &mut usize) {
    *visited += 1;
    if depth == 0 {
        return;
    }
    for step in Step::all() {
        if node.applies(step) {
            let mut next = node.clone();
            next.step(step);
            explore(&next, depth - 1, visited);
        }
    }
}

#[test]
fn every_order_of_two_sessions_of_one_jid() {
    let mut visited = 0;
    explore(&Node::root(), DEPTH, &mut visited);
    assert!(visited > 100_000, "only {visited} orders were tried");
}
