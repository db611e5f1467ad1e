//! Silence (crates/PROTOCOL.md, section 2, "Time"): pinged at half of the limit, reaped at the limit, never
//! by mistake.

use std::time::Duration;

use chatdev_directory::Reason;
use chatdev_server::What;

use crate::wire::Transcript;
use crate::world::{Name, World, stream_error};

const CHECK_IN: &str =
    "<iq type='set' id='c1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'/></iq>";
const SECOND: Duration = Duration::from_secs(1);

fn look(since: &str) -> String {
    format!(
        "<iq type='get' id='o1' to='example.net'><online xmlns='urn:chatdev:directory:1' since='{since}'/></iq>"
    )
}

/// Bob is in the directory, and says nothing from now on.
fn silent() -> (World, Name) {
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    world.ask(bob, CHECK_IN);
    (world, bob)
}

#[test]
fn reaped() {
    let (mut world, bob) = silent();
    let alice = world.sign_in("alice@example.net/desk");
    let since = world.ask(alice, CHECK_IN);
    let since = since.children().next().unwrap().attribute("version").unwrap().into_owned();
    let mut transcript = Transcript::default();
    for _ in 0..6 {
        world.wait(10 * SECOND);
        world.send(alice, " ");
        let before = world.clients[bob].inbox.len() + usize::from(world.clients[bob].closed.is_some());
        if before > 0 {
            transcript.note(&format!(
                "Bob, {} s after he was last heard of",
                (world.at.mono - 1000 * SECOND).as_secs()
            ));
            transcript.listen(&mut world, bob);
            world.clients[bob].closed = None;
        }
    }
    transcript.note("Alice looks.");
    world.received(alice);
    transcript.send(&mut world, alice, &look(&since));
    insta::assert_snapshot!(transcript.into_text());
    assert_eq!(world.counters().reaped, 1);
    let reaped: Vec<_> =
        world.occurrences.iter().filter(|what| matches!(what.what, What::Reaped { .. })).collect();
    assert_eq!(reaped.len(), 1);
    assert_eq!(reaped[0].what, What::Reaped { silence: 60 * SECOND, limit: 60 * SECOND });
    assert!(!world.occurrences.iter().any(|what| what.what == What::Departed(Reason::Reaped)), "said once");
}

#[test]
fn a_session_that_never_entered_is_reaped_as_well() {
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    world.wait(60 * SECOND);
    assert_eq!(stream_error(&world, bob), "connection-timeout");
    assert_eq!(world.counters().sessions, 0);
}

#[test]
fn anything_complete_keeps_a_session() {
    let signs = [
        " ",
        "\n\n",
        CHECK_IN,
        "<presence/>",
        "<message to='nobody@example.net'/>",
        "<iq type='result' id='ping-0' to='example.net'/>",
        "<iq type='error' id='ping-0'/>",
        "<presence type='happy'/>",
        "<iq type='set' id='s1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
    ];
    for sign in signs {
        let (mut world, bob) = silent();
        for _ in 0..3 {
            world.wait(59 * SECOND);
            world.send(bob, sign);
        }
        assert!(world.clients[bob].closed.is_none(), "{sign:?}");
        world.wait(60 * SECOND);
        assert_eq!(stream_error(&world, bob), "connection-timeout", "{sign:?}");
    }
}

#[test]
fn half_a_stanza_and_then_nothing_is_silence() {
    let (mut world, bob) = silent();
    world.wait(59 * SECOND);
    world.send(bob, "<message to='alice@example.net'><bo");
    world.wait(SECOND);
    assert_eq!(stream_error(&world, bob), "connection-timeout");
}

#[test]
fn what_waits_on_the_socket_goes_before_the_time_out() {
    let (mut world, bob) = silent();
    world.clients[bob].arrives = false;
    world.send(bob, CHECK_IN);
    world.wait(60 * SECOND);
    assert!(world.clients[bob].closed.is_none());
    assert_eq!(world.counters().reaped, 0);
    assert_eq!(world.switchboard.directory().online(), 1);
    world.wait(59 * SECOND);
    assert_eq!(world.counters().reaped, 0, "it is timed from then on");
    world.wait(SECOND);
    assert_eq!(world.counters().reaped, 1);
}

#[test]
fn the_older_sessions_silence_never_takes_the_newer_one_away() {
    let (mut world, older) = silent();
    world.wait(59 * SECOND);
    let newer = world.sign_in("bob@example.net/tui");
    world.ask(newer, CHECK_IN);
    assert_eq!(stream_error(&world, older), "conflict");
    world.wait(30 * SECOND);
    assert_eq!(world.counters().reaped, 0);
    assert_eq!(world.switchboard.directory().online(), 1);
    assert!(world.clients[newer].closed.is_none());
}

/// Bob's newer session inherited the entry of the older one, and speaks without a word to the directory. One second is
/// missing to the limit.
fn heir() -> (World, Name) {
    let (mut world, _) = silent();
    let heir = world.sign_in("bob@example.net/tui");
    world.wait(59 * SECOND);
    world.send(heir, " ");
    (world, heir)
}

/// What happened to Bob's entry, and to which session, since the last call.
fn departures(world: &mut World) -> Vec<(u64, What)> {
    let occurrences = world.occurrences.drain(..);
    let departures = occurrences.filter(|what| matches!(what.what, What::Entered | What::Departed(_)));
    departures.map(|occurrence| (occurrence.session.0, occurrence.what)).collect()
}

#[test]
fn an_inherited_entry_that_nobody_claims_goes_and_that_is_said_of_the_heir() {
    let (mut world, heir) = heir();
    assert_eq!(departures(&mut world), [(0, What::Entered)]);
    assert_eq!(world.switchboard.directory().online(), 1);
    world.wait(SECOND);
    assert_eq!(world.switchboard.directory().online(), 0);
    assert_eq!(departures(&mut world), [(1, What::Departed(Reason::Closed))]);
    assert!(world.clients[heir].closed.is_none(), "it is silent for a second");
    world.wait(58 * SECOND);
    assert!(world.clients[heir].closed.is_none());
    assert_eq!(departures(&mut world), [], "said once");
    world.wait(SECOND);
    assert_eq!(stream_error(&world, heir), "connection-timeout");
    assert_eq!(departures(&mut world), []);
}

#[test]
fn what_waits_on_the_socket_goes_before_the_end_of_an_inherited_entry() {
    let (mut world, heir) = heir();
    let changes = world.switchboard.directory().counter();
    world.clients[heir].arrives = false;
    world.send(heir, CHECK_IN);
    world.wait(SECOND);
    assert_eq!(departures(&mut world), [(0, What::Entered), (1, What::Entered)]);
    assert_eq!(
        world.switchboard.directory().counter(),
        changes + 1,
        "one change, without a departure between"
    );
    world.wait(59 * SECOND);
    assert_eq!((world.switchboard.directory().online(), departures(&mut world)), (1, vec![]));
}

#[test]
fn a_stall_of_the_server_moves_the_end_of_an_inherited_entry() {
    let (mut world, heir) = heir();
    world.switchboard.handle_stall(100 * SECOND);
    world.at = chatdev_directory::Moment::new(world.at.mono + 100 * SECOND, world.at.wall + 100 * SECOND);
    world.wait(SECOND / 2);
    assert_eq!(world.switchboard.directory().online(), 1);
    world.wait(SECOND / 2);
    assert_eq!(world.switchboard.directory().online(), 0);
    assert!(world.clients[heir].closed.is_none());
}

#[test]
fn a_session_that_waits_for_storage_is_not_reaped_for_what_the_server_has_not_read() {
    let (mut world, bob) = silent();
    world.storage_answers = false;
    let password = "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>bob</username>\
                    <password>new</password></query></iq>";
    world.send(bob, &[password, CHECK_IN].concat());
    world.wait(90 * SECOND);
    assert_eq!(world.counters().reaped, 0);
    world.storage_answers = true;
    world.answer_storage();
    assert!(world.clients[bob].closed.is_none());
    world.wait(60 * SECOND);
    assert_eq!(world.counters().reaped, 1);
}

#[test]
fn nobody_is_reaped_for_a_stall_of_the_server() {
    let (mut world, bob) = silent();
    world.wait(20 * SECOND);
    world.switchboard.handle_stall(100 * SECOND);
    world.at = chatdev_directory::Moment::new(world.at.mono + 100 * SECOND, world.at.wall + 100 * SECOND);
    world.wait(39 * SECOND);
    assert!(world.clients[bob].closed.is_none());
    world.wait(SECOND);
    assert_eq!(stream_error(&world, bob), "connection-timeout");
}

#[test]
fn a_ping_is_sent_once_in_a_silence() {
    let (mut world, bob) = silent();
    world.wait(29 * SECOND);
    assert_eq!(world.received(bob), [""; 0]);
    world.wait(SECOND);
    assert_eq!(
        world.received(bob),
        [
            "<iq type='get' id='ping-0' from='example.net' to='bob@example.net/tui'><ping xmlns='urn:xmpp:ping'/></iq>"
        ]
    );
    world.wait(20 * SECOND);
    assert_eq!(world.received(bob), [""; 0]);
    world.send(bob, "<iq type='result' id='ping-0' to='example.net'/>");
    world.wait(30 * SECOND);
    assert_eq!(world.received(bob).len(), 1);
}
