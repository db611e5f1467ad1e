//! Checkers that read what is written.

use super::*;
use crate::schedule::{Act, Manner, Op};

/// Alice's connection to the server, and Alice's to Bob.
fn connections() -> Vec<(u64, &'static str, Event)> {
    vec![
        (0, "alice", dialled()),
        (0, SERVER, Event::Opened { connection: 1, dialled: false }),
        (0, "alice", Event::Opened { connection: 2, dialled: true }),
        (0, "bob", Event::Opened { connection: 2, dialled: false }),
    ]
}

fn said(connection: u64, by_dialler: bool, text: &str) -> Event {
    Event::Said { connection, by_dialler, sealed: true, text: text.as_bytes().to_vec() }
}

fn with(log: &[(u64, &'static str, Event)]) -> Vec<(u64, &'static str, Event)> {
    [&connections()[..], log].concat()
}

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client'>";

#[test]
fn what_is_no_stream_of_xml_is_found() {
    let good = with(&[
        (1, "alice", said(1, true, HEADER)),
        (1, SERVER, said(1, false, HEADER)),
        (2, SERVER, said(1, false, "<stream:features/><success xmlns='s'/>")),
        (3, SERVER, said(1, false, "<stream:stream xmlns='jabber:client'><iq id='1'>")),
        (4, SERVER, said(1, false, "<a/></iq> <stream:error><b/></stream:error></stream:stream>")),
    ]);
    for bad in [
        (5, SERVER, said(1, false, "<iq/>")),
        (5, "alice", said(1, true, "<iq></query></iq>")),
        (5, "alice", said(2, true, "<message/>")),
    ] {
        tells("grammar", &good, &[&good[..], &[bad]].concat());
    }
    let early = [&good[..2], &[(2, SERVER, said(1, false, "<message/>"))]].concat();
    tells("grammar", &good, &early);
    let after_error = [&good[..3], &[(4, SERVER, said(1, false, "<stream:error/><iq/>"))]].concat();
    tells("grammar", &good, &after_error);
}

#[test]
fn acknowledging_too_much_or_going_back_is_found() {
    let message = "<message id='m'><body>x</body></message>";
    let ack = |h: u32| said(2, false, &format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>"));
    let good = with(&[
        (1, "alice", said(2, true, message)),
        (2, "alice", said(2, true, message)),
        (3, "bob", ack(1)),
        (4, "bob", ack(2)),
    ]);
    tells("acknowledgements", &good, &[&good[..], &[(5, "bob", ack(3))]].concat());
    tells("acknowledgements", &good, &[&good[..], &[(5, "bob", ack(1))]].concat());
}

#[test]
fn being_told_more_than_changed_is_found() {
    let answer = |at, more: &str| {
        let text = format!("<iq><online xmlns='urn:chatdev:directory:1' version='v'{more}</iq>");
        (at, SERVER, said(1, false, &text))
    };
    let user = "><user jid='b'/></online>";
    let log = |last| {
        with(&[
            (1, SERVER, bound(1, "alice")),
            answer(2, " reset='true'><user jid='a'/><user jid='b'/></online>"),
            (3, SERVER, read()),
            answer(3, "/>"),
            (4, SERVER, entered(2, "bob")),
            (5, SERVER, read()),
            answer(5, user),
            (6, SERVER, read()),
            answer(6, last),
        ])
    };
    tells("thrift", &log("/>"), &log(user));
}

#[test]
fn a_check_in_that_is_late_is_found_unless_the_session_was_lost_meanwhile() {
    let check_in = |at| (at, "alice", said(1, true, "<iq><check-in xmlns='urn:chatdev:directory:1'/></iq>"));
    let log = |at| with(&[check_in(1_000), check_in(1_950), check_in(at)]);
    tells("punctuality", &log(2_900), &log(4_000));
    let signed_out = (2_500, "alice", Event::Note(Note::SignedOut { reason: "lost".to_owned() }));
    let lost = with(&[check_in(1_000), check_in(1_950), signed_out, check_in(4_000), check_in(4_900)]);
    assert!(violations("punctuality", &lost).is_empty());
}

#[test]
fn dialling_without_patience_is_found() {
    let dialling = |at, port: u16| (at, "alice", Event::Dialling { to: ([10, 0, 0, 1], port).into() });
    let good = [dialling(100, 5222), dialling(110, 4000), dialling(120, 4000), dialling(300, 5222)];
    tells("patience", &good, &[&good[..], &[dialling(450, 5222)]].concat());
    let reborn = [&good[..], &[(440, "alice", Event::Started), dialling(450, 5222)]].concat();
    assert!(violations("patience", &reborn).is_empty());
}

#[test]
fn a_message_by_way_of_the_server_that_disappears_or_doubles_is_found() {
    let mut puppets = schedule();
    puppets.actors.iter_mut().for_each(|actor| actor.kind = Kind::Puppet);
    let xml = "<message to='bob@example.net/desk' id='m1'><body>x</body></message>".to_owned();
    puppets.ops.push(Op { at_ms: 1, act: Act::Write { who: "alice".to_owned(), xml }, then: vec![] });
    let heard = |who, kind: &str| {
        let text = format!("<message type='{kind}' id='m1'/>");
        (5, who, Event::Note(Note::Remark { kind: "heard", text }))
    };
    let to_bob = [
        (0, "bob", Event::Opened { connection: 3, dialled: true }),
        (2, SERVER, said(3, false, "<message id='m1'><body>x</body></message>")),
    ];
    let check = |log: &[(u64, &str, Event)]| violations_of(&puppets, "conservation", log).len();
    assert_eq!(check(&[&to_bob[..], &[heard("bob", "chat")]].concat()), 0);
    assert_eq!(check(&[heard("alice", "error")]), 0);
    let is_there = (1, SERVER, bound(1, "bob"));
    assert_eq!(check(&[&to_bob[..], &[is_there]].concat()), 1, "it was written, and did not arrive");
    assert_eq!(check(&to_bob), 0, "lost with the session that it was written to");
    assert_eq!(check(&[(1, "bob", Event::Started)]), 1, "it was not even written");
    assert_eq!(check(&[heard("bob", "chat"), heard("bob", "chat")]), 2, "twice, and never written");
    assert_eq!(check(&[&to_bob[..], &[heard("bob", "chat"), heard("alice", "error")]].concat()), 1);
    puppets.ops.push(Op {
        at_ms: 2,
        act: Act::Cut { who: "alice".to_owned(), how: Manner::Rst },
        then: vec![],
    });
    assert_eq!(violations_of(&puppets, "conservation", &[(1, "bob", Event::Started)]).len(), 0);
}
