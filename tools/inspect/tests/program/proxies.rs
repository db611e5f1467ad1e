//! The proxy as people run it: how it ends, and what it does not talk to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::{complaint, program};

/// A proxy that listens, where, and what it says besides.
fn begun(arguments: &[&str]) -> (Child, SocketAddr, BufReader<ChildStderr>) {
    let mut child = program(&[&["proxy"], arguments].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    let address = line.split([' ', ',']).nth(2).and_then(|word| word.parse().ok()).expect(&line);
    (child, address, errors)
}

/// Its status, if it ends by itself; it is ended otherwise.
#[expect(clippy::disallowed_methods, reason = "another program is waited for")]
fn ended(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    None
}

#[test]
fn it_ends_once_nobody_reads_what_it_says_though_nothing_more_is_said() {
    let (mut child, address, _errors) = begun(&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--brief"]);
    drop(child.stdout.take());
    let client = TcpStream::connect(address).unwrap();
    let status = ended(&mut child).expect("it ends");
    assert!(status.success());
    drop(client);
}

#[test]
fn it_ends_with_the_error_once_its_output_cannot_be_written() {
    let arguments = ["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--transcript", "/dev/full"];
    let (mut child, _, mut errors) = begun(&arguments);
    let status = ended(&mut child).expect("it ends");
    assert_eq!(status.code(), Some(2));
    let mut said = String::new();
    errors.read_to_string(&mut said).unwrap();
    assert!(said.contains("the output could not be written"), "{said}");
}

/// A port that is free now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn it_does_not_listen_where_it_would_connect_to() {
    let port = free_port();
    for (listen, to) in [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")] {
        let said =
            complaint(&["proxy", "--listen", &format!("{listen}:{port}"), "--to", &format!("{to}:{port}")]);
        assert!(said.contains("the proxy itself"), "{said}");
    }
}

#[test]
fn a_name_that_is_its_own_is_not_connected_to() {
    for listen in ["127.0.0.1", "0.0.0.0"] {
        let port = free_port();
        let to = format!("localhost:{port}");
        let (mut child, address, _errors) =
            begun(&["--listen", &format!("{listen}:{port}"), "--to", &to, "--brief"]);
        let mut client = TcpStream::connect(("127.0.0.1", address.port())).unwrap();
        client.write_all(b"<?xml version='1.0'?>").unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let told = lines.by_ref().find(|line| line.contains("no connection to")).expect("it is told");
        assert!(told.contains("the proxy itself"), "{told}");
        child.kill().unwrap();
        assert_eq!(lines.filter(|line| line.contains("opened")).count(), 0);
        child.wait().unwrap();
    }
}

#[test]
fn an_address_that_is_none_is_answered_with_what_is_expected() {
    let said = complaint(&["proxy", "--listen", "localhost:5333", "--to", "localhost"]);
    assert!(said.contains("expected an address and a port, such as 127.0.0.1:5333"), "{said}");
}

#[test]
fn a_client_that_says_nothing_is_left() {
    let (mut child, address, _errors) = begun(&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--brief"]);
    let mut client = TcpStream::connect(address).unwrap();
    // As long as it takes; the end of it, or a reset, is what is waited for.
    let _ = client.read(&mut [0]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("the client said nothing for 10 s")));
    child.kill().unwrap();
    child.wait().unwrap();
}
