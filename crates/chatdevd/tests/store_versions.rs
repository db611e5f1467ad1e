//! Databases of other versions: older ones are brought up to date with what they hold, newer and foreign ones are
//! left alone.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use std::path::Path;

use chatdev_stream::sasl::Password;
use chatdevd::store::{Opener, Store, VERSION};
use jid::NodePart;
use rusqlite::Connection;

/// A database as version 1 left it: alice, with the password `pencil`, and the secret behind fake salts.
const VERSION_1: &str = include_str!("data/version_1.sql");

fn database(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn refusal(path: &Path, opener: Opener) -> String {
    Store::open(path, opener).unwrap_err().to_string().replace(&*path.to_string_lossy(), "PATH")
}

#[test]
fn version_1_is_brought_up_to_date_and_its_people_can_still_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    database(&path, VERSION_1);
    let store = Store::open(&path, Opener::Alone).unwrap();
    let alice = store.accounts().credentials(&NodePart::new("alice").unwrap()).unwrap().unwrap();
    let password = Password::new("pencil").unwrap();
    assert!(alice.sha1.verify(&password) && alice.sha256.verify(&password));
    assert_eq!(store.secret().unwrap(), *b"the secret of the version 1 data");
    drop(store);
    let raw = Connection::open(&path).unwrap();
    let version: i64 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, VERSION);
    // What a new database has, an updated one has too.
    let tables = |connection: &Connection| -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let new = folder.path().join("new");
    drop(Store::open(&new, Opener::Alone).unwrap());
    assert_eq!(tables(&raw), tables(&Connection::open(&new).unwrap()));
}

#[test]
fn an_older_database_is_not_changed_under_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    database(&path, VERSION_1);
    insta::assert_snapshot!(refusal(&path, Opener::Beside), @r#"
        the database PATH is of version 1, which only a starting server brings to version 2
          help: restart the running chatdevd with this version of the program
        "#);
    Store::open(&path, Opener::Alone).unwrap();
    Store::open(&path, Opener::Beside).unwrap();
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    drop(Store::open(&path, Opener::Alone).unwrap());
    database(&path, "PRAGMA user_version = 7");
    let before = std::fs::read(&path).unwrap();
    insta::assert_snapshot!(refusal(&path, Opener::Alone), @r#"
        the database PATH is of version 7, and this chatdevd knows versions up to 2
          help: run the newer chatdevd that wrote it, or use a copy of the data folder from before the update
        "#);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (other, text) = (folder.path().join("other"), folder.path().join("text"));
    database(&other, "CREATE TABLE photograph (name TEXT)");
    std::fs::write(&text, "this is a letter to my grandmother, who is no database at all").unwrap();
    for path in [other, text] {
        let before = std::fs::read(&path).unwrap();
        let message = refusal(&path, Opener::Alone);
        assert_eq!(message, "PATH is not a chatdevd database\n  help: name another data folder with --data");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
