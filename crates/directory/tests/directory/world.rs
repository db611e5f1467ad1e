//! A directory with a clock that moves only when told to, and short ways to say what happens.

use std::time::Duration;

use chatdev_directory::{
    Announcement, Change, CheckInError, Config, Directory, Endpoint, Expired, Moment, Page, Profile, Refused,
    SessionId, Version,
};
use jid::FullJid;
use jiff::{SignedDuration, Timestamp};

pub(crate) const EPOCH: u32 = 0x5f2c_81d0;
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) mono: Duration,
    opened: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(EPOCH);
        change(&mut config);
        Self { directory: Directory::new(config).unwrap(), mono: Duration::ZERO, opened: 0 }
    }

    pub(crate) fn now(&self) -> Moment {
        moment(self.mono)
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.mono += Duration::from_secs(seconds);
    }

    /// Opens `name@example.net/tui` from `address`; sessions are numbered from 1.
    pub(crate) fn open(&mut self, name: &str, address: &str) -> SessionId {
        self.opened += 1;
        let session = SessionId(self.opened);
        self.directory.open(self.now(), session, jid(name), address.parse().unwrap()).unwrap();
        session
    }

    /// Opens from the local network and checks in with a nick that is the name.
    pub(crate) fn enter(&mut self, name: &str) -> SessionId {
        let session = self.open(name, "10.0.0.1");
        self.announce(session, name, &[]);
        session
    }

    pub(crate) fn announce(&mut self, session: SessionId, nick: &str, endpoints: &[&str]) -> Vec<Refused> {
        self.try_announce(session, announcement(nick, endpoints)).unwrap()
    }

    pub(crate) fn try_announce(
        &mut self,
        session: SessionId,
        announcement: Announcement,
    ) -> Result<Vec<Refused>, CheckInError> {
        self.directory.check_in(self.now(), session, Some(announcement))
    }

    pub(crate) fn heartbeat(&mut self, session: SessionId) {
        self.directory.check_in(self.now(), session, None).unwrap();
    }

    pub(crate) fn page(&self, watcher: SessionId, since: Option<&Version>, changes_max: usize) -> Page {
        self.directory.changes(watcher, since).unwrap().page(changes_max)
    }

    /// The whole list in one page, in words.
    pub(crate) fn list(&self, watcher: SessionId) -> Vec<String> {
        let page = self.page(watcher, None, usize::MAX);
        assert!(page.reset && !page.more);
        words(&page)
    }

    pub(crate) fn expire(&mut self) -> Vec<Expired> {
        let now = self.now();
        expire(&mut self.directory, now)
    }
}

/// All that expires at this moment: each session at most once for its silence, and once for what it inherited, so there is
/// an end to it.
pub(crate) fn expire(directory: &mut Directory, at: Moment) -> Vec<Expired> {
    let most = 2 * directory.sessions();
    let expired: Vec<_> = std::iter::from_fn(|| directory.expire(at)).take(most + 1).collect();
    assert!(expired.len() <= most, "{expired:?} of at most {most}");
    expired
}

pub(crate) fn moment(mono: Duration) -> Moment {
    let start: Timestamp = "2026-11-22T21:00:00.25Z".parse().unwrap();
    Moment::new(mono, start + SignedDuration::try_from(mono).unwrap())
}

pub(crate) fn jid(name: &str) -> FullJid {
    FullJid::new(&format!("{name}@example.net/tui")).unwrap()
}

pub(crate) fn announcement(nick: &str, endpoints: &[&str]) -> Announcement {
    let endpoint = |text: &&str| Endpoint::from(text.parse::<std::net::SocketAddr>().unwrap());
    Announcement {
        profile: Profile { nick: Some(nick.into()), ..Profile::default() },
        endpoints: endpoints.iter().map(endpoint).collect(),
        fingerprint: None,
    }
}

/// Each change as `name session nick [endpoint …]` or `name left`.
pub(crate) fn words(page: &Page) -> Vec<String> {
    page.changes.iter().map(word).collect()
}

fn word(change: &Change) -> String {
    let name = change.jid().node().unwrap();
    match change {
        Change::Online(entry) => {
            let mut word = format!("{name} {}", entry.session);
            if let Some(nick) = &entry.profile.nick {
                word = format!("{word} {nick}");
            }
            for endpoint in &entry.endpoints {
                word = format!("{word} {endpoint}");
            }
            word
        }
        Change::Gone(departure) => format!("{name} {}", departure.reason.as_str()),
    }
}
