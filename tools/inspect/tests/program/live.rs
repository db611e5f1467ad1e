//! What grows while it is read.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use crate::{captures, program};

#[test]
fn a_capture_on_standard_input_is_shown_as_it_grows() {
    let capture = std::fs::read(captures().join("chatdev-plain.pcap")).unwrap();
    let mut child = program(&["-", "--brief"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    // Enough for the first header, and not a whole number of packets.
    input.write_all(&capture[..1000]).unwrap();
    input.flush().unwrap();
    let (mut first, mut second) = (String::new(), String::new());
    lines.read_line(&mut first).unwrap();
    lines.read_line(&mut second).unwrap();
    assert!(first.contains("opened") && second.contains("stream header"), "{first}{second}");
    input.write_all(&capture[1000..]).unwrap();
    drop(input);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    let at_once = crate::shown(&["chatdev-plain.pcap", "--brief"]);
    assert_eq!(first + &second + &rest, at_once);
}

#[test]
fn whoever_stops_reading_ends_it_without_a_complaint() {
    let mut child =
        program(&["prosody-plain.pcap"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
