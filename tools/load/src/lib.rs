//! `chatdev-load`: drives any XMPP server, says honestly how fast it was, and accounts for every message.
//!
//! - `measure`, `report`: what was counted, and what is shown of it

pub mod measure;
pub mod report;
