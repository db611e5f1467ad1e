//! What each side said: order, repetition, loss, limits.

use super::*;

#[test]
fn both_sides_are_heard_in_order_and_across_the_wrap_of_numbers() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "<stream>").ack(0));
    wire.send(answerer(0, "<features/>").ack(8));
    wire.send(dialler(8, "<presence/>").ack(11));
    assert_eq!(wire.heard(), ["1 dialler: <stream>", "1 answerer: <features/>", "1 dialler: <presence/>"]);
}

#[test]
fn segments_out_of_order_wait_for_each_other() {
    let mut wire = Wire::open();
    wire.send(dialler(6, "fgh"));
    wire.send(dialler(3, "cde"));
    assert_eq!(wire.heard(), Vec::<String>::new());
    assert_eq!(wire.reassembly.holding(), Holding { octets: 6, segments: 2 });
    wire.send(dialler(0, "ab."));
    assert_eq!(wire.heard(), ["1 dialler: ab.", "1 dialler: cde", "1 dialler: fgh"]);
    assert_eq!(wire.reassembly.holding(), Holding::default());
}

#[test]
fn a_repetition_with_other_boundaries_adds_only_what_is_new() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "abcd"));
    wire.send(dialler(2, "cdef"));
    wire.send(dialler(0, "abcdef"));
    assert_eq!(wire.heard(), ["1 dialler: abcd", "1 dialler: ef"]);
    assert_eq!(wire.reassembly.oddities().repeated_octets, 8);
}

#[test]
fn the_first_copy_counts_and_a_different_one_is_remarked_once() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "abcd"));
    wire.send(dialler(1, "bXXe"));
    wire.send(dialler(0, "YYYY"));
    let remark = "1 remark: the dialler sent octet 2 and what follows it again with other content; the first copy counts";
    assert_eq!(wire.heard(), ["1 dialler: abcd", remark, "1 dialler: e"]);
}

#[test]
fn the_first_copy_counts_among_those_that_wait_too() {
    let mut wire = Wire::open();
    wire.send(answerer(4, "ef"));
    wire.send(answerer(8, "ij"));
    wire.send(answerer(3, "dXfghiYk"));
    wire.send(answerer(0, "abcD"));
    let remark = "1 remark: the answerer sent octet 4 and what follows it again with other content; the first copy counts";
    let told = [
        "1 answerer: abc",
        "1 answerer: d",
        "1 answerer: ef",
        "1 answerer: gh",
        "1 answerer: ij",
        "1 answerer: k",
    ];
    let heard = wire.heard();
    assert_eq!(heard[0], remark);
    assert_eq!(heard[1..], told);
}

#[test]
fn what_the_other_side_has_but_the_capture_lacks_is_told_missing_after_a_grace() {
    let mut wire = Wire::open();
    wire.send(dialler(5, "world"));
    wire.send(answerer(0, "").ack(10));
    assert_eq!(wire.heard(), Vec::<String>::new());
    for _ in 0..7 {
        wire.send(answerer(0, "").ack(10));
    }
    assert_eq!(wire.heard(), Vec::<String>::new());
    wire.send(answerer(0, "ok").ack(10));
    assert_eq!(wire.heard(), ["1 dialler lacks 5", "1 dialler: world", "1 answerer: ok"]);
}

#[test]
fn the_grace_ends_by_time_though_the_connection_is_silent() {
    let mut wire = Wire::open();
    wire.send(dialler(5, "world"));
    wire.send(answerer(0, "").ack(10));
    wire.wait(49);
    assert_eq!(wire.heard(), Vec::<String>::new());
    wire.wait(1);
    assert_eq!(wire.heard(), ["1 dialler lacks 5", "1 dialler: world"]);
}

#[test]
fn a_wrong_time_far_in_the_future_does_not_end_the_grace_of_what_follows() {
    let mut wire = Wire::open();
    wire.wait(u64::MAX / MS - wire.now);
    wire.now = 10;
    wire.send(dialler(5, "world"));
    wire.send(answerer(0, "").ack(10));
    wire.wait(49);
    assert_eq!(wire.heard(), Vec::<String>::new());
    wire.wait(1);
    assert_eq!(wire.heard(), ["1 dialler lacks 5", "1 dialler: world"]);
}

#[test]
fn at_the_end_of_time_segments_are_counted() {
    let mut wire = Wire::open();
    wire.now = u64::MAX / MS - 20;
    wire.send(dialler(5, "world"));
    for _ in 0..9 {
        assert_eq!(wire.heard(), Vec::<String>::new());
        wire.send(answerer(0, "").ack(10));
    }
    assert_eq!(wire.heard(), ["1 dialler lacks 5", "1 dialler: world"]);
}

#[test]
fn an_acknowledgement_before_its_octets_loses_nothing() {
    let mut wire = Wire::open();
    wire.send(answerer(0, "").ack(10));
    wire.send(dialler(5, "world"));
    wire.send(dialler(0, "hello"));
    wire.wait(1_000);
    assert_eq!(wire.heard(), ["1 dialler: hello", "1 dialler: world"]);
}

#[test]
fn what_was_lost_on_the_way_is_waited_for_until_it_is_sent_again() {
    let mut wire = Wire::open();
    wire.send(dialler(5, "world"));
    for _ in 0..20 {
        wire.send(answerer(0, "").ack(0));
    }
    wire.wait(10_000);
    assert_eq!(wire.heard(), Vec::<String>::new());
    wire.send(dialler(0, "hello"));
    assert_eq!(wire.heard(), ["1 dialler: hello", "1 dialler: world"]);
}

#[test]
fn what_is_missing_at_the_end_of_the_capture_is_told() {
    let mut wire = Wire::open();
    wire.send(dialler(3, "def"));
    wire.send(answerer(0, "x").ack(100));
    wire.send(dialler(6, "g").ack(2));
    wire.finish();
    assert_eq!(
        wire.heard(),
        [
            "1 answerer: x",
            "1 dialler lacks 3",
            "1 dialler: def",
            "1 dialler: g",
            "1 dialler lacks 93",
            "1 abandoned"
        ],
        "and the answerer's second number may be its FIN"
    );
}

#[test]
fn keep_alives_and_window_probes_say_nothing_twice() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "abc"));
    wire.send(dialler(2, "\0"));
    wire.send(dialler(2, ""));
    wire.send(dialler(3, "d"));
    wire.send(dialler(3, "def"));
    assert_eq!(wire.heard(), ["1 dialler: abc", "1 dialler: d", "1 dialler: ef"]);
}

#[test]
fn what_the_snap_length_cut_is_missing_at_once() {
    let mut wire = Wire::open();
    wire.send(dialler(10, "kl").cut(5));
    wire.send(dialler(0, "abc").cut(10));
    wire.send(dialler(15, "p"));
    assert_eq!(
        wire.heard(),
        ["1 dialler: abc", "1 dialler lacks 7", "1 dialler: kl", "1 dialler lacks 3", "1 dialler: p"]
    );
}

#[test]
fn absurd_numbers_are_ignored() {
    let mut wire = Wire::open();
    wire.send(dialler(1 << 31, "x"));
    wire.send(answerer(0, "").ack(-(1 << 30) - 9));
    wire.send(dialler(0, "abc"));
    assert_eq!(wire.heard(), ["1 dialler: abc"]);
    assert_eq!(wire.reassembly.oddities().absurd, 2);
}

#[test]
fn more_than_can_be_held_gives_up_the_gap_before_it() {
    let mut wire = Wire::open();
    wire.reassembly.shared.limits.octets_per_side = 6;
    wire.send(dialler(3, "def"));
    wire.send(dialler(9, "jkl"));
    assert_eq!(wire.heard(), Vec::<String>::new());
    wire.send(dialler(15, "pqr"));
    assert_eq!(wire.heard(), ["1 dialler lacks 3", "1 dialler: def"]);
    assert_eq!(wire.reassembly.oddities().gaps_forced, 1);
}

#[test]
fn octets_that_waited_for_others_have_the_time_at_which_these_came() {
    let mut times = Vec::new();
    let mut wire = Wire::open();
    let mut take = |wire: &mut Wire, ms: u64, offset: u32, payload: &[u8], ack: bool| {
        let seq = ISN[0].wrapping_add(1 + offset);
        let mut ends = [DIALLER, ANSWERER].map(|end| end.parse().expect("an address"));
        let (mut number, mut acked) = (seq, 0);
        if ack {
            ends.swap(0, 1);
            (number, acked) = (ISN[1].wrapping_add(1), seq);
        }
        let [from, to] = ends;
        let flags = Flags { ack, ..Flags::default() };
        let on_wire = payload.len() as u32;
        let segment =
            Segment { from, to, seq: number, ack: acked, flags, payload, payload_octets_on_wire: on_wire };
        wire.reassembly.take(At(ms), &segment, &mut |happening: Happening<'_>| match happening {
            Happening::Octets { at, octets, .. } => times.push((at.0, octets.to_vec())),
            Happening::Missing { at, .. } => times.push((at.0, Vec::new())),
            _ => {}
        });
    };
    take(&mut wire, 10, 1, b"b", false);
    take(&mut wire, 20, 0, b"a", false);
    // One is never captured, but was there: what follows it keeps its own time.
    take(&mut wire, 30, 3, b"d", false);
    take(&mut wire, 40, 4, b"", true);
    take(&mut wire, 100 * MS, 4, b"", true);
    assert_eq!(
        times,
        [(20, b"a".to_vec()), (20, b"b".to_vec()), (100 * MS, Vec::new()), (30, b"d".to_vec())]
    );
}
