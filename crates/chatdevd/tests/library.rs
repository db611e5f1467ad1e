//! Servers as values: several in one process, each stopped for itself, as the demo and other tests use them.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod program;

use chatdev_stream::initiating::{Event, Failure};
use chatdevd::config::Problems;
use chatdevd::data_folder::{DataFolder, FolderError};
use chatdevd::{Config, Running, Server};
use program::caller::{fingerprint, settings, sign_in};

/// A server on a free port, that keeps its things in `folder`.
async fn start(folder: &tempfile::TempDir, domain: &str) -> anyhow::Result<Running> {
    Server::start(Config {
        data: Some(folder.path().to_owned()),
        domain: domain.to_owned(),
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn two_servers_in_one_process_know_nothing_of_each_other() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = start(&one, "one.example").await.unwrap();
    let second = start(&two, "two.example").await.unwrap();
    assert_eq!(fingerprint(first.addresses()[0]).await, first.fingerprint());
    assert_ne!(first.fingerprint(), second.fingerprint());
    let mut config = settings("alice@one.example", "pencil");
    config.register = true;
    let mut alice = sign_in(first.addresses()[0], config).await.unwrap();
    assert_eq!(first.counters().sessions, 1);
    assert_eq!((second.counters().sessions, second.counters().sign_in_failures), (0, 0));
    let elsewhere = sign_in(second.addresses()[0], settings("alice@two.example", "pencil")).await;
    assert!(matches!(elsewhere, Err(Failure::NotAuthorized { .. })));
    let stopped = tokio::spawn(first.stop());
    assert!(matches!(alice.next().await, Event::Closed(_)));
    drop(alice);
    stopped.await.unwrap();
    // What is stopped gives its folder back; what is not keeps it.
    start(&one, "one.example").await.unwrap().stop().await;
    let error = start(&two, "two.example").await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(FolderError::InUse { .. })), "{error}");
}

#[tokio::test]
async fn a_server_that_could_not_start_leaves_its_folder_free() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config { data: Some(folder.path().to_owned()), ..Config::default() };
    config.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.metrics.listen = Some(taken.local_addr().unwrap());
    Server::start(config).await.unwrap_err();
    DataFolder::open(folder.path()).unwrap().lock().unwrap();
}

#[tokio::test]
async fn settings_that_do_not_go_together_are_refused_here_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { data: Some(folder.path().join("data")), ..Config::default() };
    config.listen = vec!["0.0.0.0:0".parse().unwrap()];
    let error = Server::start(config).await.unwrap_err();
    assert!(error.downcast_ref::<Problems>().is_some(), "{error}");
    assert!(!folder.path().join("data").exists());
}
