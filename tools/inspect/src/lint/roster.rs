//! Rosters (RFC 6121 §2.1): how many items, what an item has, who pushes.

use chatdev_xml::Node;

use super::address;
use super::ground::Ground;
use super::rules::*;
use super::said::{Said, quoted};
use crate::entry::{Finding, Kind};
use crate::model::Side;

const NS: &str = "jabber:iq:roster";

pub(super) fn look(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let Some(query) = said.stanza_of(Kind::Iq).and_then(|iq| iq.child(NS, "query")) else { return };
    if !ground.is_client() {
        return;
    }
    let count = query.children().filter(|child| child.is(NS, "item")).count();
    match said.stanza_type() {
        Some("get") if count > 0 => out.push(ROSTER_GET_ITEMS.found("items in a request for the roster")),
        Some("set") => {
            if count != 1 {
                out.push(ROSTER_ITEMS.found(format!("{count} items")));
            }
            if said.side == Side::Answerer {
                push(ground, said, out);
            }
            items(query, true, said.side, out);
        }
        Some("result") if said.side == Side::Answerer => items(query, false, said.side, out),
        _ => {}
    }
}

fn push(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    if let (Some(own), Some(from)) = (ground.jid.as_deref(), said.entry.from.as_deref())
        && !address::is_same(from, address::bare(own))
    {
        out.push(ROSTER_PUSH_FROM_OTHER.found(format!("a roster push from {}", quoted(from))));
    }
}

fn items(query: Node<'_>, may_remove: bool, side: Side, out: &mut Vec<Finding>) {
    for item in query.children().filter(|child| child.is(NS, "item")) {
        if item.attribute("jid").is_none_or(|jid| jid.is_empty()) {
            out.push(ROSTER_ITEM_WITHOUT_JID.found("an item without a jid"));
        }
        let subscription = item.attribute("subscription");
        match subscription.as_deref() {
            None | Some("none" | "to" | "from" | "both") => {}
            Some("remove") if may_remove => {}
            Some(other) => {
                out.push(ROSTER_SUBSCRIPTION.found(format!("the subscription is {}", quoted(other))));
            }
        }
        for name in ["ask", "approved"] {
            if side == Side::Dialler && item.attribute(name).is_some() {
                out.push(ROSTER_SET_STATE.found(format!("a client's item has {name}")));
            }
        }
    }
}
