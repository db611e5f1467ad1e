//! Each payload: written and read back, as it looks, and as others write it.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod indented;

use chatdev_directory::{Profile, Show};
use chatdev_stanza::bind::{BindRequest, BindResult};
use chatdev_stanza::disco::{self, Info, Items, Query, Question};
use chatdev_stanza::features::{Features, NAMES_MAX, Requirement};
use chatdev_stanza::message::{self, Body};
use chatdev_stanza::origin_id::OriginId;
use chatdev_stanza::peer::Sequence;
use chatdev_stanza::ping::Ping;
use chatdev_stanza::presence::Availability;
use chatdev_stanza::receipt::{Received, Request};
use chatdev_stanza::register::{Form, Register};
use chatdev_stanza::roster::{self, Roster, RosterQuery, Subscription};
use chatdev_stanza::sasl::{FromClient, FromServer};
use chatdev_stanza::session::Session;
use chatdev_stanza::sm::Sm;
use chatdev_stanza::starttls::StartTls;
use chatdev_stanza::{Envelope, MessageType, PresenceType, StanzaCondition, StanzaError};
use chatdev_xml::Element;
use indented::{alone, indented, payload};
use insta::assert_snapshot;

fn element(text: &str) -> Element {
    Element::parse(text).unwrap()
}

#[test]
fn bind() {
    for resource in [None, Some("it's <here>".to_owned())] {
        let request = BindRequest { resource };
        assert_eq!(BindRequest::from_node(alone(&request).root()), Ok(request));
    }
    let result = BindResult { jid: "alice@example.net/desk".parse().unwrap() };
    assert_snapshot!("bind", payload(&result));
    assert_eq!(BindResult::from_node(alone(&result).root()), Ok(result));
    let empty = element("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource/></bind>");
    assert_eq!(BindRequest::from_node(empty.root()), Ok(BindRequest::default()));
    for wrong in ["", "<jid/>", "<jid>alice@example.net</jid>"] {
        let wrong = element(&format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{wrong}</bind>"));
        assert!(BindResult::from_node(wrong.root()).is_err(), "{wrong}");
    }
}

#[test]
fn payloads_without_content() {
    assert_eq!(Session::from_node(alone(&Session).root()), Ok(Session));
    assert_eq!(Ping::from_node(alone(&Ping).root()), Ok(Ping));
    assert_eq!(Request::from_node(alone(&Request).root()), Ok(Request));
    assert_snapshot!("without_content", [payload(&Session), payload(&Ping), payload(&Request)].join("\n"));
    let stray = element("<ping xmlns='urn:xmpp:ping' color='red'>\n<x xmlns='x'/></ping>");
    assert_eq!(Ping::from_node(stray.root()), Ok(Ping));
    let elsewhere = element("<ping xmlns='urn:xmpp:pong'/>");
    assert_eq!(
        Ping::from_node(elsewhere.root()).unwrap_err().to_string(),
        "expected <ping xmlns='urn:xmpp:ping'/>, found “<ping xmlns='urn:xmpp:pong'/>”",
    );
}

#[test]
fn service_discovery() {
    for question in [Question::Info, Question::Items] {
        for node in [None, Some("config".to_owned())] {
            let query = Query { question, node };
            assert_eq!(Query::from_node(alone(&query).root()), Ok(query));
        }
    }
    let info = Info {
        node: None,
        identities: vec![disco::Identity {
            category: "server".into(),
            type_: "im".into(),
            name: Some("ChatDev".into()),
        }],
        features: vec![disco::NS_INFO.into(), "urn:xmpp:ping".into(), chatdev_stanza::directory::NS.into()],
    };
    assert!(info.has("urn:xmpp:ping") && !info.has("urn:xmpp"));
    let items = Items {
        node: None,
        items: vec![disco::Item {
            jid: "rooms.example.net".parse().unwrap(),
            node: None,
            name: Some("Rooms".into()),
        }],
    };
    assert_snapshot!("disco", [payload(&info), payload(&items)].join("\n"));
    assert_eq!(Info::from_node(alone(&info).root()), Ok(info));
    assert_eq!(Items::from_node(alone(&items).root()), Ok(items));
    let with_form = element(
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' type='pc' xml:lang='en'/>\
         <feature var='a'/><x xmlns='jabber:x:data' type='result'/></query>",
    );
    assert_eq!(Info::from_node(with_form.root()).unwrap().features, ["a"]);
    let flood = format!("<query xmlns='{}'>{}</query>", disco::NS_INFO, "<feature var='a'/>".repeat(10_000));
    assert_eq!(Info::from_node(element(&flood).root()).unwrap().features.len(), disco::ENTRIES_MAX);
}

#[test]
fn registration() {
    for form in [Form::blank("Choose a name"), Form::registered("alice"), Form::default()] {
        assert_eq!(Form::from_node(alone(&form).root()), Ok(form));
    }
    let account = Register::Account { username: Some("bill".into()), password: Some("Cal<l>iope".into()) };
    assert_snapshot!(
        "registration",
        [
            payload(&Form::blank("Choose a name")),
            payload(&Form::registered("alice")),
            payload(&account),
            payload(&Register::Remove)
        ]
        .join("\n")
    );
    assert_eq!(Register::from_set(alone(&account).root()), Ok(account));
    assert_eq!(Register::from_set(alone(&Register::Remove).root()), Ok(Register::Remove));
    assert_eq!(Register::from_get(alone(&Register::Form).root()), Ok(Register::Form));
}

#[test]
fn registration_as_others_write_it() {
    let set = |inside: &str| {
        let query = element(&format!("<query xmlns='jabber:iq:register'>{inside}</query>"));
        Register::from_set(query.root())
    };
    let nothing = Ok(Register::Account { username: None, password: None });
    assert_eq!(set(""), nothing);
    assert_eq!(set("<username/><password></password><email>a@b</email>"), nothing);
    assert_eq!(
        set("<x xmlns='jabber:x:data' type='submit'><field var='username'><value>a</value></field></x>"),
        nothing
    );
    let error: StanzaError = set("<remove/><username>alice</username>").unwrap_err().into();
    assert_eq!(error.condition, StanzaCondition::BadRequest);
}

#[test]
fn a_password_does_not_show() {
    let account = Register::Account { username: Some("bill".into()), password: Some("Calliope".into()) };
    assert_eq!(format!("{account:?}"), "Account(Some(\"bill\"), …)");
    let plain = FromClient::Auth { mechanism: "PLAIN".into(), initial: Some("AGJpbGwAQ2FsbGlvcGU=".into()) };
    assert_eq!(format!("{plain:?}"), "Auth(\"PLAIN\", …)");
    assert_eq!(format!("{:?}", FromClient::Response("c2VjcmV0".into())), "Response(…)");
    assert_eq!(format!("{:?}", FromServer::Success(Some("c2VjcmV0".into()))), "Success(…)");
}

#[test]
fn the_roster() {
    for ver in [None, Some(String::new()), Some("7".to_owned())] {
        let query = RosterQuery { ver };
        assert_eq!(RosterQuery::from_node(alone(&query).root()), Ok(query));
    }
    let item = roster::Item {
        jid: "bob@example.net".parse().unwrap(),
        name: Some("Bob".into()),
        subscription: Subscription::Both,
        ask: false,
        groups: vec!["Online".into(), "Work & play".into()],
    };
    let wanted = roster::Item { subscription: Subscription::None, ask: true, groups: vec![], ..item.clone() };
    let list = Roster { ver: Some("7".into()), items: vec![item, wanted] };
    assert_snapshot!("roster", payload(&list));
    assert_eq!(Roster::from_node(alone(&list).root()), Ok(list));
    assert_eq!(alone(&Roster::default()).as_str(), "<query xmlns='jabber:iq:roster'/>");
    for wrong in ["<item/>", "<item jid='bob@example.net/tui'/>", "<item jid='b@c' subscription='maybe'/>"] {
        let wrong = element(&format!("<query xmlns='jabber:iq:roster'>{wrong}</query>"));
        assert!(Roster::from_node(wrong.root()).is_err(), "{wrong}");
    }
    let flood = format!(
        "<query xmlns='jabber:iq:roster'>{}</query>",
        "<item jid='b@c'/>".repeat(roster::ITEMS_MAX + 1)
    );
    assert_eq!(Roster::from_node(element(&flood).root()).unwrap_err().expected(), "at most 2000 contacts");
}

#[test]
fn a_message_between_peers() {
    let (alice, bob) = ("alice@example.net/desk".parse().unwrap(), "bob@example.net/tui".parse().unwrap());
    let message = Envelope::id("m1").from(&alice).to(&bob).lang("en").message(
        MessageType::Chat,
        &[&Body("1 < 2\n& so on"), &OriginId("m1".into()), &Sequence(17), &Request],
    );
    assert_snapshot!("peer_message", indented(&message));
    assert_eq!(message::body(message.root(), None).as_deref(), Some("1 < 2\n& so on"));
    assert_eq!(Sequence::of(message.root()), Ok(Sequence(17)));
    let origin = message.child(chatdev_stanza::origin_id::NS, "origin-id").unwrap();
    assert_eq!(OriginId::from_node(origin), Ok(OriginId("m1".into())));
}

#[test]
fn a_sequence_number_is_a_number_from_one() {
    for n in [1, 17, u64::MAX] {
        assert_eq!(Sequence::from_node(alone(&Sequence(n)).root()), Ok(Sequence(n)));
    }
    for n in ["", "0", "-1", "1.5", "18446744073709551616", "١"] {
        let wrong = element(&format!("<seq xmlns='urn:chatdev:peer:1' n='{n}'/>"));
        assert!(Sequence::from_node(wrong.root()).is_err(), "{n}");
    }
    assert!(Sequence::of(element("<message><seq n='1'/></message>").root()).is_err());
}

#[test]
fn receipts() {
    let received = Received { id: "richard2-4.1.247".into() };
    assert_snapshot!("receipt", payload(&received));
    assert_eq!(Received::from_node(alone(&received).root()), Ok(received));
    assert!(Received::from_node(element("<received xmlns='urn:xmpp:receipts'/>").root()).is_err());
}

#[test]
fn presence() {
    let profile =
        Profile { nick: Some("Alice".into()), show: Show::Away, status: Some("In a meeting".into()) };
    let availability = Availability { profile, priority: -5 };
    let element = Envelope::default().presence(PresenceType::Available, &[&availability]);
    assert_snapshot!("presence", indented(&element));
    assert_eq!(Availability::from_node(element.root()), Ok(availability));
    let bare = Envelope::default().presence(PresenceType::Unavailable, &[&Availability::default()]);
    assert_eq!(bare.as_str(), "<presence type='unavailable'/>");
    assert_eq!(Availability::from_node(bare.root()), Ok(Availability::default()));
}

#[test]
fn presence_as_others_write_it() {
    let read =
        |inside: &str| Availability::from_node(element(&format!("<presence>{inside}</presence>")).root());
    for empty in [
        "<show/>",
        "<show>invisible</show>",
        "<status/><priority/>",
        "<c xmlns='http://jabber.org/protocol/caps'/>",
    ] {
        assert_eq!(read(empty), Ok(Availability::default()), "{empty}");
    }
    let read = |inside: &str| {
        Availability::from_node(element(&format!("<presence>{inside}</presence>")).root()).unwrap()
    };
    assert_eq!(read("<priority> 127 </priority>").priority, 127);
    assert_eq!(read("<show> xa </show>").profile.show, Show::Xa);
    let languages = "<status xml:lang='cs'>Pryč</status><status>Away</status>";
    assert_eq!(read(languages).profile.status.as_deref(), Some("Away"));
    for priority in ["128", "-129", "high", "1e1"] {
        let wrong = element(&format!("<presence><priority>{priority}</priority></presence>"));
        assert!(Availability::from_node(wrong.root()).is_err(), "{priority}");
    }
}

/// RFC 6121 §5.2.3.
#[test]
fn a_body_is_chosen_by_the_readers_language() {
    let message = element(
        "<message><body xml:lang='cs'>ahoj</body><body>hello</body><body xml:lang='de'>hallo</body>\
         <body xml:lang='de-AT'>servus</body></message>",
    );
    let body = |preferred| message::body(message.root(), preferred).unwrap();
    assert_eq!(body(None), "hello");
    assert_eq!(body(Some("de")), "hallo");
    assert_eq!(body(Some("DE-at")), "servus");
    assert_eq!(body(Some("de-CH-1996")), "hallo");
    assert_eq!(body(Some("fr")), "hello");
    assert_eq!(
        message::body(element("<message><body xml:lang='cs'>ahoj</body></message>").root(), Some("de"))
            .unwrap(),
        "ahoj"
    );
    assert_eq!(message::body(element("<message><body/></message>").root(), None).unwrap(), "");
    assert_eq!(message::body(element("<message><body xmlns='x'>no</body></message>").root(), None), None);
}

#[test]
fn stream_features() {
    let before = Features {
        starttls: Some(Requirement::Required),
        mechanisms: vec!["SCRAM-SHA-256-PLUS".into(), "SCRAM-SHA-256".into(), "PLAIN".into()],
        channel_bindings: vec!["tls-exporter".into()],
        register: true,
        ..Features::default()
    };
    let after = Features { bind: true, session: true, sm: true, ..Features::default() };
    assert_snapshot!("features", [indented(&before.to_element()), indented(&after.to_element())].join("\n"));
    let optional = Features { starttls: Some(Requirement::Optional), ..Features::default() };
    for features in [before, after, optional, Features::default()] {
        assert_eq!(Features::from_node(features.to_element().root()), Ok(features));
    }
    let flood = format!(
        "<stream:features><x xmlns='x'/><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</mechanisms></stream:features>",
        "<mechanism>X</mechanism>".repeat(10_000)
    );
    assert_eq!(Features::from_node(element(&flood).root()).unwrap().mechanisms.len(), NAMES_MAX);
}

#[test]
fn sasl() {
    let client = [
        FromClient::Auth {
            mechanism: "SCRAM-SHA-1".into(),
            initial: Some("biwsbj1qdWxpZXQscj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQQ==".into()),
        },
        FromClient::Auth { mechanism: "EXTERNAL".into(), initial: Some("=".into()) },
        FromClient::Auth { mechanism: "DIGEST-MD5".into(), initial: None },
        FromClient::Response("Yz1iaXdz".into()),
        FromClient::Response(String::new()),
        FromClient::Abort,
    ];
    for nonza in client {
        assert!(FromClient::is(nonza.to_element().root()));
        assert_eq!(FromClient::from_node(nonza.to_element().root()), Ok(nonza));
    }
    let server = [
        FromServer::Challenge("cj1v".into()),
        FromServer::Success(None),
        FromServer::Success(Some("dj1w".into())),
    ];
    for nonza in server {
        assert_eq!(FromServer::from_node(nonza.to_element().root()), Ok(nonza));
    }
    let response = FromClient::Response("Yz1iaXdz".into()).to_element();
    assert_eq!(response.as_str(), "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdz</response>");
    let padded =
        element("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>\n  AGEAYg==\n</auth>");
    let plain = FromClient::Auth { mechanism: "PLAIN".into(), initial: Some("AGEAYg==".into()) };
    assert_eq!(FromClient::from_node(padded.root()), Ok(plain));
    for wrong in [
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<auth mechanism='PLAIN'/>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    ] {
        assert!(FromClient::from_node(element(wrong).root()).is_err(), "{wrong}");
    }
}

#[test]
fn starttls() {
    for nonza in [StartTls::Request, StartTls::Proceed, StartTls::Failure] {
        assert_eq!(StartTls::from_node(nonza.to_element().root()), Ok(nonza));
    }
    assert!(StartTls::from_node(element("<starttls/>").root()).is_err());
}

#[test]
fn stream_management() {
    let nonzas = [
        Sm::Enable { resume: false },
        Sm::Enable { resume: true },
        Sm::Enabled { id: None, resume: false },
        Sm::Enabled { id: Some("some-long-sm-id".into()), resume: true },
        Sm::Failed { condition: Some(StanzaCondition::UnexpectedRequest), h: None },
        Sm::Failed { condition: None, h: Some(3) },
        Sm::Resume,
        Sm::Request,
        Sm::Ack { h: 0 },
        Sm::Ack { h: u32::MAX },
    ];
    let text: Vec<_> = nonzas.iter().map(|nonza| indented(&nonza.to_element())).collect();
    assert_snapshot!("stream_management", text.join("\n"));
    for nonza in nonzas {
        assert_eq!(Sm::from_node(nonza.to_element().root()), Ok(nonza));
    }
    let one = element("<enable xmlns='urn:xmpp:sm:3' resume='1' max='600'/>");
    assert_eq!(Sm::from_node(one.root()), Ok(Sm::Enable { resume: true }));
    for wrong in [
        "<a/>",
        "<a h=''/>",
        "<a h='-1'/>",
        "<a h='4294967296'/>",
        "<enable resume='yes'/>",
        "<t/>",
        "<failed h='x'/>",
    ] {
        let wrong = element(wrong).to_string().replacen("/>", " xmlns='urn:xmpp:sm:3'/>", 1);
        assert!(Sm::from_node(element(&wrong).root()).is_err(), "{wrong}");
    }
}
