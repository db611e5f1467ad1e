//! What each step of the directory takes as the crowd grows, in nanoseconds: what must be seen is that the columns are
//! flat. Only printed, never asserted; `tests/directory/cost.rs` asserts what is touched.
//!
//! ```text
//! cargo run --release -p chatdev-directory --example cost
//! ```

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chatdev_directory::{
    Announcement, Config, Directory, Expired, Moment, Profile, Reason, SessionId, Version,
};
use jid::FullJid;
use jiff::Timestamp;

const CROWDS: [u64; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Times each step is taken, always by the same few users: a larger crowd must not be charged for a colder cache alone.
const ROUNDS: u64 = 100_000;
const ACTIVE: u64 = 10;

struct Crowd {
    directory: Directory,
    users: u64,
    mono: Duration,
    rounds: u64,
}

/// A step, taken once in the given round.
type Step = fn(&mut Crowd, u64);

fn main() {
    let steps: [(&str, Step); 6] = [
        ("seen", |crowd, round| crowd.directory.seen(crowd.mono, SessionId(round % ACTIVE))),
        ("check-in, nothing changed", idle_check_in),
        ("check-in, new nick, told", new_nick),
        ("come and go", come_and_go),
        ("reap one", reap_one),
        ("a page of 200 (of 10: 10)", page),
    ];
    print!("{:<28}", "ns per step, users online:");
    for users in CROWDS {
        print!("{users:>9}");
    }
    println!();
    for (name, step) in steps {
        print!("{name:<28}");
        for users in CROWDS {
            let mut crowd = Crowd::new(users);
            crowd.rounds = if name.starts_with("a page") { ROUNDS / 100 } else { ROUNDS };
            let begun = Instant::now();
            for round in 0..crowd.rounds {
                step(&mut crowd, round);
            }
            print!("{:>9}", begun.elapsed().as_nanos() / u128::from(crowd.rounds));
        }
        println!();
    }
}

impl Crowd {
    fn new(users: u64) -> Self {
        let directory = Directory::new(Config::new(1)).expect("the defaults are sound");
        let mut crowd = Self { directory, users, mono: Duration::ZERO, rounds: 0 };
        for user in 0..users {
            crowd.enter(SessionId(user), user);
        }
        crowd
    }

    fn now(&self) -> Moment {
        Moment::new(self.mono, Timestamp::UNIX_EPOCH)
    }

    fn enter(&mut self, session: SessionId, user: u64) {
        let jid = FullJid::new(&format!("user{user}@example.net/tui")).expect("a full JID");
        self.directory.open(self.now(), session, jid, [10, 0, 0, 1].into()).expect("a new session");
        self.say(session, "Somebody");
    }

    fn say(&mut self, session: SessionId, nick: &str) {
        let profile = Profile { nick: Some(nick.into()), ..Profile::default() };
        let announcement = Announcement { profile, ..Announcement::default() };
        self.directory.check_in(self.now(), session, Some(announcement)).expect("within every limit");
    }

    /// The version that is current now.
    fn version(&self) -> Version {
        let text = format!("00000001.p.{}", self.directory.counter());
        text.parse().expect("a version of this directory")
    }
}

fn idle_check_in(crowd: &mut Crowd, round: u64) {
    let session = SessionId(round % ACTIVE);
    let since = crowd.version();
    crowd.directory.check_in(crowd.now(), session, None).expect("within every limit");
    let page = crowd.directory.changes(session, Some(&since)).expect("an open session").page(200);
    assert!(!black_box(page).reset);
}

fn new_nick(crowd: &mut Crowd, round: u64) {
    let session = SessionId(round % ACTIVE);
    let since = crowd.version();
    crowd.say(session, if (round / ACTIVE).is_multiple_of(2) { "Me" } else { "Myself" });
    let page = crowd.directory.changes(session, Some(&since)).expect("an open session").page(200);
    assert_eq!(black_box(page).changes.len(), 1);
}

fn come_and_go(crowd: &mut Crowd, round: u64) {
    let session = SessionId(crowd.users + round);
    crowd.enter(session, crowd.users + round % ACTIVE);
    assert!(crowd.directory.close(crowd.now(), session, Reason::Closed));
}

/// One user comes; a limit passes, by which the crowd as a whole is not silent (the clock stands still for it); the
/// user alone is told a short limit, and is reaped.
fn reap_one(crowd: &mut Crowd, round: u64) {
    let session = SessionId(crowd.users + round);
    crowd.enter(session, crowd.users + round % ACTIVE);
    crowd.directory.told(session, Duration::from_secs(1));
    crowd.mono += Duration::from_secs(1);
    let now = crowd.now();
    assert_eq!(crowd.directory.expire(now), Some(Expired::Due(session)));
    assert!(crowd.directory.reap(now, session));
    crowd.mono -= Duration::from_secs(1);
}

fn page(crowd: &mut Crowd, round: u64) {
    let session = SessionId(round % ACTIVE);
    let page = crowd.directory.changes(session, None).expect("an open session").page(200);
    assert_eq!(black_box(page).changes.len() as u64, crowd.users.min(200));
}
