//! PROTOCOL section 2, "Being in it" and "What is sent": the ways in and out, and what each of them tells the others.

use std::time::Duration;

use chatdev_directory::{
    Announcement, Change, CheckInError, Expired, Fingerprint, OpenError, Profile, Reason, SessionId, Show,
};

use crate::world::{LIMIT, World, announcement, jid, words};

#[test]
fn a_session_is_in_from_its_first_check_in() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    assert_eq!(world.list(alice), [""; 0], "reading the list does not enter it");
    world.announce(alice, "Alice", &["10.0.0.1:5298"]);
    assert_eq!(world.list(alice), ["alice 1 Alice 10.0.0.1:5298"]);
}

#[test]
fn an_empty_first_check_in_enters_with_nothing_said() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    world.heartbeat(alice);
    assert_eq!(world.list(alice), ["alice 1"]);
}

#[test]
fn available_presence_enters_and_unavailable_presence_leaves() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    let now = world.now();
    world.directory.set_presence(now, alice, Show::Away, Some("tea".into()), Some("Al".into())).unwrap();
    let entry = world.directory.entry(alice).unwrap().clone();
    let expected = Profile { nick: Some("Al".into()), show: Show::Away, status: Some("tea".into()) };
    assert_eq!(entry.profile, expected);
    assert!(world.directory.leave(now, alice));
    assert_eq!(world.directory.entry(alice), None);
    assert!(!world.directory.leave(now, alice), "leaving twice is nothing new");
    assert_eq!(world.directory.owner(&jid("alice")), Some(alice), "the session stays open");
    world.heartbeat(alice);
    assert_eq!(world.list(alice), ["alice 1"], "coming back begins with nothing said");
}

#[test]
fn profile_and_presence_are_one_state_and_the_last_word_holds() {
    let mut world = World::new();
    let alice = world.enter("alice");
    let fingerprint = Some(Fingerprint([7; 32]));
    let announced = Announcement { fingerprint, ..announcement("Alice", &["10.0.0.1:5298"]) };
    world.try_announce(alice, announced.clone()).unwrap();
    world.directory.set_presence(world.now(), alice, Show::Dnd, Some("busy".into()), None).unwrap();
    let entry = world.directory.entry(alice).unwrap();
    assert_eq!(entry.profile.nick.as_deref(), Some("Alice"), "presence without a nick keeps it");
    assert_eq!((entry.profile.show, entry.profile.status.as_deref()), (Show::Dnd, Some("busy")));
    assert_eq!((entry.endpoints.len(), entry.fingerprint), (1, fingerprint));
    world.try_announce(alice, announced).unwrap();
    let entry = world.directory.entry(alice).unwrap();
    assert_eq!((entry.profile.show, entry.profile.status.as_deref()), (Show::Available, None));
}

#[test]
fn an_announcement_replaces_all_three() {
    let mut world = World::new();
    let alice = world.enter("alice");
    let fingerprint = Some(Fingerprint([7; 32]));
    world
        .try_announce(alice, Announcement { fingerprint, ..announcement("Alice", &["10.0.0.1:5298"]) })
        .unwrap();
    world.try_announce(alice, Announcement::default()).unwrap();
    let entry = world.directory.entry(alice).unwrap();
    assert_eq!(entry.profile, Profile::default());
    assert_eq!((entry.endpoints.len(), entry.fingerprint), (0, None));
}

#[test]
fn each_part_of_an_announcement_is_a_change_by_itself() {
    let mut world = World::new();
    let alice = world.enter("alice");
    let mut announced = announcement("alice", &[]);
    let steps: [fn(&mut Announcement); 5] = [
        |announced| announced.profile.nick = None,
        |announced| announced.profile.show = Show::Xa,
        |announced| announced.profile.status = Some("out".into()),
        |announced| announced.endpoints = announcement("", &["10.0.0.1:5298"]).endpoints,
        |announced| announced.fingerprint = Some(Fingerprint([7; 32])),
    ];
    for (place, change) in steps.iter().enumerate() {
        let before = world.directory.counter();
        change(&mut announced);
        world.try_announce(alice, announced.clone()).unwrap();
        assert_eq!(world.directory.counter(), before + 1, "step {place}");
        let entry = world.directory.entry(alice).unwrap();
        assert_eq!((&entry.profile, entry.fingerprint), (&announced.profile, announced.fingerprint));
        assert_eq!(*entry.endpoints, *announced.endpoints);
    }
}

#[test]
fn what_changes_nothing_takes_no_counter() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    world.announce(alice, "Alice", &["10.0.0.1:5298"]);
    let (counter, since) = (world.directory.counter(), world.page(alice, None, 9).version);
    world.pass(20);
    world.heartbeat(alice);
    world.announce(alice, "Alice", &["10.0.0.1:5298", "192.0.2.1:5298"]);
    world.directory.set_presence(world.now(), alice, Show::Available, None, Some("Alice".into())).unwrap();
    assert_eq!(world.directory.counter(), counter);
    let page = world.page(alice, Some(&since), 9);
    assert_eq!((page.reset, page.changes.len(), page.version), (false, 0, since));
}

#[test]
fn online_since_is_the_time_of_entering() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    world.pass(5);
    world.heartbeat(alice);
    world.pass(5);
    world.announce(alice, "Alice", &[]);
    assert_eq!(world.directory.entry(alice).unwrap().since.to_string(), "2026-11-22T21:00:05Z");
    world.directory.leave(world.now(), alice);
    world.pass(5);
    world.heartbeat(alice);
    assert_eq!(world.directory.entry(alice).unwrap().since.to_string(), "2026-11-22T21:00:15Z");
}

#[test]
fn too_long_a_nick_or_status_changes_nothing() {
    let mut world = World::new();
    let alice = world.enter("alice");
    let counter = world.directory.counter();
    let nick = "é".repeat(32);
    world.announce(alice, &nick, &[]);
    let status = |octets: usize| Announcement {
        profile: Profile { status: Some("s".repeat(octets).into()), ..Profile::default() },
        ..Announcement::default()
    };
    world.try_announce(alice, status(512)).unwrap();
    assert_eq!(world.directory.counter(), counter + 2);
    let long_nick = world.try_announce(alice, announcement(&format!("{nick}x"), &[]));
    assert_eq!(long_nick, Err(CheckInError::NickTooLong { found: 65, max: 64 }));
    let long_status = world.try_announce(alice, status(513));
    assert_eq!(long_status, Err(CheckInError::StatusTooLong { found: 513, max: 512 }));
    let megabyte =
        world.directory.set_presence(world.now(), alice, Show::Chat, Some("s".repeat(1 << 20).into()), None);
    assert_eq!(megabyte, Err(CheckInError::StatusTooLong { found: 1 << 20, max: 512 }));
    assert_eq!(world.directory.counter(), counter + 2);
}

#[test]
fn who_is_refused_for_a_long_nick_has_been_seen_all_the_same() {
    let mut world = World::new();
    let alice = world.enter("alice");
    world.pass(59);
    assert!(world.try_announce(alice, announcement(&"x".repeat(65), &[])).is_err());
    world.pass(59);
    assert!(!world.directory.reap(world.now(), alice));
}

#[test]
fn ten_thousand_endpoints_are_four_and_the_rest_refused() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    let many: Vec<_> = (0..10_000).map(|n| format!("10.0.{}.{}:5298", n / 256, n % 256)).collect();
    let refused = world.announce(alice, "Alice", &many.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((refused.len(), world.directory.entry(alice).unwrap().endpoints.len()), (9_996, 4));
}

#[test]
fn check_ins_are_counted_accepted_or_not_and_so_are_refused_endpoints() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    world.heartbeat(alice);
    world.announce(alice, "Alice", &["10.0.0.1:5298", "192.0.2.1:5298", "10.0.0.1:80"]);
    world.announce(alice, "Alice", &["0.0.0.0:5298"]);
    world.try_announce(alice, announcement(&"x".repeat(65), &["10.0.0.1:80"])).unwrap_err();
    world.directory.set_presence(world.now(), alice, Show::Away, None, None).unwrap();
    let counters = world.directory.counters();
    assert_eq!((counters.check_ins, counters.endpoints_refused), (4, 3));
}

#[test]
fn each_way_out_is_counted_by_itself() {
    let mut world = World::new();
    let sessions = ["a", "b", "c", "d", "e", "f"].map(|name| world.enter(name));
    for session in &sessions[..3] {
        world.directory.leave(world.now(), *session);
    }
    for session in &sessions[3..5] {
        world.directory.close(world.now(), *session, Reason::Closed);
    }
    world.pass(60);
    world.directory.reap(world.now(), sessions[5]);
    let counters = world.directory.counters();
    assert_eq!((counters.entered, counters.changed), (6, 0));
    assert_eq!((counters.left, counters.closed, counters.reaped), (3, 2, 1));
}

#[test]
fn the_end_of_a_stream_is_out_at_once() {
    let mut world = World::new();
    let (alice, bob) = (world.enter("alice"), world.enter("bob"));
    let since = world.page(alice, None, 9).version;
    world.pass(7);
    assert!(world.directory.close(world.now(), bob, Reason::Closed));
    assert!(!world.directory.close(world.now(), bob, Reason::Closed), "closing twice is nothing new");
    let page = world.page(alice, Some(&since), 9);
    assert_eq!(words(&page), ["bob closed"]);
    let Change::Gone(departure) = &page.changes[0] else { panic!("bob is gone") };
    assert_eq!(departure.last.to_string(), "2026-11-22T21:00:07Z");
}

#[test]
fn a_newer_session_is_one_change_without_a_departure_between() {
    let mut world = World::new();
    let alice = world.enter("alice");
    let old = world.open("bob", "192.0.2.7");
    world.announce(old, "Bob", &["192.0.2.7:5298"]);
    let since = world.page(alice, None, 9).version;
    let new = world.open("bob", "10.0.0.2");
    world.directory.close(world.now(), old, Reason::Closed);
    assert_eq!(
        world.page(alice, Some(&since), 9).changes,
        [],
        "the old entry stands until the new session speaks"
    );
    assert_eq!(world.directory.entry(new), None, "which has not entered by signing in");
    world.announce(new, "Bob", &["10.0.0.2:5298"]);
    let page = world.page(alice, Some(&since), 9);
    assert_eq!(words(&page), ["bob 3 Bob 10.0.0.2:5298"]);
}

#[test]
fn open_names_the_session_that_loses_its_jid() {
    let mut world = World::new();
    let old = world.enter("bob");
    let opened = world.directory.open(world.now(), SessionId(50), jid("bob"), "10.0.0.2".parse().unwrap());
    assert_eq!(opened, Ok(Some(old)));
    assert_eq!(world.directory.owner(&jid("bob")), Some(SessionId(50)));
}

#[test]
fn the_older_session_touches_nothing_any_more() {
    let mut world = World::new();
    let old = world.enter("bob");
    let new = world.enter("bob");
    let counter = world.directory.counter();
    world.pass(60);
    world.directory.seen(world.mono, new);
    assert_eq!(world.try_announce(old, announcement("Old", &[])), Err(CheckInError::Superseded));
    let presence = world.directory.set_presence(world.now(), old, Show::Away, None, None);
    assert_eq!(presence, Err(CheckInError::Superseded));
    assert!(!world.directory.leave(world.now(), old));
    world.pass(60);
    world.directory.seen(world.mono, new);
    assert!(world.directory.reap(world.now(), old), "the older session is silent and goes");
    assert_eq!(world.directory.counter(), counter, "its entry is not its own any more");
    assert_eq!(world.list(new), ["bob 2 bob"]);
}

#[test]
fn an_heir_that_ends_takes_the_inherited_entry_along() {
    for end in ["leave", "close", "reap"] {
        let mut world = World::new();
        let alice = world.enter("alice");
        let old = world.enter("bob");
        let heir = world.open("bob", "10.0.0.2");
        world.directory.close(world.now(), old, Reason::Closed);
        let since = world.page(alice, None, 9).version;
        let expected = match end {
            "leave" => world.directory.leave(world.now(), heir).then_some("bob left"),
            "close" => world.directory.close(world.now(), heir, Reason::Closed).then_some("bob closed"),
            _ => {
                world.pass(60);
                world.directory.reap(world.now(), heir).then_some("bob reaped")
            }
        };
        assert_eq!(words(&world.page(alice, Some(&since), 9)), [expected.unwrap()]);
    }
}

#[test]
fn an_inherited_entry_that_nobody_claims_goes_after_one_limit() {
    let mut world = World::new();
    let old = world.enter("bob");
    let heir = world.open("bob", "10.0.0.2");
    world.directory.close(world.now(), old, Reason::Closed);
    world.pass(40);
    let second_heir = world.open("bob", "10.0.0.3");
    world.directory.close(world.now(), heir, Reason::Closed);
    world.directory.seen(world.mono, second_heir);
    world.pass(19);
    assert_eq!(world.expire(), []);
    assert!(!world.directory.disinherit(world.now(), second_heir), "not before its time");
    assert_eq!(world.directory.poll_timeout(), Some(LIMIT), "counted from the first heir on");
    world.pass(1);
    assert_eq!(world.expire(), [Expired::Unclaimed(second_heir)]);
    assert_eq!(world.list(second_heir), ["bob 1 bob"], "what waits on the heir's connection goes first");
    assert!(!world.directory.disinherit(world.now(), heir), "which has ended");
    assert!(world.directory.disinherit(world.now(), second_heir));
    assert!(!world.directory.disinherit(world.now(), second_heir), "once");
    assert_eq!(world.list(second_heir), [""; 0]);
    assert_eq!(world.directory.counters().closed, 1);
    assert_eq!(world.directory.sessions(), 1, "the heir stays, and may come in");
    world.heartbeat(second_heir);
    assert_eq!(world.list(second_heir), ["bob 3"]);
}

#[test]
fn a_stall_moves_the_deadline_of_an_inherited_entry_too() {
    let mut world = World::new();
    world.enter("bob");
    let heir = world.open("bob", "10.0.0.2");
    world.pass(59);
    world.directory.seen(world.mono, heir);
    world.directory.stalled(Duration::from_secs(10));
    world.pass(10);
    assert_eq!(inherited(&mut world), []);
    world.pass(1);
    assert_eq!(inherited(&mut world), [heir]);
    world.directory.stalled(Duration::from_secs(5));
    assert!(
        !world.directory.disinherit(world.now(), heir),
        "the server stood still since it was said to be due"
    );
    world.pass(4);
    assert_eq!(inherited(&mut world), []);
    world.pass(1);
    assert_eq!(inherited(&mut world), [heir]);
    assert!(world.directory.disinherit(world.now(), heir));
}

#[test]
fn who_claims_the_entry_at_the_last_instant_keeps_it() {
    for claim in ["check-in", "presence"] {
        let mut world = World::new();
        let alice = world.enter("alice");
        world.enter("bob");
        let heir = world.open("bob", "10.0.0.2");
        let since = world.page(alice, None, 9).version;
        world.pass(60);
        assert_eq!(inherited(&mut world), [heir]);
        match claim {
            "check-in" => world.heartbeat(heir),
            _ => world.directory.set_presence(world.now(), heir, Show::Available, None, None).unwrap(),
        }
        assert!(!world.directory.disinherit(world.now(), heir));
        assert_eq!(words(&world.page(alice, Some(&since), 9)), ["bob 3"], "one change, and no departure");
        world.pass(1);
        assert_eq!(inherited(&mut world), [], "it is in, and inherits nothing any more");
    }
}

#[test]
fn an_unclaimed_entry_is_asked_for_once_until_it_was_looked_at() {
    let mut world = World::new();
    world.enter("bob");
    let heir = world.open("bob", "10.0.0.2");
    world.pass(60);
    assert_eq!(inherited(&mut world), [heir]);
    for _ in 0..3 {
        world.directory.seen(world.mono, heir);
        assert_eq!(world.expire(), []);
        assert_eq!(
            world.directory.poll_timeout(),
            Some(world.mono + LIMIT / 2),
            "for the heir's own silence"
        );
        world.pass(1);
    }
    let second_heir = world.open("bob", "10.0.0.3");
    assert_eq!(world.directory.poll_timeout(), Some(LIMIT), "another connection is to be looked at");
    assert_eq!(world.expire(), [Expired::Unclaimed(second_heir)]);
    assert!(!world.directory.disinherit(world.now(), heir), "it is not its own to lose any more");
    assert_eq!(world.list(second_heir), ["bob 1 bob"]);
    assert!(world.directory.disinherit(world.now(), second_heir));
    assert_eq!(world.list(second_heir), [""; 0]);
}

/// The heirs that inherited what nobody claimed in time, of all that expired.
fn inherited(world: &mut World) -> Vec<SessionId> {
    let expired = world.expire().into_iter();
    let unclaimed = expired.filter_map(|expired| match expired {
        Expired::Unclaimed(heir) => Some(heir),
        Expired::Ping(_) | Expired::Due(_) => None,
    });
    unclaimed.collect()
}

#[test]
fn sessions_are_limited_and_numbers_unique() {
    let mut world = World::with(|config| config.sessions_max = 2);
    let alice = world.enter("alice");
    let address = "10.0.0.1".parse().unwrap();
    let again = world.directory.open(world.now(), alice, jid("bob"), address);
    assert_eq!(again, Err(OpenError::AlreadyOpen));
    world.enter("bob");
    let third = world.directory.open(world.now(), SessionId(9), jid("carol"), address);
    assert_eq!(third, Err(OpenError::Full { sessions_max: 2 }));
    assert_eq!((world.directory.sessions(), world.directory.online()), (2, 2));
}

#[test]
fn nothing_is_known_of_a_session_that_is_not_open() {
    let mut world = World::new();
    let nobody = SessionId(77);
    let now = world.now();
    world.directory.seen(now.mono, nobody);
    world.directory.told(nobody, LIMIT);
    assert_eq!(world.directory.check_in(now, nobody, None), Err(CheckInError::NotOpen));
    assert_eq!(world.directory.set_presence(now, nobody, Show::Chat, None, None), Err(CheckInError::NotOpen));
    assert!(!world.directory.leave(now, nobody));
    assert!(!world.directory.close(now, nobody, Reason::Closed));
    assert!(!world.directory.reap(now, nobody));
    assert!(!world.directory.disinherit(now, nobody));
    assert!(world.directory.changes(nobody, None).is_none());
    assert_eq!((world.directory.entry(nobody), world.directory.limit(nobody)), (None, None));
}
