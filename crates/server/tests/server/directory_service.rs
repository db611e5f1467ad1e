//! The directory as clients see it (crates/PROTOCOL.md, section 2): check-in, list and delta, pages,
//! refusals, and what it costs.

use std::time::Duration;

use chatdev_directory::{Change, Visibility};
use chatdev_server::What;
use chatdev_stanza::directory::Online;
use chatdev_xml::Element;

use crate::wire::Transcript;
use crate::world::{Name, World, config, stanza_error};

const FINGERPRINT: &str = "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256'>\
    9F:21:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01</fingerprint>";

fn check_in(since: Option<&str>, content: &str) -> String {
    let since = since.map_or(String::new(), |since| format!(" since='{since}'"));
    format!(
        "<iq type='set' id='c7' to='example.net'><check-in xmlns='urn:chatdev:directory:1'{since}>{content}</check-in></iq>"
    )
}

fn look(since: Option<&str>, max: usize) -> String {
    let since = since.map_or(String::new(), |since| format!(" since='{since}'"));
    format!(
        "<iq type='get' id='o1' to='example.net'><online xmlns='urn:chatdev:directory:1' max='{max}'{since}/></iq>"
    )
}

fn online(answer: &Element) -> Online {
    let payload = answer.child("urn:chatdev:directory:1", "online");
    Online::from_node(payload.unwrap_or_else(|| panic!("no answer: {answer}"))).unwrap()
}

fn version(answer: &Online) -> String {
    answer.page.version.as_str().to_owned()
}

/// One line for each change.
fn changes(answer: &Online) -> Vec<String> {
    let line = |change: &Change| match change {
        Change::Online(entry) => format!("{} is here", entry.jid),
        Change::Gone(departure) => format!("{} is gone: {}", departure.jid, departure.reason.as_str()),
    };
    answer.page.changes.iter().map(line).collect()
}

/// Asks, and returns what changed and where the answer ends.
fn asked(world: &mut World, name: Name, text: &str) -> (Vec<String>, String) {
    let answer = online(&world.ask(name, text));
    (changes(&answer), version(&answer))
}

#[test]
fn check_in_full() {
    let mut world = World::new();
    let bob = world.sign_in_from("bob@example.net/tui", "192.168.1.11");
    let content = format!(
        "<profile nick='Bob' show='chat'><status>Hello</status></profile><endpoint host='192.168.1.11' port='5298'/>{FINGERPRINT}"
    );
    world.ask(bob, &check_in(None, &content));
    world.wait(Duration::from_secs(2));
    let alice = world.sign_in_from("alice@example.net/desk", "192.168.1.10");
    let mut transcript = Transcript::default();
    let content = format!(
        "<profile nick='Alice' show='away'><status>In a meeting</status></profile>\
         <endpoint host='192.168.1.10' port='5298'/><endpoint host='fd00::10' port='5298'/>{FINGERPRINT}"
    );
    transcript.send(&mut world, alice, &check_in(None, &content));
    insta::assert_snapshot!(transcript.into_text());
}

#[test]
fn check_in_delta() {
    let mut world = World::new();
    let (carol, bob) = (world.sign_in("carol@example.net/x"), world.sign_in("bob@example.net/tui"));
    let alice = world.sign_in("alice@example.net/desk");
    for name in [carol, bob, alice] {
        world.ask(name, &check_in(None, ""));
    }
    let (_, since) = asked(&mut world, alice, &check_in(None, ""));
    let mut transcript = Transcript::default();
    transcript.note("Carol leaves, Bob changes his status, Eve comes.");
    world.wait(Duration::from_secs(5));
    world.send(carol, "<presence type='unavailable'/>");
    world.send(bob, &check_in(None, "<profile nick='Bob'><status>Back</status></profile>"));
    let eve = world.sign_in("eve@example.net/old");
    world.send(eve, "<presence><show>dnd</show><status>Busy</status></presence>");
    transcript.send(&mut world, alice, &check_in(Some(&since), ""));
    transcript.note("Eve's connection ends. Then nothing happens.");
    world.cut(eve);
    let (gone, since) = asked(&mut world, alice, &check_in(Some(&since), ""));
    assert_eq!(gone.last().map(String::as_str), Some("eve@example.net/old is gone: closed"));
    transcript.send(&mut world, alice, &check_in(Some(&since), ""));
    insta::assert_snapshot!(transcript.into_text());
}

#[test]
fn resetting_walk_in_pages() {
    let mut world = World::new();
    world.crowd(3, "Hello");
    let alice = world.sign_in("alice@example.net/desk");
    let mut transcript = Transcript::default();
    transcript.note("A version of an earlier start of the server.");
    let text = look(Some("00000001.v00000000.17"), 2);
    transcript.send(&mut world, alice, &text);
    let (_, since) = asked(&mut world, alice, &text);
    transcript.note("Between the pages Alice comes in and one of the others goes.");
    world.cut(0);
    world.ask(alice, &check_in(Some(&since), ""));
    transcript.send(&mut world, alice, &look(Some(&since), 2));
    let (_, since) = asked(&mut world, alice, &look(Some(&since), 2));
    transcript.send(&mut world, alice, &look(Some(&since), 2));
    insta::assert_snapshot!(transcript.into_text());
}

#[test]
fn pages_put_together_are_the_list() {
    let mut world = World::new();
    world.crowd(23, "");
    let alice = world.sign_in("alice@example.net/desk");
    let (whole, end) = asked(&mut world, alice, &look(None, 200));
    assert_eq!(whole.len(), 23);
    for max in [1, 2, 7, 23, 24] {
        let (mut list, mut since, mut pages) = (Vec::new(), None, 0);
        loop {
            let answer = online(&world.ask(alice, &look(since.as_deref(), max)));
            assert_eq!(answer.page.reset, pages == 0, "only the first page begins the list anew");
            list.extend(changes(&answer));
            since = Some(version(&answer));
            pages += 1;
            if !answer.page.more {
                break;
            }
        }
        assert_eq!((&list, since.as_deref()), (&whole, Some(end.as_str())), "pages of {max}");
        assert_eq!(pages, 23_usize.div_ceil(max));
    }
}

#[test]
fn a_page_has_as_many_changes_as_the_server_gives() {
    let mut config = config();
    config.directory.page_max = 5;
    let mut world = World::with(config);
    world.crowd(6, "");
    let alice = world.sign_in("alice@example.net/desk");
    for ask in [look(None, 4_000_000_000), check_in(None, "")] {
        let answer = online(&world.ask(alice, &ask));
        assert_eq!((answer.page.changes.len(), answer.page.more), (5, true));
    }
}

#[test]
fn an_answer_stays_within_its_octets_however_much_there_is_to_tell() {
    let mut world = World::new();
    world.crowd(150, &"&apos;".repeat(512));
    let alice = world.sign_in("alice@example.net/desk");
    let (mut since, mut told) = (None, 0);
    loop {
        let id = "i".repeat(500);
        let ask = look(since.as_deref(), 200).replace("o1", &id);
        let answer = world.ask(alice, &ask);
        assert!(answer.as_bytes().len() <= 48 * 1024, "{}", answer.as_bytes().len());
        let answer = online(&answer);
        assert!(!answer.page.changes.is_empty());
        told += answer.page.changes.len();
        since = Some(version(&answer));
        if !answer.page.more {
            break;
        }
    }
    assert_eq!(told, 150);
}

#[test]
fn a_client_with_an_enormous_id_still_gets_further() {
    let mut world = World::new();
    world.crowd(3, "Hello");
    let alice = world.sign_in("alice@example.net/desk");
    let ask = look(None, 200).replace("o1", &"&apos;".repeat(9_000));
    let answer = online(&world.ask(alice, &ask));
    assert_eq!((answer.page.changes.len(), answer.page.more), (1, true));
}

/// Octets of one check-in and of its answer when nothing has changed.
fn steady_cost(people: usize) -> (usize, usize) {
    let mut world = World::new();
    world.crowd(people - 1, "Hello");
    let alice = world.sign_in("alice@example.net/desk");
    let content = format!("<profile nick='Alice'/><endpoint host='192.0.2.1' port='5298'/>{FINGERPRINT}");
    let mut answer = online(&world.ask(alice, &check_in(None, &content)));
    while answer.page.more {
        answer = online(&world.ask(alice, &check_in(Some(answer.page.version.as_str()), "")));
    }
    let request = check_in(Some(answer.page.version.as_str()), "").replace("></check-in>", "/>");
    let before = world.clients[alice].heard.len();
    let answer = online(&world.ask(alice, &request));
    assert_eq!(changes(&answer), [""; 0]);
    assert_eq!(world.switchboard.directory().online(), people);
    (request.len(), world.clients[alice].heard.len() - before)
}

#[test]
fn a_steady_check_in_costs_the_same_among_ten_and_among_five_thousand() {
    for people in [10, 5_000] {
        let (request, answer) = steady_cost(people);
        assert!(request < 250, "{request} octets to the server among {people}");
        assert!(answer < 250, "{answer} octets from the server among {people}");
    }
}

#[test]
fn looking_is_not_entering() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    assert_eq!(asked(&mut world, alice, &look(None, 10)).0, [""; 0]);
    assert_eq!(world.switchboard.directory().online(), 0);
    assert_eq!(world.counters().check_ins, 0);
}

#[test]
fn presence_and_profile_are_one_state() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let entry = |world: &mut World| {
        let answer = online(&world.ask(alice, &look(None, 10)));
        let Some(Change::Online(entry)) = answer.page.changes.first() else { return "nobody".to_owned() };
        let profile = &entry.profile;
        format!("{:?} {:?} {:?}", profile.nick.as_deref(), profile.show.as_str(), profile.status.as_deref())
    };
    world.ask(alice, &check_in(None, "<profile nick='A' show='away'><status>one</status></profile>"));
    assert_eq!(entry(&mut world), "Some(\"A\") Some(\"away\") Some(\"one\")");
    world.ask(alice, "<presence><show>dnd</show><status>two</status></presence>");
    assert_eq!(entry(&mut world), "Some(\"A\") Some(\"dnd\") Some(\"two\")");
    world.ask(alice, "<presence><nick xmlns='http://jabber.org/protocol/nick'>B</nick></presence>");
    assert_eq!(entry(&mut world), "Some(\"B\") None None");
    world.ask(alice, "<presence type='unavailable'/>");
    assert_eq!(entry(&mut world), "nobody");
    world.ask(alice, &check_in(None, ""));
    assert_eq!(entry(&mut world), "None None None", "who comes again has said nothing yet");
}

#[test]
fn a_status_of_another_client_may_be_longer_than_the_directory_shows() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let long = "ü".repeat(300);
    let presence = world.ask(alice, &format!("<presence><status>{long}</status></presence>"));
    assert!(presence.as_str().contains(&long), "the presence itself is whole");
    let answer = online(&world.ask(alice, &look(None, 10)));
    let Change::Online(entry) = &answer.page.changes[0] else { panic!("nobody") };
    assert_eq!(entry.profile.status.as_deref(), Some("ü".repeat(256).as_str()));
    let check_in = check_in(None, &format!("<profile><status>{long}</status></profile>"));
    assert_eq!(stanza_error(&world.ask(alice, &check_in)), "not-acceptable");
}

#[test]
fn how_somebody_went_is_told() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let names = ["left", "closed", "cut"].map(|name| world.sign_in(&format!("{name}@example.net/x")));
    for name in names {
        world.ask(name, &check_in(None, ""));
    }
    let (_, since) = asked(&mut world, alice, &look(None, 10));
    world.send(names[0], "<presence type='unavailable'/>");
    world.sign_out(names[0]);
    world.sign_out(names[1]);
    world.cut(names[2]);
    assert_eq!(
        asked(&mut world, alice, &look(Some(&since), 10)).0,
        [
            "left@example.net/x is gone: left",
            "closed@example.net/x is gone: closed",
            "cut@example.net/x is gone: closed"
        ]
    );
}

#[test]
fn a_new_session_of_the_same_jid_is_one_change() {
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    let alice = world.sign_in("alice@example.net/desk");
    world.ask(alice, &check_in(None, ""));
    let (_, since) = asked(&mut world, bob, &look(None, 10));
    let again = world.sign_in("alice@example.net/desk");
    assert_eq!(asked(&mut world, bob, &look(Some(&since), 10)).0, [""; 0], "nothing was said yet");
    world.ask(again, &check_in(None, ""));
    assert_eq!(asked(&mut world, bob, &look(Some(&since), 10)).0, ["alice@example.net/desk is here"]);
    let sessions: Vec<_> =
        world.occurrences.iter().filter(|occurrence| occurrence.what == What::Entered).collect();
    assert_eq!(sessions.len(), 2);
    assert_ne!(sessions[0].session, sessions[1].session);
}

#[test]
fn an_endpoint_that_is_not_taken_is_named_and_the_check_in_succeeds() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let mut transcript = Transcript::default();
    let content = "<endpoint host='192.0.2.1' port='5298'/><endpoint host='198.51.100.7' port='5298'/>\
                   <endpoint host='192.0.2.1' port='22'/><endpoint host='224.0.0.1' port='5298'/>\
                   <endpoint host='example.net' port='5298'/><endpoint host='192.0.2.1' port='99999'/><endpoint/>";
    transcript.send(&mut world, alice, &check_in(None, content));
    insta::assert_snapshot!(transcript.into_text());
}

#[test]
fn ten_thousand_endpoints_do_not_fit_into_a_stanza_and_a_thousand_cost_little() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let answer = world.ask(alice, &check_in(None, &"<endpoint host='192.0.2.1' port='5298'/>".repeat(1_000)));
    assert!(answer.as_bytes().len() < 4096, "{}", answer.as_bytes().len());
    let answer = online(&answer);
    let Change::Online(entry) = &answer.page.changes[0] else { panic!("nobody") };
    assert!(entry.endpoints.len() <= 4 && answer.surplus > 900, "{answer:?}");
    world.send(alice, &check_in(None, &"<endpoint host='192.0.2.1' port='5298'/>".repeat(10_000)));
    assert_eq!(crate::world::stream_error(&world, alice), "policy-violation");
}

#[test]
fn nonsense_is_answered() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    for content in [
        "<profile show='happy'/>".to_owned(),
        "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256'>9F:zz</fingerprint>".to_owned(),
    ] {
        assert_eq!(stanza_error(&world.ask(alice, &check_in(None, &content))), "bad-request", "{content}");
    }
    for max in ["0", "-1", "many", "99999999999", ""] {
        let ask = look(None, 1).replace("max='1'", &format!("max='{max}'"));
        assert_eq!(stanza_error(&world.ask(alice, &ask)), "bad-request", "{max:?}");
    }
    let nick = check_in(None, &format!("<profile nick='{}'/>", "n".repeat(65)));
    assert_eq!(stanza_error(&world.ask(alice, &nick)), "not-acceptable");
    let (beyond, long) = (format!("{}9", u64::MAX), "x".repeat(200));
    for since in
        ["", " ", "0", "5f2c81d0", "5f2c81d0.vc0000201.999999", "5f2c81d0.vc0000201.-1", &beyond, &long]
    {
        let answer = online(&world.ask(alice, &check_in(Some(since), "")));
        assert!(answer.page.reset, "{since:?}");
    }
    let wrong = "<iq type='get' id='c1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'/></iq>";
    assert_eq!(stanza_error(&world.ask(alice, wrong)), "service-unavailable");
}

#[test]
fn a_status_of_a_megabyte_ends_the_stream() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.send(
        alice,
        &check_in(None, &format!("<profile><status>{}</status></profile>", "x".repeat(1024 * 1024))),
    );
    assert_eq!(crate::world::stream_error(&world, alice), "policy-violation");
    assert_eq!(world.switchboard.directory().online(), 0);
}

#[test]
fn a_server_without_a_directory_does_not_pretend_to_have_one() {
    let mut config = config();
    config.directory.visibility = Visibility::Off;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    assert_eq!(stanza_error(&world.ask(alice, &check_in(None, ""))), "service-unavailable");
    assert_eq!(stanza_error(&world.ask(alice, &look(None, 10))), "service-unavailable");
    let disco =
        "<iq type='get' id='d1' to='example.net'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    assert!(!world.ask(alice, disco).as_str().contains("urn:chatdev:directory:1"));
    world.ask(alice, "<presence/>");
    assert_eq!(world.switchboard.directory().online(), 0);
    world.wait(Duration::from_secs(61));
    assert_eq!(crate::world::stream_error(&world, alice), "connection-timeout");
}
