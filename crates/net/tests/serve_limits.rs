//! The server's driver on real sockets where something is slow, silent or too much.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "what the tests of the driver share is not all used by each")]

mod identities;
mod occupied;
mod serving;

use std::future::ready;
use std::time::Duration;

use chatdev_net::{Env as _, Io};
use occupied::occupy;
use serving::{Client, Running, config, patient, read_to_end, read_until, with_stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::select;

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='localhost' version='1.0'>";
const PING: &str = "<iq type='get' id='p1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";

/// Bob does not read, and Alice writes to him until he is cut off. Returns how many of her messages came
/// back.
async fn flood(running: &Running, alice: &mut Client) -> usize {
    let text = "x".repeat(32 * 1024);
    let mut bounced = 0;
    for number in 0..10_000 {
        let message =
            format!("<message to='bob@localhost/test' id='m{number}'><body>{text}</body></message>");
        alice.send(&message).await;
        alice.send(PING).await;
        loop {
            let got = alice.receive().await.unwrap();
            if got.attribute("type").as_deref() == Some("result") {
                break;
            }
            assert!(got.as_str().contains("type='error'"), "{got}");
            bounced += 1;
        }
        if running.server.counters().slow_readers > 0 {
            return bounced;
        }
    }
    panic!("nobody was cut off");
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_the_sender_is_told() {
    let mut config = config();
    config.limits.outbound_bytes_max = 256 * 1024;
    let running = Running::start(config).await;
    let mut alice = running.sign_in("alice").await;
    let bob = running.sign_in_narrow("bob").await;
    let mut bounced = flood(&running, &mut alice).await;
    patient(async {
        // The queue holds seven or eight of them; what was in it comes back once its connection is given up.
        while running.server.counters().connections > 1 || bounced < 7 {
            alice.send(PING).await;
            while alice.receive().await.unwrap().attribute("type").as_deref() == Some("error") {
                bounced += 1;
            }
        }
    })
    .await;
    assert_eq!(running.server.counters().slow_readers, 1);
    assert_eq!(running.server.counters().sessions, 1);
    drop(bob);
    running.stop().await;
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_who_does_not_read() {
    let mut config = config();
    config.limits.outbound_bytes_max = 64 * 1024 * 1024;
    let running = Running::start(config).await;
    let mut alice = running.sign_in("alice").await;
    let bob = running.sign_in_narrow("bob").await;
    let text = "x".repeat(60 * 1024);
    for _ in 0..100 {
        alice.send(&format!("<message to='bob@localhost/test'><body>{text}</body></message>")).await;
    }
    alice.ask(PING).await;
    running.stop().await;
    drop(bob);
}

#[tokio::test]
async fn who_does_not_begin_is_not_waited_for() {
    let config = with_stream(|stream| stream.negotiation = Duration::from_millis(200));
    let running = Running::start(config).await;
    let mut silent = running.connect().await;
    let mut half_a_hello = running.connect().await;
    half_a_hello.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    let mut half_a_header = running.connect().await;
    half_a_header.write_all(&HEADER.as_bytes()[..30]).await.unwrap();
    let mut asking_for_tls = running.connect().await;
    asking_for_tls.write_all(HEADER.as_bytes()).await.unwrap();
    read_until(&mut asking_for_tls, "</stream:features>").await;
    asking_for_tls.write_all(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await.unwrap();
    read_until(&mut asking_for_tls, "<proceed").await;
    assert_eq!(read_to_end(&mut silent).await, "");
    assert_eq!(read_to_end(&mut half_a_hello).await, "");
    assert!(read_to_end(&mut half_a_header).await.contains("<connection-timeout"));
    read_to_end(&mut asking_for_tls).await;
    drop((silent, half_a_hello, half_a_header, asking_for_tls));
    running.stop().await;
}

#[tokio::test]
async fn one_more_than_an_address_may_have_is_closed_at_once() {
    let mut config = config();
    config.limits.unsigned_per_address_max = 2;
    let running = Running::start(config).await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut socket = running.connect().await;
        socket.write_all(HEADER.as_bytes()).await.unwrap();
        read_until(&mut socket, "</stream:features>").await;
        waiting.push(socket);
    }
    assert_eq!(read_to_end(&mut running.connect().await).await, "");
    assert_eq!(running.server.counters().connections_refused, 1);
    drop(waiting.pop());
    patient(async {
        while running.server.counters().connections > 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    running.sign_in("alice").await;
    running.stop().await;
}

#[tokio::test]
async fn a_slow_storage_holds_up_nobody_else() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    let mut bob = running.sign_in("bob").await;
    running.storage.gate.forget_permits(usize::MAX);
    alice
        .send(
            "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>alice</username>\
             <password>new</password></query></iq>",
        )
        .await;
    alice.send("<message to='bob@localhost/test' id='m2'/>").await;
    bob.send("<message to='alice@localhost/test' id='m1'/>").await;
    assert_eq!(
        alice.receive().await.unwrap().attribute("id").as_deref(),
        Some("m1"),
        "what others send comes"
    );
    assert!(bob.ask(PING).await.contains("type='result'"), "nothing of hers was read");
    running.storage.gate.add_permits(1);
    assert_eq!(alice.receive().await.unwrap().attribute("id").as_deref(), Some("r1"));
    assert_eq!(bob.receive().await.unwrap().attribute("id").as_deref(), Some("m2"));
    running.stop().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_storage() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    running.storage.gate.forget_permits(usize::MAX);
    alice.send("<iq type='set' id='r1'><query xmlns='jabber:iq:register'><remove/></query></iq>").await;
    let told = async {
        assert_eq!(alice.stream_error().await, "system-shutdown");
        drop(alice);
    };
    tokio::join!(running.stop(), told);
}

/// Somebody who has given a name that nobody has and a password, and whom the server has looked up.
async fn guesser(running: &Running) -> impl Io + use<> {
    const WRONG: &str =
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AG5vYm9keQB3cm9uZw==</auth>";
    let mut guesser = running.seal(running.connect().await, true).await.stream;
    guesser.write_all(HEADER.as_bytes()).await.unwrap();
    read_until(&mut guesser, "</stream:features>").await;
    running.storage.gate.forget_permits(usize::MAX);
    running.storage.gate.add_permits(1);
    guesser.write_all(WRONG.as_bytes()).await.unwrap();
    patient(async {
        while running.storage.gate.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    guesser
}

/// On one thread: a password that were stretched there would be answered before the ping.
#[tokio::test]
async fn a_password_that_is_stretched_holds_up_nobody_else() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    let places = occupy(&running.env).await;
    let mut guesser = guesser(&running).await;
    assert!(alice.ask(PING).await.contains("type='result'"));
    select! {
        biased;
        told = guesser.read_u8() => panic!("told before its turn: {told:?}"),
        () = ready(()) => {}
    }
    drop(places);
    read_until(&mut guesser, "<not-authorized/>").await;
    running.stop().await;
}

#[tokio::test]
async fn others_reach_who_changes_their_password() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    let mut bob = running.sign_in("bob").await;
    let places = occupy(&running.env).await;
    alice
        .send(
            "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>alice</username>\
             <password>new</password></query></iq>",
        )
        .await;
    bob.send("<message to='alice@localhost/test' id='m1'/>").await;
    assert_eq!(alice.receive().await.unwrap().attribute("id").as_deref(), Some("m1"));
    drop(places);
    assert_eq!(alice.receive().await.unwrap().attribute("id").as_deref(), Some("r1"));
    running.stop().await;
}

/// The clock is the test's, and stands still by itself while there are computations.
#[tokio::test(start_paused = true)]
async fn whose_turn_does_not_come_in_time_is_closed_without_it() {
    let config = config();
    let negotiation = config.stream.negotiation;
    let running = Running::start(config).await;
    let places = occupy(&running.env).await;
    let mut guesser = guesser(&running).await;
    tokio::time::advance(negotiation).await;
    read_until(&mut guesser, "<connection-timeout").await;
    read_to_end(&mut guesser).await;
    assert!(places.iter().any(|place| place.send(()).is_ok()), "every place was still taken");
    drop(places);
    running.stop().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_passwords() {
    let running = Running::start(config()).await;
    let places = occupy(&running.env).await;
    let mut guesser = guesser(&running).await;
    let told = async {
        read_until(&mut guesser, "<system-shutdown").await;
        drop(guesser);
    };
    tokio::join!(running.stop(), told);
    drop(places);
}

#[tokio::test]
async fn who_is_silent_for_the_limit_is_reaped() {
    let mut config = config();
    config.directory.interval = Duration::from_secs(1);
    config.directory.limit = Duration::from_secs(3);
    let running = Running::start(config).await;
    let mut alice = running.sign_in("alice").await;
    let ping = alice.receive().await.unwrap();
    assert!(ping.as_str().contains("urn:xmpp:ping"), "{ping}");
    assert_eq!(alice.stream_error().await, "connection-timeout");
    assert_eq!(running.server.counters().reaped, 1);
    drop(alice);
    running.stop().await;
}

/// The clock is the test's. It goes on by itself while everybody waits; where it is moved by hand, nobody ran meanwhile.
#[tokio::test(start_paused = true)]
async fn a_stall_of_the_server_counts_for_nobody_and_puts_off_nobody() {
    const SECOND: Duration = Duration::from_secs(1);
    let mut config = config();
    config.directory.interval = SECOND;
    config.directory.limit = 3 * SECOND;
    let running = Running::start(config).await;
    let mut heard = running.sign_in("alice").await;
    let mut silent = running.sign_in("bob").await;
    // It waits on the socket when the server goes on.
    heard.send(PING).await;
    let stall = 10 * SECOND;
    let before = running.env.now();
    tokio::time::advance(stall).await;
    let end = async |client: &mut Client| {
        assert_eq!(client.stream_error().await, "connection-timeout");
        running.env.now() - before
    };
    let (heard_for, silent_for) = tokio::join!(end(&mut heard), end(&mut silent));
    let limit = 3 * SECOND;
    assert!(heard_for >= stall + limit, "reaped {heard_for:?} after the stall began");
    assert!(heard_for < stall + limit + SECOND, "put off by the stall: {heard_for:?}");
    // The server knows how long it stood still to within the second in which it looks at the clock.
    assert!(silent_for > stall + limit - 2 * SECOND, "reaped for the stall: {silent_for:?}");
    assert!(silent_for < stall + limit + SECOND, "{silent_for:?}");
    drop((heard, silent));
    running.stop().await;
}
