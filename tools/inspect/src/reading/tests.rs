//! Dialogues, and the entries that come of them: who speaks, what answers what, what is missing.

use crate::dialogue::lines;
use crate::entry::Entry;
use crate::exact::Exact;
use crate::model::{At, ConnectionId, End, Happening, Layer, Listener as _, Side};
use crate::output::brief;
use crate::output::paint::Paint;
use crate::output::times::{Clock, Times};
use crate::tls::KeyRing;
use crate::understanding::{Depth, Understander};

const C_OPEN: &str = "C: <?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams'>";
const S_OPEN: &str = "S: <stream:stream from='localhost' id='s1' version='1.0' xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams'>";

fn signed_in() -> String {
    format!(
        "{C_OPEN}\n{S_OPEN}
        S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>
        C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>
        S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
        {C_OPEN}\n{S_OPEN}
        S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
        C: <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>desk</resource></bind></iq>
        S: <iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>alice@localhost/desk</jid></bind></iq>
        "
    )
}

#[test]
fn a_sign_in_is_understood_step_by_step() {
    insta::assert_snapshot!(lines(&signed_in(), false));
}

#[test]
fn requests_are_paired_with_their_answers_by_id_and_address() {
    let dialogue = signed_in()
        + "C: <iq type='get' id='1' to='bob@localhost/a'><ping xmlns='urn:xmpp:ping'/></iq>
        C: <iq type='get' id='1' to='bob@localhost/b'><query xmlns='jabber:iq:version'/></iq>
        S: <iq type='get' id='1' from='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
        S: <iq type='result' id='1' from='bob@localhost/b'><query xmlns='jabber:iq:version'><name>X</name></query></iq>
        S: <iq type='error' id='1' from='bob@localhost/a'><ping xmlns='urn:xmpp:ping'/><error type='cancel'>\
            <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
        C: <iq type='result' id='1' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
        S: <iq type='result' id='9'/>";
    insta::assert_snapshot!(after_sign_in(&dialogue));
}

#[test]
fn a_message_is_followed_across_connections_and_receipts_belong_to_it() {
    let dialogue = signed_in()
        + "C: <message to='bob@localhost' type='chat' id='m1'><body>Hello &amp; welcome</body><request xmlns='urn:xmpp:receipts'/></message>
        2>S: <message from='alice@localhost/desk' to='bob@localhost/tui' type='chat' id='m1'><body>Hello &amp; welcome</body></message>
        2>C: <message to='alice@localhost/desk' id='r1'><received xmlns='urn:xmpp:receipts' id='m1'/></message>
        S: <message from='bob@localhost/tui' to='alice@localhost/desk' id='r1'><received xmlns='urn:xmpp:receipts' id='m1'/></message>";
    insta::assert_snapshot!(after_sign_in(&dialogue));
}

#[test]
fn counters_of_stream_management_are_compared_with_what_was_sent() {
    let dialogue = signed_in()
        + "C: <enable xmlns='urn:xmpp:sm:3' resume='true'/>
        S: <enabled xmlns='urn:xmpp:sm:3' id='old' resume='true'/>
        C: <presence/><message to='a@b'/><r xmlns='urn:xmpp:sm:3'/>
        S: <a xmlns='urn:xmpp:sm:3' h='1'/>
        S: <a xmlns='urn:xmpp:sm:3' h='2'/>
        S: <a xmlns='urn:xmpp:sm:3' h='3'/>
        C#
        2>C: <resume xmlns='urn:xmpp:sm:3' previd='old' h='0'/>
        2>S: <resumed xmlns='urn:xmpp:sm:3' previd='old' h='2'/>";
    insta::assert_snapshot!(after_sign_in(&dialogue));
}

#[test]
fn each_check_in_shows_what_changed() {
    let user = |nick: &str, show: &str| {
        format!(
            "<user jid='bob@localhost/tui' session='k3' nick='{nick}' show='{show}' since='2026-11-22T20:59:03Z'/>"
        )
    };
    let online = |n: u8, attributes: &str, changes: &str| {
        format!(
            "C: <iq type='set' id='c{n}'><check-in xmlns='urn:chatdev:directory:1'/></iq>
            S: <iq type='result' id='c{n}'><online xmlns='urn:chatdev:directory:1' version='5f2c81d0.0.10{n}' interval='20' limit='60'{attributes}>{changes}</online></iq>\n"
        )
    };
    let dialogue = signed_in()
        + &online(1, " reset='true'", &user("Bob", "chat"))
        + &online(2, "", "")
        + &online(3, "", &user("Bobby", "away"))
        + &online(4, "", "<gone jid='bob@localhost/tui' last='2026-11-22T21:03:11Z' reason='reaped'/>");
    insta::assert_snapshot!(after_sign_in(&dialogue));
}

#[test]
fn octets_that_are_missing_are_marked_and_reading_goes_on() {
    let dialogue = signed_in()
        + "C: <message to='bob@localhost'><body>Hel
        C! 120
        C: lo</body></message><presence/>
        C: <iq type='get'
        C.
        S: </stream:stream>
        S.";
    insta::assert_snapshot!(after_sign_in(&dialogue));
}

#[test]
fn what_begins_in_the_middle_is_understood_from_there() {
    let dialogue = "S: age/></message><message from='bob@localhost/x' to='alice@localhost/desk'><body>Hi</body></message>
        C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
        S: <iq type='result' id='1'/>";
    insta::assert_snapshot!(lines(dialogue, true));
}

/// Without what every dialogue begins with.
fn after_sign_in(dialogue: &str) -> String {
    let all = lines(dialogue, false);
    let from = all.find("iq bind result").and_then(|at| all[at..].find('\n').map(|end| at + end + 1));
    all[from.unwrap()..].to_owned()
}

#[test]
fn only_the_server_says_who_somebody_is() {
    let dialogue = signed_in()
        + "C: <iq type='result' id='x'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>root@localhost/console</jid></bind></iq>
        C: <resumed xmlns='urn:xmpp:sm:3' previd='y' h='7'/>
        C: <success xmlns='urn:xmpp:sasl:2'><authorization-identifier>root@localhost/console</authorization-identifier></success>
        C: <presence/>";
    let lines = after_sign_in(&dialogue);
    assert!(lines.lines().all(|line| line.contains("alice@localhost/desk → localhost")), "{lines}");
}

#[test]
fn stanzas_said_before_enabled_are_counted_from_enable_on() {
    let dialogue = signed_in()
        + "C: <enable xmlns='urn:xmpp:sm:3'/><presence/><message to='a@b'/>
        S: <enabled xmlns='urn:xmpp:sm:3'/>
        C: <r xmlns='urn:xmpp:sm:3'/>
        S: <a xmlns='urn:xmpp:sm:3' h='2'/>";
    assert!(after_sign_in(&dialogue).contains("ack: h=2, all"));
}

#[test]
fn what_sasl_2_grants_along_is_known() {
    let dialogue = format!(
        "{C_OPEN}\n{S_OPEN}
        C: <authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>AGFsaWNlAHg=</initial-response>\
            <bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3'/></bind></authenticate>
        S: <success xmlns='urn:xmpp:sasl:2'><authorization-identifier>alice@localhost/x</authorization-identifier>\
            <bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='s9'/></bound></success>
        C: <presence/>
        S: <a xmlns='urn:xmpp:sm:3' h='1'/>
        2>C: <resume xmlns='urn:xmpp:sm:3' previd='s9' h='0'/>
        2>S: <resumed xmlns='urn:xmpp:sm:3' previd='s9' h='1'/>"
    );
    insta::assert_snapshot!(lines(&dialogue, false));
}

#[test]
fn a_component_is_on_its_own_side() {
    let header = |attributes: &str| {
        format!(
            "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' {attributes}>"
        )
    };
    let dialogue = format!(
        "C: {}\nS: {}
        C: <handshake>aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e</handshake>
        S: <handshake/>
        S: <iq type='get' id='1' from='u@a.example/x' to='muc.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
        S: <iq type='get' id='1' from='w@a.example/x' to='muc.example'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>
        C: <iq type='result' id='1' to='w@a.example/x' from='muc.example'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>
        C: <iq type='result' id='1' to='u@a.example/x' from='muc.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        header("to='muc.example'"),
        header("from='muc.example' id='c1'"),
    );
    insta::assert_snapshot!(lines(&dialogue, false));
}

#[test]
fn ids_are_compared_as_they_are_meant() {
    let dialogue = signed_in()
        + "C: <iq type='get' id='it&apos;s'><ping xmlns='urn:xmpp:ping'/></iq>
        S: <iq type='result' id=\"it's\"/>";
    assert!(after_sign_in(&dialogue).contains("iq ping result  ↳ #12"));
}

#[test]
fn a_name_is_no_longer_than_an_address_may_be() {
    let long = "a".repeat(1_000_000);
    let dialogue = signed_in().replace("alice@localhost/desk", &format!("{long}@localhost/desk"))
        + "C: <presence/>\nC: <presence/>\nC: <presence/>";
    assert!(lines(&dialogue, false).len() < 30_000);
}

/// What is shown, and passed over, of a connection of a capture to this port, on which one side after the other says something.
fn captured(port: u16, from_start: bool, said: &[&[u8]]) -> (String, super::PassedOver) {
    let (mut out, mut clock) = (String::new(), Clock::new(Times::Off));
    let taker = |entry: &Entry<'_>, _: &Exact| {
        brief::line(entry, &mut clock, Paint(false), &mut out);
        out.push('\n');
    };
    let understander = Understander::new(Depth { exact: false, detail: true }, taker);
    let mut reading = super::Reading::new(false, KeyRing::default(), understander);
    let (at, id) = (At(1), ConnectionId(1));
    let end = |port| End { address: Some(([127, 0, 0, 1], port).into()), name: None };
    reading.take(Happening::Opened { at, id, ends: &[end(40_000), end(port)], from_start });
    for (octets, side) in said.iter().zip(Side::BOTH.into_iter().cycle()) {
        reading.take(Happening::Octets { at, id, side, layer: Layer::Clear, octets });
    }
    reading.finish();
    let passed_over = reading.passed_over();
    drop(reading);
    (out, passed_over)
}

#[test]
fn http_is_no_xmpp_whatever_the_port() {
    for said in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"POST /http-bind HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n"] {
        for port in [5222, 80] {
            let (shown, passed_over) = captured(port, true, &[said, b"HTTP/1.1 200 OK\r\n\r\n<html/>"]);
            assert_eq!(passed_over.other, 1, "{shown}");
            assert!(!shown.contains("html"), "{shown}");
            assert_eq!(shown.contains("HTTP, which is no XMPP"), port == 5222, "{shown}");
        }
    }
}

#[test]
fn what_else_is_said_to_a_port_of_xmpp_is_shown_as_broken() {
    let (shown, passed_over) = captured(5222, true, &[b"\x03\0\0\x13\x0e"]);
    assert!(shown.contains("text between elements: 5 octets"), "{shown}");
    assert_eq!(passed_over, super::PassedOver::default());
    // The middle of a message may begin with anything.
    let (_, passed_over) = captured(5222, false, &[b"GET the book</body></message><presence/>"]);
    assert_eq!(passed_over.other, 0);
    // A server that answers a stream with HTTP is worth to be seen.
    let (shown, passed_over) =
        captured(5222, true, &[b"<stream:stream>", b"HTTP/1.1 400 Bad Request\r\n\r\n"]);
    assert_eq!(passed_over.other, 0, "{shown}");
}
