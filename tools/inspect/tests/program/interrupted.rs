//! Ctrl-C: what was read is reported on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::{captures, program};

/// More than a pipe holds, so that whoever wrote it all knows that the program reads: packets of one capture, over and over.
fn long_capture() -> Vec<u8> {
    const HEADER_OCTETS: usize = 24;
    const PIPE_OCTETS: usize = 64 * 1024;
    let capture = std::fs::read(captures().join("chatdev-plain.pcap")).unwrap();
    let packets = &capture[HEADER_OCTETS..];
    [&capture[..HEADER_OCTETS], &packets.repeat(8 * PIPE_OCTETS / packets.len())].concat()
}

/// A program that was given all of this, and waits for more.
fn waiting(arguments: &[&str], input: &[u8]) -> (Child, ChildStdin) {
    let mut child = program(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    stdin.flush().unwrap();
    (child, stdin)
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_pipe_that_is_interrupted_is_reported_on() {
    for path in ["-", "/dev/stdin"] {
        for form in ["--stats", "--lint"] {
            let (child, stdin) = waiting(&[path, form], &long_capture());
            interrupt(&child);
            let output = child.wait_with_output().unwrap();
            drop(stdin);
            let text = String::from_utf8(output.stdout).unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code().is_some_and(|code| code < 2), "{path} {form}: {errors}");
            let whole = if form == "--stats" { "entries on" } else { "errors," };
            assert!(text.contains(whole), "{path} {form}: {text}");
        }
    }
}

#[test]
fn what_is_still_in_the_pipe_is_read_when_both_its_ends_are_interrupted() {
    let capture = std::fs::read(captures().join("chatdev-plain.pcap")).unwrap();
    let (mut child, mut stdin) = waiting(&["-", "--brief"], &capture[..1000]);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    interrupt(&child);
    // As tcpdump does, which is interrupted by the same key.
    stdin.write_all(&capture[1000..]).unwrap();
    drop(stdin);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(first + &rest, crate::shown(&["chatdev-plain.pcap", "--brief"]));
}

#[test]
fn a_log_that_is_interrupted_is_read_up_to_there() {
    let log = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='a.example' version='1.0'>\n<message to='a@a.example'><body>hello</body></message>\n";
    let (mut child, stdin) = waiting(&["-", "--brief"], log.as_bytes());
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut all = String::new();
    while !all.contains("hello") {
        assert!(lines.read_line(&mut all).unwrap() > 0, "{all}");
    }
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_cut_that_an_interruption_makes_is_no_error() {
    let mut capture = long_capture();
    capture.extend_from_slice(&capture.clone()[24..30]);
    let (child, stdin) = waiting(&["-", "--stats"], &capture);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("interrupted"));
}
