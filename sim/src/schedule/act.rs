//! What is done to the world, and what people do in it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Expected;

/// An operation: something that is done at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// When.
    pub at_ms: u64,
    /// What.
    pub act: Act,
    /// What must be so in the end because of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Expected>,
}

impl Op {
    /// When it is over.
    #[must_use]
    pub fn over_ms(&self) -> u64 {
        self.at_ms + self.act.lasts_ms()
    }

    /// The time that it takes, and whom it touches: for whoever draws it.
    #[must_use]
    pub fn span(&self) -> Span<'_> {
        Span { from_ms: self.at_ms, to_ms: self.over_ms(), touches: self.act.touches() }
    }
}

/// An operation's extent in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// When it begins.
    pub from_ms: u64,
    /// When it is over; the same for what takes no time.
    pub to_ms: u64,
    /// The processes that it touches, and the machines.
    pub touches: Vec<&'a str>,
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It is asked to (SIGTERM), and killed when its time is over.
    Asked,
    /// SIGKILL: its kernel closes its connections.
    Killed,
    /// Its plug is pulled: nobody hears of its end, and dialling it hangs until it is back.
    PowerCut,
}

/// How a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// Both ends see it closed, after what was under way.
    Fin,
    /// Both ends see it reset, at once.
    Rst,
    /// Nothing arrives any more, in either direction, and nobody is told.
    Silent,
}

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiskFault {
    /// Every request takes so many milliseconds longer. A process that dies meanwhile loses it.
    Slow(u64),
    /// Every request fails.
    Failing,
}

/// Something that is done to the world, or that a person does. `who` is a process; [`super::SERVER`] is the
/// server's. `from` and `to` of network faults are machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A process ends, and begins another life so much later.
    End {
        /// Which process.
        who: String,
        /// In which manner.
        how: Ending,
        /// When it begins again; `None`: it does not.
        back_after_ms: Option<u64>,
    },
    /// A process is frozen (SIGSTOP), every task of it.
    Freeze {
        /// Which process.
        who: String,
        /// For how long.
        for_ms: u64,
    },
    /// All connections that a process has now are cut.
    Cut {
        /// Which process.
        who: String,
        /// In which manner.
        how: Manner,
    },
    /// The connection on which a process writes the last of so many octets more is cut then, in the middle of whatever
    /// it says: if it comes so far in time.
    CutAfter {
        /// Which process.
        who: String,
        /// How many octets still go out.
        octets: u64,
        /// In which manner.
        how: Manner,
        /// For how long it may happen.
        for_ms: u64,
    },
    /// What a process writes to its present connections stays where it is.
    Stall {
        /// Which process.
        who: String,
        /// For how long.
        for_ms: u64,
    },
    /// A process does not read from its present connections.
    Deafen {
        /// Which process.
        who: String,
        /// For how long.
        for_ms: u64,
    },
    /// Nothing gets from one machine to another. What was sent meanwhile is sent again afterwards, as TCP does; a
    /// dial across hangs.
    Shut {
        /// From this machine…
        from: String,
        /// …to this one.
        to: String,
        /// For how long.
        for_ms: u64,
    },
    /// Everything takes so much longer from one machine to another.
    Slow {
        /// From this machine…
        from: String,
        /// …to this one.
        to: String,
        /// By so much.
        by_ms: u64,
        /// For how long.
        for_ms: u64,
    },
    /// Dialling a machine does not succeed: it is refused, or hangs.
    Dials {
        /// Which machine.
        to: String,
        /// Hangs, as at a full backlog; else refused.
        hang: bool,
        /// For how long.
        for_ms: u64,
    },
    /// A process's wall clock is set to be so many milliseconds ahead.
    SetWall {
        /// Which process.
        who: String,
        /// By so much; negative: behind.
        ahead_ms: i64,
    },
    /// A process's disk is slow or fails.
    Disk {
        /// Which process.
        who: String,
        /// What is wrong with it.
        how: DiskFault,
        /// For how long.
        for_ms: u64,
    },
    /// The server lies to a client: wherever it would name one person's fingerprint, it names another's.
    Lie {
        /// To whom.
        to: String,
        /// Whose fingerprint is not told.
        about: String,
        /// Whose is told in its place.
        shown: String,
        /// For how long.
        for_ms: u64,
    },
    /// The server says less than the truth to a client: it leaves one person's fingerprint out.
    Hide {
        /// From whom.
        from: String,
        /// Whose fingerprint is left out.
        of: String,
        /// For how long.
        for_ms: u64,
    },
    /// A person sends a message to an account.
    Send {
        /// The sending client.
        from: String,
        /// The account's name.
        to: String,
        /// The text; unique in the schedule.
        text: String,
    },
    /// A person changes the status.
    SetStatus {
        /// Which client.
        who: String,
        /// The text.
        status: String,
    },
    /// A puppet writes XML, or what only looks like it.
    Write {
        /// Which one.
        who: String,
        /// What; white space is a keep-alive.
        xml: String,
    },
    /// An impostor dials a person, and says that it is somebody and has a message.
    Impersonate {
        /// The impostor.
        who: String,
        /// The person who is dialled.
        victim: String,
        /// The client that it claims to be.
        claims: String,
        /// It shows that client's certificate, without its key; else its own.
        copied: bool,
        /// Whose certificate and key are its own: those of a person of bad faith, who is signed in as herself. Default:
        /// nobody else's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holds: Option<String>,
    },
}

impl Act {
    /// How long it takes until its effect is over, in milliseconds.
    #[must_use]
    pub fn lasts_ms(&self) -> u64 {
        match self {
            Self::End { back_after_ms, .. } => back_after_ms.unwrap_or_default(),
            Self::Freeze { for_ms, .. }
            | Self::Stall { for_ms, .. }
            | Self::Deafen { for_ms, .. }
            | Self::CutAfter { for_ms, .. }
            | Self::Shut { for_ms, .. }
            | Self::Slow { for_ms, .. }
            | Self::Dials { for_ms, .. }
            | Self::Disk { for_ms, .. }
            | Self::Lie { for_ms, .. }
            | Self::Hide { for_ms, .. } => *for_ms,
            _ => 0,
        }
    }

    /// The same for another while, where it lasts.
    #[must_use]
    pub fn lasting(&self, ms: u64) -> Self {
        let mut act = self.clone();
        match &mut act {
            Self::End { back_after_ms: Some(for_ms), .. }
            | Self::Freeze { for_ms, .. }
            | Self::Stall { for_ms, .. }
            | Self::Deafen { for_ms, .. }
            | Self::CutAfter { for_ms, .. }
            | Self::Shut { for_ms, .. }
            | Self::Slow { for_ms, .. }
            | Self::Dials { for_ms, .. }
            | Self::Disk { for_ms, .. }
            | Self::Lie { for_ms, .. }
            | Self::Hide { for_ms, .. } => *for_ms = ms,
            _ => {}
        }
        act
    }

    /// The clients that it names, and perhaps the server. Accounts and machines are not among them.
    pub fn actors(&self) -> impl Iterator<Item = &str> {
        let named: [Option<&String>; 3] = match self {
            Self::End { who, .. }
            | Self::Freeze { who, .. }
            | Self::Cut { who, .. }
            | Self::CutAfter { who, .. }
            | Self::Stall { who, .. }
            | Self::Deafen { who, .. }
            | Self::SetWall { who, .. }
            | Self::Disk { who, .. }
            | Self::SetStatus { who, .. }
            | Self::Write { who, .. } => [Some(who), None, None],
            Self::Lie { to, about, shown, .. } => [Some(to), Some(about), Some(shown)],
            Self::Hide { from, of, .. } => [Some(from), Some(of), None],
            Self::Send { from, .. } => [Some(from), None, None],
            Self::Impersonate { who, victim, claims, .. } => [Some(who), Some(victim), Some(claims)],
            Self::Shut { .. } | Self::Slow { .. } | Self::Dials { .. } => [None; 3],
        };
        named.into_iter().flatten().map(String::as_str)
    }

    fn touches(&self) -> Vec<&str> {
        match self {
            Self::Shut { from, to, .. } | Self::Slow { from, to, .. } => vec![from, to],
            Self::Dials { to, .. } => vec![to],
            Self::Lie { to, .. } => vec![to],
            Self::Hide { from, .. } => vec![from],
            Self::Impersonate { who, victim, .. } => vec![who, victim],
            other => other.actors().collect(),
        }
    }

    /// Whether something is done to the world, as opposed to what people do by themselves.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Send { .. } | Self::SetStatus { .. } | Self::Write { .. })
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End { who, how, back_after_ms } => {
                match how {
                    Ending::Asked => write!(f, "{who} is asked to stop")?,
                    Ending::Killed => write!(f, "{who} is killed")?,
                    Ending::PowerCut => write!(f, "{who} loses power")?,
                }
                back_after_ms.map_or(Ok(()), |ms| write!(f, ", and begins again {ms} ms later"))
            }
            Self::Freeze { who, for_ms } => write!(f, "{who} is frozen for {for_ms} ms"),
            Self::Cut { who, how } => write!(f, "the connections of {who} are cut ({how:?})"),
            Self::CutAfter { who, octets, how, for_ms } => {
                write!(
                    f,
                    "{who}'s connection is cut after {octets} octets more ({how:?}), within {for_ms} ms"
                )
            }
            Self::Stall { who, for_ms } => write!(f, "what {who} writes is stalled for {for_ms} ms"),
            Self::Deafen { who, for_ms } => write!(f, "{who} does not read for {for_ms} ms"),
            Self::Shut { from, to, for_ms } => {
                write!(f, "nothing gets from machine {from} to machine {to} for {for_ms} ms")
            }
            Self::Slow { from, to, by_ms, for_ms } => {
                write!(f, "from machine {from} to machine {to} it takes {by_ms} ms more for {for_ms} ms")
            }
            Self::Dials { to, hang, for_ms } => {
                let what = if *hang { "hang" } else { "are refused" };
                write!(f, "dials to machine {to} {what} for {for_ms} ms")
            }
            Self::SetWall { who, ahead_ms } => {
                write!(f, "the wall clock of {who} is set {ahead_ms} ms ahead")
            }
            Self::Disk { who, how: DiskFault::Slow(ms), for_ms } => {
                write!(f, "the disk of {who} takes {ms} ms more for {for_ms} ms")
            }
            Self::Disk { who, how: DiskFault::Failing, for_ms } => {
                write!(f, "the disk of {who} fails for {for_ms} ms")
            }
            Self::Lie { to, about, shown, for_ms } => {
                write!(f, "the server shows {to} the key of {shown} for {about}'s, for {for_ms} ms")
            }
            Self::Hide { from, of, for_ms } => {
                write!(f, "the server hides {of}'s key from {from} for {for_ms} ms")
            }
            Self::Send { from, to, text } => write!(f, "{from} sends {to}: {text}"),
            Self::SetStatus { who, status } => write!(f, "{who} sets the status: {status}"),
            Self::Write { who, xml } => write!(f, "{who} writes {xml}"),
            Self::Impersonate { who, victim, claims, copied, holds } => {
                let own = holds
                    .as_ref()
                    .map_or_else(|| "its own certificate".into(), |of| format!("{of}'s, and proves it"));
                let shown = if *copied { format!("{claims}'s certificate") } else { own };
                write!(f, "{who} dials {victim}, claims to be {claims}, and shows {shown}")
            }
        }
    }
}
