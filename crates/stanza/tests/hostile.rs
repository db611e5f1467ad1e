//! Nothing that a peer can put into an element makes a decoder panic; and what a decoder takes, it writes so that it
//! reads the same again.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use chatdev_stanza::bind::{BindRequest, BindResult};
use chatdev_stanza::directory::{CheckIn, Look, Online};
use chatdev_stanza::disco::{Info, Items, Query};
use chatdev_stanza::features::Features;
use chatdev_stanza::origin_id::OriginId;
use chatdev_stanza::peer::Sequence;
use chatdev_stanza::presence::Availability;
use chatdev_stanza::receipt::Received;
use chatdev_stanza::register::{Form, Register};
use chatdev_stanza::roster::{Roster, RosterQuery};
use chatdev_stanza::sasl::{FromClient, FromServer};
use chatdev_stanza::sm::Sm;
use chatdev_stanza::starttls::StartTls;
use chatdev_stanza::{Envelope, stanza_error, stream_error};
use chatdev_stanza::{
    NS_CLIENT, NS_STREAMS, Payload, PresenceType, Stanza, StanzaError, StreamError, message,
};
use chatdev_xml::{Builder, Element, Node};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Every element that a decoder of this crate takes, by itself.
const ROOTS: [(&str, &str); 22] = [
    (chatdev_stanza::bind::NS, "bind"),
    (chatdev_stanza::directory::NS, "check-in"),
    (chatdev_stanza::directory::NS, "online"),
    (chatdev_stanza::disco::NS_INFO, "query"),
    (chatdev_stanza::disco::NS_ITEMS, "query"),
    (NS_STREAMS, "features"),
    (NS_STREAMS, "error"),
    (NS_CLIENT, "error"),
    (NS_CLIENT, "presence"),
    (NS_CLIENT, "message"),
    (NS_CLIENT, "iq"),
    (chatdev_stanza::origin_id::NS, "origin-id"),
    (chatdev_stanza::peer::NS, "seq"),
    (chatdev_stanza::receipt::NS, "received"),
    (chatdev_stanza::register::NS, "query"),
    (chatdev_stanza::roster::NS, "query"),
    (chatdev_stanza::sasl::NS, "auth"),
    (chatdev_stanza::sasl::NS, "failure"),
    (chatdev_stanza::sm::NS, "a"),
    (chatdev_stanza::sm::NS, "enabled"),
    (chatdev_stanza::sm::NS, "failed"),
    (chatdev_stanza::starttls::NS, "starttls"),
];

/// What may stand inside them, whether it belongs there or not.
const CHILDREN: [&str; 26] = [
    "profile",
    "endpoint",
    "fingerprint",
    "user",
    "gone",
    "refused",
    "status",
    "show",
    "priority",
    "body",
    "error",
    "text",
    "gone",
    "conflict",
    "see-other-host",
    "identity",
    "feature",
    "item",
    "group",
    "resource",
    "jid",
    "username",
    "password",
    "remove",
    "mechanisms",
    "mechanism",
];

const ATTRIBUTES: [&str; 22] = [
    "id",
    "type",
    "to",
    "from",
    "since",
    "max",
    "nick",
    "show",
    "host",
    "port",
    "hash",
    "jid",
    "session",
    "last",
    "reason",
    "version",
    "interval",
    "limit",
    "h",
    "n",
    "resume",
    "subscription",
];

const VALUES: [&str; 24] = [
    "",
    " ",
    "0",
    "1",
    "-1",
    "60",
    "true",
    "get",
    "result",
    "error",
    "away",
    "sha-256",
    "10.0.0.1",
    "5298",
    "65536",
    "18446744073709551616",
    "5f2c81d0.p.1",
    "k3",
    "2026-11-22T20:59:03Z",
    "9999-12-31T23:59:60+25:00",
    "a@b/c",
    "@",
    "both",
    "\u{202e}'<&>\t",
];

#[derive(Clone, Debug)]
struct Piece {
    name: (&'static str, &'static str),
    attributes: Vec<(&'static str, &'static str)>,
    text: &'static str,
    children: Vec<Self>,
}

impl Piece {
    fn write(&self, out: Builder) -> Builder {
        let mut given: Vec<&str> = Vec::new();
        let mut out = out;
        for (name, value) in &self.attributes {
            if !given.contains(name) {
                given.push(name);
                out = out.attribute(name, value);
            }
        }
        let out = out.text(self.text);
        self.children.iter().fold(out, |out, child| child.write(out.open(child.name.0, child.name.1)).close())
    }
}

fn attributes() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    vec((select(&ATTRIBUTES[..]), select(&VALUES[..])), 0..8)
}

prop_compose! {
    fn leaf(namespace: &'static str)(
        child in select(&CHILDREN[..]), attributes in attributes(), text in select(&VALUES[..]),
        elsewhere in prop::option::weighted(0.3, select(vec![
            stanza_error::NS, stream_error::NS, chatdev_stanza::directory::NS_FINGERPRINT, chatdev_stanza::sasl::NS,
        ])),
    ) -> Piece {
        Piece { name: (elsewhere.unwrap_or(namespace), child), attributes, text, children: Vec::new() }
    }
}

fn element() -> impl Strategy<Value = Element> {
    select(&ROOTS[..]).prop_flat_map(|name| {
        let child =
            (leaf(name.0), vec(leaf(name.0), 0..4)).prop_map(|(child, children)| Piece { children, ..child });
        (attributes(), select(&VALUES[..]), vec(child, 0..4)).prop_map(move |(attributes, text, children)| {
            let piece = Piece { name, attributes, text, children };
            piece.write(Builder::new(name.0, name.1)).build()
        })
    })
}

/// What was read, written and read again.
fn again<T: Payload, E>(read: &T, from_node: impl Fn(Node<'_>) -> Result<T, E>) -> Option<T> {
    let iq = read.write(Builder::new(NS_CLIENT, "iq")).build();
    iq.children().next().and_then(|payload| from_node(payload).ok())
}

macro_rules! read_twice {
    ($node:expr, $($decoder:path),+ $(,)?) => {
        $( if let Ok(read) = $decoder($node) {
            prop_assert_eq!(again(&read, $decoder), Some(read));
        } )+
    };
}

macro_rules! read_nonza_twice {
    ($node:expr, $($type:ty),+ $(,)?) => {
        $( if let Ok(read) = <$type>::from_node($node) {
            let element = read.to_element();
            prop_assert_eq!(<$type>::from_node(element.root()), Ok(read));
        } )+
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_is_taken_is_written_as_it_was_read(element in element()) {
        let node = element.root();
        read_twice!(
            node, BindRequest::from_node, BindResult::from_node, Look::from_node, Query::from_node, Info::from_node,
            Items::from_node, OriginId::from_node, Sequence::from_node, Received::from_node, Form::from_node,
            Register::from_set, Register::from_get, RosterQuery::from_node, Roster::from_node, StanzaError::from_node,
            Online::from_node,
        );
        read_nonza_twice!(node, Features, FromClient, FromServer, Sm, StartTls, StreamError);
        if let Ok(mut read) = CheckIn::from_node(node) {
            read.unreadable.clear();
            prop_assert_eq!(again(&read, CheckIn::from_node), Some(read));
        }
        if let Ok(read) = Availability::from_node(node) {
            let presence = Envelope::default().presence(PresenceType::Available, &[&read]);
            prop_assert_eq!(Availability::from_node(presence.root()), Ok(read));
        }
    }

    #[test]
    fn every_element_is_a_stanza_or_has_its_answer(element in element()) {
        match Stanza::try_from(element.clone()) {
            Ok(stanza) => {
                prop_assert_eq!(stanza.element(), &element);
                prop_assert_eq!(stanza.to_str().is_some(), element.attribute("to").is_some());
                let reply = stanza.error_reply(None, &stanza_error::StanzaCondition::BadRequest.into());
                prop_assert_eq!(reply.is_some(), stanza.kind().may_be_answered());
                // The answer to an answer is none: otherwise two servers could talk for ever.
                if let Some(Ok(reply)) = reply.map(|reply| Stanza::try_from(reply.with(&[("id", Some("1"))]))) {
                    prop_assert!(reply.error().is_some());
                    prop_assert!(!reply.kind().may_be_answered());
                }
                let _ = (stanza.from(), message::body(stanza.root(), Some("de")));
            }
            Err(rejected) => {
                prop_assert_eq!(rejected.element(), &element);
                if let Some(reply) = rejected.reply(None) {
                    let type_ = reply.attribute("type");
                    prop_assert_eq!(type_.as_deref(), Some("error"));
                }
            }
        }
    }
}
