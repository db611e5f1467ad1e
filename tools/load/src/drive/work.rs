//! [`Work`]: what the worker wants of every kind of load.

use std::rc::Rc;
use std::time::Duration;

use crate::measure::Phase;

/// The load of one thread, once its sessions are signed in.
pub(super) trait Work {
    /// A phase begins: `WarmUp`, `Measure` or `Drain`.
    fn begin(self: Rc<Self>, phase: Phase);

    /// Gives up what was to begin before.
    fn expire(&self, before: Duration);

    /// How much is still awaited: answers, messages that have not come, sign-ins that have not ended.
    fn under_way(&self) -> u64;

    /// Whether it has come to its end by itself; a load that goes on as long as it may never has.
    fn is_done(&self) -> bool {
        false
    }

    /// The end: whoever is signed in leaves, and what is still open is judged.
    fn finish(&self);
}
