//! The event log of a run: what happened, in the order in which it happened. People read it, one line per
//! event, and two runs of one seed are compared by its hash and by the hash of every byte that was written to the
//! simulated network.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::events::Entry;

/// Everything that happened in a run, and what its bytes were.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    wire: [u8; 32],
}

impl Log {
    pub(crate) fn new(entries: Vec<Entry>, wire: [u8; 32]) -> Self {
        Self { entries, wire }
    }

    /// What happened, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The whole log in two numbers: equal for two runs that did the same.
    #[must_use]
    pub fn digest(&self) -> RunDigest {
        let mut events = Sha256::new();
        for entry in &self.entries {
            events.update(entry.at.as_nanos().to_be_bytes());
            events.update(entry.to_string());
            events.update(b"\n");
        }
        RunDigest { entries: self.entries.len(), events: events.finalize().into(), wire: self.wire }
    }
}

/// SHA-256 of a run's events and of its wire bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunDigest {
    entries: usize,
    events: [u8; 32],
    wire: [u8; 32],
}

impl fmt::Display for RunDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events ", self.entries)?;
        for octet in &self.events[..12] {
            write!(f, "{octet:02x}")?;
        }
        f.write_str(" wire ")?;
        for octet in &self.wire[..12] {
            write!(f, "{octet:02x}")?;
        }
        Ok(())
    }
}

/// Where two logs begin to differ, with some lines before it; `None` where they do not.
#[must_use]
pub fn first_difference(one: &str, other: &str) -> Option<String> {
    const LINES_BEFORE: usize = 5;
    let (one, other): (Vec<_>, Vec<_>) = (one.lines().collect(), other.lines().collect());
    let at = (0..one.len().max(other.len())).find(|&line| one.get(line) != other.get(line))?;
    let mut report = format!("the logs differ first in line {}:\n", at + 1);
    for line in &one[at.saturating_sub(LINES_BEFORE)..at] {
        report += &format!("    {line}\n");
    }
    report += &format!("  1 {}\n", one.get(at).unwrap_or(&"(ends)"));
    report += &format!("  2 {}\n", other.get(at).unwrap_or(&"(ends)"));
    Some(report)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::events::Event;

    fn entry(at_ms: u64, what: &str) -> Entry {
        let event = Event::Note(chatdev_net::Note::Remark { kind: "fault", text: what.to_owned() });
        Entry { at: Duration::from_millis(at_ms), process: "world".into(), event }
    }

    #[test]
    fn a_line_is_aligned_by_columns() {
        assert_eq!(entry(1_234, "blip").to_string(), "    1.234 world          fault       blip");
    }

    #[test]
    fn the_digest_follows_every_event_and_every_byte() {
        let log = |ms, what, wire| Log::new(vec![entry(ms, what)], [wire; 32]).digest();
        assert_eq!(log(1, "a", 0), log(1, "a", 0));
        assert_ne!(log(1, "a", 0), log(1, "a", 1));
        assert_ne!(log(1, "a", 0), log(2, "a", 0));
        assert_ne!(log(1, "a", 0), log(1, "b", 0));
    }

    #[test]
    fn the_first_difference_is_shown_with_what_came_before() {
        assert_eq!(first_difference("a\nb", "a\nb"), None);
        let report = first_difference("a\nb", "a\nc").unwrap();
        assert_eq!(report, "the logs differ first in line 2:\n    a\n  1 b\n  2 c\n");
        assert!(first_difference("a", "a\nb").unwrap().contains("(ends)"));
    }
}
