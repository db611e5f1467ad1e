//! The tap's file: what people say to a server that runs, as a transcript, without what nobody may know.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod program;

use std::os::unix::fs::PermissionsExt as _;

use chatdev_stream::initiating::Event;
use program::caller::{Caller, settings, sign_in, sign_in_by_starttls};
use program::run;
use program::serving::Serving;
use serde_json::Value;

const PASSWORD: &str = "correct horse battery staple";

/// The next stanza of that name; others are passed over.
async fn receive(client: &mut Caller, name: &str) -> String {
    loop {
        match client.next().await {
            Event::Element(element) if element.name() == name => return element.to_string(),
            Event::Closed(closed) => panic!("no {name} came: {closed:?}"),
            _ => {}
        }
    }
}

/// Waits until it is so, for 20 s at most.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it does not come about");
}

#[tokio::test]
async fn what_is_said_over_starttls_is_in_the_file_without_its_secrets() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Serving::start(home.path(), &["--tap", "tap.jsonl"]);
    let warned = |line: &String| line.contains("WARN") && line.contains("written to tap.jsonl, in clear");
    assert!(server.said.iter().any(warned), "{:#?}", server.said);
    let mut bob = settings("bob@localhost", PASSWORD);
    bob.register = true;
    let mut bob = sign_in(server.address, bob).await.unwrap();
    let mut alice = settings("alice@localhost", PASSWORD);
    alice.register = true;
    drop(sign_in(server.address, alice).await.unwrap());
    let alice = settings("alice@localhost", PASSWORD);
    let mut alice = sign_in_by_starttls(server.address, alice).await.unwrap();
    bob.send("<presence/>");
    bob.send("<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
    receive(&mut bob, "iq").await;
    alice.send("<message to='bob@localhost' type='chat'><body>hello \u{202e}</body></message>");
    alice.flush().await;
    let message = receive(&mut bob, "message").await;
    drop((alice, bob));
    let path = home.path().join("tap.jsonl");
    // Whoever ends a connection first is told: the server must not come before the clients.
    until(|| std::fs::read_to_string(&path).unwrap().matches("\"ended\"").count() == 3).await;
    server.signal("TERM");
    assert!(server.wait().success());

    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let file = std::fs::read_to_string(&path).unwrap();
    // The password, in clear and as PLAIN has it; the beginnings of what SCRAM says, behind a tag.
    for secret in ["correct horse", "Y29ycmVjdCBob3JzZ", ">biws", ">cD10", ">cj0", ">Yz1", ">dj0"] {
        assert!(!file.contains(secret), "{secret:?} is in {file}");
    }
    assert!(!file.chars().any(|character| character == '\u{202e}'), "nothing moves a terminal");
    let lines: Vec<Value> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["transcript"], 1);
    assert!(lines[0]["by"].as_str().unwrap().starts_with("chatdevd "));
    assert!(lines.iter().all(|line| line["at"].as_str().unwrap().ends_with('Z')));
    let is_starttls = |line: &&Value| line["text"].as_str().is_some_and(|text| text.starts_with("<starttls"));
    let number = &lines.iter().find(is_starttls).unwrap()["connection"];
    let of_alice: Vec<_> = lines.iter().filter(|line| line["connection"] == *number).collect();
    assert_eq!(of_alice[0]["opened"]["answerer"], server.address.to_string());
    let mut rest = of_alice.iter();
    for (by, layer, expected) in [
        ("dialler", "clear", "<stream:stream "),
        ("answerer", "clear", "<stream:features><starttls"),
        ("answerer", "clear", "<proceed"),
        ("dialler", "tls", "<stream:stream "),
        ("dialler", "tls", "mechanism='SCRAM-SHA-256-PLUS'>…</auth>"),
        ("answerer", "tls", ">…</challenge>"),
        ("dialler", "tls", ">…</response>"),
        ("answerer", "tls", ">…</success>"),
        ("dialler", "tls", "<bind"),
        ("answerer", "tls", "<jid>alice@localhost/"),
        ("dialler", "tls", "<body>hello \u{202e}</body>"),
    ] {
        let is_it = |line: &&&Value| {
            line["by"] == by && line["layer"] == layer && line["text"].as_str().unwrap().contains(expected)
        };
        assert!(
            rest.any(|line| is_it(&line)),
            "{expected} is not behind what came before it in {of_alice:#?}"
        );
    }
    assert!(
        of_alice.iter().any(|line| line["note"].as_str().is_some_and(|note| note.starts_with("TLS 1.3, ")))
    );
    assert_eq!(of_alice.last().unwrap()["ended"], "dialler");
    let to_bob = lines.iter().find(|line| line["by"] == "answerer" && line["text"] == message.as_str());
    assert!(to_bob.is_some(), "{message} is not in {file}");
    assert!(file.contains("<password>…</password>"), "the registration is there, without its password");
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tap");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--log-level", "error", "--set", "tap.file=tap"];
    insta::assert_snapshot!(run(home.path(), &flags, ""), @r#"
    status 1
    stderr: chatdevd: tap is open to others (mode 0644), and secrets would go into it: expected mode 0600
    stderr:   help: `chmod 600` it, or name a file that does not exist yet
    "#);
}
