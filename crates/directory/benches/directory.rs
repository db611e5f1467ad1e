//! The steps of the directory as the crowd grows from 10 users to 100,000: what must be seen is that each costs nearly the
//! same. `tests/directory/cost.rs` asserts what is touched.

#[path = "../../xml/benches/measure/mod.rs"]
mod measure;

use std::hint::black_box;
use std::time::Duration;

use chatdev_directory::{
    Announcement, Config, Directory, Expired, Moment, Profile, Reason, SessionId, Version,
};
use criterion::Throughput::Elements;
use jid::FullJid;
use jiff::Timestamp;
use measure::Case;

/// Steps are always taken by the same few users: a larger crowd must not be charged for a colder cache alone.
const ACTIVE: u64 = 10;

const CASES: [Case; 12] = [
    Case { name: "directory/check-in of 10", handles: Elements(1), prepare: || check_in(10) },
    Case { name: "directory/check-in of 1,000", handles: Elements(1), prepare: || check_in(1_000) },
    Case { name: "directory/check-in of 100,000", handles: Elements(1), prepare: || check_in(100_000) },
    Case { name: "directory/new nick among 10", handles: Elements(1), prepare: || new_nick(10) },
    Case { name: "directory/new nick among 100,000", handles: Elements(1), prepare: || new_nick(100_000) },
    Case { name: "directory/come and go among 10", handles: Elements(1), prepare: || come_and_go(10) },
    Case {
        name: "directory/come and go among 100,000",
        handles: Elements(1),
        prepare: || come_and_go(100_000),
    },
    Case { name: "directory/reap 1 of 10", handles: Elements(1), prepare: || reap(10) },
    Case { name: "directory/reap 1 of 100,000", handles: Elements(1), prepare: || reap(100_000) },
    Case { name: "directory/timer, nobody silent of 10", handles: Elements(1), prepare: || tick(10) },
    Case {
        name: "directory/timer, nobody silent of 100,000",
        handles: Elements(1),
        prepare: || tick(100_000),
    },
    Case { name: "directory/page of 200 from 100,000", handles: Elements(1), prepare: || page(100_000) },
];

struct Crowd {
    directory: Directory,
    users: u64,
    mono: Duration,
    round: u64,
}

fn main() {
    measure::run(&CASES);
}

impl Crowd {
    fn new(users: u64) -> Self {
        let directory = Directory::new(Config::new(1)).expect("the defaults are sound");
        let mut crowd = Self { directory, users, mono: Duration::ZERO, round: 0 };
        for user in 0..users {
            crowd.enter(SessionId(user), user);
        }
        crowd
    }

    fn now(&self) -> Moment {
        Moment::new(self.mono, Timestamp::UNIX_EPOCH)
    }

    /// Whoever takes the step of this round.
    fn next(&mut self) -> SessionId {
        self.round += 1;
        SessionId(self.round % ACTIVE)
    }

    fn enter(&mut self, session: SessionId, user: u64) {
        let jid = FullJid::new(&format!("user{user}@example.net/tui")).expect("a full JID");
        self.directory.open(self.now(), session, jid, [10, 0, 0, 1].into()).expect("a new session");
        self.say(session, "Somebody");
    }

    /// Somebody who was not there comes.
    fn enter_one(&mut self) -> SessionId {
        self.round += 1;
        let session = SessionId(self.users + self.round);
        self.enter(session, self.users + self.round % ACTIVE);
        session
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

/// Nothing changed since the last one.
fn check_in(users: u64) -> Box<dyn FnMut()> {
    let mut crowd = Crowd::new(users);
    let since = crowd.version();
    Box::new(move || {
        let session = crowd.next();
        crowd.directory.check_in(crowd.now(), session, None).expect("within every limit");
        let page = crowd.directory.changes(session, Some(&since)).expect("an open session").page(200);
        assert!(!black_box(page).reset);
    })
}

/// Something is new, and told.
fn new_nick(users: u64) -> Box<dyn FnMut()> {
    let mut crowd = Crowd::new(users);
    Box::new(move || {
        let since = crowd.version();
        let session = crowd.next();
        crowd.say(session, if (crowd.round / ACTIVE).is_multiple_of(2) { "Me" } else { "Myself" });
        let page = crowd.directory.changes(session, Some(&since)).expect("an open session").page(200);
        assert_eq!(black_box(page).changes.len(), 1);
    })
}

fn come_and_go(users: u64) -> Box<dyn FnMut()> {
    let mut crowd = Crowd::new(users);
    Box::new(move || {
        let session = crowd.enter_one();
        assert!(crowd.directory.close(crowd.now(), session, Reason::Closed));
    })
}

/// One user comes; a limit passes, by which the crowd as a whole is not silent (the clock stands still for it); the user
/// alone is told a short limit, and is reaped.
fn reap(users: u64) -> Box<dyn FnMut()> {
    let mut crowd = Crowd::new(users);
    Box::new(move || {
        let session = crowd.enter_one();
        crowd.directory.told(session, Duration::from_secs(1));
        crowd.mono += Duration::from_secs(1);
        let now = crowd.now();
        assert_eq!(crowd.directory.expire(now), Some(Expired::Due(session)));
        assert!(crowd.directory.reap(now, session));
        crowd.mono -= Duration::from_secs(1);
    })
}

/// The timer fires, and everybody was heard of.
fn tick(users: u64) -> Box<dyn FnMut()> {
    let mut crowd = Crowd::new(users);
    Box::new(move || {
        assert_eq!(crowd.directory.expire(black_box(crowd.now())), None);
        black_box(crowd.directory.poll_timeout());
    })
}

fn page(users: u64) -> Box<dyn FnMut()> {
    let mut crowd = Crowd::new(users);
    Box::new(move || {
        let session = crowd.next();
        let page = crowd.directory.changes(session, None).expect("an open session").page(200);
        assert_eq!(black_box(page).changes.len() as u64, users.min(200));
    })
}
