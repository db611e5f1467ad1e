//! ChatDev inside a simulated world: the same drivers and brains as in production, on a network, clocks and
//! random numbers that follow from a seed.
//!
//! - `world`: what they run in
//! - `schedule`: everything about a run as plain data; `scenarios`: how a seed becomes one
//! - `run`, `actors`: how a schedule is carried out
//! - `events`: what is written down; `checkers`: what must be so
//! - `batch`, `report`: many seeds, and what a person gets to see

mod actors;
pub mod batch;
pub mod checkers;
pub mod events;
pub mod report;
pub mod run;
pub mod scenarios;
pub mod schedule;
pub mod world;
