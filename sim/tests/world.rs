//! What only the simulated world can do: freezing, killing, pulling plugs, cutting, stalling, wrong clocks,
//! and noticing a panic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_net::{
    Connection, Env, Listener,
    tls::{Acceptor, Connector},
};
use chatdev_sim::world::{Cut, Settings, SimConnection, SimEnv, Skew, World, identity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

type Seen = Arc<Mutex<Vec<(Duration, String)>>>;

fn see(seen: &Seen, env: &SimEnv, what: impl Into<String>) {
    seen.lock().unwrap().push((env.now(), what.into()));
}

/// Two machines; the process `answerer` hears one connection and writes down all that it reads; `dialler`
/// does what it is told.
fn pair<F>(dialler: impl FnOnce(SimEnv, SimConnection, Seen) -> F + Send + 'static) -> (World, Seen, Seen)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut world = World::new(Settings::quiet(1), &["a", "b"]);
    let address = (world.address("b"), 7000).into();
    let (heard, told) = (Seen::default(), Seen::default());
    let hearing = Arc::clone(&heard);
    world.start("b", "answerer", Skew::default(), move |env| async move {
        let mut listener = env.bind(([0, 0, 0, 0], 7000).into()).await.unwrap();
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 64];
        loop {
            match connection.read(&mut bytes).await {
                Ok(0) => return see(&hearing, &env, "end"),
                Ok(octets) => see(&hearing, &env, String::from_utf8_lossy(&bytes[..octets])),
                Err(error) => return see(&hearing, &env, error.kind().to_string()),
            }
        }
    });
    world.run_until(ms(2)).unwrap();
    let telling = Arc::clone(&told);
    world.start("a", "dialler", Skew::default(), move |env| async move {
        let connection = env.connect(address).await.unwrap();
        dialler(env, connection, telling).await;
    });
    world.run_until(ms(20)).unwrap();
    (world, heard, told)
}

/// Says `x` every 10 ms, as long as it can.
async fn keep_talking(env: SimEnv, mut connection: SimConnection, told: Seen) {
    loop {
        if let Err(error) = connection.write_all(b"x").await {
            return see(&told, &env, error.kind().to_string());
        }
        env.sleep_until(env.now() + ms(10)).await;
    }
}

fn last(seen: &Seen) -> (Duration, String) {
    seen.lock().unwrap().last().cloned().expect("something was seen")
}

#[test]
fn a_frozen_process_says_nothing_and_then_goes_on_late() {
    let (mut world, heard, _) = pair(keep_talking);
    world.pause("dialler");
    world.run_until(ms(30)).unwrap();
    let before = heard.lock().unwrap().len();
    world.run_until(ms(500)).unwrap();
    assert_eq!(heard.lock().unwrap().len(), before, "nothing comes from a frozen process");
    world.resume("dialler");
    world.run_until(ms(600)).unwrap();
    let (at, what) = last(&heard);
    assert_eq!(what, "x");
    assert!(at >= ms(500));
}

#[test]
fn what_waited_before_a_frozen_process_is_read_before_its_timers() {
    let mut world = World::new(Settings { jitter_ms_max: 20, ..Settings::quiet(1) }, &["a", "b"]);
    let address = (world.address("b"), 7000).into();
    let seen = Seen::default();
    let seeing = Arc::clone(&seen);
    world.start("b", "answerer", Skew::default(), move |env| async move {
        let mut listener = env.bind(([0, 0, 0, 0], 7000).into()).await.unwrap();
        let (mut connection, _) = listener.accept().await.unwrap();
        let deadline = env.now() + ms(100);
        let mut byte = [0; 1];
        tokio::select! {
            biased;
            read = connection.read_exact(&mut byte) => { read.unwrap(); see(&seeing, &env, "input"); }
            () = env.sleep_until(deadline) => see(&seeing, &env, "deadline"),
        }
    });
    world.run_until(ms(2)).unwrap();
    world.start("a", "dialler", Skew::default(), move |env| async move {
        let mut connection = env.connect(address).await.unwrap();
        env.sleep_until(ms(50)).await;
        connection.write_all(b"x").await.unwrap();
        env.sleep_until(ms(5000)).await;
    });
    world.run_until(ms(20)).unwrap();
    world.pause("answerer");
    world.run_until(ms(1000)).unwrap();
    world.resume("answerer");
    world.run_until(ms(1010)).unwrap();
    assert_eq!(last(&seen).1, "input");
}

#[test]
fn a_killed_process_leaves_an_end_behind_and_a_cut_plug_leaves_nothing() {
    let (mut world, heard, _) = pair(keep_talking);
    world.kill("dialler");
    world.run_until(ms(40)).unwrap();
    assert_eq!(last(&heard).1, "end");

    let (mut world, heard, _) = pair(keep_talking);
    world.power_cut("dialler");
    world.run_until(ms(5000)).unwrap();
    let (at, what) = last(&heard);
    assert_eq!(what, "x");
    assert!(at <= ms(25), "{at:?}");
}

#[test]
fn a_cut_is_seen_by_both_ends_as_the_schedule_says() {
    for (how, reader, writer) in [
        (Cut::Fin, "end", Some(io::ErrorKind::BrokenPipe)),
        (Cut::Rst, "connection reset", Some(io::ErrorKind::ConnectionReset)),
        (Cut::Silent, "x", None),
    ] {
        let (mut world, heard, told) = pair(keep_talking);
        world.cut_connections("dialler", how);
        world.run_until(ms(200)).unwrap();
        assert_eq!(last(&heard).1, reader, "{how:?}");
        let failure = told.lock().unwrap().last().map(|(_, what)| what.clone());
        assert_eq!(failure, writer.map(|kind| kind.to_string()), "{how:?}");
    }
}

#[test]
fn stalled_writes_arrive_when_they_are_let_go() {
    let (mut world, heard, _) = pair(keep_talking);
    world.stall_writes("dialler", true);
    let before = heard.lock().unwrap().len();
    world.run_until(ms(300)).unwrap();
    assert!(heard.lock().unwrap().len() <= before + 1);
    world.stall_writes("dialler", false);
    world.run_until(ms(320)).unwrap();
    assert!(heard.lock().unwrap().len() > before);
    assert!(last(&heard).0 >= ms(300));
}

#[test]
fn clocks_run_at_their_own_rate_and_the_wall_may_jump() {
    let mut world = World::new(Settings::quiet(1), &["m"]);
    let seen = Seen::default();
    for (name, rate_ppm) in [("fast", 500), ("slow", -500)] {
        let seeing = Arc::clone(&seen);
        world.start("m", name, Skew { rate_ppm, wall_ms: 60_000 }, move |env| async move {
            env.sleep_until(ms(100_000)).await;
            see(&seeing, &env, format!("{name} {}", env.wall()));
        });
    }
    world.run_until(ms(99_000)).unwrap();
    world.set_wall("slow", -60_000);
    world.run_until(ms(101_000)).unwrap();
    let seen = seen.lock().unwrap();
    let lines: Vec<_> = seen.iter().map(|(_, line)| line.clone()).collect();
    assert!(lines[0].starts_with("fast 2026-11-22T"), "the fast one comes first: {lines:?}");
    assert!(lines[1].starts_with("slow 2026-11-22T"), "{lines:?}");
    assert!(lines[1] < lines[0].replace("fast", "slow"), "its wall went back: {lines:?}");
}

#[test]
fn a_panic_in_any_task_fails_the_run() {
    let mut world = World::new(Settings::quiet(1), &["m"]);
    world.start("m", "p", Skew::default(), |env| async move {
        let timer = env.clone();
        env.spawn("a task", async move {
            timer.sleep_until(ms(5)).await;
            panic!("on purpose");
        });
    });
    let failure = world.run_until(ms(10)).unwrap_err();
    assert_eq!(failure, "p: the task `a task` panicked: on purpose");
}

#[test]
fn another_life_draws_other_numbers_and_the_same_world_the_same() {
    fn nonces(seed: u64) -> Vec<String> {
        let mut world = World::new(Settings::quiet(seed), &["m"]);
        let seen = Seen::default();
        for _ in 0..2 {
            let seeing = Arc::clone(&seen);
            world.start("m", "p", Skew::default(), move |env| async move {
                use rand_core::Rng;
                let number = env.rng("nonce", 1).next_u64();
                see(&seeing, &env, number.to_string());
            });
            world.run_until(world.now() + ms(5)).unwrap();
            world.kill("p");
        }
        let seen = seen.lock().unwrap();
        seen.iter().map(|(_, number)| number.clone()).collect()
    }
    let [first, second] = nonces(1).try_into().unwrap();
    assert_ne!(first, second);
    assert_eq!(nonces(1), [first.clone(), second]);
    assert_ne!(nonces(2)[0], first);
}

#[test]
fn the_stand_in_refuses_a_certificate_without_its_key_and_an_end_without_a_farewell() {
    // Eve dials twice with the plainest of tools: she has seen Bob's certificate, and shows it with a proof
    // that she made up.
    let mut world = World::new(Settings::quiet(1), &["a", "b"]);
    let address = (world.address("b"), 7000).into();
    let seen = Seen::default();
    let seeing = Arc::clone(&seen);
    world.start("b", "alice", Skew::default(), move |env| async move {
        let acceptor = Acceptor::for_peers(&identity(1, "alice"));
        let mut listener = env.bind(([0, 0, 0, 0], 7000).into()).await.unwrap();
        let (connection, _) = listener.accept().await.unwrap();
        let refusal = env.accept_tls(connection, &acceptor).await.err().unwrap();
        see(&seeing, &env, refusal.to_string());
        let (connection, _) = listener.accept().await.unwrap();
        let mut sealed = env.accept_tls(connection, &acceptor).await.unwrap();
        let end = sealed.stream.read_u8().await.unwrap_err();
        see(&seeing, &env, end.kind().to_string());
    });
    world.run_until(ms(2)).unwrap();
    world.start("a", "eve", Skew::default(), move |env| async move {
        let bob = identity(1, "bob");
        let mut connection = env.connect(address).await.unwrap();
        let fields = |fields: &[&[u8]]| {
            let mut text = Vec::new();
            for field in fields {
                text.extend(u16::try_from(field.len()).unwrap().to_be_bytes());
                text.extend(*field);
            }
            [&[0x16][..], &u16::try_from(text.len()).unwrap().to_be_bytes(), &text].concat()
        };
        connection.write_all(&fields(&[&[7; 32], b"xmpp-peer"])).await.unwrap();
        connection.write_all(&fields(&[bob.certificate(), &[9; 32]])).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let connection = env.connect(address).await.unwrap();
        let sealed = env.connect_tls(connection, &Connector::to_peer(&identity(1, "eve"))).await.unwrap();
        drop(sealed);
    });
    world.run_until(ms(100)).unwrap();
    let seen = seen.lock().unwrap();
    let lines: Vec<_> = seen.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(lines, ["the certificate's key was not proven", "unexpected end of file"]);
}

#[test]
fn an_address_of_a_connection_is_that_of_its_machine() {
    let (world, _, told) = pair(|env, connection, told| async move {
        see(&told, &env, connection.local_addr().unwrap().ip().to_string());
        see(&told, &env, connection.peer_addr().unwrap().to_string());
    });
    let told: Vec<_> = told.lock().unwrap().iter().map(|(_, line)| line.clone()).collect();
    assert_eq!(told, [world.address("a").to_string(), format!("{}:7000", world.address("b"))]);
}
