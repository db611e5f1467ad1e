//! [`Tally`]: what one worker counted since it was last asked. No locks: it belongs to one thread, which gives it away
//! as a whole and begins a new one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

/// Significant decimal digits of every latency.
const DIGITS: u8 = 3;

/// What a load consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// From the first octet of TCP until TLS is done, where there is TLS from the start; else until TCP is.
    Connect,
    /// From the intended beginning of a connection until a resource is bound.
    SignIn,
    /// XEP-0199, to the server.
    Ping,
    /// A message, from its sender to its reader.
    Message,
    /// A check-in of `urn:chatdev:directory:1`, until its answer.
    CheckIn,
    /// A direct stream between two clients, until it is open.
    PeerConnect,
    /// A message over a direct stream, until it is acknowledged.
    PeerMessage,
}

impl Operation {
    /// As it is called in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::SignIn => "sign-in",
            Self::Ping => "ping",
            Self::Message => "message",
            Self::CheckIn => "check-in",
            Self::PeerConnect => "peer-connect",
            Self::PeerMessage => "peer-message",
        }
    }
}

/// How one kind of operation went.
#[derive(Clone, Debug)]
pub struct Count {
    /// Begun.
    pub started: u64,
    /// Ended well.
    pub completed: u64,
    /// Ended badly; why is among the [flaws](Tally::flaws).
    pub failed: u64,
    /// Not ended in time. They are in no histogram.
    pub timed_out: u64,
    /// Octets of stanzas written for it, TLS not counted.
    pub octets_out: u64,
    /// Octets of stanzas read for it, TLS not counted.
    pub octets_in: u64,
    /// From the intended beginning to the end, in ns.
    pub latency: Histogram<u64>,
    /// From the intended beginning to the actual one, in ns; of operations that were begun at a time of their own.
    pub late: Histogram<u64>,
}

/// Something that went wrong, as often as it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// How often.
    pub times: u64,
    /// When first, since the beginning of the run.
    pub first_at: Duration,
    /// What exactly it was the first time.
    pub example: String,
}

/// See the file's documentation.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// By kind of operation.
    pub operations: BTreeMap<Operation, Count>,
    /// By a short name that is the same for all of a kind, such as `connection refused`.
    pub flaws: BTreeMap<Cow<'static, str>, Flaw>,
    /// Sessions that were bound, minus those that ended.
    pub sessions: i64,
    /// Sessions that ended without having been asked to. They are subtracted from [`sessions`](Self::sessions) too.
    pub lost: u64,
}

impl Default for Count {
    fn default() -> Self {
        let histogram = || Histogram::new(DIGITS).expect("three digits are among those it can");
        Self {
            started: 0,
            completed: 0,
            failed: 0,
            timed_out: 0,
            octets_out: 0,
            octets_in: 0,
            latency: histogram(),
            late: histogram(),
        }
    }
}

impl Tally {
    /// The count of one kind.
    pub fn count(&mut self, operation: Operation) -> &mut Count {
        self.operations.entry(operation).or_default()
    }

    /// Something went wrong, at a time since the beginning of the run.
    pub fn flaw(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        at: Duration,
        example: impl FnOnce() -> String,
    ) {
        let new = || Flaw { times: 0, first_at: at, example: example() };
        self.flaws.entry(name.into()).or_insert_with(new).times += 1;
    }

    /// What another counted, too.
    pub fn merge(&mut self, other: &Self) {
        for (operation, count) in &other.operations {
            self.count(*operation).merge(count);
        }
        for (name, flaw) in &other.flaws {
            match self.flaws.get_mut(name) {
                Some(known) => known.merge(flaw),
                None => _ = self.flaws.insert(name.clone(), flaw.clone()),
            }
        }
        self.sessions += other.sessions;
        self.lost += other.lost;
    }
}

impl Flaw {
    fn merge(&mut self, other: &Self) {
        self.times += other.times;
        if other.first_at < self.first_at {
            self.first_at = other.first_at;
            self.example.clone_from(&other.example);
        }
    }
}

impl Count {
    /// An operation began, later than it was to by so much (`None`: it had no time of its own, as in a closed loop).
    pub fn start(&mut self, late: Option<Duration>) {
        self.started += 1;
        if let Some(late) = late {
            self.late.record(nanoseconds(late)).expect("histograms that grow take any value");
        }
    }

    /// Operations could not even begin.
    pub fn fail(&mut self, operations: usize, late: Option<Duration>) {
        for _ in 0..operations {
            self.start(late);
            self.failed += 1;
        }
    }

    /// An operation ended well, so long after its intended beginning.
    pub fn complete(&mut self, latency: Duration) {
        self.completed += 1;
        self.latency.record(nanoseconds(latency)).expect("histograms that grow take any value");
    }

    /// What another counted, too.
    pub fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.late.add(&other.late).expect("histograms that grow take any value");
        self.merge_ends(other);
    }

    /// How operations ended elsewhere that count as begun here: everything but how many began and completed there.
    pub(super) fn merge_ends(&mut self, other: &Self) {
        self.failed += other.failed;
        self.timed_out += other.timed_out;
        self.octets_out += other.octets_out;
        self.octets_in += other.octets_in;
        self.latency.add(&other.latency).expect("histograms that grow take any value");
    }
}

/// What takes longer than an hour counts as an hour, so that no histogram grows beyond some 250 KiB.
fn nanoseconds(duration: Duration) -> u64 {
    const HOUR: Duration = Duration::from_secs(3600);
    u64::try_from(duration.min(HOUR).as_nanos()).expect("an hour of ns is far below 2^64")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(latencies_ms: &[u64], flaws: &[(&'static str, u64)]) -> Tally {
        let mut tally = Tally::default();
        for latency in latencies_ms {
            let count = tally.count(Operation::Message);
            count.start(None);
            count.complete(Duration::from_millis(*latency));
        }
        for (name, at) in flaws {
            tally.flaw(*name, Duration::from_secs(*at), || format!("{name} at {at}"));
        }
        tally
    }

    #[test]
    fn a_latency_is_kept_to_three_digits_whatever_its_size() {
        for latency in [1, 999, 1_234_567, 86_399_000_000_000] {
            let mut count = Count::default();
            count.complete(Duration::from_nanos(latency));
            let (kept, hour) = (count.latency.max(), 3_600_000_000_000);
            let latency = latency.min(hour);
            assert!(kept >= latency && kept - latency <= latency / 1000, "{kept} for {latency}");
        }
    }

    #[test]
    fn tallies_together_are_what_one_would_have_counted() {
        let mut sum = tally(&[1, 20, 3], &[("reset", 9), ("refused", 4)]);
        sum.merge(&tally(&[7, 5000], &[("reset", 2), ("reset", 3), ("closed", 1)]));
        let whole = tally(&[1, 20, 3, 7, 5000], &[]);
        let (merged, counted) =
            (&sum.operations[&Operation::Message], &whole.operations[&Operation::Message]);
        assert_eq!(merged.latency, counted.latency);
        assert_eq!((merged.started, merged.completed), (5, 5));
        let reset = Flaw { times: 3, first_at: Duration::from_secs(2), example: "reset at 2".to_owned() };
        assert_eq!(sum.flaws["reset"], reset);
        assert_eq!(sum.flaws.len(), 3);
    }
}
