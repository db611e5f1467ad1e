//! What somebody who has not signed in can make the server do and say, and what nobody learns from its answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "what the tests of the server share is not all used by each")]

#[path = "server/client.rs"]
mod client;
#[path = "server/world.rs"]
mod world;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_stream::{Transport, receiving};

use crate::world::{Name, World, config, with_stream};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='example.net' version='1.0'>";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// Somebody inside TLS of whom nothing is known.
fn stranger(world: &mut World) -> Name {
    world.connect("nobody@example.net/x", "192.0.2.66".parse().unwrap())
}

fn auth(mechanism: &str, message: &str) -> String {
    format!("<auth xmlns='{SASL}' mechanism='{mechanism}'>{}</auth>", STANDARD.encode(message))
}

#[test]
fn a_failed_attempt_that_is_kept_open_is_closed_when_its_time_is_over() {
    let mut world = World::new();
    let guesser = stranger(&mut world);
    world.send(guesser, &[HEADER, &auth("PLAIN", "\0alice\0wrong")].concat());
    assert!(world.clients[guesser].heard.contains("<not-authorized/>"), "{}", world.clients[guesser].heard);
    world.wait(Duration::from_secs(29));
    assert!(!world.is_gone(guesser));
    world.wait(Duration::from_secs(1));
    assert!(world.is_gone(guesser));
}

#[test]
fn a_stranger_is_answered_little_more_than_it_says() {
    let long = "x".repeat(4000);
    let huge = "x".repeat(8000);
    let bare = HEADER.strip_suffix('>').unwrap();
    let said = [
        String::new(),
        " ".repeat(8000),
        format!("{bare} from='{huge}@example.net'>"),
        format!("{bare} xml:lang='{huge}'>"),
        format!("{bare} id='{huge}'>"),
        HEADER.replace("example.net", &huge),
        HEADER.replace("1.0", &huge),
        HEADER.replace("jabber:client", &huge),
        [HEADER, &auth("SCRAM-SHA-256", &format!("n,,n=alice,r={long}"))].concat(),
        [HEADER, &auth("SCRAM-SHA-256", &format!("n,,n={long},r=abc"))].concat(),
        [HEADER, &auth("PLAIN", &format!("\0{long}\0x"))].concat(),
        [HEADER, &auth(&long, "x")].concat(),
        [HEADER, &format!("<iq type='get' id='{huge}'><query xmlns='jabber:iq:register'/></iq>")].concat(),
        [HEADER, &format!("<{huge}/>")].concat(),
        [HEADER, &format!("<message id='{huge}' to='alice@example.net'/>")].concat(),
    ];
    for open in [receiving::Registration::Closed, receiving::Registration::Everyone] {
        for said in &said {
            let mut world = World::with(with_stream(|stream| stream.registration = open));
            let name = stranger(&mut world);
            world.send(name, said);
            world.wait(Duration::from_secs(60));
            assert!(world.is_gone(name));
            let answered = world.clients[name].heard.len();
            let begin: String = said.chars().take(200).collect();
            assert!(answered <= said.len() * 3 / 2 + 1500, "{answered} for {}: {begin}", said.len());
        }
    }
}

#[test]
fn nothing_that_is_not_offered_is_taken_before_signing_in() {
    let mut world = World::new();
    for element in [
        "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
        "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
        "<enable xmlns='urn:xmpp:sm:3'/>",
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>",
        "<iq type='set' id='a'><query xmlns='jabber:iq:auth'><username>alice</username><password>alice</password>\
         <resource>x</resource></query></iq>",
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        "<handshake xmlns='jabber:component:accept'/>",
        "<presence/>",
    ] {
        world.add_account("alice@example.net");
        let name = stranger(&mut world);
        world.send(name, HEADER);
        assert!(!world.clients[name].heard.contains("compress"), "no compression is offered");
        world.send(name, element);
        let heard = &world.clients[name].heard;
        assert!(heard.ends_with("</stream:error></stream:stream>"), "{element}: {heard}");
        assert!(world.is_gone(name), "{element}");
    }
    assert_eq!(world.counters().sign_ins, 0);
}

#[test]
fn in_clear_from_elsewhere_there_is_encryption_and_nothing_else() {
    let mut config = with_stream(|stream| {
        stream.registration = receiving::Registration::Everyone;
        // Counts on loopback alone.
        stream.tls_required = false;
    });
    config.limits.unsigned_per_address_max = 100;
    let mut world = World::with(config);
    world.add_account("alice@example.net");
    for said in [
        auth("PLAIN", "\0alice\0alice"),
        auth("SCRAM-SHA-256", "n,,n=alice,r=abc"),
        "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>".to_owned(),
        "<message to='alice@example.net'/>".to_owned(),
    ] {
        let clear = Transport { tls: None, loopback: false };
        let name = world.connect_by("nobody@example.net/x", clear, "192.0.2.66".parse().unwrap());
        world.send(name, HEADER);
        let offered = world.clients[name].heard.clone();
        assert!(offered.contains("<required/>") && !offered.contains("<mechanism"), "{offered}");
        assert!(!offered.contains("iq-register"), "{offered}");
        world.send(name, &said);
        let heard = &world.clients[name].heard[offered.len()..];
        assert!(heard.contains("<encryption-required") || heard.contains("<stream:error"), "{said}: {heard}");
    }
    assert_eq!(world.counters().sign_ins, 0);
}

/// Alice asks about somebody; all that comes back, with the name taken out.
fn told(world: &mut World, alice: Name, stanza: &str, who: &str) -> Vec<String> {
    world.send(alice, &stanza.replace("WHO", who));
    world.received(alice).iter().map(|answer| answer.replace(who, "WHO")).collect()
}

#[test]
fn who_is_away_is_not_told_apart_from_who_does_not_exist() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.add_account("bobby@example.net");
    let carol = world.sign_in("carol@example.net/tui");
    world.send(carol, "<presence/>");
    world.sign_out(carol);
    for stanza in [
        "<iq type='get' id='i' to='WHO@example.net'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='get' id='i' to='WHO@example.net'><query xmlns='jabber:iq:last'/></iq>",
        "<iq type='get' id='i' to='WHO@example.net'><query xmlns='jabber:iq:roster'/></iq>",
        "<iq type='get' id='i' to='WHO@example.net'><vCard xmlns='vcard-temp'/></iq>",
        "<iq type='get' id='i' to='WHO@example.net'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq type='get' id='i' to='WHO@example.net'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
        "<iq type='set' id='i' to='WHO@example.net'><query xmlns='jabber:iq:register'><remove/></query></iq>",
        "<iq type='get' id='i' to='WHO@example.net/tui'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<message id='m' to='WHO@example.net'><body>hi</body></message>",
        "<message id='m' type='chat' to='WHO@example.net'><body>hi</body></message>",
        "<message id='m' type='chat' to='WHO@example.net/tui'><body>hi</body></message>",
        "<message id='m' type='groupchat' to='WHO@example.net'/>",
        "<message id='m' type='headline' to='WHO@example.net'/>",
        "<presence id='p' to='WHO@example.net'/>",
        "<presence id='p' to='WHO@example.net/tui'/>",
        "<presence id='p' type='probe' to='WHO@example.net'/>",
        "<presence id='p' type='subscribe' to='WHO@example.net'/>",
        "<presence id='p' type='unsubscribe' to='WHO@example.net'/>",
    ] {
        let nobody = told(&mut world, alice, stanza, "nobody");
        assert_eq!(told(&mut world, alice, stanza, "bobby"), nobody, "an account: {stanza}");
        assert_eq!(told(&mut world, alice, stanza, "carol"), nobody, "one that was here: {stanza}");
    }
}

#[test]
fn a_name_that_somebody_has_and_one_that_nobody_has_are_refused_alike() {
    let mut heard = Vec::new();
    for name in ["alice", "nobody"] {
        let mut world = World::with(config());
        world.add_account("alice@example.net");
        let guesser = stranger(&mut world);
        let first = auth("SCRAM-SHA-256", &format!("n,,n={name},r=abc"));
        world.send(guesser, &[HEADER, &first].concat());
        let (_, challenge) = world.clients[guesser].heard.rsplit_once("<challenge").unwrap();
        heard.push(challenge.len());
        let (_, text) = challenge.split_once('>').unwrap();
        let text = STANDARD.decode(text.split_once('<').unwrap().0).unwrap();
        let text = String::from_utf8(text).unwrap();
        let nonce = text.split(',').next().unwrap().strip_prefix("r=").unwrap().to_owned();
        assert!(text.ends_with(",i=1"), "{text}");
        let proof = STANDARD.encode([0; 32]);
        let last = STANDARD.encode(format!("c=biws,r={nonce},p={proof}"));
        world.send(guesser, &format!("<response xmlns='{SASL}'>{last}</response>"));
        let answer = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";
        assert!(world.clients[guesser].heard.ends_with(answer), "{}", world.clients[guesser].heard);
    }
    assert_eq!(heard[0], heard[1]);
}
