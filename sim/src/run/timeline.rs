//! The moments of a schedule in order: when actors start, when each operation begins, and when it is over.

use crate::schedule::Schedule;

/// Something to be done at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The server begins its first life.
    StartServer,
    /// An actor begins its first life. Its place in the schedule.
    Start(usize),
    /// An operation begins. Its place in the schedule.
    Begin(usize),
    /// An operation is over.
    Over(usize),
}

/// See the file's documentation.
pub(crate) struct Timeline;

impl Timeline {
    /// What has to be done at which millisecond, in order. Within one, what is over goes before what begins, and
    /// what was written first before what was written later.
    pub(crate) fn of(schedule: &Schedule) -> impl Iterator<Item = (u64, Deed)> + use<> {
        let mut deeds = vec![(0, 0, Deed::StartServer)];
        for (index, actor) in schedule.actors.iter().enumerate() {
            deeds.push((actor.start_ms, 1, Deed::Start(index)));
        }
        for (index, op) in schedule.ops.iter().enumerate() {
            if op.act.lasts_ms() > 0 {
                deeds.push((op.over_ms(), 2, Deed::Over(index)));
            }
            deeds.push((op.at_ms, 3, Deed::Begin(index)));
        }
        // Stable.
        deeds.sort_by_key(|(at_ms, rank, _)| (*at_ms, *rank));
        deeds.into_iter().map(|(at_ms, _, deed)| (at_ms, deed))
    }
}
