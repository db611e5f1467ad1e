//! The server's tables, and the steps that lead an older database to them.

use crate::database::Tables;

/// The server's tables.
pub(super) const TABLES: Tables =
    Tables { program: "chatdevd", application_id: APPLICATION_ID, steps: &STEPS };

/// The version that this program reads and writes.
pub const VERSION: i64 = TABLES.version();

/// "Chat" in ASCII.
const APPLICATION_ID: i64 = 0x4368_6174;

const STEPS: [&str; 2] = [
    // 1: accounts. A username is a prepared localpart (RFC 7622); the domain is the configuration's.
    "CREATE TABLE account (
        username TEXT PRIMARY KEY NOT NULL,
        sha1_salt BLOB NOT NULL, sha1_iterations INTEGER NOT NULL,
        sha1_stored_key BLOB NOT NULL, sha1_server_key BLOB NOT NULL,
        sha256_salt BLOB NOT NULL, sha256_iterations INTEGER NOT NULL,
        sha256_stored_key BLOB NOT NULL, sha256_server_key BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;",
    // 2: word from the commands to the running server.
    "CREATE TABLE account_change (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        username TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('password', 'removed'))
    ) STRICT;",
];
