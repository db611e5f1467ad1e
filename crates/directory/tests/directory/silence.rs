//! PROTOCOL section 2, "Time": pings at half of the limit, due at the limit last told, reaping that looks again, stalls.
//! Played against the naive thing, which looks at every session every time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chatdev_directory::{Change, Config, Directory, Expired, Reason, SessionId};
use proptest::prelude::*;

use crate::world::{EPOCH, LIMIT, World, expire, jid, moment};

#[test]
fn a_frozen_session_is_pinged_then_due_then_reaped() {
    let mut world = World::new();
    let (alice, bob) = (world.enter("alice"), world.enter("bob"));
    let since = world.page(alice, None, 9).version;
    world.pass(30);
    world.heartbeat(alice);
    assert_eq!(world.expire(), [Expired::Ping(bob)]);
    world.pass(29);
    world.heartbeat(alice);
    assert_eq!(world.expire(), []);
    assert!(!world.directory.reap(world.now(), bob), "not before the limit");
    world.pass(1);
    assert_eq!(world.expire(), [Expired::Due(bob)]);
    assert_eq!(world.directory.online(), 2, "due is not gone");
    world.pass(2);
    assert!(world.directory.reap(world.now(), bob));
    let page = world.page(alice, Some(&since), 9);
    let [Change::Gone(departure)] = &page.changes[..] else { panic!("bob alone went") };
    assert_eq!((&*departure.jid, departure.reason), (&jid("bob"), Reason::Reaped));
    assert_eq!(departure.last.to_string(), "2026-11-22T21:00:00Z", "when it was last seen");
    assert_eq!(world.directory.owner(&jid("bob")), None);
}

#[test]
fn input_at_the_very_limit_goes_before_the_time_out() {
    let mut world = World::new();
    let bob = world.enter("bob");
    let counter = world.directory.counter();
    world.pass(60);
    assert_eq!(world.expire(), [Expired::Due(bob)]);
    world.heartbeat(bob);
    assert!(!world.directory.reap(world.now(), bob));
    assert_eq!(world.directory.counter(), counter, "and nobody is told that it went");
    assert_eq!(world.directory.poll_timeout(), Some(world.mono + LIMIT / 2), "it is timed on");
}

#[test]
fn a_session_that_never_entered_is_timed_as_well() {
    let mut world = World::new();
    let reader = world.open("reader", "10.0.0.1");
    world.pass(60);
    assert_eq!(world.expire(), [Expired::Due(reader)]);
    assert!(world.directory.reap(world.now(), reader));
    assert_eq!((world.directory.sessions(), world.directory.counter()), (0, 0));
}

#[test]
fn reaping_names_a_session_and_never_a_jid() {
    let mut world = World::new();
    let old = world.enter("bob");
    world.pass(59);
    let new = world.enter("bob");
    world.pass(1);
    assert_eq!(world.expire(), [Expired::Due(old)]);
    assert!(world.directory.reap(world.now(), old));
    assert_eq!(world.list(new), ["bob 2 bob"]);
    assert_eq!(world.directory.counters().reaped, 0, "no entry went");
}

#[test]
fn the_limit_that_was_told_holds_for_that_session() {
    let mut world = World::new();
    let (slow, plain) = (world.enter("slow"), world.enter("plain"));
    world.directory.told(slow, 5 * LIMIT);
    assert_eq!(world.directory.limit(slow), Some(5 * LIMIT));
    assert_eq!(world.directory.limit(plain), Some(LIMIT));
    world.pass(60);
    assert_eq!(world.expire(), [Expired::Due(plain)]);
    assert!(!world.directory.reap(world.now(), slow));
}

#[test]
fn after_a_stall_nobody_is_reaped_for_it() {
    let mut world = World::new();
    let bob = world.enter("bob");
    world.pass(600);
    world.directory.stalled(Duration::from_secs(590));
    assert_eq!(world.expire(), []);
    assert!(!world.directory.reap(world.now(), bob));
    world.pass(20);
    assert_eq!(world.expire(), [Expired::Ping(bob)]);
}

#[derive(Clone, Debug)]
enum Step {
    Open,
    Seen(usize),
    Told(usize, u64),
    Close(usize),
    Pass(u64),
    Stall(u64),
    Expire,
    Reap(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..6usize;
    prop_oneof![
        2 => Just(Step::Open),
        4 => which.clone().prop_map(Step::Seen),
        1 => (which.clone(), 3..40u64).prop_map(|(which, limit)| Step::Told(which, limit)),
        1 => which.clone().prop_map(Step::Close),
        6 => (0..20_000u64).prop_map(Step::Pass),
        1 => (0..20_000u64).prop_map(Step::Stall),
        6 => Just(Step::Expire),
        2 => which.prop_map(Step::Reap),
    ]
}

/// A session as the naive model times it: all of them are looked at every time.
#[derive(Clone, Copy, Debug)]
struct Timed {
    seen: Duration,
    limit: Duration,
    pinged: bool,
    due: bool,
}

impl Timed {
    fn silent(&self, now: Duration) -> Duration {
        now.saturating_sub(self.seen)
    }

    fn next(&self) -> Option<Duration> {
        match (self.due, self.pinged) {
            (true, _) => None,
            (false, true) => Some(self.seen + self.limit),
            (false, false) => Some(self.seen + self.limit / 2),
        }
    }
}

#[derive(Default)]
struct Sweep(BTreeMap<SessionId, Timed>);

impl Sweep {
    fn expire(&mut self, now: Duration) -> BTreeSet<Expired> {
        let mut expired = BTreeSet::new();
        for (session, timed) in self.0.iter_mut().filter(|(_, timed)| !timed.due) {
            if timed.silent(now) >= timed.limit {
                timed.due = true;
                expired.insert(Expired::Due(*session));
            } else if !timed.pinged && timed.silent(now) >= timed.limit / 2 {
                timed.pinged = true;
                expired.insert(Expired::Ping(*session));
            }
        }
        expired
    }

    fn reap(&mut self, now: Duration, session: SessionId) -> bool {
        let Some(timed) = self.0.get_mut(&session) else { return false };
        if timed.silent(now) < timed.limit {
            timed.pinged |= timed.due;
            timed.due = false;
            return false;
        }
        self.0.remove(&session).is_some()
    }
}

struct Play {
    directory: Directory,
    sweep: Sweep,
    now: Duration,
    opened: u64,
}

impl Play {
    fn new() -> Self {
        let directory = Directory::new(Config::new(EPOCH)).unwrap();
        Self { directory, sweep: Sweep::default(), now: Duration::ZERO, opened: 0 }
    }

    fn nth(&self, which: usize) -> SessionId {
        self.sweep.0.keys().nth(which).copied().unwrap_or(SessionId(0))
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Open => {
                self.opened += 1;
                let session = SessionId(self.opened);
                let jid = jid(&format!("user{}", self.opened));
                self.directory.open(moment(self.now), session, jid, "10.0.0.1".parse().unwrap()).unwrap();
                let timed = Timed { seen: self.now, limit: LIMIT, pinged: false, due: false };
                self.sweep.0.insert(session, timed);
            }
            Step::Seen(which) => {
                let session = self.nth(which);
                self.directory.seen(self.now, session);
                if let Some(timed) = self.sweep.0.get_mut(&session) {
                    timed.seen = timed.seen.max(self.now);
                    (timed.pinged, timed.due) = (false, false);
                }
            }
            Step::Told(which, seconds) => {
                let (session, limit) = (self.nth(which), Duration::from_secs(seconds));
                self.directory.told(session, limit);
                if let Some(timed) = self.sweep.0.get_mut(&session).filter(|timed| timed.limit != limit) {
                    timed.limit = limit;
                    timed.pinged |= timed.due;
                    timed.due = false;
                }
            }
            Step::Close(which) => {
                let session = self.nth(which);
                let open = self.sweep.0.remove(&session).is_some();
                assert_eq!(self.directory.close(moment(self.now), session, Reason::Closed), open);
            }
            Step::Pass(millis) => self.now += Duration::from_millis(millis),
            Step::Stall(millis) => {
                let length = Duration::from_millis(millis);
                self.now += length;
                self.directory.stalled(length);
                self.sweep.0.values_mut().for_each(|timed| timed.seen += length);
            }
            Step::Expire => {
                let expired = expire(&mut self.directory, moment(self.now));
                let set: BTreeSet<_> = expired.iter().copied().collect();
                assert_eq!(set.len(), expired.len(), "each once");
                assert_eq!(set, self.sweep.expire(self.now));
            }
            Step::Reap(which) => {
                let session = self.nth(which);
                let reaped = self.directory.reap(moment(self.now), session);
                assert_eq!(reaped, self.sweep.reap(self.now, session));
            }
        }
        let next = self.sweep.0.values().filter_map(Timed::next).min();
        assert_eq!(self.directory.poll_timeout(), next, "after {step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn silence_is_kept_as_a_sweep_over_everybody_would(steps in prop::collection::vec(step(), 0..120)) {
        let mut play = Play::new();
        for step in &steps {
            play.step(step);
        }
    }
}
