//! Who acts in a run: the server, people at ChatDev's own client, puppets that only do what they are told, and
//! impostors. All are generic over [`chatdev_net::Env`]: they act on real sockets as well.

mod accounts;
mod disk;
mod impostor;
mod person;
mod puppet;
mod server;

pub(crate) use disk::{Faults, ServerDisk};
pub(crate) use impostor::{Attempt, impostor};
pub(crate) use person::{BACKOFF_FLOOR, PersonSettings, Wish, person};
pub(crate) use puppet::puppet;
pub(crate) use server::{PORT, ServerSettings, Watch, server};

/// The one domain.
pub(crate) const DOMAIN: &str = "example.net";
