//! Connections of rustls in memory, and of OpenSSL as they were recorded, as a bystander reads them.

mod arbitrary;
mod handshakes;
mod key_logs;
mod keys;
mod losses;
mod openssl;
mod party;
mod primitives;
mod resumption;
mod seen;
