//! ChatDev inside a simulated world: the same drivers and brains as in production, on a network, clocks and
//! random numbers that follow from a seed.
//!
//! - `world`: what they run in
//! - `schedule`: everything about a run as plain data, and how it is made smaller; `scenarios`: how a seed becomes
//!   one
//! - `run`, `actors`: how a schedule is carried out; `real`: the same on real sockets
//! - `events`, `log`: what is written down; `model`, `checkers`: what must be so, and who says so
//! - `batch`: many seeds; `report`: what a person gets to see

mod actors;
pub mod batch;
#[cfg(feature = "canaries")]
pub mod canaries;
pub mod checkers;
pub mod events;
pub mod failure;
pub mod hunt;
pub mod log;
mod model;
pub mod real;
pub mod report;
pub mod run;
pub mod scenarios;
pub mod schedule;
pub mod world;
