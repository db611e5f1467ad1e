//! `chatdev-load`: drives any XMPP server, says honestly how fast it was, and accounts for every message.
//!
//! - `measure`, `report`: what was counted, and what is shown of it
//! - `relay`, `meddler`: a yardstick, and somebody who does what an audit has to notice

pub mod measure;
pub mod meddler;
pub mod relay;
pub mod report;
