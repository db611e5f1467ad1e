//! Binding (RFC 6120 §7), and what may be sent before negotiation is over (§4.3.5, §7.1).

use chatdev_xml::Element;

use super::address;
use super::ground::Ground;
use super::rules::*;
use super::said::{NS_BIND, Said, What, quoted};
use crate::entry::{Finding, Kind};
use crate::model::Side;
use crate::understanding::Nature;

pub(super) fn look(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    if let What::Header(_) = said.what
        && said.side == Side::Dialler
        && ground.is_bound
        && ground.is_client()
        && !ground.closed[0]
    {
        out.push(RESTART_AFTER_BIND.found("a new header after binding"));
    }
    let Some(stanza) = said.stanza() else { return };
    match said.side {
        Side::Dialler => too_early(ground, said, out),
        Side::Answerer if said.entry.kind == Kind::Iq && said.stanza_type() == Some("result") => {
            bound(ground, stanza, out);
        }
        Side::Answerer => {}
    }
}

fn too_early(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    if !ground.knows_all() {
        return;
    }
    let to = said.entry.to.as_deref();
    let is_early = match ground.nature {
        // RFC 6120 §7.1: the server and the own account may be spoken to at any time.
        Nature::Client => !ground.is_bound && (said.entry.kind != Kind::Iq || !is_to_server(ground, to)),
        Nature::Server | Nature::Component => !ground.is_authenticated,
        Nature::Unknown | Nature::Peer => false,
    };
    if is_early {
        let whom = to.map_or("everybody".to_owned(), quoted);
        let before = if ground.is_client() { "binding" } else { "authentication" };
        out.push(STANZA_TOO_EARLY.found(format!("a {} to {whom} before {before}", said.entry.kind)));
    }
}

fn is_to_server(ground: &Ground, to: Option<&str>) -> bool {
    let Some(to) = to else { return true };
    let Some(heading) = ground.heading(Side::Dialler) else { return true };
    let is_own = |own: &Option<Box<str>>| own.as_deref().is_some_and(|own| address::is_same(own, to));
    is_own(&heading.to) || is_own(&heading.from) || !heading.knows_account() && to.contains('@')
}

fn bound(ground: &Ground, iq: &Element, out: &mut Vec<Finding>) {
    let Some(bind) = iq.child(NS_BIND, "bind").filter(|_| ground.is_client()) else { return };
    match bind.child(NS_BIND, "jid").map(|jid| jid.text().trim().to_owned()) {
        None => out.push(BIND_RESULT.found("the answer to <bind/> has no <jid/>")),
        Some(jid) if !jid.contains('/') => out.push(BIND_RESULT.found(format!("<jid/> is {}", quoted(&jid)))),
        Some(_) => {}
    }
}
