//! The secrets of a handshake, as both sides tell them (RFC 9850): the same ones, and only where somebody asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests on real clocks")]

mod identities;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chatdev_net::tls::{self, Acceptor, Connector, KeyLog};
use identities::identity;
use jiff::Timestamp;
use tokio::io::duplex;

/// Label, client's random, secret.
type Line = (String, Vec<u8>, Vec<u8>);

#[derive(Debug, Default)]
struct Told(Mutex<BTreeSet<Line>>);

impl KeyLog for Told {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.0.lock().unwrap().insert((label.to_owned(), client_random.to_vec(), secret.to_vec()));
    }
}

impl Told {
    fn labels(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(label, ..)| label.clone()).collect()
    }
}

const LABELS: [&str; 5] = [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
];

async fn shake_hands(acceptor: &Acceptor, connector: &Connector) {
    let (near, far) = duplex(16 * 1024);
    let (answered, dialled) = tokio::join!(
        biased;
        tls::accept(far, acceptor),
        tls::connect(near, connector, Timestamp::now()),
    );
    assert_eq!(answered.unwrap().exporter, dialled.unwrap().exporter);
}

#[tokio::test]
async fn both_sides_of_every_kind_of_connection_tell_the_same_secrets() {
    let (server, alice, bob) = (identity("example.net"), identity("alice"), identity("bob"));
    let to_server = Connector::to_server("example.net").unwrap();
    let kinds = [
        (Acceptor::for_clients(&server), to_server.clone()),
        (Acceptor::for_clients(&server), to_server.at_once()),
        (Acceptor::for_peers(&bob), Connector::to_peer(&alice)),
    ];
    for (acceptor, connector) in kinds {
        let (answerer, dialler) = (Arc::new(Told::default()), Arc::new(Told::default()));
        let acceptor = acceptor.with_key_log(Some(Arc::clone(&answerer) as _));
        let connector = connector.with_key_log(Some(Arc::clone(&dialler) as _));
        shake_hands(&acceptor, &connector).await;
        assert_eq!(answerer.labels(), LABELS);
        assert_eq!(*answerer.0.lock().unwrap(), *dialler.0.lock().unwrap());
        shake_hands(&acceptor, &connector).await;
        assert_eq!(answerer.labels().len(), 2 * LABELS.len(), "each connection has secrets of its own");
    }
}

#[tokio::test]
async fn asking_for_none_leaves_everything_as_it_was() {
    let (alice, bob) = (identity("alice"), identity("bob"));
    let told = Arc::new(Told::default());
    let (acceptor, connector) = (Acceptor::for_peers(&bob), Connector::to_peer(&alice));
    let logging = acceptor.clone().with_key_log(Some(Arc::clone(&told) as _));
    // The one that logs is a copy: the others are as before.
    shake_hands(&acceptor, &connector.clone().with_key_log(None)).await;
    shake_hands(&acceptor.with_key_log(None), &connector).await;
    assert_eq!(told.labels(), Vec::<String>::new());
    shake_hands(&logging, &connector).await;
    assert_eq!(told.labels(), LABELS);
}
