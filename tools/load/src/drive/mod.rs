//! The load itself: threads with many sessions each, and one file for each kind of load.
//!
//! A `Worker` is one thread with a runtime of its own; nothing is shared between them while a load
//! runs. The main thread says when the next phase begins, and gathers what they counted (`conduct.rs`).

mod attend;
mod check_in;
mod conduct;
mod entry;
mod flights;
mod idle;
mod login;
mod mixed;
mod pacer;
mod peer;
mod ping;
mod reconnect;
mod route;
mod timer;
mod work;
mod worker;

pub use conduct::{Run, conduct};
