//! What can happen in the small world, and what can be seen of it: words that the model and the real server share.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use chatdev_directory::Reason;
use chatdev_server::What;

/// Silence that ends a session; the default of the directory.
pub(super) const LIMIT: Duration = Duration::from_secs(60);
/// The shortest time that there is.
pub(super) const TICK: Duration = Duration::from_nanos(1);
/// The watcher's session.
pub(super) const WATCHER: u64 = 0;

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    A,
    B,
    Watcher,
}

/// The two clients of one full JID.
pub(super) const TWINS: [Who; 2] = [Who::A, Who::B];

/// Where time goes: around the instant at which something falls due next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    At,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Bare,
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    Last,
    Start,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    SignIn(Who),
    /// With a greeting to the watcher behind it. Like everything that a twin says, it is followed by the twin reading
    /// what it was sent.
    CheckIn(Who),
    /// White space, from one that was pinged.
    KeepAlive(Who),
    Unavailable(Who),
    /// The connection ends without a word; what was not read is lost on the way.
    Cut(Who),
    /// The server's task of this connection does what it has to do next, one thing: takes the orders; or, as the
    /// session was due and nothing waited on the socket, reaps; or writes the last words and closes.
    Turn(Who),
    /// Time passes to the instant at which this one is due, or what it inherited, and its check-in is on the socket
    /// by then.
    Race(Who),
    Time(When),
    Say(To),
    Look(Since),
}

/// All of them.
pub(super) const ACTIONS: [Action; 21] = {
    use Action::{CheckIn, Cut, KeepAlive, Look, Race, Say, SignIn, Time, Turn, Unavailable};
    use Who::{A, B};
    [
        SignIn(A),
        SignIn(B),
        CheckIn(A),
        CheckIn(B),
        KeepAlive(A),
        KeepAlive(B),
        Unavailable(A),
        Unavailable(B),
        Cut(A),
        Cut(B),
        Turn(A),
        Turn(B),
        Race(A),
        Race(B),
        Time(When::Before),
        Time(When::At),
        Time(When::After),
        Say(To::Bare),
        Say(To::Full),
        Look(Since::Last),
        Look(Since::Start),
    ]
};

/// Something that a client read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Heard {
    Bound,
    Online {
        reset: bool,
        changes: Vec<Change>,
    },
    Ping,
    Message(u32),
    /// What a twin says to the watcher.
    Greeting,
    Bounced(u32, String),
    Unavailable,
    Failed(String),
    Closed,
    /// Something that has no place in this world.
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Online(Name, u64),
    Gone(Name, Reason),
}

/// A full JID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Watcher,
    Twins,
}

/// All that can be seen of one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) heard: BTreeMap<Who, Vec<Heard>>,
    pub(super) happened: Vec<(u64, What)>,
    /// What somebody who asks after every action is told of it.
    pub(super) told: Vec<Change>,
    pub(super) listed: Vec<Change>,
    /// In the directory, since the start.
    pub(super) changes: u64,
    /// The session of the twins' JID.
    pub(super) owner: Option<u64>,
    pub(super) sessions: u64,
    pub(super) connections: u64,
    pub(super) deadline: Option<Duration>,
}

impl Action {
    /// The twin that does it, or to whose connection it happens.
    pub(super) fn twin(self) -> Option<Who> {
        match self {
            Self::SignIn(who) | Self::CheckIn(who) | Self::KeepAlive(who) | Self::Unavailable(who) => {
                Some(who)
            }
            Self::Cut(who) | Self::Turn(who) | Self::Race(who) => Some(who),
            Self::Time(_) | Self::Say(_) | Self::Look(_) => None,
        }
    }
}

impl Outcome {
    pub(super) fn hears(&mut self, who: Who, heard: impl IntoIterator<Item = Heard>) {
        self.heard.entry(who).or_default().extend(heard);
    }

    /// One line for each thing that is not as it must be.
    pub(super) fn difference(&self, found: &Self) -> String {
        let mut text = String::new();
        let mut compare = |what: &str, expected: &dyn fmt::Debug, found: &dyn fmt::Debug| {
            let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
            if expected != found {
                text += &format!("  {what}\n    must be: {expected}\n    but is:  {found}\n");
            }
        };
        for who in [Who::A, Who::B, Who::Watcher] {
            let of = |outcome: &Self| outcome.heard.get(&who).cloned().unwrap_or_default();
            compare(&format!("what {who} hears"), &of(self), &of(found));
        }
        compare("what becomes of sessions", &self.happened, &found.happened);
        compare("the change in the directory", &self.told, &found.told);
        compare("the directory", &self.listed, &found.listed);
        compare("changes so far", &self.changes, &found.changes);
        compare("the session of the JID", &self.owner, &found.owner);
        compare("sessions", &self.sessions, &found.sessions);
        compare("connections", &self.connections, &found.connections);
        compare("the next deadline", &self.deadline, &found.deadline);
        text
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::Watcher => "the watcher",
        })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(who) => write!(f, "{who} signs in"),
            Self::CheckIn(who) => write!(f, "{who} checks in"),
            Self::KeepAlive(who) => write!(f, "{who} sends a keep-alive"),
            Self::Unavailable(who) => write!(f, "{who} becomes unavailable"),
            Self::Cut(who) => write!(f, "{who} is cut off"),
            Self::Turn(who) => write!(f, "{who}'s task takes its turn"),
            Self::Race(who) => {
                write!(f, "{who}, or what it inherited, is due at the instant at which its check-in comes")
            }
            Self::Time(When::Before) => f.write_str("time passes to one tick before the next deadline"),
            Self::Time(When::At) => f.write_str("time passes to the next deadline"),
            Self::Time(When::After) => f.write_str("time passes to one tick after the next deadline"),
            Self::Say(To::Bare) => f.write_str("the watcher writes to the bare JID"),
            Self::Say(To::Full) => f.write_str("the watcher writes to the full JID"),
            Self::Look(Since::Last) => f.write_str("the watcher checks in with its last version"),
            Self::Look(Since::Start) => f.write_str("the watcher checks in without a version"),
        }
    }
}
