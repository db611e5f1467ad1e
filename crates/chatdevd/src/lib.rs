//! The server program, as a library with a thin `main`.
//!
//! What is here, top to bottom:
//!
//! - [`config`]: every setting, its default, and the four places it can come from
//! - [`data_folder`]: where things are kept, and the lock on it; [`certificate`]; [`store`]: accounts in SQLite
//! - [`log`], [`metrics`]: what a running server says about itself
//!
//! The protocol is *not* here: `chatdev-server` decides, `chatdev-net` moves the bytes.

pub mod certificate;
pub mod config;
pub mod data_folder;
pub mod log;
pub mod metrics;
pub mod store;

pub use config::Config;
