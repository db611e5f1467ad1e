//! PROTOCOL section 2 on the wire: check-ins and answers, read back, as they look, and as nobody should write them.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod indented;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chatdev_directory::{
    Announcement, Change, Departure, Endpoint, Entry, Fingerprint, Page, Profile, Reason, SessionId, Show,
};
use chatdev_stanza::directory::{
    CHANGES_MAX, CheckIn, ENDPOINTS_READ_MAX, Look, Online, RefusedEndpoint, octets_max,
};
use chatdev_stanza::{Envelope, Malformed, Stanza};
use chatdev_xml::Element;
use indented::{alone, indented, payload};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const NS: &str = "urn:chatdev:directory:1";

fn endpoint(text: &str) -> Endpoint {
    text.parse::<std::net::SocketAddr>().unwrap().into()
}

fn alice() -> Announcement {
    Announcement {
        profile: Profile {
            nick: Some("Alice".into()),
            show: Show::Away,
            status: Some("In a meeting".into()),
        },
        endpoints: vec![endpoint("192.168.1.10:5298"), endpoint("[fd00::10]:5298")],
        fingerprint: Some(Fingerprint([0x9f; 32])),
    }
}

fn online() -> Online {
    let bob = Entry {
        jid: Arc::new("bob@example.net/tui".parse().unwrap()),
        session: SessionId(723).tag(),
        profile: Profile { nick: Some("Bob".into()), show: Show::Chat, status: Some("Hello".into()) },
        endpoints: Box::new([endpoint("192.168.1.11:5298")]),
        fingerprint: Some(Fingerprint([0x3c; 32])),
        since: "2026-11-22T20:59:03Z".parse().unwrap(),
    };
    let eve = Departure {
        jid: Arc::new("eve@example.net/old".parse().unwrap()),
        last: "2026-11-22T21:03:11Z".parse().unwrap(),
        reason: Reason::Reaped,
    };
    Online {
        page: Page {
            reset: true,
            changes: vec![Change::Online(Arc::new(bob)), Change::Gone(eve)],
            version: "5f2c81d0.p.1051".parse().unwrap(),
            more: true,
        },
        interval: Duration::from_secs(20),
        limit: Duration::from_secs(60),
        refused: vec![RefusedEndpoint {
            host: "198.51.100.7".into(),
            port: "80".into(),
            reason: Some("the port is below 1024".into()),
        }],
        surplus: 2,
    }
}

#[test]
fn the_dialogue_looks_like_this() {
    let check_in = CheckIn {
        since: Some("5f2c81d0.p.1042".parse().unwrap()),
        max: NonZeroU32::new(200),
        announcement: Some(alice()),
        ..CheckIn::default()
    };
    insta::assert_snapshot!("check_in", payload(&check_in));
    insta::assert_snapshot!("online", payload(&online()));
    let look = Look { since: check_in.since.clone(), max: None };
    insta::assert_snapshot!("look", indented(&Envelope::id("w1").get(&look)));
    assert_eq!(CheckIn::from_node(alone(&check_in).root()), Ok(check_in));
    assert_eq!(Online::from_node(alone(&online()).root()), Ok(online()));
    assert_eq!(Look::from_node(alone(&look).root()), Ok(look));
}

/// With a public IPv6 address the version is at its longest.
#[test]
fn a_heartbeat_and_its_answer_stay_below_250_octets_each() {
    let since = Some("5f2c81d0.w20010db8000000000000000000000007.104857600".parse().unwrap());
    let server = "chat.example.net".parse().unwrap();
    let beat = CheckIn { since, ..CheckIn::default() };
    let request = Stanza::try_from(Envelope::id("c104857").to(&server).set(&beat)).unwrap();
    assert!(request.element().as_bytes().len() < 250, "{request:?}");
    let nothing = Online {
        page: Page { reset: false, changes: vec![], version: beat.since.unwrap(), more: false },
        refused: vec![],
        surplus: 0,
        ..online()
    };
    let alice = "alice.liddell@chat.example.net/desk".parse().unwrap();
    let answer = request.result(Some(&alice), Some(&nothing));
    assert!(answer.as_bytes().len() < 250, "{answer}");
}

fn check_in(attributes: &str, inside: &str) -> Result<CheckIn, Malformed> {
    let text = format!("<check-in xmlns='{NS}' {attributes}>{inside}</check-in>");
    CheckIn::from_node(Element::parse(&text).unwrap().root())
}

#[test]
fn what_a_check_in_does_not_say_is_not_invented() {
    assert_eq!(check_in("", ""), Ok(CheckIn::default()));
    assert_eq!(check_in("color='red'", "\n<x xmlns='x'/>"), Ok(CheckIn::default()));
    let only_profile = check_in("", "<profile/>").unwrap();
    assert_eq!(only_profile.announcement, Some(Announcement::default()));
    let only_endpoint =
        check_in("", "<endpoint host='192.168.1.10' port='5298'/>").unwrap().announcement.unwrap();
    assert_eq!(only_endpoint.profile, Profile::default());
    assert_eq!(only_endpoint.endpoints, [endpoint("192.168.1.10:5298")]);
    let empty = check_in("", "<profile nick='' show=''><status/></profile>").unwrap();
    assert_eq!(empty.announcement, Some(Announcement::default()));
}

#[test]
fn a_since_that_cannot_be_a_version_is_none() {
    for since in ["", "a b", "é", &"9".repeat(129)] {
        assert_eq!(check_in(&format!("since='{since}'"), ""), Ok(CheckIn::default()), "{since}");
    }
    let foreign = check_in("since='next-tuesday'", "").unwrap();
    assert_eq!(foreign.since.unwrap().as_str(), "next-tuesday");
}

#[test]
fn nonsense_in_a_check_in_is_malformed_and_says_why() {
    let table = [
        ("max='0'", "", "a number from 1 to 4294967295 in attribute ‘max’"),
        ("max='-1'", "", "a number from 1 to 4294967295 in attribute ‘max’"),
        ("max='4294967296'", "", "a number from 1 to 4294967295 in attribute ‘max’"),
        ("", "<profile show='invisible'/>", "chat, away, dnd or xa in attribute ‘show’"),
        (
            "",
            "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256'>9F:21</fingerprint>",
            "32 pairs of hexadecimal digits in <fingerprint/>",
        ),
    ];
    for (attributes, inside, expected) in table {
        assert_eq!(check_in(attributes, inside).unwrap_err().expected(), expected, "{attributes}{inside}");
    }
    let other_hash = "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-512'>9F</fingerprint>";
    assert_eq!(check_in("", other_hash).unwrap().announcement.unwrap().fingerprint, None);
}

#[test]
fn impossible_endpoints_are_named_and_do_not_fail_the_check_in() {
    let read = check_in(
        "",
        "<endpoint/><endpoint host='evil.example' port='5298'/><endpoint host='10.0.0.1' port='65536'/>\
         <endpoint host='10.0.0.1' port='-1'/><endpoint host='010.0.0.1' port='5298'/>\
         <endpoint host='::ffff:10.0.0.1' port='5298'/>",
    )
    .unwrap();
    assert_eq!(read.announcement.unwrap().endpoints, [endpoint("10.0.0.1:5298")]);
    let named: Vec<_> =
        read.unreadable.iter().map(|refused| (refused.host.as_str(), refused.port.as_str())).collect();
    assert_eq!(
        named,
        [
            ("", ""),
            ("evil.example", "5298"),
            ("10.0.0.1", "65536"),
            ("10.0.0.1", "-1"),
            ("010.0.0.1", "5298")
        ],
    );
}

#[test]
fn ten_thousand_endpoints_cost_the_memory_of_sixteen() {
    let good = "<endpoint host='10.0.0.1' port='5298'/>".repeat(10_000);
    let read = check_in("", &good).unwrap();
    assert_eq!(read.announcement.unwrap().endpoints.len(), ENDPOINTS_READ_MAX);
    assert_eq!(read.surplus, 10_000 - ENDPOINTS_READ_MAX);
    let bad = format!("<endpoint host='{}'/>", "x".repeat(100)).repeat(10_000);
    let read = check_in("", &bad).unwrap();
    assert_eq!(read.unreadable.len(), ENDPOINTS_READ_MAX);
    assert!(read.unreadable.iter().all(|refused| refused.host.len() == 64));
    assert_eq!(read.surplus, 10_000 - ENDPOINTS_READ_MAX);
}

fn answer(attributes: &str, inside: &str) -> Result<Online, Malformed> {
    let text = format!("<online xmlns='{NS}' {attributes}>{inside}</online>");
    Online::from_node(Element::parse(&text).unwrap().root())
}

const GOOD: &str = "version='5f2c81d0.p.1' interval='20' limit='60'";

#[test]
fn a_later_servers_answer_is_understood_as_far_as_it_goes() {
    let inside = "<user jid='bob@example.net/tui' session='k3' since='2026-11-22T20:59:03.25Z' show='invisible' mood='x'>\
                  <endpoint host='bob.example' port='5298'/><endpoint host='10.0.0.1' port='5298' proto='quic'/>\
                  <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-512'>00</fingerprint></user>\
                  <gone jid='eve@example.net/old' last='2026-11-22T22:03:11+01:00' reason='abducted'/><hint/>";
    let online = answer(&format!("{GOOD} more='1'"), inside).unwrap();
    assert!(online.page.more && !online.page.reset);
    let [Change::Online(bob), Change::Gone(eve)] = &online.page.changes[..] else { panic!("{online:?}") };
    assert_eq!((bob.profile.show, bob.fingerprint), (Show::Available, None));
    assert_eq!(bob.endpoints[..], [endpoint("10.0.0.1:5298")]);
    assert_eq!((eve.reason, eve.last), (Reason::Closed, "2026-11-22T21:03:11Z".parse().unwrap()));
}

#[test]
fn an_answer_that_cannot_be_true_is_malformed() {
    let user = |attributes: &str| format!("<user {attributes}/>");
    let table = [
        ("interval='20' limit='60'".to_owned(), String::new()),
        ("version='' interval='20' limit='60'".to_owned(), String::new()),
        ("version='1' limit='60'".to_owned(), String::new()),
        ("version='1' interval='0' limit='60'".to_owned(), String::new()),
        ("version='1' interval='20' limit='86401'".to_owned(), String::new()),
        ("version='1' interval='20' limit='99999999999999999999'".to_owned(), String::new()),
        (format!("{GOOD} more='maybe'"), String::new()),
        (GOOD.to_owned(), user("session='k3' since='2026-11-22T20:59:03Z'")),
        (GOOD.to_owned(), user("jid='bob@example.net' session='k3' since='2026-11-22T20:59:03Z'")),
        (GOOD.to_owned(), user("jid='bob@example.net/tui' since='2026-11-22T20:59:03Z'")),
        (GOOD.to_owned(), user("jid='bob@example.net/tui' session='k3'")),
        (GOOD.to_owned(), user("jid='bob@example.net/tui' session='k3' since='2026-13-22T20:59:03Z'")),
        (GOOD.to_owned(), user("jid='bob@example.net/tui' session='k3' since='999999-11-22T20:59:03Z'")),
        (GOOD.to_owned(), user("jid='bob@example.net/tui' session='k3' since='yesterday'")),
        (GOOD.to_owned(), "<gone jid='eve@example.net/old'/>".to_owned()),
        (GOOD.to_owned(), "<refused surplus='-1'/>".to_owned()),
    ];
    for (attributes, inside) in table {
        assert!(answer(&attributes, &inside).is_err(), "{attributes} {inside}");
    }
}

#[test]
fn an_answer_without_end_is_malformed_rather_than_cut() {
    let gone = "<gone jid='eve@example.net/old' last='2026-11-22T21:03:11Z'/>";
    assert_eq!(answer(GOOD, &gone.repeat(CHANGES_MAX)).unwrap().page.changes.len(), CHANGES_MAX);
    assert!(answer(GOOD, &gone.repeat(CHANGES_MAX + 1)).is_err());
    let refused = answer(GOOD, &"<refused host='a' port='b'/>".repeat(10_000)).unwrap();
    assert_eq!(refused.refused.len(), ENDPOINTS_READ_MAX);
}

fn text() -> impl Strategy<Value = Option<Box<str>>> {
    option::of("[ -~é'&<>\t\n\r]{1,12}".prop_map(String::into_boxed_str))
}

fn profile() -> impl Strategy<Value = Profile> {
    let show = prop::sample::select(vec![Show::Available, Show::Chat, Show::Away, Show::Dnd, Show::Xa]);
    (text(), show, text()).prop_map(|(nick, show, status)| Profile { nick, show, status })
}

fn endpoints() -> impl Strategy<Value = Vec<Endpoint>> {
    vec(
        (any::<std::net::IpAddr>(), any::<u16>()).prop_map(|(address, port)| Endpoint::new(address, port)),
        0..5,
    )
}

fn fingerprint() -> impl Strategy<Value = Option<Fingerprint>> {
    option::of(any::<[u8; 32]>().prop_map(Fingerprint))
}

fn jid() -> impl Strategy<Value = Arc<jid::FullJid>> {
    "[a-z]{1,8}@[a-z]{1,8}\\.example/[ -~é]{1,12}".prop_map(|jid| Arc::new(jid.parse().unwrap()))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-377_705_023_201_i64..253_402_207_200).prop_map(|second| Timestamp::from_second(second).unwrap())
}

prop_compose! {
    fn entry()(
        jid in jid(), session in any::<u64>(), profile in profile(), endpoints in endpoints(),
        fingerprint in fingerprint(), since in instant(),
    ) -> Change {
        let session = SessionId(session).tag();
        Change::Online(Arc::new(Entry { jid, session, profile, endpoints: endpoints.into(), fingerprint, since }))
    }
}

fn change() -> impl Strategy<Value = Change> {
    let reason = prop::sample::select(vec![Reason::Left, Reason::Closed, Reason::Reaped]);
    let gone = (jid(), instant(), reason)
        .prop_map(|(jid, last, reason)| Change::Gone(Departure { jid, last, reason }));
    prop_oneof![entry(), gone]
}

proptest! {
    #[test]
    fn every_check_in_reads_back_as_it_was_written(
        since in option::of("[!-~]{1,128}"),
        max in option::of(1_u32..),
        announcement in option::of((profile(), endpoints(), fingerprint())),
    ) {
        let check_in = CheckIn {
            since: since.map(|since| since.parse().unwrap()),
            max: max.and_then(NonZeroU32::new),
            announcement: announcement
                .map(|(profile, endpoints, fingerprint)| Announcement { profile, endpoints, fingerprint }),
            ..CheckIn::default()
        };
        let read = CheckIn::from_node(alone(&check_in).root());
        prop_assert_eq!(read, Ok(check_in));
    }

    #[test]
    fn every_answer_reads_back_as_it_was_written(changes in vec(change(), 0..6), reset: bool, more: bool) {
        let version = online().page.version;
        let online = Online { page: Page { reset, changes, version, more }, ..online() };
        let read = Online::from_node(alone(&online).root());
        prop_assert_eq!(read, Ok(online));
    }

    #[test]
    fn no_change_takes_more_octets_than_was_said(change in change()) {
        let mut empty = online();
        empty.refused.clear();
        empty.surplus = 0;
        let mut full = empty.clone();
        // An answer that is not empty has an end tag of its own; a second change costs what one change costs.
        empty.page.changes = vec![change.clone()];
        full.page.changes = vec![change.clone(), change.clone()];
        let actual = alone(&full).as_bytes().len() - alone(&empty).as_bytes().len();
        prop_assert!(actual <= octets_max(&change), "{} > {}", actual, octets_max(&change));
    }

    #[test]
    fn an_ordinary_change_takes_little_less_than_was_said(entry in entry()) {
        let Change::Online(mut known) = entry else { unreachable!("entry() makes entries") };
        Arc::make_mut(&mut known).profile = alice().profile;
        Arc::make_mut(&mut known).endpoints = Box::new([endpoint("192.168.100.100:55298")]);
        Arc::make_mut(&mut known).jid = Arc::new("alice@example.net/desk".parse().unwrap());
        let change = Change::Online(known);
        let mut one = online();
        one.page.changes = vec![change.clone()];
        let mut two = one.clone();
        two.page.changes = vec![change.clone(), change.clone()];
        let actual = alone(&two).as_bytes().len() - alone(&one).as_bytes().len();
        prop_assert!(octets_max(&change) - actual < 64, "{} and {}", actual, octets_max(&change));
    }
}
