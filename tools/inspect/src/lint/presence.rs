//! Presence (RFC 6121 §4.7, §4.5.1): its type, and `<show/>`, `<status/>` and `<priority/>`.

use chatdev_xml::Node;

use super::ground::Ground;
use super::message::{language_twice, mixed_content};
use super::rules::*;
use super::said::{Said, content_children, quoted};
use crate::entry::{Finding, Kind};
use crate::model::Side;

pub(super) fn look(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let Some(presence) = said.stanza_of(Kind::Presence) else { return };
    let root = presence.root();
    let is_of_client = ground.is_client() && said.side == Side::Dialler;
    match said.stanza_type() {
        Some("probe") if is_of_client => out.push(CLIENT_PROBES.found("a probe by a client")),
        Some("unavailable") if is_of_client => unavailable(root, out),
        None
        | Some(
            "error" | "probe" | "subscribe" | "subscribed" | "unavailable" | "unsubscribe" | "unsubscribed",
        ) => {}
        Some(other) => out.push(PRESENCE_TYPE.found(format!("the type is {}", quoted(other)))),
    }
    show(root, out);
    priority(root, out);
    if let Some(lang) = language_twice(ground, said, root, "status") {
        out.push(STATUS_LANGUAGE_TWICE.found(lang));
    }
    mixed_content(root, &["show", "status", "priority"], out);
}

fn unavailable(root: Node<'_>, out: &mut Vec<Finding>) {
    for name in ["show", "priority"] {
        if content_children(root, name).next().is_some() {
            out.push(UNAVAILABLE_WITH_SHOW.found(format!("unavailable with <{name}/>")));
        }
    }
}

fn show(root: Node<'_>, out: &mut Vec<Finding>) {
    let mut shows = content_children(root, "show");
    if let Some(show) = shows.next() {
        let text = show.text();
        if !matches!(text.as_ref(), "away" | "chat" | "dnd" | "xa") {
            out.push(SHOW_UNKNOWN.found(format!("<show/> is {}", quoted(&text))));
        }
    }
    if shows.next().is_some() {
        out.push(SHOW_TWICE.found("two times <show/>"));
    }
}

fn priority(root: Node<'_>, out: &mut Vec<Finding>) {
    let mut priorities = content_children(root, "priority");
    if let Some(priority) = priorities.next() {
        let text = priority.text();
        if text.trim().parse::<i8>().is_err() {
            out.push(PRIORITY_RANGE.found(format!("<priority/> is {}", quoted(&text))));
        }
    }
    if priorities.next().is_some() {
        out.push(PRIORITY_TWICE.found("two times <priority/>"));
    }
}
