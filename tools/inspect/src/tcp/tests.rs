//! Connections as a capture shows them, segment by segment, and what is told of them.

mod lives;
mod octets;

use std::net::SocketAddr;

use super::*;
use crate::model::{Ending, Side};
use crate::packet::Flags;

const DIALLER: &str = "192.0.2.1:40000";
const ANSWERER: &str = "198.51.100.1:5222";
/// Initial sequence numbers: one wraps around soon.
const ISN: [u32; 2] = [u32::MAX - 5, 1_000];
/// One millisecond.
const MS: u64 = 1_000_000;

/// Segments go in, what is told comes out as lines.
struct Wire {
    reassembly: Reassembly,
    told: Vec<String>,
    now: u64,
    ports: [u16; 2],
}

/// A segment in the making: offsets instead of sequence numbers.
#[derive(Clone, Copy)]
struct Draft<'a> {
    side: Side,
    offset: i64,
    acked: Option<i64>,
    payload: &'a [u8],
    on_wire: Option<u32>,
    flags: &'a str,
}

fn from(side: Side, offset: i64, payload: &str) -> Draft<'_> {
    Draft { side, offset, acked: None, payload: payload.as_bytes(), on_wire: None, flags: "" }
}

fn dialler(offset: i64, payload: &str) -> Draft<'_> {
    from(Side::Dialler, offset, payload)
}

fn answerer(offset: i64, payload: &str) -> Draft<'_> {
    from(Side::Answerer, offset, payload)
}

impl<'a> Draft<'a> {
    fn ack(self, offset: i64) -> Self {
        Self { acked: Some(offset), ..self }
    }

    fn flags(self, flags: &'a str) -> Self {
        Self { flags, ..self }
    }

    /// The snap length cut it: there was more.
    fn cut(self, on_wire: u32) -> Self {
        Self { on_wire: Some(on_wire), ..self }
    }
}

impl Wire {
    fn new(limits: Limits) -> Self {
        Self { reassembly: Reassembly::new(limits), told: Vec::new(), now: 0, ports: [40_000, 5_222] }
    }

    /// A connection whose handshake was seen, and told.
    fn open() -> Self {
        let mut wire = Self::new(Limits::default());
        wire.send(dialler(-1, "").flags("S"));
        wire.send(answerer(-1, "").ack(0).flags("S"));
        wire.send(dialler(0, "").ack(0));
        assert_eq!(wire.heard(), ["1 opened 192.0.2.1:40000 198.51.100.1:5222 from start"]);
        wire
    }

    fn send(&mut self, draft: Draft<'_>) {
        let seq = |side: Side, offset: i64| ISN[side.index()].wrapping_add(1).wrapping_add(offset as u32);
        let mut ends: [SocketAddr; 2] = [DIALLER, ANSWERER].map(|end| end.parse().expect("an address"));
        ends[0].set_port(self.ports[0]);
        ends[1].set_port(self.ports[1]);
        let segment = Segment {
            from: ends[draft.side.index()],
            to: ends[draft.side.other().index()],
            seq: seq(draft.side, draft.offset),
            ack: draft.acked.map_or(0, |offset| seq(draft.side.other(), offset)),
            flags: Flags {
                syn: draft.flags.contains('S'),
                fin: draft.flags.contains('F'),
                rst: draft.flags.contains('R'),
                ack: draft.acked.is_some(),
            },
            payload: draft.payload,
            payload_octets_on_wire: draft.on_wire.unwrap_or(draft.payload.len() as u32),
        };
        self.now += 1;
        let told = &mut self.told;
        self.reassembly
            .take(At(self.now * MS), &segment, &mut |happening: Happening<'_>| told.push(line(&happening)));
    }

    fn wait(&mut self, ms: u64) {
        self.now += ms;
        let told = &mut self.told;
        self.reassembly.pass(At(self.now * MS), &mut |happening: Happening<'_>| told.push(line(&happening)));
    }

    fn finish(&mut self) {
        let told = &mut self.told;
        self.reassembly.finish(&mut |happening: Happening<'_>| told.push(line(&happening)));
    }

    /// What was told since this was asked last.
    fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }
}

fn line(happening: &Happening<'_>) -> String {
    let who = |side: &Side| format!("{side:?}").to_lowercase();
    match happening {
        Happening::Opened { id, ends: [dialler, answerer], from_start, .. } => {
            format!("{} opened {dialler} {answerer}{}", id.0, if *from_start { " from start" } else { "" })
        }
        Happening::Octets { id, side, octets, .. } => {
            format!("{} {}: {}", id.0, who(side), String::from_utf8_lossy(octets))
        }
        Happening::Missing { id, side, octets, .. } => {
            format!("{} {} lacks {}", id.0, who(side), octets.expect("a number"))
        }
        Happening::Ended { id, how: Ending::Finished(side), .. } => {
            format!("{} {} finished", id.0, who(side))
        }
        Happening::Ended { id, how: Ending::Reset(side), .. } => format!("{} {} reset", id.0, who(side)),
        Happening::Ended { id, how: Ending::Abandoned, .. } => format!("{} abandoned", id.0),
        Happening::Remark { id, text, .. } => format!("{} remark: {text}", id.map_or(0, |id| id.0)),
    }
}
