//! PROTOCOL section 2, "List and delta are one mechanism": when an answer resets, when it does not, and how it is paged.

use chatdev_directory::{Change, Page, Reason, SessionId, Version};

use crate::world::{World, words};

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

/// Pages on from `since` until there is no more.
fn rest(world: &World, watcher: SessionId, mut since: Version, changes_max: usize) -> (Vec<Page>, Version) {
    let mut pages = Vec::new();
    loop {
        let page = world.page(watcher, Some(&since), changes_max);
        since = page.version.clone();
        let more = page.more;
        pages.push(page);
        if !more {
            return (pages, since);
        }
        assert!(pages.len() < 1000, "paging ends");
    }
}

#[test]
fn deltas_name_each_jid_once_with_what_is_so_now() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.enter("alice"), world.enter("bob"), world.enter("carol"));
    let since = world.page(alice, None, 9).version;
    world.announce(bob, "Bob", &[]);
    world.announce(carol, "Carol", &[]);
    world.announce(bob, "Bobby", &[]);
    world.directory.leave(world.now(), carol);
    assert_eq!(words(&world.page(alice, Some(&since), 9)), ["bob 2 Bobby", "carol left"]);
    world.announce(carol, "Caro", &[]);
    assert_eq!(words(&world.page(alice, Some(&since), 9)), ["bob 2 Bobby", "carol 3 Caro"]);
}

#[test]
fn nonsense_resets() {
    let mut world = World::new();
    let alice = world.enter("alice");
    let now = world.page(alice, None, 9).version;
    assert_eq!(now.as_str(), "5f2c81d0.p.1");
    for text in [
        "5f2c81d1.p.1",
        "5f2c81d0.p.2",
        "5f2c81d0.p.18446744073709551615",
        "5f2c81d0.p.0-2",
        "5f2c81d0.p.1-0",
        "5f2c81d0.l.1",
        "5f2c81d0.vc0000207.1",
        "5f2c81d0.1",
        "latest",
        "'><gone/>",
    ] {
        let page = world.page(alice, Some(&version(text)), 9);
        assert!(page.reset, "{text}");
        assert_eq!(words(&page), ["alice 1 alice"], "{text}");
        assert_eq!(page.version, now, "{text}");
    }
    let page = world.page(alice, Some(&version("5f2c81d0.p.0")), 9);
    assert_eq!((page.reset, words(&page)), (false, vec!["alice 1 alice".into()]));
}

#[test]
fn a_forgotten_departure_resets_only_those_who_have_not_heard_of_it() {
    let mut world = World::with(|config| config.departures_max = 1);
    let (alice, bob, carol) = (world.enter("alice"), world.enter("bob"), world.enter("carol"));
    let before = world.page(alice, None, 9).version;
    world.directory.leave(world.now(), bob);
    let between = world.page(alice, Some(&before), 9).version;
    assert!(!world.page(alice, Some(&before), 9).reset);
    world.directory.leave(world.now(), carol);
    let page = world.page(alice, Some(&between), 9);
    assert_eq!((page.reset, words(&page)), (false, vec!["carol left".into()]));
    let page = world.page(alice, Some(&before), 9);
    assert_eq!((page.reset, words(&page)), (true, vec!["alice 1 alice".into()]));
}

#[test]
fn a_walk_goes_on_while_everything_changes_behind_it() {
    let mut world = World::with(|config| config.departures_max = 2);
    let names = ["a", "b", "c", "d", "e"];
    let sessions = names.map(|name| world.enter(name));
    let watcher = world.open("watcher", "10.0.0.1");
    let first = world.page(watcher, None, 2);
    assert_eq!((first.reset, first.more, words(&first)), (true, true, vec!["a 1 a".into(), "b 2 b".into()]));
    world.announce(sessions[0], "A", &[]);
    world.directory.leave(world.now(), sessions[1]);
    world.announce(sessions[2], "C", &[]);
    world.directory.close(world.now(), sessions[3], Reason::Closed);
    let second = world.page(watcher, Some(&first.version), 2);
    assert_eq!((second.reset, second.more), (false, true));
    assert_eq!(words(&second), ["e 5 e", "a 1 A"], "the walk ends and what changed since it began follows");
    let third = world.page(watcher, Some(&second.version), 9);
    assert_eq!(words(&third), ["b left", "c 3 C", "d closed"]);
    assert!(!third.reset && !third.more);
}

#[test]
fn a_walk_resets_again_only_for_a_departure_newer_than_its_beginning() {
    let mut world = World::with(|config| config.departures_max = 1);
    let sessions = ["a", "b", "c", "d", "e", "f"].map(|name| world.enter(name));
    world.directory.leave(world.now(), sessions[0]);
    let watcher = world.open("watcher", "10.0.0.1");
    let first = world.page(watcher, None, 1);
    world.directory.leave(world.now(), sessions[1]);
    assert!(!world.page(watcher, Some(&first.version), 1).reset, "the forgotten one was older than the walk");
    world.directory.leave(world.now(), sessions[2]);
    let again = world.page(watcher, Some(&first.version), 1);
    assert_eq!((again.reset, words(&again)), (true, vec!["d 4 d".into()]));
}

#[test]
fn a_full_answer_ends_where_it_was_filled() {
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world.enter(name);
    }
    let watcher = world.open("watcher", "10.0.0.1");
    let mut changes = world.directory.changes(watcher, None).unwrap();
    let peeked = changes.peek();
    assert!(matches!(&peeked, Some(Change::Online(entry)) if entry.profile.nick.as_deref() == Some("a")));
    assert_eq!(changes.next(), peeked);
    let version = changes.version();
    assert!(changes.more() && changes.peek().is_some(), "peeking takes nothing");
    assert_eq!(changes.version(), version);
    let (pages, _) = rest(&world, watcher, version, 1);
    assert_eq!(pages.iter().flat_map(words).collect::<Vec<_>>(), ["b 2 b", "c 3 c"]);
}

#[test]
fn with_no_departure_remembered_a_departure_resets_and_paging_still_ends() {
    let mut world = World::with(|config| config.departures_max = 0);
    let sessions = ["a", "b", "c"].map(|name| world.enter(name));
    let watcher = world.open("watcher", "10.0.0.1");
    let since = world.page(watcher, None, 9).version;
    world.directory.leave(world.now(), sessions[2]);
    let (pages, since) = rest(&world, watcher, since, 1);
    assert_eq!(pages.iter().map(|page| page.reset).collect::<Vec<_>>(), [true, false]);
    let quiet = world.page(watcher, Some(&since), 1);
    assert_eq!((quiet.reset, quiet.changes.len(), quiet.version), (false, 0, since));
}

#[test]
fn a_page_of_no_changes_stays_where_it_is() {
    let mut world = World::new();
    world.enter("a");
    let watcher = world.open("watcher", "10.0.0.1");
    let page = world.page(watcher, None, 0);
    assert!(page.reset && page.more);
    let page = world.page(watcher, Some(&page.version), 9);
    assert_eq!((page.reset, words(&page)), (false, vec!["a 1 a".into()]));
}
