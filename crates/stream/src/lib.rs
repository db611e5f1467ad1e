//! ChatDev: the `stream` room.

pub mod sasl;
