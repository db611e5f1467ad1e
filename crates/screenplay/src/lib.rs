//! Screenplays: dialogues between clients and a server, written for people and played by tests
//! (`testdata/README.md` has the format). Here they are read, and what a client received is compared with
//! what was written.
//!
//! Who plays them is not known here: the server in memory, the simulation, a live server. Only for tests; no
//! program contains this.

mod bindings;
mod cue;
mod expectation;
mod play;

pub use bindings::{Bindings, Unbound};
pub use cue::{Closing, Cue};
pub use expectation::{Mismatch, expect};
pub use play::{Line, Play, PlayError};
