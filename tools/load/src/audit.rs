//! The delivery audit: every message exactly once, unaltered and in order, from each sender to each reader; or it is said
//! which one was not.

use std::collections::BTreeSet;

/// Findings that are told with their numbers; further ones are only counted.
const FINDINGS_MAX: usize = 16;
/// Gaps that are remembered on one way, to tell what comes late from what comes twice.
const MISSING_MAX: usize = 10_000;

/// One way from a sender to a reader, whose messages are numbered from 0.
#[derive(Debug, Default)]
pub struct Channel {
    /// How many were given to the server.
    sent: u64,
    /// The number that is next in order.
    next: u64,
    /// Numbers below it that have not come.
    missing: BTreeSet<u64>,
    /// How many are missing that are not remembered.
    forgotten: u64,
}

/// What the coming of a message means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The next one, or later ones are missing so far.
    InOrder,
    /// It was overtaken by a later one.
    Overtaken,
    /// It has come before, or was given back.
    Doubled,
    /// Nobody has sent it.
    NeverSent,
}

/// What went wrong, of all channels of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Ways from one sender to one reader.
    pub channels: u64,
    /// Messages given to the server.
    pub sent: u64,
    /// Messages that came, each counted once.
    pub delivered: u64,
    /// Messages that the server gave back to their sender, each counted once.
    pub returned: u64,
    /// Messages that neither came nor were given back.
    pub lost: u64,
    /// Messages that came again.
    pub doubled: u64,
    /// Messages that came behind later ones.
    pub overtaken: u64,
    /// Messages whose text was another, or that nobody had sent.
    pub altered: u64,
    /// The first things that went wrong, in words.
    pub findings: Vec<String>,
}

impl Channel {
    /// A message is given to the server.
    pub fn send(&mut self) {
        self.sent += 1;
    }

    /// A message with that number came.
    pub fn arrive(&mut self, number: u64) -> Arrival {
        if number >= self.sent {
            return Arrival::NeverSent;
        }
        if number < self.next {
            return if self.missing.remove(&number) { Arrival::Overtaken } else { Arrival::Doubled };
        }
        self.pass(number);
        Arrival::InOrder
    }

    /// The server gave a message back: it is not to come. Returns whether it was still to come.
    pub fn give_back(&mut self, number: u64) -> bool {
        if number >= self.sent {
            return false;
        }
        if number < self.next {
            return self.missing.remove(&number);
        }
        self.pass(number);
        true
    }

    fn pass(&mut self, number: u64) {
        let room = MISSING_MAX.saturating_sub(self.missing.len());
        let remembered = (number - self.next).min(room as u64);
        self.missing.extend(self.next..self.next + remembered);
        self.forgotten += number - self.next - remembered;
        self.next = number + 1;
    }

    /// How many have neither come nor been given back so far.
    #[must_use]
    pub fn awaited(&self) -> u64 {
        self.missing.len() as u64 + self.forgotten + (self.sent - self.next)
    }

    /// The first of them, as far as it is remembered.
    fn first_awaited(&self) -> Option<u64> {
        self.missing.first().copied().or((self.next < self.sent).then_some(self.next))
    }
}

impl Audit {
    /// Counts the coming of a message, and tells what was wrong with it.
    pub fn arrived(&mut self, arrival: Arrival, is_unaltered: bool, which: impl Fn() -> String) {
        match arrival {
            Arrival::InOrder => self.delivered += 1,
            Arrival::Overtaken => {
                (self.delivered, self.overtaken) = (self.delivered + 1, self.overtaken + 1);
                self.find(|| format!("{} came behind a later one", which()));
            }
            Arrival::Doubled => {
                self.doubled += 1;
                self.find(|| format!("{} came twice", which()));
            }
            Arrival::NeverSent => {
                self.altered += 1;
                return self.find(|| format!("{} came, and nobody had sent it", which()));
            }
        }
        if !is_unaltered {
            self.altered += 1;
            self.find(|| format!("{} came with another text", which()));
        }
    }

    /// The end of a channel: what has not come by now is lost.
    pub fn close(&mut self, channel: &Channel, which: impl Fn() -> String) {
        let awaited = channel.awaited();
        (self.channels, self.sent, self.lost) =
            (self.channels + 1, self.sent + channel.sent, self.lost + awaited);
        if let Some(first) = channel.first_awaited() {
            let sent = channel.sent;
            self.find(|| {
                format!(
                    "{awaited} of {sent} messages {} had not come at the end; the first is {first}",
                    which()
                )
            });
        }
    }

    fn find(&mut self, finding: impl FnOnce() -> String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding());
        }
    }

    /// Adds what another thread counted.
    pub fn add(&mut self, other: Self) {
        self.channels += other.channels;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.returned += other.returned;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.overtaken += other.overtaken;
        self.altered += other.altered;
        self.findings.extend(other.findings);
        self.findings.truncate(FINDINGS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn channel(sent: u64) -> Channel {
        let mut channel = Channel::default();
        (0..sent).for_each(|_| channel.send());
        channel
    }

    #[test]
    fn each_fault_is_told_apart() {
        let mut channel = channel(8);
        let arrivals = [0, 1, 1, 3, 2, 2, 6, 9].map(|number| channel.arrive(number));
        use Arrival::{Doubled, InOrder, NeverSent, Overtaken};
        assert_eq!(arrivals, [InOrder, InOrder, Doubled, InOrder, Overtaken, Doubled, InOrder, NeverSent]);
        let mut audit = Audit::default();
        audit.close(&channel, || "of pair 7".to_owned());
        assert_eq!((audit.lost, audit.sent), (3, 8), "4 and 5 never came, nor 7, the last one");
        assert_eq!(audit.findings, ["3 of 8 messages of pair 7 had not come at the end; the first is 4"]);
    }

    #[test]
    fn what_is_given_back_is_not_lost_and_hides_no_loss() {
        let mut channel = channel(5);
        channel.arrive(0);
        assert!(channel.give_back(1) && channel.give_back(3));
        assert_eq!(channel.arrive(2), Arrival::Overtaken);
        assert!(!channel.give_back(1) && !channel.give_back(2), "it came, or was given back before");
        assert!(!channel.give_back(7), "nobody sent it");
        assert_eq!(channel.awaited(), 1);
    }

    #[test]
    fn a_gap_of_any_length_is_counted_and_not_kept() {
        let mut channel = channel(1_000_001);
        channel.arrive(1_000_000);
        assert_eq!(channel.missing.len(), MISSING_MAX);
        assert_eq!(channel.awaited(), 1_000_000);
    }

    proptest! {
        #[test]
        fn what_came_once_in_any_order_is_never_lost_nor_doubled(order in Just((0..40_u64).collect::<Vec<_>>()).prop_shuffle()) {
            let (mut channel, mut audit) = (channel(40), Audit::default());
            for &number in &order {
                audit.arrived(channel.arrive(number), true, || format!("message {number}"));
            }
            audit.close(&channel, String::new);
            prop_assert_eq!((audit.lost, audit.doubled, audit.delivered), (0, 0, 40));
            prop_assert_eq!(audit.overtaken == 0, order.is_sorted());
        }
    }
}
