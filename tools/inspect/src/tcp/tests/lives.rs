//! How connections begin, end and make room for others.

use super::*;

#[test]
fn fin_ends_a_side_once_everything_before_it_was_told() {
    let mut wire = Wire::open();
    wire.send(dialler(3, "def").flags("F"));
    wire.send(dialler(0, "abc"));
    assert_eq!(wire.heard(), ["1 dialler: abc", "1 dialler: def", "1 dialler finished"]);
    wire.send(answerer(0, "still").ack(7));
    wire.send(answerer(5, "").ack(7).flags("F"));
    wire.send(dialler(7, "").ack(6));
    wire.send(dialler(3, "def").flags("F"));
    assert_eq!(wire.heard(), ["1 answerer: still", "1 answerer finished"]);
    assert_eq!((wire.reassembly.connections(), wire.reassembly.oddities().late), (0, 2));
}

#[test]
fn octets_after_fin_are_counted_and_not_told() {
    let mut wire = Wire::open();
    wire.send(dialler(4, "efgh"));
    wire.send(dialler(3, "").flags("F"));
    wire.send(dialler(0, "abcXX"));
    assert_eq!(wire.heard(), ["1 dialler: abc", "1 dialler finished"]);
    assert_eq!(wire.reassembly.oddities().octets_after_end, 6);
}

#[test]
fn a_reset_counts_inside_the_window_only() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "hello").ack(0));
    wire.send(answerer(50_000_000, "").flags("R"));
    wire.send(dialler(-3_000, "").flags("R"));
    assert_eq!(wire.heard(), ["1 dialler: hello"]);
    assert_eq!(wire.reassembly.oddities().resets_ignored, 2);
    wire.send(dialler(9, "later"));
    wire.send(answerer(0, "").flags("R"));
    wire.send(dialler(5, "late"));
    assert_eq!(wire.heard(), ["1 dialler lacks 4", "1 dialler: later", "1 answerer reset"]);
}

#[test]
fn a_refused_connection_opens_and_is_reset() {
    let mut wire = Wire::new(Limits::default());
    wire.send(dialler(-1, "").flags("S"));
    wire.send(Draft { offset: -1_001, ..answerer(0, "").ack(0).flags("R") });
    assert_eq!(wire.heard(), ["1 opened 192.0.2.1:40000 198.51.100.1:5222 from start", "1 answerer reset"]);
}

#[test]
fn a_new_syn_takes_the_ends_of_an_old_connection() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "old").ack(0));
    wire.send(dialler(900_000, "").flags("S"));
    wire.send(answerer(700_000, "").ack(900_001).flags("S"));
    wire.send(dialler(900_001, "new").ack(700_001));
    let opened = "2 opened 192.0.2.1:40000 198.51.100.1:5222 from start";
    assert_eq!(wire.heard(), ["1 dialler: old", "1 abandoned", opened, "2 dialler: new"]);
}

#[test]
fn a_syn_sent_again_is_the_same_connection() {
    let mut wire = Wire::new(Limits::default());
    wire.send(dialler(-1, "").flags("S"));
    wire.send(dialler(-1, "").flags("S"));
    wire.send(answerer(-1, "").ack(0).flags("S"));
    wire.send(answerer(-1, "").ack(0).flags("S"));
    wire.send(dialler(0, "x").ack(0));
    assert_eq!(wire.heard(), ["1 opened 192.0.2.1:40000 198.51.100.1:5222 from start", "1 dialler: x"]);
}

#[test]
fn both_may_open_at_once() {
    let mut wire = Wire::new(Limits::default());
    wire.send(answerer(-1, "").flags("S"));
    wire.send(dialler(-1, "").flags("S"));
    wire.send(answerer(-1, "").ack(0).flags("S"));
    wire.send(dialler(-1, "").ack(0).flags("S"));
    wire.send(dialler(0, "x").ack(0));
    // Who was seen first dialled.
    assert_eq!(wire.heard(), ["1 opened 198.51.100.1:5222 192.0.2.1:40000 from start", "1 answerer: x"]);
}

#[test]
fn a_syn_may_carry_octets() {
    let mut wire = Wire::new(Limits::default());
    wire.send(dialler(-1, "hello").flags("S"));
    wire.send(answerer(-1, "").ack(5).flags("S"));
    wire.send(dialler(5, "world").ack(0));
    let opened = "1 opened 192.0.2.1:40000 198.51.100.1:5222 from start";
    assert_eq!(wire.heard(), [opened, "1 dialler: hello", "1 dialler: world"]);
}

#[test]
fn a_connection_seen_from_the_middle_says_so() {
    let mut wire = Wire::new(Limits::default());
    wire.send(answerer(5_000, "").ack(70));
    wire.send(answerer(5_000, "b").ack(70));
    wire.send(dialler(70, "c").ack(5_001));
    wire.send(dialler(60, "0123456789d"));
    let opened = "1 opened 192.0.2.1:40000 198.51.100.1:5222";
    assert_eq!(wire.heard(), [opened, "1 answerer: b", "1 dialler: c"]);
    assert_eq!(wire.reassembly.oddities().stray, 1);
    assert_eq!(wire.reassembly.oddities().octets_before_start, 10);
}

#[test]
fn a_known_port_answers_and_else_the_lower_one() {
    for (ports, opened) in [
        ([40_000, 5_222], "1 opened 192.0.2.1:40000 198.51.100.1:5222"),
        ([4_000, 5_269], "1 opened 192.0.2.1:4000 198.51.100.1:5269"),
        ([40_000, 443], "1 opened 192.0.2.1:40000 198.51.100.1:443"),
        ([443, 40_000], "1 opened 198.51.100.1:40000 192.0.2.1:443"),
    ] {
        let mut wire = Wire::new(Limits::default());
        wire.ports = ports;
        wire.send(answerer(0, "x"));
        assert_eq!(wire.heard()[0], opened);
    }
}

#[test]
fn a_lost_handshake_answer_is_made_up_for() {
    let mut wire = Wire::new(Limits::default());
    wire.send(dialler(-1, "").flags("S"));
    wire.send(dialler(0, "hello").ack(0));
    wire.send(answerer(4, "lost before").ack(5));
    wire.send(dialler(5, "x").ack(15));
    wire.finish();
    assert_eq!(
        wire.heard()[1..],
        ["1 dialler: hello", "1 dialler: x", "1 answerer lacks 4", "1 answerer: lost before", "1 abandoned"]
    );
}

#[test]
fn the_most_silent_connection_makes_room() {
    let mut wire = Wire::new(Limits { connections: 2, ..Limits::default() });
    for port in [1, 2, 1, 3] {
        wire.ports[0] = 40_000 + port;
        wire.send(dialler(-1, "").flags("S"));
    }
    assert_eq!(wire.heard()[2..], ["2 abandoned", "3 opened 192.0.2.1:40003 198.51.100.1:5222 from start"]);
    assert_eq!(wire.reassembly.oddities().crowded_out, 1);
}

#[test]
fn an_ended_connection_is_forgotten_after_a_while() {
    let mut wire = Wire::open();
    wire.send(dialler(0, "").flags("R"));
    wire.send(dialler(0, "late"));
    assert_eq!(wire.heard(), ["1 dialler reset"]);
    wire.wait(60_000);
    wire.send(dialler(0, "another"));
    assert_eq!(wire.heard(), ["2 opened 192.0.2.1:40000 198.51.100.1:5222", "2 dialler: another"]);
}

#[test]
fn an_ignored_connection_tells_its_end_only() {
    let mut wire = Wire::open();
    wire.send(dialler(5, "held"));
    wire.reassembly.ignore(ConnectionId(1));
    assert_eq!(wire.reassembly.holding(), Holding::default());
    wire.send(dialler(0, "hello"));
    wire.send(answerer(0, "hello"));
    wire.send(dialler(9, "").flags("F"));
    wire.send(answerer(5, "").flags("F"));
    wire.send(dialler(10, "").ack(6));
    assert_eq!(wire.heard(), ["1 dialler finished", "1 answerer finished"]);
    assert_eq!(wire.reassembly.connections(), 0);
}

#[test]
fn an_ignored_connection_has_no_gap_to_give_up() {
    let mut wire = Wire::open();
    wire.send(dialler(5, "").flags("F"));
    wire.send(answerer(0, "").ack(6));
    wire.reassembly.ignore(ConnectionId(1));
    wire.send(dialler(5, "").flags("F"));
    wire.wait(1_000);
    assert_eq!(wire.heard(), ["1 dialler finished"]);
}

#[test]
fn an_end_has_the_name_that_the_capture_gives_its_address() {
    let mut wire = Wire::new(Limits::default());
    wire.reassembly.name("192.0.2.1".parse().expect("an address"), "romeo.example");
    wire.reassembly.name("192.0.2.1".parse().expect("an address"), "second.example");
    wire.send(dialler(-1, "").flags("S"));
    assert_eq!(wire.heard(), ["1 opened romeo.example:40000 198.51.100.1:5222 from start"]);
}
