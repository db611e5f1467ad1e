//! The server's driver on real sockets: TLS both ways, messages, endings (RFC 6120 §4, §5; XEP-0368).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests on real sockets and clocks")]
#![allow(dead_code, reason = "what the tests of the driver share is not all used by each")]

mod identities;
mod serving;

use std::collections::BTreeMap;

use chatdev_net::Env as _;
use chatdev_server::Counters;
use chatdev_stream::receiving::Registration;
use jid::BareJid;
use serving::{Running, config, patient, read_to_end, read_until, with_stream};
use tokio::io::AsyncWriteExt as _;

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='localhost' version='1.0'>";
const PING: &str = "<iq type='get' id='p1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";

#[tokio::test]
async fn two_people_talk_one_over_starttls_and_one_over_tls_at_once() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    let mut bob = running.sign_in_at_once("bob").await;
    alice.send("<message to='bob@localhost/test' id='m1'><body>Hi</body></message>").await;
    let got = bob.receive().await.unwrap();
    assert_eq!(got.attribute("from").as_deref(), Some("alice@localhost/test"));
    assert!(got.as_str().ends_with("<body>Hi</body></message>"), "{got}");
    bob.send("<message to='alice@localhost/test' id='m2'/>").await;
    assert_eq!(alice.receive().await.unwrap().attribute("id").as_deref(), Some("m2"));
    let Counters { sessions, sign_ins, messages_routed, .. } = running.server.counters();
    assert_eq!((sessions, sign_ins, messages_routed), (2, 2, 2));
    alice.sign_out().await;
    bob.sign_out().await;
    running.stop().await;
}

/// Everybody writes to everybody at once, on several threads: each sees each other's messages in their order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_talks_all_at_once_is_heard_in_order() {
    const PEOPLE: usize = 6;
    const MESSAGES: usize = 40;
    let running = Running::start(config()).await;
    let mut crowd = Vec::new();
    for number in 0..PEOPLE {
        crowd.push(running.sign_in(&format!("p{number}")).await);
    }
    let mut talks = Vec::new();
    for mut person in crowd {
        talks.push(tokio::spawn(async move {
            for number in 0..MESSAGES {
                let messages: Vec<String> = (0..PEOPLE)
                    .map(|to| format!("<message to='p{to}@localhost/test' id='{number}'/>"))
                    .collect();
                person.send(&messages.concat()).await;
            }
            let mut next = BTreeMap::new();
            for _ in 0..PEOPLE * MESSAGES {
                let got = person.receive().await.unwrap();
                let from = got.attribute("from").unwrap().into_owned();
                let next: &mut usize = next.entry(from).or_default();
                assert_eq!(got.attribute("id").unwrap(), next.to_string(), "{got}");
                *next += 1;
            }
            person
        }));
    }
    for talk in talks {
        patient(talk).await.unwrap();
    }
    assert_eq!(running.server.counters().messages_routed, (PEOPLE * PEOPLE * MESSAGES) as u64);
    running.stop().await;
}

#[tokio::test]
async fn what_comes_in_clear_behind_starttls_is_dropped() {
    let running = Running::start(config()).await;
    running.add_account("alice");
    let mut socket = running.connect().await;
    socket.write_all(HEADER.as_bytes()).await.unwrap();
    read_until(&mut socket, "</stream:features>").await;
    let injected = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\
                    <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAGFsaWNl</auth>";
    socket.write_all(injected.as_bytes()).await.unwrap();
    let proceed = read_until(&mut socket, "/>").await;
    assert!(proceed.starts_with("<proceed"), "{proceed}");
    let mut sealed = running.seal(socket, false).await.stream;
    sealed.write_all(HEADER.as_bytes()).await.unwrap();
    let features = read_until(&mut sealed, "</stream:features>").await;
    assert!(features.contains("SCRAM-SHA-256-PLUS") && !features.contains("<success"), "{features}");
    assert_eq!(running.server.counters().sign_ins, 0);
    running.stop().await;
}

#[tokio::test]
async fn without_tls_nobody_signs_in_unless_the_operator_says_so() {
    let running = Running::start(config()).await;
    let mut socket = running.connect().await;
    socket.write_all(HEADER.as_bytes()).await.unwrap();
    let features = read_until(&mut socket, "</stream:features>").await;
    assert!(features.contains("<required/>") && !features.contains("<mechanism>"), "{features}");
    running.stop().await;

    let open = with_stream(|stream| (stream.tls_required, stream.tls_offered) = (false, false));
    let running = Running::start_with(open, None).await;
    let mut alice = running.sign_in_in_clear("alice").await;
    assert!(alice.ask(PING).await.contains("type='result'"));
    running.stop().await;
}

#[tokio::test]
async fn a_client_hello_where_there_is_no_tls_is_the_end() {
    let open = with_stream(|stream| (stream.tls_required, stream.tls_offered) = (false, false));
    let running = Running::start_with(open, None).await;
    let mut socket = running.connect().await;
    socket.write_all(&[0x16, 3, 1]).await.unwrap();
    assert_eq!(read_to_end(&mut socket).await, "");
    assert_eq!(running.server.counters().connections, 0);
    running.stop().await;
}

#[tokio::test]
async fn a_handshake_that_is_none_ends_that_connection_alone() {
    let running = Running::start(config()).await;
    let mut socket = running.connect().await;
    socket.write_all(&[0x16; 400]).await.unwrap();
    read_to_end_of_bytes(&mut socket).await;
    let mut alice = running.sign_in("alice").await;
    assert!(alice.ask(PING).await.contains("type='result'"));
    running.stop().await;
}

/// A TLS alert may come first, which is no text.
async fn read_to_end_of_bytes(socket: &mut tokio::net::TcpStream) {
    let mut bytes = Vec::new();
    drop(patient(tokio::io::AsyncReadExt::read_to_end(socket, &mut bytes)).await);
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    let open = with_stream(|stream| (stream.tls_required, stream.tls_offered) = (false, false));
    let running = Running::start_with(open, None).await;
    running.add_account("alice");
    let mut socket = running.connect().await;
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAGFsaWNl</auth>";
    for (text, mark) in [(HEADER, "</stream:features>"), (auth, "<success"), (HEADER, "<bind")] {
        for byte in text.bytes() {
            socket.write_all(&[byte]).await.unwrap();
        }
        read_until(&mut socket, mark).await;
    }
    assert_eq!(running.server.counters().sign_ins, 1);
    running.stop().await;
}

#[tokio::test]
async fn a_newcomer_on_this_machine_registers() {
    let running = Running::start(with_stream(|stream| stream.registration = Registration::Loopback)).await;
    let mut sealed = running.seal(running.connect().await, true).await.stream;
    sealed.write_all(HEADER.as_bytes()).await.unwrap();
    read_until(&mut sealed, "</stream:features>").await;
    let register = "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>carol</username>\
                    <password>carol</password></query></iq>";
    sealed.write_all(register.as_bytes()).await.unwrap();
    read_until(&mut sealed, "<iq type='result' id='r1'/>").await;
    assert_eq!(running.server.counters().registrations, 1);
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_ends_is_gone_from_the_directory() {
    let running = Running::start(config()).await;
    let check_in = "<iq type='set' id='c1' to='localhost'><check-in xmlns='urn:chatdev:directory:1'/></iq>";
    let mut alice = running.sign_in("alice").await;
    let mut bob = running.sign_in("bob").await;
    bob.ask(check_in).await;
    assert!(alice.ask(check_in).await.contains("jid='bob@localhost/test'"));
    assert_eq!(running.server.online(), 2);
    drop(bob);
    patient(async { while !alice.ask(check_in).await.contains("<gone") && running.server.online() > 1 {} })
        .await;
    assert_eq!(running.server.counters().sessions, 1);
    running.stop().await;
}

#[tokio::test]
async fn an_account_can_be_shut_out_from_outside() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    running.server.expel(&BareJid::new("alice@localhost").unwrap());
    assert_eq!(alice.stream_error().await, "not-authorized");
    running.stop().await;
}

#[tokio::test]
async fn a_shutdown_tells_everybody_and_lets_nobody_in() {
    let running = Running::start(config()).await;
    let mut alice = running.sign_in("alice").await;
    let mut bob = running.sign_in("bob").await;
    let mut idle = running.connect().await;
    let mut newcomer = running.connect().await;
    newcomer.write_all(HEADER.as_bytes()).await.unwrap();
    read_until(&mut newcomer, "</stream:features>").await;
    alice.send("<message to='bob@localhost/test' id='last'/>").await;
    alice.ask(PING).await;
    let (env, address) = (running.env.clone(), running.address);
    let stopping = running.stop();
    let told = async {
        assert_eq!(bob.receive().await.unwrap().attribute("id").as_deref(), Some("last"));
        assert_eq!(bob.stream_error().await, "system-shutdown");
        assert_eq!(alice.stream_error().await, "system-shutdown");
        assert!(read_to_end(&mut newcomer).await.contains("<system-shutdown"));
        assert_eq!(read_to_end(&mut idle).await, "");
        drop((alice, bob, newcomer, idle));
    };
    tokio::join!(stopping, told);
    assert!(env.connect(address).await.is_err(), "nobody listens any more");
}
