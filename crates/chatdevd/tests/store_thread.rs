//! The storage thread: answers, what commands did beside it, and what becomes of damaged accounts.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use chatdev_server::{StorageAnswer, StorageRequest};
use chatdev_stream::sasl::{Credentials, Password};
use chatdevd::store::{AccountChange, ChangeKind, Opener, StorageThread, Store};
use jid::{BareJid, NodePart};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

fn jid(text: &str) -> BareJid {
    BareJid::new(text).unwrap()
}

fn credentials(password: &str) -> Credentials {
    Credentials::derive(&Password::new(password).unwrap(), 1, &mut ChaCha20Rng::from_seed([3; 32]))
}

/// A thread on the database at `path`, and the changes that it tells of.
fn start(path: &Path) -> (StorageThread, Receiver<AccountChange>) {
    let (sender, changes) = channel();
    let store = Store::open(path, Opener::Alone).unwrap();
    (StorageThread::start(store, move |change| sender.send(change).unwrap()).unwrap(), changes)
}

#[tokio::test]
async fn requests_are_answered_as_the_memory_twin_answers_them() {
    let folder = tempfile::tempdir().unwrap();
    let (thread, _changes) = start(&folder.path().join("db"));
    let mut twin = chatdev_server::MemoryStore::new();
    let (alice, server) = (jid("alice@localhost"), jid("localhost"));
    let keys = |account: &BareJid| StorageRequest::Credentials { account: account.clone() };
    let create = |account: &BareJid, password| StorageRequest::Create {
        account: account.clone(),
        credentials: credentials(password),
    };
    let replace = StorageRequest::Replace { account: alice.clone(), credentials: credentials("new") };
    let remove = StorageRequest::Remove { account: alice.clone() };
    let dialogue = [
        keys(&alice),
        replace.clone(),
        create(&alice, "old"),
        create(&alice, "other"),
        keys(&alice),
        replace,
        keys(&alice),
        keys(&server),
        remove.clone(),
        remove,
        keys(&alice),
    ];
    for request in dialogue {
        let ours = thread.request(request.clone()).await;
        let theirs = twin.answer(request.clone());
        let stored = |answer: &StorageAnswer| match answer {
            StorageAnswer::Credentials(Some(keys)) => format!("{:?}", keys.sha256.stored_key()),
            other => format!("{other:?}"),
        };
        assert_eq!(stored(&ours), stored(&theirs), "{request:?}");
    }
}

#[tokio::test]
async fn a_crowd_is_answered_in_full_and_dropping_the_thread_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let (thread, _changes) = start(&path);
    let keys = credentials("x");
    let crowd: Vec<_> = (0..1000)
        .map(|n| {
            let account = jid(&format!("user{n}@localhost"));
            thread.request(StorageRequest::Create { account, credentials: keys.clone() })
        })
        .collect();
    drop(thread);
    for answer in crowd {
        assert!(matches!(answer.await, StorageAnswer::Done));
    }
    assert_eq!(Store::open(&path, Opener::Alone).unwrap().accounts().list().unwrap().len(), 1000);
}

#[test]
fn changes_by_commands_are_told_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let (thread, changes) = start(&path);
    let mut beside = Store::open(&path, Opener::Beside).unwrap();
    let alice = NodePart::new("alice").unwrap().into_owned();
    let keys = credentials("x");
    beside.accounts().create(&alice, &keys).unwrap();
    let password =
        beside.change_beside(&alice, ChangeKind::Password, |accounts| accounts.replace(&alice, &keys));
    let removed = beside.change_beside(&alice, ChangeKind::Removed, |accounts| accounts.remove(&alice));
    let nothing = beside.change_beside(&alice, ChangeKind::Removed, |accounts| accounts.remove(&alice));
    assert_eq!(nothing.unwrap(), None);
    let told: Vec<_> = changes.iter().take(2).collect();
    let expected = [ChangeKind::Password, ChangeKind::Removed];
    assert_eq!(told, expected.map(|kind| AccountChange { username: alice.clone(), kind }));
    thread.close();
    for number in [password, removed] {
        assert!(beside.is_done(number.unwrap().unwrap()).unwrap());
    }
    assert_eq!(changes.try_iter().count(), 0);
}

#[tokio::test]
async fn one_damaged_account_keeps_nobody_else_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let (thread, _changes) = start(&path);
    for name in ["alice@localhost", "bob@localhost"] {
        thread.request(StorageRequest::Create { account: jid(name), credentials: credentials("x") }).await;
    }
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("UPDATE account SET sha256_stored_key = x'00' WHERE username = 'alice'", []).unwrap();
    let alice = thread.request(StorageRequest::Credentials { account: jid("alice@localhost") });
    let bob = thread.request(StorageRequest::Credentials { account: jid("bob@localhost") });
    assert!(matches!(alice.await, StorageAnswer::Failed));
    assert!(matches!(bob.await, StorageAnswer::Credentials(Some(_))));
}

#[tokio::test]
async fn a_database_that_fails_is_said_to_have_failed_and_works_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let (thread, _changes) = start(&path);
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch("ALTER TABLE account RENAME TO elsewhere").unwrap();
    let create = StorageRequest::Create { account: jid("alice@localhost"), credentials: credentials("x") };
    assert!(matches!(thread.request(create.clone()).await, StorageAnswer::Failed));
    raw.execute_batch("ALTER TABLE elsewhere RENAME TO account").unwrap();
    assert!(matches!(thread.request(create).await, StorageAnswer::Done));
}
