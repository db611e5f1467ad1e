//! The client's tables, and the steps that lead an older database to them.

use chatdevd::database::Tables;

/// The client's tables.
pub(super) const TABLES: Tables =
    Tables { program: "chatdev", application_id: APPLICATION_ID, steps: &STEPS };

/// "Chdv" in ASCII.
const APPLICATION_ID: i64 = 0x4368_6476;

const STEPS: [&str; 1] = [
    // 1. Fingerprints are SHA-256 over DER. `accepted` is 1, or 0 for a device that was shown and not accepted.
    "CREATE TABLE account (
        jid TEXT PRIMARY KEY NOT NULL, server TEXT, password TEXT, used INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE server (domain TEXT PRIMARY KEY NOT NULL, fingerprint BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE trust (
        account TEXT NOT NULL, jid TEXT NOT NULL, fingerprint BLOB NOT NULL, accepted INTEGER NOT NULL,
        PRIMARY KEY (account, jid, fingerprint)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reserved (
        account TEXT NOT NULL, device TEXT NOT NULL, peer BLOB NOT NULL, below INTEGER NOT NULL,
        PRIMARY KEY (account, device, peer)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mark (
        account TEXT NOT NULL, device TEXT NOT NULL, peer BLOB NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (account, device, peer)
    ) STRICT, WITHOUT ROWID;",
];
