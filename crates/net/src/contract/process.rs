//! What a process has by itself: clocks, timers, randomness, tasks, the stop signal.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rand_core::Rng;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    sync::mpsc,
};

use crate::env::Env;

const STEP: Duration = Duration::from_millis(5);

pub(super) async fn clocks_go_forward<E: Env>(env: &E) {
    let before = env.now();
    env.sleep_until(before).await;
    env.sleep_until(Duration::ZERO).await;
    let deadline = env.now() + STEP;
    env.sleep_until(deadline).await;
    assert!(env.now() >= deadline, "a timer never fires early");
    assert!(env.moment().mono >= deadline, "a moment is made of the same clock");
}

pub(super) async fn every_timer_fires_once_and_never_early<E: Env>(env: &E) {
    let start = env.now() + STEP;
    let (fired, mut order) = mpsc::unbounded_channel();
    for steps in [4_u32, 1, 3, 2] {
        let (fired, own) = (fired.clone(), env.clone());
        env.spawn("timer", async move {
            own.sleep_until(start + STEP * steps).await;
            assert!(own.now() >= start + STEP * steps, "a timer never fires early");
            fired.send(steps).expect("the test waits for every timer");
        });
    }
    drop(fired);
    let mut seen = Vec::new();
    while let Some(steps) = order.recv().await {
        seen.push(steps);
    }
    seen.sort_unstable_by_key(|steps| *steps);
    assert_eq!(seen, [1, 2, 3, 4], "every timer fires, once");
}

pub(super) fn randomness_follows_purpose_and_key<E: Env>(env: &E) {
    let draw = |purpose, key| {
        let mut bytes = [0; 16];
        env.rng(purpose, key).fill_bytes(&mut bytes);
        bytes
    };
    assert_eq!(draw("nonce", 1), draw("nonce", 1), "the same pair gives the same stream");
    assert_ne!(draw("nonce", 1), draw("nonce", 2), "another key gives another");
    assert_ne!(draw("nonce", 1), draw("resource", 1), "another purpose gives another");
}

pub(super) async fn every_computation_is_carried_out<E: Env>(env: &E) {
    // More than may run at once.
    const MANY: u64 = 300;
    let (done, mut all_done) = mpsc::unbounded_channel();
    for number in 0..MANY {
        let (own, done) = (env.clone(), done.clone());
        env.spawn("computing", async move {
            let squared = own.compute(move || number * number).await;
            done.send((number, squared)).expect("the test waits for every one");
        });
    }
    drop(done);
    let mut seen = Vec::new();
    while let Some(one) = all_done.recv().await {
        seen.push(one);
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq((0..MANY).map(|number| (number, number * number))), "each its own answer");
}

pub(super) async fn input_goes_before_timers<E: Env>(env: &E) {
    let (mut far, mut near) = duplex(16);
    far.write_all(b"x").await.expect("room in the pipe");
    let due = env.now();
    let mut byte = [0; 1];
    tokio::select! {
        biased;
        read = near.read_exact(&mut byte) => { read.expect("the byte that waits"); }
        () = env.sleep_until(due) => panic!("what had arrived is read before a timer that is due"),
    }
}

pub(super) async fn stop_wakes_everybody<E: Env>(env: &E) {
    let woken = Arc::new(Mutex::new(Vec::new()));
    let (done, mut all_done) = mpsc::unbounded_channel::<()>();
    for task in 0..8 {
        let (own, woken, done) = (env.clone(), Arc::clone(&woken), done.clone());
        env.spawn("waiting for the stop", async move {
            own.stop().triggered().await;
            woken.lock().expect("no task panicked").push(task);
            drop(done);
        });
    }
    drop(done);
    // Some tasks wait by now and some have not begun: both kinds must hear it.
    env.sleep_until(env.now() + STEP).await;
    assert!(!env.stop().is_triggered());
    env.stop().trigger();
    env.stop().trigger();
    assert!(all_done.recv().await.is_none(), "every task ends");
    assert!(env.stop().is_triggered());
    env.stop().triggered().await;
    let mut woken = woken.lock().expect("no task panicked").clone();
    woken.sort_unstable();
    assert_eq!(woken, (0..8).collect::<Vec<_>>());
}
