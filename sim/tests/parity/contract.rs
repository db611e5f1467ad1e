//! The contract of `Env` for the env that schedules run on: what it writes down, and its gate, change nothing.

use std::sync::mpsc;

use chatdev_net::{Env, Listener, contract};
use chatdev_sim::world::identity;

use crate::places::{Place, Real, real};

fn until_done(place: &mut Real, done: &mpsc::Receiver<()>, parts: usize) {
    let finished = std::cell::Cell::new(0);
    place.until(|_| {
        finished.set(finished.get() + done.try_iter().count());
        finished.get() == parts
    });
}

#[test]
fn a_process_keeps_its_clocks_its_randomness_and_its_stop_signal() {
    let mut place = real();
    let (tell, done) = mpsc::channel();
    place.start("p", move |env| async move {
        contract::alone(env).await;
        tell.send(()).unwrap();
    });
    until_done(&mut place, &done, 1);
}

#[test]
fn two_processes_connect_talk_and_shake_hands() {
    let mut place = real();
    let (alice, bob) = (identity(1, "alice"), identity(1, "bob"));
    let (tell, done) = mpsc::channel();
    let (tell_too, answering) = (tell.clone(), bob.clone());
    let (tell_where, listening) = mpsc::channel();
    place.start("bob", move |env| async move {
        let listener = env.bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        tell_where.send(listener.local_addr().unwrap()).unwrap();
        contract::answer(env, listener, answering).await;
        tell_too.send(()).unwrap();
    });
    place.until(|place| place.listener_of("bob").is_some());
    let address = listening.recv().unwrap();
    place.start("alice", move |env| async move {
        contract::dial(env, address, alice, bob).await;
        tell.send(()).unwrap();
    });
    until_done(&mut place, &done, 2);
}

#[test]
fn tls_runs_inside_any_stream_of_bytes() {
    let mut place = real();
    let (tell, done) = mpsc::channel();
    place.start("p", move |env| async move {
        contract::tls_inside(env, identity(1, "alice"), identity(1, "bob")).await;
        tell.send(()).unwrap();
    });
    until_done(&mut place, &done, 1);
}
