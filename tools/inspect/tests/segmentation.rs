//! Conversations cut into segments, then disturbed as networks and captures do, come out as they were said (RFC 9293
//! from outside).

mod ear;

use std::net::SocketAddr;

use chatdev_inspect::model::{At, Ending, Happening, Side};
use chatdev_inspect::packet::{Flags, Segment};
use chatdev_inspect::tcp::{Holding, Limits, Reassembly};
use ear::{Ear, Heard};
use proptest::collection::vec;
use proptest::prelude::*;

/// A segment as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    connection: usize,
    side: Side,
    seq: u32,
    ack: Option<u32>,
    flags: Flags,
    payload: Vec<u8>,
    /// Where the payload begins in the stream of its side.
    offset: usize,
}

/// One thing that is sent, and how it is disturbed.
#[derive(Clone, Debug)]
struct Saying {
    side: Side,
    octets: Vec<u8>,
    /// How many segments later it is seen than it was sent, roughly.
    late: usize,
    seen_twice: bool,
    /// Sent again with these boundaries, in 256ths of what was said until then.
    again: Option<(u8, u8)>,
    lost: bool,
}

#[derive(Clone, Debug)]
struct Conversation {
    isn: [u32; 2],
    sayings: Vec<Saying>,
}

fn address(connection: usize, side: Side) -> SocketAddr {
    match side {
        Side::Dialler => SocketAddr::from(([192, 0, 2, 1], 40_000 + connection as u16)),
        Side::Answerer if connection.is_multiple_of(2) => SocketAddr::from(([198, 51, 100, 1], 5222)),
        Side::Answerer => SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 5269)),
    }
}

impl Sent {
    fn segment(&self) -> Segment<'_> {
        Segment {
            from: address(self.connection, self.side),
            to: address(self.connection, self.side.other()),
            seq: self.seq,
            ack: self.ack.unwrap_or(0),
            flags: self.flags,
            payload: &self.payload,
            payload_octets_on_wire: self.payload.len() as u32,
        }
    }
}

/// Sends a conversation: what is seen of it, in order, and what has to be heard of each side.
fn send(connection: usize, conversation: &Conversation) -> (Vec<Sent>, [Heard; 2]) {
    let mut said: [Vec<u8>; 2] = Default::default();
    let mut heard: [Heard; 2] = Default::default();
    let mut lost: [Vec<bool>; 2] = Default::default();
    let mut seen: Vec<(usize, Sent)> = Vec::new();
    let [dialler, answerer] = conversation.isn.map(|isn| isn.wrapping_add(1));
    let base = [dialler, answerer];
    let sent = |side: Side, offset: usize, payload: &[u8], acked: usize, fin: bool| Sent {
        connection,
        side,
        seq: base[side.index()].wrapping_add(offset as u32),
        ack: Some(base[side.other().index()].wrapping_add(acked as u32)),
        flags: Flags { ack: true, fin, ..Flags::default() },
        payload: payload.to_vec(),
        offset,
    };
    for (place, saying) in conversation.sayings.iter().enumerate() {
        let (own, other) = (saying.side.index(), saying.side.other().index());
        let (offset, acked) = (said[own].len(), said[other].len());
        said[own].extend(&saying.octets);
        lost[own].resize(said[own].len(), saying.lost);
        match saying.lost {
            true => heard[own].missing(saying.octets.len() as u64),
            false => heard[own].octets(&saying.octets),
        }
        let first = sent(saying.side, offset, &saying.octets, acked, false);
        let seen_at = (place + saying.late) * 4;
        if saying.seen_twice {
            seen.push((seen_at + 7, first.clone()));
        }
        seen.push((seen_at, first));
        if let Some((from, to)) = saying.again {
            let part = |share: u8| said[own].len() * usize::from(share) / 256;
            let (from, to) = (part(from.min(to)), part(from.max(to)));
            seen.push((seen_at + 5, sent(saying.side, from, &said[own][from..to], acked, false)));
        }
        // Nothing but an acknowledgement, at the time of sending: it may be seen before what it acknowledges.
        seen.push((place * 4 + 2, sent(saying.side.other(), acked, &[], said[own].len(), false)));
    }
    seen.retain(|(_, sent)| {
        let range = sent.offset..sent.offset + sent.payload.len();
        !lost[sent.side.index()][range].contains(&true)
    });
    seen.sort_by_key(|(place, _)| *place);
    let mut all = hands_shaken(connection, conversation.isn);
    all.extend(seen.into_iter().map(|(_, sent)| sent));
    let [dialler, answerer] = [said[0].len(), said[1].len()];
    all.push(sent(Side::Dialler, dialler, &[], answerer, true));
    all.push(sent(Side::Answerer, answerer, &[], dialler + 1, true));
    all.push(sent(Side::Dialler, dialler + 1, &[], answerer + 1, false));
    (all, heard)
}

fn hands_shaken(connection: usize, isn: [u32; 2]) -> Vec<Sent> {
    let [dialler, answerer] = isn;
    let sent = |side, seq, ack, syn| Sent {
        connection,
        side,
        seq,
        ack,
        flags: Flags { syn, ack: ack.is_some(), ..Flags::default() },
        payload: Vec::new(),
        offset: 0,
    };
    vec![
        sent(Side::Dialler, dialler, None, true),
        sent(Side::Answerer, answerer, Some(dialler.wrapping_add(1)), true),
        sent(Side::Dialler, dialler.wrapping_add(1), Some(answerer.wrapping_add(1)), false),
    ]
}

/// Several conversations at once: which one has its next segment seen is drawn.
fn interleave(mut seen: Vec<std::vec::IntoIter<Sent>>, draws: &[u8]) -> Vec<Sent> {
    let mut all = Vec::new();
    let mut draws = draws.iter().cycle();
    while seen.iter().any(|rest| rest.len() > 0) {
        seen.retain(|rest| rest.len() > 0);
        let drawn = usize::from(*draws.next().expect("a cycle of some has no end")) % seen.len();
        all.extend(seen[drawn].next());
    }
    all
}

fn listen(limits: Limits, all: &[Sent]) -> (Ear, Reassembly) {
    let mut ear = Ear::default();
    let mut reassembly = Reassembly::new(limits);
    for (index, sent) in all.iter().enumerate() {
        // Fast enough for everything to be seen within the grace that acknowledgements have.
        let at = At(1_700_000_000_000_000_000 + index as u64 * 50_000);
        reassembly.take(at, &sent.segment(), &mut ear);
    }
    reassembly.finish(&mut ear);
    (ear, reassembly)
}

fn isn() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), (0..2_000_u32).prop_map(|before| u32::MAX - before)]
}

fn saying(lossy: bool) -> impl Strategy<Value = Saying> {
    let side = prop_oneof![Just(Side::Dialler), Just(Side::Answerer)];
    let again = proptest::option::weighted(0.2, any::<(u8, u8)>());
    let lost = if lossy { proptest::bool::weighted(0.15).boxed() } else { Just(false).boxed() };
    (side, vec(any::<u8>(), 1..200), 0..3_usize, proptest::bool::weighted(0.1), again, lost).prop_map(
        |(side, octets, late, seen_twice, again, lost)| Saying {
            side,
            octets,
            late,
            seen_twice,
            again,
            lost,
        },
    )
}

fn conversations(lossy: bool) -> impl Strategy<Value = (Vec<Conversation>, Vec<u8>)> {
    let conversation =
        ([isn(), isn()], vec(saying(lossy), 0..24)).prop_map(|(isn, sayings)| Conversation { isn, sayings });
    (vec(conversation, 1..4), vec(any::<u8>(), 1..64))
}

/// Plays conversations and compares what is heard with what was said.
fn check(conversations: &[Conversation], draws: &[u8]) -> Result<(), TestCaseError> {
    let sent: Vec<_> =
        conversations.iter().enumerate().map(|(index, conversation)| send(index, conversation)).collect();
    let all = interleave(sent.iter().map(|(all, _)| all.clone().into_iter()).collect(), draws);
    let (ear, reassembly) = listen(Limits::default(), &all);
    prop_assert_eq!(ear.opened.len(), conversations.len());
    prop_assert_eq!(&ear.remarks, &Vec::<String>::new());
    prop_assert_eq!(reassembly.holding(), Holding::default());
    for (id, (dialler, from_start)) in &ear.opened {
        prop_assert!(from_start);
        let index = usize::from(dialler.port() - 40_000);
        for side in Side::BOTH {
            let heard = ear.heard.get(&(*id, side)).cloned().unwrap_or_default();
            prop_assert_eq!(&heard, &sent[index].1[side.index()], "{:?} of {}", side, index);
        }
        let mut ended = ear.ended[id].clone();
        // Where the last octets of the dialler are missing, the answerer may come to its end first.
        ended.sort_by_key(|how| *how != Ending::Finished(Side::Dialler));
        prop_assert_eq!(&ended, &vec![Ending::Finished(Side::Dialler), Ending::Finished(Side::Answerer)]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_said_is_what_is_heard((conversations, draws) in conversations(false)) {
        check(&conversations, &draws)?;
    }

    #[test]
    fn a_gap_is_marked_where_octets_are_missing_and_with_their_number((conversations, draws) in conversations(true)) {
        check(&conversations, &draws)?;
    }

    #[test]
    fn the_same_segments_give_the_same_happenings((conversations, draws) in conversations(true)) {
        let sent = conversations.iter().enumerate().map(|(index, conversation)| send(index, conversation).0.into_iter());
        let all = interleave(sent.collect(), &draws);
        let tell = || {
            let mut told = Vec::new();
            let mut reassembly = Reassembly::default();
            for sent in &all {
                reassembly.take(At(0), &sent.segment(), &mut |happening: Happening<'_>| told.push(format!("{happening:?}")));
            }
            reassembly.finish(&mut |happening: Happening<'_>| told.push(format!("{happening:?}")));
            told
        };
        prop_assert_eq!(tell(), tell());
    }

    #[test]
    fn nothing_grows_beyond_its_limit(
        segments in vec((0..6_usize, any::<bool>(), 0..600_u32, 0..40_usize, any::<u8>(), 0..700_u32), 1..300),
        octets in 1..400_usize,
        pieces in 1..8_usize,
    ) {
        let limits = Limits {
            connections: 3,
            ended: 2,
            octets_per_side: octets,
            segments_per_side: pieces,
            octets: octets * 2,
            segments: pieces * 2,
            ..Limits::default()
        };
        let mut ear = Ear::default();
        let mut reassembly = Reassembly::new(limits);
        for (index, (connection, from_dialler, seq, length, flags, ack)) in segments.into_iter().enumerate() {
            let mut sent = Sent {
                connection,
                side: if from_dialler { Side::Dialler } else { Side::Answerer },
                seq: seq.wrapping_sub(100),
                ack: Some(ack.wrapping_sub(100)),
                // Mostly plain segments; the rest in any mixture.
                flags: Flags { syn: flags & 0xc3 == 1, fin: flags & 0xc5 == 4, rst: flags & 0xf9 == 8, ack: flags & 16 == 0 },
                payload: Vec::new(),
                offset: 0,
            };
            let first = sent.seq.wrapping_add(u32::from(sent.flags.syn));
            sent.payload = (0..length).map(|octet| first.wrapping_add(octet as u32) as u8).collect();
            reassembly.take(At(index as u64), &sent.segment(), &mut ear);
            let holding = reassembly.holding();
            prop_assert!(holding.octets <= limits.octets && holding.segments <= limits.segments, "{:?}", holding);
            prop_assert!(reassembly.connections() <= limits.connections);
        }
        reassembly.finish(&mut ear);
        prop_assert_eq!(reassembly.holding(), Holding::default());
        prop_assert_eq!(reassembly.connections(), 0);
        prop_assert!(ear.all_over(), "what opened has ended");
        prop_assert!(ear.remarks.is_empty(), "octets with the same number are the same");
        ear.assert_numbered();
    }
}
