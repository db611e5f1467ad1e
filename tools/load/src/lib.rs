//! `chatdev-load`: drives any XMPP server, says honestly how fast it was, and accounts for every message.
//!
//! - `cli`, `command`: the program
//! - `scenario`, `accounts`, `target`, `limits`: what is done, by whom, to whom, and whether the system lets us
//! - `wire`: one connection: signing in, and whole stanzas
//! - `drive`: the load itself, on threads that share nothing
//! - `audit`: every message exactly once and in order
//! - `measure`, `report`: what was counted, and what is shown of it
//! - `relay`, `meddler`: a yardstick, and somebody who does what an audit has to notice

pub mod account_command;
pub mod accounts;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod command;
pub mod drive;
pub mod interrupt;
pub mod limits;
pub mod measure;
pub mod meddler;
pub mod relay;
pub mod report;
pub mod scenario;
pub mod target;
pub mod wire;
