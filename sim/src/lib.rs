//! ChatDev inside a simulated world: the same drivers and brains as in production, on a network, clocks and random numbers that follow from a seed.
//!
//! `world` is what they run in, `events` what is written down of it. What is simulated and what is checked is in the files' own words.

pub mod events;
pub mod world;
