//! Peer streams (PROTOCOL section 3): opening, messages both ways, acknowledgements of what is stored and of nothing else.

use std::time::Duration;

use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_stream::peer::{Event, SendError};
use chatdev_stream::{Closed, Peer, Side};
use jid::FullJid;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::peers::{ALICE, BOB, ENABLE, HEADER, Peers, answering, config, dialling};

fn message(body: &str) -> String {
    format!("<message from='{ALICE}' to='{BOB}' type='chat'><body>{body}</body></message>")
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn two_messages_and_an_answer() {
    let mut peers = Peers::ready();
    peers.alice.send(&message("one"));
    peers.alice.send(&message("two"));
    peers.run();
    peers.bob.send("<message type='chat'><body>three</body></message>");
    peers.run();
    assert_eq!(peers.bob.bodies(), ["one", "two"]);
    assert_eq!(peers.alice.bodies(), ["three"]);
    assert_eq!((peers.alice.acknowledged(), peers.bob.acknowledged()), (2, 1));
    peers.alice.stream.close(at(0), None);
    peers.run();
    assert_eq!(peers.alice.events.last(), Some(&Event::Closed(Closed::Orderly { by: Side::Us })));
    assert_eq!(peers.bob.events.last(), Some(&Event::Closed(Closed::Orderly { by: Side::Them })));
    insta::assert_snapshot!(peers.transcript.to_string());
}

#[test]
fn nothing_is_shown_or_said_before_the_owner_has_judged_the_claim() {
    let mut bob = answering();
    bob.accepts = false;
    assert_eq!(bob.hear(&[HEADER, ENABLE, &message("hi")].concat()), "");
    let opened = Event::Opened { from: FullJid::new(ALICE).unwrap(), to: FullJid::new(BOB).unwrap() };
    assert_eq!(bob.events, [opened]);
    assert!(bob.stream.is_waiting());

    let error = StreamError::new(StreamCondition::NotAuthorized);
    bob.stream.refuse(at(0), error.clone());
    let said = bob.hear(&message("hi"));
    assert!(said.starts_with("<?xml") && said.contains("<not-authorized"), "{said}");
    assert_eq!(bob.events[1..], [Event::Closed(Closed::Failed { by: Side::Us, error })]);
}

#[test]
fn a_refused_dialler_is_told_why() {
    let mut bob = answering();
    bob.accepts = false;
    let mut peers = Peers::new(dialling(), bob);
    peers.run();
    let error = StreamError::new(StreamCondition::NotAuthorized);
    peers.bob.stream.refuse(at(0), error.clone());
    peers.run();
    assert_eq!(peers.alice.events, [Event::Closed(Closed::Failed { by: Side::Them, error })]);
}

#[test]
fn the_dialler_wants_whom_it_dialled() {
    let eve = Peer::answer(config("eve@example.net/x"), ChaCha20Rng::from_seed([6; 32]), at(0));
    let mut peers = Peers::new(dialling(), answering());
    peers.bob.stream = eve;
    peers.run();
    assert_eq!(peers.bob.condition(), StreamCondition::HostUnknown, "an honest one says that it is not Bob");

    let mut alice = dialling();
    alice.hear(
        &HEADER
            .replace(BOB, "x")
            .replace(ALICE, "eve@example.net/x")
            .replace("to='x'", &format!("to='{ALICE}'")),
    );
    assert_eq!(alice.condition(), StreamCondition::InvalidFrom);
}

#[test]
fn a_stranger_does_not_learn_who_answers() {
    let said = answering().hear(&HEADER.replace(BOB, "eve@example.net/x"));
    assert!(!said.contains("bob"), "{said}");
}

#[test]
fn a_side_without_acknowledgements_is_of_no_use() {
    let mut alice = dialling();
    let header = HEADER.replace(ALICE, "x").replace(BOB, ALICE).replace("from='x'", &format!("from='{BOB}'"));
    alice.hear(&format!("{header}<stream:features/>"));
    assert_eq!(alice.condition(), StreamCondition::UnsupportedFeature);
}

#[test]
fn resuming_is_refused_and_enabling_still_works() {
    let mut bob = answering();
    let said = bob.hear(&format!("{HEADER}<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>"));
    assert!(said.contains("<failed xmlns='urn:xmpp:sm:3'>"), "{said}");
    assert_eq!(bob.hear(ENABLE), "<enabled xmlns='urn:xmpp:sm:3'/>");
    assert!(bob.stream.is_ready());
}

#[test]
fn only_what_is_stored_is_acknowledged() {
    let mut peers = Peers::ready();
    peers.bob.stores = false;
    for body in ["one", "two", "three"] {
        peers.alice.send(&message(body));
    }
    peers.run();
    assert_eq!((peers.alice.acknowledged(), peers.alice.stream.unacknowledged()), (0, 3));
    peers.bob.acknowledge(2);
    peers.run();
    assert_eq!((peers.alice.acknowledged(), peers.alice.stream.unacknowledged()), (2, 1));
    peers.bob.acknowledge(1);
    peers.run();
    assert_eq!((peers.alice.acknowledged(), peers.alice.stream.unacknowledged()), (3, 0));
    assert_eq!(peers.alice.stream.poll_timeout(), None);
}

#[test]
fn what_is_stored_when_the_stream_closes_is_acknowledged_before() {
    let mut peers = Peers::ready();
    peers.bob.stores = false;
    peers.alice.send(&message("one"));
    peers.run();
    peers.bob.acknowledge(1);
    peers.bob.stream.close(at(0), None);
    assert_eq!(peers.bob.say(), "<a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>");
}

#[test]
fn one_request_follows_all_messages_of_one_write() {
    let mut peers = Peers::ready();
    peers.alice.send("<message/>");
    peers.alice.send("<message/>");
    assert_eq!(peers.alice.say(), "<message/><message/><r xmlns='urn:xmpp:sm:3'/>");
    assert_eq!(peers.alice.say(), "");
}

#[test]
fn a_request_that_is_not_answered_for_ten_seconds_closes_the_stream() {
    let mut peers = Peers::ready();
    peers.alice.now = at(100);
    peers.alice.send("<message/>");
    peers.alice.say();
    assert_eq!(peers.alice.stream.poll_timeout(), Some(at(110)));
    assert_eq!(peers.alice.wait(at(109)), "");
    peers.alice.wait(at(110));
    assert_eq!(peers.alice.condition(), StreamCondition::ConnectionTimeout);
    assert_eq!(peers.alice.stream.poll_timeout(), None);
}

#[test]
fn a_slow_but_living_peer_is_asked_again_instead() {
    let mut peers = Peers::ready();
    peers.bob.stores = false;
    peers.alice.send("<message/>");
    peers.run();
    for round in 1..5 {
        assert_eq!(peers.alice.stream.poll_timeout(), Some(at(10 * round)));
        let asked = peers.alice.wait(at(10 * round));
        assert_eq!(asked, "<r xmlns='urn:xmpp:sm:3'/>");
        let answer = peers.bob.hear(&asked);
        assert_eq!(answer, "<a xmlns='urn:xmpp:sm:3' h='0'/>");
        peers.alice.hear(&answer);
    }
    assert!(peers.alice.stream.is_ready());
}

#[test]
fn sending_pauses_when_too_much_is_unacknowledged() {
    let mut peers = Peers::ready();
    peers.bob.stores = false;
    for _ in 0..256 {
        peers.alice.send("<message/>");
    }
    assert_eq!(peers.alice.try_send("<message/>"), Err(SendError::Full));
    peers.run();
    peers.bob.acknowledge(1);
    peers.run();
    assert_eq!(peers.alice.try_send("<message/>"), Ok(()));
}

#[test]
fn reading_pauses_when_too_much_is_not_stored() {
    let mut peers = Peers::ready();
    peers.bob.stores = false;
    let flood = message("x").repeat(300);
    let mut octets = flood.as_bytes();
    while !octets.is_empty() && !peers.bob.stream.is_waiting() {
        peers.bob.stream.handle_bytes(at(0), &mut octets);
        while let Some(event) = peers.bob.stream.poll_event() {
            peers.bob.events.push(event);
        }
    }
    assert_eq!(peers.bob.bodies().len(), 256);
    assert!(!octets.is_empty());
    peers.bob.acknowledge(256);
    peers.bob.receive(octets);
    assert_eq!(peers.bob.bodies().len(), 300);
}

#[test]
fn nothing_is_sent_before_it_can_be_acknowledged_or_after_closing() {
    let mut alice = dialling();
    assert_eq!(alice.try_send("<message/>"), Err(SendError::NotReady));
    let mut peers = Peers::ready();
    peers.alice.stream.close(at(0), None);
    assert_eq!(peers.alice.try_send("<message/>"), Err(SendError::NotReady));
}

#[test]
fn opening_takes_thirty_seconds_at_most_on_both_sides() {
    let (mut alice, mut bob) = (dialling(), answering());
    bob.accepts = false;
    bob.hear(HEADER);
    for peer in [&mut alice, &mut bob] {
        assert_eq!(peer.stream.poll_timeout(), Some(at(30)));
        peer.wait(at(30));
        assert_eq!(peer.condition(), StreamCondition::ConnectionTimeout);
    }
}

#[test]
fn a_lost_connection_is_told() {
    let mut peers = Peers::ready();
    peers.alice.send("<message/>");
    peers.alice.stream.handle_eof();
    assert_eq!(peers.alice.stream.poll_event(), Some(Event::Closed(Closed::Lost)));
    assert_eq!(peers.alice.stream.unacknowledged(), 1, "still owed");
}

/// One thing that happens to a pair of peers.
#[derive(Clone, Debug)]
enum Step {
    Send { by_alice: bool },
    Store { by_alice: bool, count: u32 },
    Carry { from_alice: bool, octets: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(|by_alice| Step::Send { by_alice }),
        (any::<bool>(), 0..4u32).prop_map(|(by_alice, count)| Step::Store { by_alice, count }),
        (any::<bool>(), 1..200usize).prop_map(|(from_alice, octets)| Step::Carry { from_alice, octets }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Sends, stores and deliveries of octets in any order: messages arrive in order, nothing is acknowledged before it
    /// is stored, and once everything is carried and stored nothing is owed.
    #[test]
    fn any_interleaving_acknowledges_exactly_what_is_stored(steps in proptest::collection::vec(step(), 0..80)) {
        let mut peers = Peers::ready();
        (peers.alice.stores, peers.bob.stores) = (false, false);
        let mut wires: [Vec<u8>; 2] = Default::default();
        let (mut sent, mut stored) = ([0u32; 2], [0u32; 2]);
        for step in steps {
            match step {
                Step::Send { by_alice } => {
                    let (peer, number) = if by_alice { (&mut peers.alice, 0) } else { (&mut peers.bob, 1) };
                    sent[number] += 1;
                    peer.send(&format!("<message><body>{}</body></message>", sent[number]));
                }
                Step::Store { by_alice, count } => {
                    let (peer, number) = if by_alice { (&mut peers.alice, 1) } else { (&mut peers.bob, 0) };
                    let count = count.min(peer.bodies().len() as u32 - stored[number]);
                    stored[number] += count;
                    peer.acknowledge(count);
                }
                Step::Carry { from_alice, octets } => {
                    let (from, to, wire) = if from_alice {
                        (&mut peers.alice, &mut peers.bob, &mut wires[0])
                    } else {
                        (&mut peers.bob, &mut peers.alice, &mut wires[1])
                    };
                    wire.append(from.stream.output());
                    let now: Vec<u8> = wire.drain(..octets.min(wire.len())).collect();
                    to.receive(&now);
                }
            }
            prop_assert!(peers.alice.acknowledged() <= stored[0]);
            prop_assert!(peers.bob.acknowledged() <= stored[1]);
        }
        peers.bob.receive(&std::mem::take(&mut wires[0]));
        peers.alice.receive(&std::mem::take(&mut wires[1]));
        peers.run();
        let in_order = |count: u32| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>();
        prop_assert_eq!(peers.bob.bodies(), in_order(sent[0]));
        prop_assert_eq!(peers.alice.bodies(), in_order(sent[1]));
        peers.bob.acknowledge(sent[0] - stored[0]);
        peers.alice.acknowledge(sent[1] - stored[1]);
        peers.run();
        prop_assert_eq!((peers.alice.acknowledged(), peers.bob.acknowledged()), (sent[0], sent[1]));
        prop_assert_eq!((peers.alice.stream.unacknowledged(), peers.bob.stream.unacknowledged()), (0, 0));
    }
}
