//! A peer is no more trusted than a client: what a peer stream takes of one element is what a client stream takes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_stanza::StreamCondition;
use chatdev_stream::sasl::{Credentials, FakeSalts, ITERATIONS_MIN, Password};
use chatdev_stream::{Closed, Peer, Receiving, Side, TlsFacts, Transport, peer, receiving};
use jid::{DomainPart, FullJid, ResourcePart};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

const NOW: Duration = Duration::ZERO;
const CLIENT: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='example.net' version='1.0'>";
const PEER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                    from='alice@example.net/desk' to='bob@example.net/tui' version='1.0'>";

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

/// The condition that a client stream is ended with, if these octets end it. `signed_in`: they come after binding.
fn client_stream(signed_in: bool, octets: &str) -> Option<StreamCondition> {
    let domain = DomainPart::new("example.net").unwrap().into_owned();
    let config = receiving::Config::new(domain, FakeSalts::new([1; 32], ITERATIONS_MIN));
    let tls = Some(TlsFacts { exporter: [7; 32] });
    let mut stream = Receiving::new(Arc::new(config), Transport { tls, loopback: false }, rng(), NOW);
    let secret = STANDARD.encode("\0alice\0pencil");
    let auth = format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    let text =
        if signed_in { [CLIENT, &auth, CLIENT, bind, octets].concat() } else { [CLIENT, octets].concat() };
    let mut rest = text.as_bytes();
    loop {
        stream.handle_bytes(NOW, &mut rest);
        match stream.poll_event() {
            Some(receiving::Event::Credentials { .. }) => {
                let password = Password::new("pencil").unwrap();
                stream.handle_credentials(Some(Credentials::derive(&password, ITERATIONS_MIN, &mut rng())));
            }
            Some(receiving::Event::Stretch(stretching)) => stream.handle_stretched(&stretching.carry_out()),
            Some(receiving::Event::Bind { account, .. }) => {
                stream.handle_bound(Ok(account.with_resource(&ResourcePart::new("desk").unwrap())));
            }
            Some(receiving::Event::Closed(Closed::Failed { by: Side::Us, error })) => {
                return Some(error.condition);
            }
            Some(_) => {}
            None if rest.is_empty() => return None,
            None => {}
        }
    }
}

/// The same for a peer stream. `ready`: they come once messages may flow.
fn peer_stream(ready: bool, octets: &str) -> Option<StreamCondition> {
    let config = peer::Config::new(FullJid::new("bob@example.net/tui").unwrap());
    let mut stream = Peer::answer(config, rng(), NOW);
    let enable = if ready { "<enable xmlns='urn:xmpp:sm:3'/>" } else { "" };
    let text = [PEER, enable, octets].concat();
    let mut rest = text.as_bytes();
    loop {
        stream.handle_bytes(NOW, &mut rest);
        match stream.poll_event() {
            Some(peer::Event::Opened { .. }) => stream.accept(NOW),
            Some(peer::Event::Element(_)) => stream.acknowledge(NOW, 1),
            Some(peer::Event::Closed(Closed::Failed { by: Side::Us, error })) => {
                return Some(error.condition);
            }
            Some(_) => {}
            None if rest.is_empty() => return None,
            None => {}
        }
    }
}

fn message(length: usize) -> String {
    format!("<message><body>{}</body></message>", "x".repeat(length))
}

#[test]
fn what_ends_a_client_stream_ends_a_peer_stream() {
    let many = |what: &str, count: usize| what.repeat(count);
    let attributes: String = (0..65).map(|number| format!(" a{number}=''")).collect();
    let table = [
        message(64 * 1024),
        format!("<message><body>{}", many("x", 64 * 1024)),
        format!("<message id='{}", many("x", 64 * 1024)),
        format!("<{}", many("x", 64 * 1024)),
        many("<a>", 12_000),
        format!("<message>{}", many("<a/>", 2048)),
        format!("<message{attributes}/>"),
        format!("<message>{}", many("<a xmlns='urn:a'/>", 2048)),
    ];
    for octets in table {
        let begin: String = octets.chars().take(40).collect();
        assert_eq!(client_stream(true, &octets), Some(StreamCondition::PolicyViolation), "{begin}");
        assert_eq!(peer_stream(true, &octets), Some(StreamCondition::PolicyViolation), "{begin}");
    }
}

#[test]
fn what_a_client_stream_takes_a_peer_stream_takes() {
    let attributes: String = (0..60).map(|number| format!(" a{number}=''")).collect();
    let nested = [&*"<a>".repeat(60), &*"</a>".repeat(60)].concat();
    for octets in [
        message(60 * 1024),
        message(60 * 1024).repeat(3),
        format!("<message>{}</message>", "<a/>".repeat(2000)),
        format!("<message{attributes}/>"),
        format!("<message>{nested}</message>"),
    ] {
        let begin: String = octets.chars().take(40).collect();
        assert_eq!(client_stream(true, &octets), None, "{begin}");
        assert_eq!(peer_stream(true, &octets), None, "{begin}");
    }
}

#[test]
fn before_it_is_known_who_speaks_both_take_little() {
    let octets = format!("<a xmlns='urn:a'>{}</a>", "x".repeat(9 * 1024));
    assert_eq!(client_stream(false, &octets), Some(StreamCondition::PolicyViolation));
    assert_eq!(peer_stream(false, &octets), Some(StreamCondition::PolicyViolation));
}
