//! PROTOCOL section 2: "The steady cost of a check-in is that of the changes since the last one, not of the number of
//! users." Counted in records and places touched, so that no clock is asked.

use chatdev_directory::{Expired, Reason, SessionId};

use crate::world::World;

/// From ten to ten thousand users; `benches/directory.rs` goes to a hundred thousand and shows the time it takes.
const CROWDS: [u64; 4] = [10, 100, 1_000, 10_000];

fn crowd(users: u64) -> (World, Vec<SessionId>) {
    let mut world = World::new();
    let sessions = (0..users).map(|n| world.enter(&format!("user{n}"))).collect();
    (world, sessions)
}

/// What `step` touches, in each crowd.
fn touched(mut step: impl FnMut(&mut World, &[SessionId])) -> Vec<u64> {
    let in_crowd = |users| {
        let (mut world, sessions) = crowd(users);
        let before = world.directory.counters().touched;
        step(&mut world, &sessions);
        world.directory.counters().touched - before
    };
    CROWDS.into_iter().map(in_crowd).collect()
}

#[test]
fn a_check_in_that_changes_nothing() {
    let counts = touched(|world, sessions| {
        let since = world.page(sessions[3], None, usize::MAX).version;
        world.pass(20);
        world.heartbeat(sessions[3]);
        let page = world.page(sessions[3], Some(&since), 200);
        assert_eq!((page.reset, page.changes.len(), page.version), (false, 0, since));
    });
    assert_eq!(counts, [2; 4]);
}

#[test]
fn a_check_in_that_changes_something() {
    let counts = touched(|world, sessions| {
        world.announce(sessions[3], "New", &[]);
    });
    assert_eq!(counts, [4; 4]);
}

#[test]
fn coming_and_going() {
    let counts = touched(|world, _| {
        let session = world.enter("somebody");
        world.directory.close(world.now(), session, Reason::Closed);
        world.enter("somebody");
    });
    assert_eq!(counts, [counts[0]; 4]);
    assert!(counts[0] <= 12, "{counts:?}");
}

#[test]
fn reaping_one_of_many() {
    let counts = touched(|world, sessions| {
        world.pass(31);
        for session in &sessions[1..] {
            world.directory.seen(world.mono, *session);
        }
        let before = world.directory.counters().touched;
        world.pass(29);
        assert_eq!(world.expire(), [Expired::Due(sessions[0])]);
        assert!(world.directory.reap(world.now(), sessions[0]));
        assert_eq!(world.directory.counters().touched - before, 4, "whoever is live");
    });
    assert_eq!(counts.len(), 4);
}

#[test]
fn disinheriting_one_of_many() {
    let counts = touched(|world, sessions| {
        let heir = world.open("user0", "10.0.0.2");
        world.pass(59);
        for session in sessions.iter().chain([&heir]) {
            world.directory.seen(world.mono, *session);
        }
        world.pass(1);
        let before = world.directory.counters().touched;
        assert_eq!(world.expire(), [Expired::Unclaimed(heir)]);
        assert!(world.directory.disinherit(world.now(), heir));
        assert_eq!(world.directory.counters().touched - before, 2, "the entry, and its departure");
    });
    assert_eq!(counts.len(), 4);
}

#[test]
fn a_stall() {
    let counts = touched(|world, _| {
        world.pass(3_600);
        world.directory.stalled(std::time::Duration::from_secs(3_600));
        assert_eq!(world.expire(), []);
    });
    assert_eq!(counts, [0; 4]);
}
