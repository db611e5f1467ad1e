//! What becomes of the faults that a schedule has.

use std::collections::BTreeSet;

use chatdev_net::Note;
use memchr::memmem;

use super::{Counts, count};
use crate::{
    checkers::Figures,
    events::{Entry, Event},
    schedule::{Act, DiskFault, SERVER, Schedule},
};

/// A way was shut for less than the limit.
pub const HEALED_BEFORE_LIMIT: &str = "a partition heals before the limit";
/// A way was shut for longer than the limit.
pub const HEALED_AFTER_LIMIT: &str = "a partition heals after the limit";
/// A way was shut while the opposite one was open.
pub const ONE_WAY: &str = "a way is shut in one direction only";
/// A wall clock was set.
pub const WALL_JUMPED: &str = "a wall clock jumps";
/// A client's storage failed.
pub const STORAGE_FAILED: &str = "a client's disk fails";
/// A process died while its disk was slow.
pub const DIED_STORING: &str = "a process dies while its disk works";
/// The server ended a stream with an error.
pub const STREAM_ERROR: &str = "a stream ends with an error";
/// A session whose queue was full was cut off.
pub const CUT_OFF: &str = "a session that does not read is cut off";
/// The server returned a stanza to its sender.
pub const BOUNCED: &str = "a message comes back to its sender";

/// See the file's documentation.
pub(super) struct Faults {
    acts: Vec<Act>,
    limit_ms: u64,
    /// Whose disk is slow now.
    slow: BTreeSet<String>,
}

impl Faults {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            acts: schedule.ops.iter().map(|op| op.act.clone()).collect(),
            limit_ms: schedule.server.limit_s * 1000,
            slow: BTreeSet::new(),
        }
    }

    pub(super) fn see(&mut self, entry: &Entry, counts: &mut Counts) {
        match &entry.event {
            Event::Fault { op, over } => self.see_act(*op, *over, counts),
            Event::Killed => count(counts, DIED_STORING, self.slow.contains(&*entry.process)),
            Event::Said { text, .. } if *entry.process == *SERVER => {
                count(counts, STREAM_ERROR, memmem::find(text, b"<stream:error>").is_some());
            }
            Event::Note(Note::Remark { kind: "storage failed", .. }) => count(counts, STORAGE_FAILED, true),
            _ => {}
        }
    }

    fn see_act(&mut self, op: usize, over: bool, counts: &mut Counts) {
        match &self.acts[op] {
            Act::Shut { from, to, for_ms } if over => {
                count(counts, HEALED_BEFORE_LIMIT, *for_ms < self.limit_ms);
                count(counts, HEALED_AFTER_LIMIT, *for_ms > self.limit_ms);
                let back =
                    |act: &Act| matches!(act, Act::Shut { from: f, to: t, .. } if f == to && t == from);
                count(counts, ONE_WAY, !self.acts.iter().any(back));
            }
            Act::SetWall { .. } => count(counts, WALL_JUMPED, true),
            Act::Disk { who, how: DiskFault::Slow(_), .. } if over => drop(self.slow.remove(who)),
            Act::Disk { who, how: DiskFault::Slow(_), .. } => drop(self.slow.insert(who.clone())),
            _ => {}
        }
    }

    pub(super) fn finish(&self, figures: Figures, counts: &mut Counts) {
        count(counts, CUT_OFF, figures.slow_readers > 0);
        count(counts, BOUNCED, figures.bounced > 0);
    }
}
