//! However a conversation is cut into pieces on its way, both ends say and tell the same.

use std::time::Duration;

use chatdev_stream::{initiating, receiving};
use proptest::prelude::*;

use crate::client_side::{ClientSide, alice};
use crate::pair::Pair;
use crate::peers::{ENABLE, HEADER, answering};
use crate::server_side::{ServerSide, config};

/// A whole session, as it went over the wire inside TLS: (client's octets, server's octets) per turn.
fn conversation() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pair = Pair::inside_tls(alice(), config());
    let mut turns = Vec::new();
    let mut answer = std::mem::take(pair.client.stream.output());
    while !answer.is_empty() {
        let to_client = pair.server.receive(Duration::ZERO, &answer);
        turns.push((answer, to_client.clone()));
        answer = pair.client.receive(Duration::ZERO, &to_client);
    }
    turns.push((
        b" <message to='bob@example.net'><body>h\xC3\xA9</body></message> </stream:stream>".to_vec(),
        Vec::new(),
    ));
    turns
}

/// `octets` in pieces whose lengths go round in `lengths`.
fn cut<'a>(mut octets: &'a [u8], lengths: &'a [usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for length in lengths.iter().cycle() {
        if octets.is_empty() {
            break;
        }
        let (piece, rest) = octets.split_at((*length).min(octets.len()));
        pieces.push(piece);
        octets = rest;
    }
    pieces
}

fn server_events(turns: &[(Vec<u8>, Vec<u8>)], lengths: &[usize]) -> (Vec<u8>, Vec<receiving::Event>) {
    let mut server = ServerSide::inside_tls();
    let pieces = turns.iter().flat_map(|(said, _)| cut(said, lengths));
    let said = pieces.flat_map(|piece| server.receive(Duration::ZERO, piece)).collect();
    // White space is told once per piece that it comes in.
    server.events.dedup_by(|one, other| *one == receiving::Event::KeepAlive && one == other);
    (said, server.events)
}

fn client_events(turns: &[(Vec<u8>, Vec<u8>)], lengths: &[usize]) -> (Vec<u8>, Vec<initiating::Event>) {
    let mut client = ClientSide::inside_tls(alice());
    let mut said = std::mem::take(client.stream.output());
    for piece in turns.iter().flat_map(|(_, said)| cut(said, lengths)) {
        said.extend(client.receive(Duration::ZERO, piece));
    }
    (said, client.events)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn client_streams_do_not_depend_on_how_octets_arrive(lengths in proptest::collection::vec(1usize..60, 1..6)) {
        let turns = conversation();
        let (said, events) = server_events(&turns, &[usize::MAX]);
        prop_assert!(matches!(events.last(), Some(receiving::Event::Closed(_))));
        prop_assert_eq!(server_events(&turns, &lengths), (said, events));
        let (said, events) = client_events(&turns, &[usize::MAX]);
        prop_assert!(matches!(events.last(), Some(initiating::Event::Bound(_))));
        prop_assert_eq!(client_events(&turns, &lengths), (said, events));
    }

    #[test]
    fn peer_streams_do_not_depend_on_how_octets_arrive(lengths in proptest::collection::vec(1usize..60, 1..6)) {
        let text = [HEADER, ENABLE, "<message><body>x</body></message><r xmlns='urn:xmpp:sm:3'/><message/></stream:stream>"];
        let run = |lengths: &[usize]| {
            let mut bob = answering();
            let text = text.concat();
            cut(text.as_bytes(), lengths).into_iter().for_each(|piece| bob.receive(piece));
            (bob.events.clone(), bob.say())
        };
        prop_assert_eq!(run(&[usize::MAX]), run(&lengths));
    }
}
