//! People who chat: the program from outside, against a real server.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod town;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use town::{Running, Town, done, refused};

fn listening(town: &Town, name: &str) -> Running {
    let mut running = Running::start(town.chatdev(name).args(["listen", "--json"]));
    running.event(|event| event["event"] == "signed-in");
    running
}

#[test]
fn a_message_goes_directly_and_the_server_routes_none() {
    let town = Town::new();
    town.register("alice");
    town.register("bob");
    let mut bob = listening(&town, "bob");
    let told =
        done(town.chatdev("alice").args(["--nick", "Alice A.", "send", "bob@localhost", "hello <&> 🎈"]));
    assert_eq!(told, "delivered\n");
    let message = bob.event(|event| event["event"] == "message");
    assert_eq!((&message["text"], &message["nick"]), (&json!("hello <&> 🎈"), &json!("Alice A.")));
    assert_eq!((&message["path"], &message["sealed"]), (&json!("direct"), &json!(true)));
    assert_eq!(town.messages_routed(), 0);
}

#[test]
fn two_people_talk_both_ways_at_the_prompt() {
    let town = Town::new();
    town.register("alice");
    town.register("bob");
    let mut alice = Running::start(town.chatdev("alice").args(["--nick", "Alice", "login"]));
    alice.line(|line| line.contains("Signed in as alice@localhost/"));
    let mut bob = Running::start(town.chatdev("bob").args(["--nick", "Bob", "login"]));
    alice.line(|line| line.starts_with("+ Bob <bob@localhost/"));
    alice.types("msg Bob are you there?");
    bob.line(|line| line.contains("Alice <alice@localhost/") && line.ends_with(": are you there?"));
    alice.line(|line| line.contains("✓ delivered"));
    bob.types("yes, I am");
    alice.line(|line| line.contains("Bob <bob@localhost/") && line.ends_with(": yes, I am"));
    alice.types("status away at lunch");
    bob.line(|line| line.starts_with("~ Alice <alice@localhost/") && line.ends_with("is away: at lunch"));
    bob.types("who");
    let row = bob.line(|line| line.starts_with("Alice "));
    assert!(
        row.contains("alice@localhost/") && row.contains("away: at lunch") && row.ends_with("connected"),
        "{row}"
    );
    bob.types("quit");
    assert!(bob.finish().0);
    alice.line(|line| line.starts_with("- Bob <bob@localhost/"));
    assert!(alice.finish().0);
    assert_eq!(town.messages_routed(), 0);
}

#[test]
fn who_lists_without_being_listed() {
    let town = Town::new();
    town.register("alice");
    town.register("bob");
    let _bob = listening(&town, "bob");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let listed = done(town.chatdev("alice").args(["who", "--json"]));
        seen = listed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect();
    }
    let [bob] = seen.as_slice() else { panic!("{seen:#?}") };
    assert_eq!((&bob["nick"], &bob["reachable"]), (&json!("bob"), &json!("direct")));
}

#[test]
fn a_client_that_is_killed_is_gone_with_the_reason_closed() {
    let town = Town::new();
    town.register("alice");
    town.register("bob");
    let mut alice = listening(&town, "alice");
    let bob = listening(&town, "bob");
    alice.event(|event| event["event"] == "online" && event["nick"] == "bob");
    bob.kill();
    let gone = alice.event(|event| event["event"] == "gone");
    assert_eq!(gone["reason"], "closed");
}

#[test]
fn somebody_who_is_not_online_gets_nothing_and_the_sender_is_told() {
    let town = Town::new();
    town.register("alice");
    town.register("bob");
    let _bob = listening(&town, "bob");
    done(town.chatdev("alice").args(["send", "bob@localhost", "hello"]));
    drop(_bob);
    let error = refused(town.chatdev("alice").args(["send", "bob@localhost", "still there?"]));
    assert!(error.contains("not sent: not online"), "{error}");
    assert_eq!(town.messages_routed(), 0);
}

#[test]
fn escape_sequences_in_nick_and_message_reach_no_terminal() {
    let town = Town::new();
    town.register("mallory");
    town.register("bob");
    let mut bob = Running::start(town.chatdev("bob").args(["listen"]));
    bob.line(|line| line.starts_with("Signed in"));
    let nick = "\u{1b}]0;owned\u{7}\u{202e}Bob";
    done(town.chatdev("mallory").args([
        "--nick",
        nick,
        "send",
        "bob@localhost",
        "\u{9b}2J\u{200f}hi\nBob: I owe you 100",
    ]));
    let line = bob.line(|line| line.contains("hi"));
    let next = bob.line(|_| true);
    bob.types("");
    let (_, seen) = {
        bob.child.kill().unwrap();
        bob.finish()
    };
    let shown = seen.join("\n");
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200f}']), "{shown:?}");
    assert!(line.contains("mallory@localhost/"), "the JID stands beside the nick: {line}");
    assert!(next.starts_with("      Bob:"), "no line of a message passes for another one: {next:?}");
}

#[test]
fn a_new_key_of_somebody_gets_nothing_until_it_is_accepted() {
    let town = Town::new();
    town.register("alice");
    town.register("bob");
    let bob = listening(&town, "bob");
    done(town.chatdev("alice").args(["send", "bob@localhost", "first"]));
    drop(bob);
    let trust = town
        .chatdev("bob")
        .get_args()
        .skip_while(|argument| *argument != "--trust")
        .nth(1)
        .unwrap()
        .to_owned();
    let mut command = town.chatdev_in("bobs-new-computer", "bob");
    let mut bob = Running::start(command.arg("--trust").arg(trust).args(["listen", "--json"]));
    bob.event(|event| event["event"] == "signed-in");
    let error = refused(town.chatdev("alice").args(["send", "bob@localhost", "second"]));
    assert!(error.contains("never accepted"), "{error}");
    let listed = done(town.chatdev("alice").args(["trust"]));
    let stranger = listed
        .lines()
        .find(|line| line.contains("NOT accepted"))
        .expect("the new key is remembered as shown");
    let fingerprint = stranger.split_whitespace().last().unwrap();
    done(town.chatdev("alice").args(["trust", "accept", "bob@localhost", fingerprint]));
    done(town.chatdev("alice").args(["send", "bob@localhost", "third"]));
    let message = bob.event(|event| event["event"] == "message");
    assert_eq!(message["text"], "third");
}

#[test]
fn a_bot_talks_in_json_lines() {
    let town = Town::new();
    town.register("alice");
    town.register("bot");
    let mut bot = Running::start(town.chatdev("bot").arg("pipe"));
    bot.event(|event| event["event"] == "signed-in");
    let mut alice = listening(&town, "alice");
    bot.event(|event| event["event"] == "online" && event["nick"] == "alice");
    bot.types("nonsense");
    assert!(
        bot.event(|event| event["event"] == "error")["text"].as_str().unwrap().contains("expected a command")
    );
    bot.types(r#"{"do":"send","to":"alice@localhost","text":"beep","message":7}"#);
    assert_eq!(alice.event(|event| event["event"] == "message")["text"], "beep");
    bot.event(|event| {
        event["event"] == "message-state" && event["message"] == 7 && event["state"] == "delivered"
    });
    bot.types(r#"{"do":"quit"}"#);
    assert!(bot.finish().0);
}

/// A key log by connection: what it says of each, in order of the labels.
fn secrets(path: &std::path::Path) -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut connections = BTreeMap::<_, Vec<_>>::new();
    for line in text.lines() {
        let [label, random, secret] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        connections.entry(random.to_owned()).or_default().push(format!("{label} {secret}"));
    }
    connections.values_mut().for_each(|lines| lines.sort());
    connections
}

#[test]
fn key_logs_hold_the_secrets_of_the_stream_to_the_server_and_of_both_ends_of_a_peer_stream() {
    let mut town = Town::new();
    town.register("alice");
    town.register("bob");
    town.serve_with("server", |config| config.tls.key_log = Some(config.data.as_ref().unwrap().join("keys")));
    let (alices, bobs) = (town.path("alices keys"), town.path("bobs keys"));
    let mut bob =
        Running::start(town.chatdev("bob").env("CHATDEV_KEY_LOG", &bobs).args(["listen", "--json"]));
    bob.event(|event| event["event"] == "signed-in");
    let mut alice = Running::start(town.chatdev("alice").arg("--key-log").arg(&alices).arg("pipe"));
    alice.event(|event| event["event"] == "online" && event["nick"] == "bob");
    alice.types(r#"{"do":"send","to":"bob@localhost","text":"hello"}"#);
    bob.event(|event| event["event"] == "message");
    for path in [&alices, &bobs] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let (servers, alices, bobs) = (secrets(&town.path("server/keys")), secrets(&alices), secrets(&bobs));
    let shared = |ones: &BTreeMap<_, Vec<_>>, others: &BTreeMap<_, Vec<_>>| {
        ones.iter().filter(|(random, secrets)| others.get(*random) == Some(*secrets)).count()
    };
    // Each client to the server, and the two to each other: told alike by both ends, and by nobody else.
    assert_eq!((shared(&alices, &servers), shared(&bobs, &servers), shared(&alices, &bobs)), (1, 1, 1));
    assert_eq!((servers.len(), alices.len(), bobs.len()), (2, 2, 2));
    assert!(servers.values().chain(alices.values()).all(|secrets| secrets.len() == 5), "{alices:#?}");
}

#[test]
fn a_key_log_is_warned_about_and_refused_where_others_may_read_it() {
    let town = Town::new();
    town.register("alice");
    let path = town.path("keys");
    let who = || {
        let mut command = town.chatdev("alice");
        command.arg("--key-log").arg(&path).arg("who");
        command
    };
    let output = who().output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("whoever has that file can read everything"), "{said}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = refused(&mut who());
    assert!(error.contains("open to others (mode 0640)") && error.contains("chmod 600"), "{error}");
}
