//! Any segments on a few connections: `cargo +nightly fuzz run --fuzz-dir tools/fuzz segments`.
//!
//! Nothing panics and nothing grows. Each octet is the lowest eight bits of its sequence number, so what is heard of a
//! side shows whether it is in order, each octet once, and what is missing between them as much as it is told to be.

#![no_main]

#[path = "../../inspect/tests/ear/mod.rs"]
mod ear;

use std::net::SocketAddr;

use chatdev_inspect::model::{At, ConnectionId};
use chatdev_inspect::packet::{Flags, Segment};
use chatdev_inspect::tcp::{Holding, Limits, Reassembly};
use ear::Ear;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        connections: 3,
        ended: 2,
        octets_per_side: 600,
        segments_per_side: 6,
        octets: 900,
        segments: 9,
        ..Limits::default()
    };
    let (mut ear, mut reassembly) = (Ear::default(), Reassembly::new(limits));
    let mut ignored = false;
    let mut now = 0;
    for draft in data.as_chunks::<9>().0 {
        let [who, flags, seq @ .., length, cut, wait] = *draft;
        let [seq_far, seq_near, ack_far, ack_near] = seq;
        now += u64::from(wait) * 200_000;
        if flags & 0xe0 == 0xe0 {
            ignored = true;
            reassembly.ignore(ConnectionId(u32::from(who)));
            continue;
        }
        let ends = [
            SocketAddr::from(([192, 0, 2, 1], 40_000 + u16::from(who & 3))),
            SocketAddr::from(([192, 0, 2, 2], 5_222)),
        ];
        let from_dialler = who & 4 == 0;
        let seq = number(seq_far, seq_near);
        let first = seq.wrapping_add(u32::from(flags & 1));
        let payload: Vec<u8> = (0..u32::from(length)).map(|octet| first.wrapping_add(octet) as u8).collect();
        let segment = Segment {
            from: ends[usize::from(!from_dialler)],
            to: ends[usize::from(from_dialler)],
            seq,
            ack: number(ack_far, ack_near),
            flags: Flags {
                syn: flags & 1 != 0,
                fin: flags & 6 == 6,
                rst: flags & 24 == 24,
                ack: flags & 32 == 0,
            },
            payload: &payload,
            payload_octets_on_wire: u32::from(length) + u32::from(cut.saturating_sub(0xf0)),
        };
        reassembly.take(At(now), &segment, &mut ear);
        let Holding { octets, segments } = reassembly.holding();
        assert!(
            octets <= limits.octets
                && segments <= limits.segments
                && reassembly.connections() <= limits.connections
        );
    }
    reassembly.finish(&mut ear);
    assert_eq!(reassembly.holding(), Holding::default());
    assert!(ear.all_over());
    assert!(ear.remarks.is_empty(), "octets with the same number are the same");
    if !ignored {
        ear.assert_numbered();
    }
});

/// A sequence number: mostly near the one that wraps around, sometimes far.
fn number(far: u8, near: u8) -> u32 {
    let far = match far {
        0..0xc0 => u32::from(far & 7) << 8,
        far => u32::from(far) << 24,
    };
    far.wrapping_add(u32::from(near)).wrapping_sub(500)
}
