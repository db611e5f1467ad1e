//! The contract of `Env` on real loopback sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod identities;

use chatdev_net::{Env, Listener, TokioEnv, contract};
use identities::identity;

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
