//! The contract of `Env` in the simulation: the functions that real sockets pass in `chatdev-net`, inside one
//! process and between two machines, with the stand-in TLS and with real rustls, on a kind network and on one
//! that tears everything into single octets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::mpsc, time::Duration};

use chatdev_net::{Env, contract};
use chatdev_sim::world::{Pieces, Settings, Skew, World, identity};

const SOON: Duration = Duration::from_secs(30);

/// Networks that every contract has to hold on.
fn networks() -> Vec<Settings> {
    let quiet = Settings::quiet(1);
    let torn = Settings { pieces: Pieces::UpTo(7), jitter_ms_max: 5, chaos_ms_max: 3, ..Settings::quiet(2) };
    let turns = Settings { random_turns: true, pieces: Pieces::UpTo(1000), ..Settings::quiet(3) };
    let real = Settings { real_tls: true, pieces: Pieces::UpTo(100), ..Settings::quiet(4) };
    vec![quiet, torn, turns, real]
}

fn run(world: &mut World, done: &mpsc::Receiver<()>, parts: usize) {
    let mut finished = 0;
    while finished < parts {
        finished += done.try_iter().count();
        assert!(world.now() < SOON, "the contract is not done by {SOON:?}");
        world.step().unwrap();
    }
}

#[test]
fn a_process_keeps_its_clocks_its_randomness_and_its_stop_signal() {
    for skew in [Skew::default(), Skew { rate_ppm: 500, wall_ms: -3_600_000 }] {
        let mut world = World::new(Settings::quiet(1), &["m"]);
        let (tell, done) = mpsc::channel();
        world.start("m", "p", skew, move |env| async move {
            contract::alone(env).await;
            tell.send(()).unwrap();
        });
        run(&mut world, &done, 1);
    }
}

#[test]
fn two_machines_connect_talk_and_shake_hands() {
    for settings in networks() {
        let mut world = World::new(settings, &["a", "b"]);
        let address = (world.address("b"), 5298).into();
        let (alice, bob) = (identity(1, "alice"), identity(1, "bob"));
        let (tell, done) = mpsc::channel();
        let (tell_too, answering) = (tell.clone(), bob.clone());
        world.start("b", "bob", Skew::default(), move |env| async move {
            let listener = env.bind(([0, 0, 0, 0], 5298).into()).await.unwrap();
            contract::answer(env, listener, answering).await;
            tell_too.send(()).unwrap();
        });
        world.run_until(Duration::from_millis(5)).unwrap();
        world.start("a", "alice", Skew::default(), move |env| async move {
            contract::dial(env, address, alice, bob).await;
            tell.send(()).unwrap();
        });
        run(&mut world, &done, 2);
    }
}

#[test]
fn two_processes_of_one_machine_do_so_over_loopback() {
    let mut world = World::new(Settings::quiet(1), &["m"]);
    let (alice, bob) = (identity(1, "alice"), identity(1, "bob"));
    let (tell, done) = mpsc::channel();
    let (tell_too, answering) = (tell.clone(), bob.clone());
    world.start("m", "bob", Skew::default(), move |env| async move {
        let listener = env.bind(([127, 0, 0, 1], 5298).into()).await.unwrap();
        contract::answer(env, listener, answering).await;
        tell_too.send(()).unwrap();
    });
    world.run_until(Duration::from_millis(5)).unwrap();
    world.start("m", "alice", Skew::default(), move |env| async move {
        contract::dial(env, ([127, 0, 0, 1], 5298).into(), alice, bob).await;
        tell.send(()).unwrap();
    });
    run(&mut world, &done, 2);
}

#[test]
fn tls_runs_inside_any_stream_of_bytes() {
    for settings in networks() {
        let mut world = World::new(settings, &["m"]);
        let (tell, done) = mpsc::channel();
        world.start("m", "p", Skew::default(), move |env| async move {
            contract::tls_inside(env, identity(1, "alice"), identity(1, "bob")).await;
            tell.send(()).unwrap();
        });
        run(&mut world, &done, 1);
    }
}

#[test]
fn names_of_machines_and_address_literals_resolve_and_others_do_not() {
    let mut world = World::new(Settings::quiet(1), &["m", "example.net"]);
    let (tell, done) = mpsc::channel();
    let expected = (world.address("example.net"), 5222).into();
    world.start("m", "p", Skew::default(), move |env| async move {
        assert_eq!(env.resolve("example.net", 5222).await.unwrap(), [expected]);
        assert_eq!(env.resolve("192.0.2.1", 7).await.unwrap(), [([192, 0, 2, 1], 7).into()]);
        assert_eq!(env.resolve("nowhere.example", 7).await.unwrap_err().kind(), std::io::ErrorKind::NotFound);
        tell.send(()).unwrap();
    });
    run(&mut world, &done, 1);
}
