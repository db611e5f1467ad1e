//! What is measured, from one operation of one worker up to the whole run.

mod collector;
mod machine;
mod phase;
mod process;
mod seconds;
mod summing;
mod tally;
mod track;

pub use collector::{Collector, Glance};
pub use phase::Phase;
pub use process::Process;
pub use tally::{Count, Flaw, Operation, Tally};
