//! What a source is, however slowly its beginning comes; and what is no source.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use crate::{captures, complaint, program, run};

/// What is shown of pieces that come one after the other.
fn shown_in_pieces(pieces: &[&[u8]]) -> String {
    let mut child = program(&["-", "--brief"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for piece in pieces {
        // Where the program has ended, what it says is looked at below.
        let _ = input.write_all(piece).and_then(|()| input.flush());
        // Whether they are read one by one or at once must not matter; this makes the former likely.
        std::thread::sleep(Duration::from_millis(150));
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const LOG: &str = "Nov 26 10:00:00 mod_c2s info Client connected\nNov 26 10:00:01 c2s55d4aa debug RECV: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>\nNov 26 10:00:02 c2s55d4aa debug SEND: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\n";

#[test]
fn a_log_whose_first_lines_say_nothing_of_a_stream_is_read_on() {
    let (first, rest) = LOG.split_at(LOG.find('\n').unwrap() + 1);
    let shown = shown_in_pieces(&[first.as_bytes(), rest.as_bytes()]);
    assert!(shown.contains("success"), "{shown}");
    assert_eq!(shown, shown_in_pieces(&[LOG.as_bytes()]));
}

#[test]
fn a_transcript_may_begin_with_a_short_piece() {
    let text = "{\"transcript\":1,\"by\":\"x\",\"at\":\"2026-11-26T10:00:00Z\"}\n{\"at\":\"2026-11-26T10:00:00Z\",\"note\":\"hello\"}\n";
    for cut in [1, 5, 20] {
        let (first, rest) = text.as_bytes().split_at(cut);
        assert!(shown_in_pieces(&[first, rest]).contains("hello"), "{cut}");
    }
}

#[test]
fn a_capture_may_begin_with_a_short_piece() {
    let capture = std::fs::read(captures().join("chatdev-plain.pcap")).unwrap();
    let sections = std::fs::read(captures().join("vlan6.pcapng")).unwrap();
    for (capture, file) in [(capture, "chatdev-plain.pcap"), (sections, "vlan6.pcapng")] {
        for cut in [1, 4, 20] {
            let (first, rest) = capture.split_at(cut);
            assert_eq!(shown_in_pieces(&[first, rest]), crate::shown(&[file, "--brief"]), "{cut}");
        }
    }
}

#[test]
fn a_browser_without_a_terminal_says_what_it_needs() {
    let said = complaint(&["chatdev-plain.pcap", "--browse"]);
    assert!(said.contains("browsing needs a terminal"), "{said}");
    assert!(run(&["chatdev-plain.pcap", "--browse"]).stdout.is_empty());
}

#[test]
fn what_cannot_be_read_is_told_before_it_is_browsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.pcap");
    std::fs::write(&path, "").unwrap();
    let said = complaint(&[path.to_str().unwrap(), "--browse"]);
    assert!(said.contains("found nothing at all"), "{said}");
}
