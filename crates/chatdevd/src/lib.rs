//! The server program, as a library with a thin `main`: a program that runs servers itself (the demo, a test) starts
//! them with [`Server::start`].
//!
//! What is here, top to bottom:
//!
//! - [`cli`]: what may be typed; [`command`]: what the program then does
//! - [`server`]: a running server, as others start and stop it
//! - [`config`]: every setting, its default, and the four places it can come from
//! - [`data_folder`]: where things are kept, and the lock on it; [`certificate`]; [`store`]: accounts in SQLite
//! - [`database`], [`private_file`], [`process_lock`]: how our programs keep things on disk; the client uses them as well
//! - [`key_log`]: for whoever looks into their own connections; the client uses it as well
//! - [`log`], [`metrics`]: what a running server says about itself; [`tap`]: what others said to it, if asked for
//!
//! The protocol is *not* here: `chatdev-server` decides, `chatdev-net` moves the bytes.

pub mod certificate;
pub mod cli;
pub mod command;
pub mod config;
pub mod data_folder;
pub mod database;
pub mod key_log;
pub mod log;
pub mod metrics;
pub mod private_file;
pub mod process_lock;
pub mod server;
pub mod store;
pub mod tap;

pub use config::Config;
pub use server::{Running, Server};
