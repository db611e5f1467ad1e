//! The tap on real sockets: every byte of both directions, in whole elements and in order; no secrets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests on real sockets and clocks")]
#![allow(dead_code, reason = "what the tests of the driver share is not all used by each")]

mod identities;
mod serving;

use std::collections::BTreeSet;

use chatdev_net::serve::tap::{Drain, Ending, Entry, Record, Speaker, Tap};
use chatdev_net::tls::Acceptor;
use chatdev_server::Config;
use chatdev_stream::receiving::Registration;
use chatdev_xml::Element;
use identities::identity;
use serving::{Running, config, read_to_end, read_until, with_stream};
use tokio::io::AsyncWriteExt as _;

const HEADER: &str = "<?xml version=\"1.0\"?><stream:stream xmlns='jabber:client' \
                      xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";

struct Tapped {
    running: Running,
    tap: Tap,
    drain: Drain,
}

impl Tapped {
    async fn start(config: Config) -> Self {
        let (tap, drain) = Tap::new();
        let acceptor = Acceptor::for_clients(&identity("localhost"));
        let running = Running::start_tapped(config, Some(acceptor), Some(tap.clone())).await;
        Self { running, tap, drain }
    }

    /// All that was told, once the server has ended.
    async fn stop(mut self) -> Vec<Entry> {
        self.running.stop().await;
        self.tap.close();
        let mut entries = Vec::new();
        while let Some(batch) = self.drain.next_batch() {
            assert_eq!(batch.lost, 0);
            entries.extend(batch.entries);
        }
        assert!(entries.is_sorted_by_key(|entry| entry.at), "in order of time");
        entries
    }
}

/// What was told of one connection, in words.
fn of(entries: &[Entry], connection: u64) -> Vec<String> {
    let words = |record: &Record| match record {
        Record::Opened { .. } => "opened".to_owned(),
        Record::Said { by, sealed, text } => format!("{by:?} {sealed} {text}"),
        other => format!("{other:?}"),
    };
    entries.iter().filter(|entry| entry.connection == connection).map(|entry| words(&entry.record)).collect()
}

/// What one side said on one connection.
fn said(entries: &[Entry], connection: u64, speaker: Speaker) -> Vec<&str> {
    let of_connection = entries.iter().filter(|entry| entry.connection == connection);
    let texts = of_connection.filter_map(|entry| match &entry.record {
        Record::Said { by, text, .. } if *by == speaker => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn connections(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.connection).collect::<BTreeSet<_>>().into_iter().collect()
}

#[tokio::test]
async fn every_byte_of_both_directions_is_told_as_it_was_said() {
    let tapped = Tapped::start(with_stream(|stream| {
        stream.tls_required = false;
        stream.registration = Registration::Loopback;
    }))
    .await;
    let mut client = tapped.running.connect().await;
    let here = client.local_addr().unwrap();
    let register = "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>carol</username>\
                    <password>correct horse</password></query></iq>";
    let says = [HEADER, "\n", register];
    let mut heard = String::new();
    for said in says {
        // Torn in the middle, so that no element comes in one piece.
        let (first, second) = said.split_at(said.len() / 2);
        for half in [first, second] {
            client.write_all(half.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
        }
        if said == HEADER {
            heard += &read_until(&mut client, "</stream:features>").await;
        }
    }
    heard += &read_until(&mut client, "id='r'").await;
    client.write_all(b"<secret>no XML").await.unwrap();
    client.write_all(b"</password>").await.unwrap();
    heard += &read_to_end(&mut client).await;
    drop(client);
    let entries = tapped.stop().await;
    let [connection] = connections(&entries)[..] else { panic!("{entries:#?}") };
    assert_eq!(said(&entries, connection, Speaker::Answerer).concat(), heard);
    let dialler = said(&entries, connection, Speaker::Dialler);
    assert_eq!(dialler.concat(), says.concat().replace("correct horse", "…"));
    assert!(matches!(entries[0].record, Record::Opened { dialler, answerer: Some(_) } if dialler == here));
    let told = of(&entries, connection);
    let unread =
        told.iter().position(|words| words.starts_with("Note(\"what the dialler says from here on")).unwrap();
    assert!(told[unread + 1].starts_with("Answerer false <stream:error>"), "{told:#?}");
    let missing = Record::Missing { by: Speaker::Dialler, octets: "<secret>no XML</password>".len() as u64 };
    let last: Vec<_> = entries.iter().rev().take(2).map(|entry| &entry.record).collect();
    assert_eq!(last, [&Record::Ended(Ending::Answerer), &missing]);
}

#[tokio::test]
async fn a_sign_in_over_starttls_is_told_without_its_secrets() {
    let tapped = Tapped::start(config()).await;
    let alice = tapped.running.sign_in("alice").await;
    alice.sign_out().await;
    let entries = tapped.stop().await;
    let told = of(&entries, connections(&entries)[0]);
    let mut rest = told.iter();
    for expected in [
        "opened",
        "Dialler false <?xml version='1.0'?><stream:stream",
        "Answerer false <?xml version='1.0'?><stream:stream",
        "Answerer false <stream:features><starttls",
        "Dialler false <starttls",
        "Answerer false <proceed",
        "Note(\"TLS 1.3, TLS13_",
        "Dialler true <?xml version='1.0'?><stream:stream",
        "Answerer true <?xml version='1.0'?><stream:stream",
        "Answerer true <stream:features><mechanisms",
        "Dialler true <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256-PLUS'>…</auth>",
        "Answerer true <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</challenge>",
        "Dialler true <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</response>",
        "Answerer true <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</success>",
        "Dialler true <?xml version='1.0'?><stream:stream",
        "Answerer true <?xml version='1.0'?><stream:stream",
        "Answerer true <stream:features><bind",
        "Dialler true <iq",
        "Answerer true <iq",
        "Dialler true </stream:stream>",
        "Answerer true </stream:stream>",
        "Ended(",
    ] {
        let words = rest.next().unwrap();
        assert!(words.starts_with(expected), "expected {expected}\nfound {words}\nin {told:#?}");
    }
    assert_eq!(rest.next(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_others_write_to_a_connection_is_told_in_the_order_in_which_it_is_received() {
    const PEOPLE: usize = 4;
    const MESSAGES: usize = 50;
    let tapped = Tapped::start(config()).await;
    let mut talks = Vec::new();
    let mut crowd = Vec::new();
    for number in 0..PEOPLE {
        crowd.push(tapped.running.sign_in(&format!("p{number}")).await);
    }
    for mut person in crowd {
        talks.push(tokio::spawn(async move {
            for number in 0..MESSAGES {
                let body = "x".repeat(997 * number % 5000);
                let messages = (0..PEOPLE).map(|to| {
                    format!("<message to='p{to}@localhost/test' id='{number}'><body>{body}</body></message>")
                });
                person.send(&messages.collect::<String>()).await;
            }
            let mut received = Vec::new();
            for _ in 0..PEOPLE * MESSAGES {
                received.push(person.receive().await.unwrap().to_string());
            }
            person.sign_out().await;
            received
        }));
    }
    let mut received = Vec::new();
    for talk in talks {
        received.push(talk.await.unwrap());
    }
    let entries = tapped.stop().await;
    assert!(entries.iter().all(|entry| !matches!(entry.record, Record::Missing { .. })));
    for (connection, received) in connections(&entries).into_iter().zip(received) {
        let is_message = |text: &&str| text.starts_with("<message");
        let told: Vec<_> =
            said(&entries, connection, Speaker::Answerer).into_iter().filter(is_message).collect();
        assert!(told == received, "connection {connection}");
        let sent = said(&entries, connection, Speaker::Dialler).into_iter().filter(is_message);
        let ids: Vec<usize> = sent
            .map(|text| Element::parse(text).unwrap().attribute("id").unwrap().parse().unwrap())
            .collect();
        assert_eq!(ids, (0..MESSAGES).flat_map(|id| [id; PEOPLE]).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn connections_that_come_to_nothing_are_told_too() {
    let tapped = Tapped::start(config()).await;
    drop(tapped.running.connect().await);
    let mut nonsense = tapped.running.connect().await;
    nonsense.write_all(b"\x16nonsense").await.unwrap();
    read_to_end(&mut nonsense).await;
    drop(tapped.running.seal(tapped.running.connect().await, true).await);
    let silent = tapped.running.connect().await;
    // The server accepts in order: whoever is answered later was there before.
    let mut last = tapped.running.connect().await;
    last.write_all(HEADER.as_bytes()).await.unwrap();
    read_until(&mut last, "</stream:features>").await;
    let entries = tapped.stop().await;
    drop((silent, last));
    let told: Vec<_> = connections(&entries).iter().map(|connection| of(&entries, *connection)).collect();
    assert_eq!(told.len(), 5);
    assert_eq!(told[0], ["opened", "Ended(Dialler)"]);
    assert!(told[1][1].starts_with("Note(\"the TLS handshake failed: "), "{told:#?}");
    assert_eq!(told[1][2..], ["Ended(Answerer)"]);
    assert!(told[2][1].starts_with("Note(\"TLS 1.3, "), "{told:#?}");
    assert_eq!(told[2][2..], ["Ended(Dialler)"]);
    assert_eq!(told[3], ["opened", "Ended(Answerer)"]);
    assert_eq!(told[4].last().unwrap(), "Ended(Answerer)");
}
