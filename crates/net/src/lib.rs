//! The world outside the brains: [`Env`] (network, clock, randomness, tasks, TLS), its implementation on
//! tokio, and the drivers that run the brains of server and client on any `Env`.
//!
//! Not here: protocol decisions (the brains make them) and storage (the programs bring it).

pub mod chat;
pub mod contract;
pub mod derive;
mod env;
mod note;
mod prefixed;
pub mod serve;
mod stop;
pub mod tls;
mod tokio_env;

pub use env::{Connection, Env, Io, Listener};
pub use note::Note;
pub use prefixed::Prefixed;
pub use stop::Stop;
pub use tokio_env::TokioEnv;
