//! The programs that run in the processes of a simulated world: the server and the clients of production,
//! around the very drivers that production runs, and a puppet for what no honest client does.

mod accounts;
mod person;
mod puppet;
mod server;

pub(crate) use person::PersonSettings;
pub(crate) use person::{Wish, person};
pub(crate) use puppet::puppet;
pub(crate) use server::{PORT, ServerSettings, Store, server};

/// The one domain of the simulation, and the name of the machine that serves it.
pub(crate) const DOMAIN: &str = "example.net";
