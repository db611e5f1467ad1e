//! Silence by itself; `tests/directory/silence.rs` plays it against a sweep over everybody.

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn all(silence: &mut Silence, now: Duration) -> Vec<Expired> {
    let sessions = silence.slots.len();
    let expired: Vec<_> = std::iter::from_fn(|| silence.expire(now)).take(sessions + 1).collect();
    assert!(expired.len() <= sessions, "each at most once");
    expired
}

#[test]
fn a_silent_session_is_pinged_once_and_due_once() {
    let mut silence = Silence::new();
    let key = silence.open(s(10), SessionId(1), MINUTE);
    assert_eq!(silence.next(), Some(s(40)));
    assert_eq!(all(&mut silence, s(40) - Duration::from_nanos(1)), []);
    assert_eq!(all(&mut silence, s(40)), [Expired::Ping(SessionId(1))]);
    assert_eq!(silence.next(), Some(s(70)));
    assert_eq!(silence.overdue(s(70) - Duration::from_nanos(1), key), None);
    assert_eq!(all(&mut silence, s(70)), [Expired::Due(SessionId(1))]);
    assert_eq!(silence.next(), None);
    assert_eq!(silence.overdue(s(70), key), Some(MINUTE));
}

#[test]
fn being_seen_begins_again() {
    let mut silence = Silence::new();
    let key = silence.open(s(0), SessionId(1), MINUTE);
    silence.seen(s(29), key);
    assert_eq!(silence.next(), Some(s(59)));
    assert_eq!(all(&mut silence, s(59)), [Expired::Ping(SessionId(1))]);
    silence.seen(s(60), key);
    assert_eq!(all(&mut silence, s(90)), [Expired::Ping(SessionId(1))]);
    assert_eq!(all(&mut silence, s(120)), [Expired::Due(SessionId(1))]);
    silence.seen(s(120), key);
    assert_eq!(silence.overdue(s(120), key), None);
    assert_eq!(silence.next(), Some(s(150)));
}

#[test]
fn who_is_past_the_limit_is_not_pinged_any_more() {
    let mut silence = Silence::new();
    silence.open(s(0), SessionId(1), MINUTE);
    silence.open(s(31), SessionId(2), MINUTE);
    assert_eq!(all(&mut silence, s(90)), [Expired::Due(SessionId(1)), Expired::Ping(SessionId(2))]);
}

#[test]
fn the_limit_last_told_is_the_one_that_counts() {
    let mut silence = Silence::new();
    let slowed = silence.open(s(0), SessionId(1), MINUTE);
    let plain = silence.open(s(0), SessionId(2), MINUTE);
    silence.told(slowed, s(300));
    assert_eq!(silence.limit(slowed), s(300));
    assert_eq!(silence.limit(plain), MINUTE);
    assert_eq!(all(&mut silence, s(60)), [Expired::Due(SessionId(2))]);
    assert_eq!(all(&mut silence, s(150)), [Expired::Ping(SessionId(1))]);
    silence.told(slowed, s(100) + Duration::from_millis(1));
    assert_eq!(silence.limit(slowed), s(101));
    assert_eq!(all(&mut silence, s(150)), [Expired::Due(SessionId(1))]);
    silence.told(slowed, MINUTE);
    assert_eq!(all(&mut silence, s(150)), [Expired::Due(SessionId(1))]);
}

#[test]
fn a_stall_moves_every_deadline() {
    let mut silence = Silence::new();
    let key = silence.open(s(0), SessionId(1), MINUTE);
    silence.stalled(s(100));
    assert_eq!(silence.next(), Some(s(130)));
    assert_eq!(all(&mut silence, s(129)), []);
    assert_eq!(all(&mut silence, s(130)), [Expired::Ping(SessionId(1))]);
    assert_eq!(all(&mut silence, s(160)), [Expired::Due(SessionId(1))]);
    silence.stalled(s(5));
    assert_eq!(silence.overdue(s(164), key), None);
    assert_eq!(all(&mut silence, s(165)), [Expired::Due(SessionId(1))]);
}

#[test]
fn order_within_a_list_survives_late_news_of_a_stall() {
    let mut silence = Silence::new();
    let first = silence.open(s(0), SessionId(1), MINUTE);
    let second = silence.open(s(0), SessionId(2), MINUTE);
    silence.seen(s(10), first);
    silence.stalled(s(10));
    silence.seen(s(15), second);
    assert_eq!(silence.next(), Some(s(45)), "the second was seen at 5 of the silence clock");
    assert_eq!(all(&mut silence, s(50)), [Expired::Ping(SessionId(2)), Expired::Ping(SessionId(1))]);
}

#[test]
fn being_seen_again_never_counts_as_longer_ago() {
    let mut silence = Silence::new();
    let key = silence.open(s(0), SessionId(1), MINUTE);
    silence.seen(s(15), key);
    silence.stalled(s(10));
    silence.seen(s(16), key);
    assert_eq!(silence.next(), Some(s(55)), "seen at 15 of the silence clock, which then went on from 5");
}

#[test]
fn closed_slots_are_used_again() {
    let mut silence = Silence::new();
    let keys: Vec<_> = (0..4).map(|n| silence.open(s(n), SessionId(n), MINUTE)).collect();
    silence.close(keys[1]);
    silence.close(keys[3]);
    assert_eq!(silence.open(s(5), SessionId(8), MINUTE), keys[3]);
    assert_eq!(silence.open(s(5), SessionId(9), MINUTE), keys[1]);
    let due: Vec<_> = [0, 2, 8, 9].map(|n| Expired::Due(SessionId(n))).into();
    assert_eq!(all(&mut silence, s(100)), due);
}

#[test]
fn only_the_expired_are_touched() {
    for live in [10, 100_000] {
        let mut silence = Silence::new();
        silence.open(s(0), SessionId(0), MINUTE);
        for n in 1..=live {
            silence.open(s(31), SessionId(n), MINUTE);
        }
        let before = silence.touched();
        assert_eq!(all(&mut silence, s(60)), [Expired::Due(SessionId(0))]);
        assert_eq!(silence.touched() - before, 1, "with {live} live");
        let key = silence.open(s(60), SessionId(live + 1), MINUTE);
        let before = silence.touched();
        silence.seen(s(60), key);
        assert_eq!(silence.touched() - before, 2, "with {live} live");
    }
}

#[test]
fn whoever_is_told_a_limit_passes_those_who_were_seen_later_and_nobody_else() {
    let mut silence = Silence::new();
    let slow = s(300);
    let early = silence.open(s(5), SessionId(1), MINUTE);
    let late = silence.open(s(30), SessionId(2), MINUTE);
    for n in 3..=5 {
        silence.open(s(10 + n), SessionId(n), slow);
    }
    let before = silence.touched();
    silence.told(late, slow);
    assert_eq!(silence.touched() - before, 2, "out of one list and into the other");
    let before = silence.touched();
    silence.told(early, slow);
    assert_eq!(silence.touched() - before, 2 + 4, "and past the four who were seen later");
    let pinged: Vec<_> = [1, 3, 4, 5, 2].map(|n| Expired::Ping(SessionId(n))).into();
    assert_eq!(all(&mut silence, s(30) + slow / 2), pinged);
}
