//! The directory from outside, as PROTOCOL section 2 promises it. The wire is not part of it.

#![expect(clippy::unwrap_used, reason = "what is unwrapped here is part of what is tested")]

mod being_in_it;
mod cost;
mod deltas;
mod model;
mod private_addresses;
mod silence;
mod small_world;
mod versions;
mod world;
