//! The contract of `Env` on real loopback sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod identities;
mod occupied;

use std::future::ready;
use std::sync::mpsc;

use chatdev_net::{Env, Listener, TokioEnv, contract};
use identities::identity;
use occupied::{PATIENCE, occupy};

fn loopback() -> std::net::SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

#[tokio::test]
async fn a_process_keeps_its_clocks_its_randomness_and_its_stop_signal() {
    contract::alone(TokioEnv::new().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_on_two_threads() {
    contract::alone(TokioEnv::new().unwrap()).await;
}

/// On one thread: work that ran there would wait for ever for the task.
#[tokio::test]
async fn a_long_computation_holds_up_no_task() {
    let env = TokioEnv::new().unwrap();
    let (task_ran, told) = mpsc::channel();
    env.spawn("task", async move { task_ran.send(()).unwrap() });
    assert_eq!(env.compute(move || told.recv_timeout(PATIENCE)).await, Ok(()));
}

#[tokio::test]
async fn a_computation_waits_for_its_turn_and_is_not_begun_where_nobody_waits_for_it_then() {
    let env = TokioEnv::new().unwrap();
    let places = occupy(&env).await;
    let (begun, who) = mpsc::channel();
    let [waiting, given_up] = ["waiting", "given up"].map(|name| {
        let begun = begun.clone();
        Box::pin(env.compute(move || begun.send(name).unwrap()))
    });
    drop(begun);
    tokio::select! {
        biased;
        () = given_up => panic!("there is no room for another one"),
        () = ready(()) => {}
    }
    assert_eq!(who.try_recv(), Err(mpsc::TryRecvError::Empty));
    drop(places);
    waiting.await;
    assert_eq!(who.iter().collect::<Vec<_>>(), ["waiting"]);
}

#[tokio::test]
#[should_panic(expected = "what the work said")]
async fn a_computation_that_panics_takes_along_who_waits_for_it() {
    TokioEnv::new().unwrap().compute(|| panic!("what the work said")).await;
}

#[tokio::test]
async fn two_processes_connect_talk_and_shake_hands() {
    let env = TokioEnv::new().unwrap();
    let (alice, bob) = (identity("alice"), identity("bob"));
    let listener = env.bind(loopback()).await.unwrap();
    let address = Listener::local_addr(&listener).unwrap();
    assert_ne!(address.port(), 0);
    let answering = contract::answer(env.clone(), listener, bob.clone());
    let dialling = contract::dial(env.clone(), address, alice, bob);
    tokio::join!(biased; answering, dialling);
}

#[tokio::test]
async fn tls_runs_inside_any_stream_of_bytes() {
    contract::tls_inside(TokioEnv::new().unwrap(), identity("alice"), identity("bob")).await;
}

#[tokio::test]
async fn two_processes_never_share_a_seed() {
    use rand_core::Rng;
    let draw = || TokioEnv::new().unwrap().rng("nonce", 1).next_u64();
    assert_ne!(draw(), draw());
}

#[tokio::test]
async fn names_and_address_literals_resolve() {
    let env = TokioEnv::new().unwrap();
    let found = env.resolve("127.0.0.1", 5222).await.unwrap();
    assert_eq!(found, [([127, 0, 0, 1], 5222).into()]);
    let found = env.resolve("::1", 5222).await.unwrap();
    assert_eq!(found, [(std::net::Ipv6Addr::LOCALHOST, 5222).into()]);
    assert!(env.resolve("localhost", 5222).await.unwrap().iter().all(|address| address.ip().is_loopback()));
}
