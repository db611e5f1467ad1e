//! Stanzas (RFC 6120 §8): messages, presence, iqs.

use std::borrow::Cow;

use super::classify::{NS_BIND, NS_DIRECTORY, NS_MARKERS, NS_RECEIPTS};
use super::names::Names;
use super::root::Root;
use super::talk::Talk;
use super::{Learnt, Line, Understanding, detail, directory, title};
use crate::entry::{Answer, Entry, Kind, Payload};
use crate::exact::Exact;
use crate::framing::{Outline, Tag, unescape};
use crate::model::{At, Side};

/// A stanza that is being understood.
#[derive(Clone, Copy)]
pub(super) struct Stanza<'s, 'a> {
    pub(super) at: At,
    pub(super) side: Side,
    pub(super) root: &'s Root<'a>,
    pub(super) outline: Outline<'a>,
    /// Its children, as far as they are remembered.
    pub(super) payloads: &'s [Payload<'a>],
}

impl<'s, 'a> Stanza<'s, 'a> {
    /// What it carries: the first child that is neither a body nor mere decoration; else the first decoration.
    fn payload(&self) -> Option<&'s Payload<'a>> {
        let named = || self.payloads.iter().filter(|payload| !payload.namespace.is_empty());
        named().find(|payload| !is_decoration(payload)).or_else(|| named().next())
    }

    fn is_error(&self) -> bool {
        self.root.stanza_type() == "error"
    }
}

fn is_decoration(payload: &Payload<'_>) -> bool {
    match &*payload.namespace {
        "urn:xmpp:sid:0"
        | "urn:xmpp:hints"
        | "urn:xmpp:delay"
        | "urn:xmpp:occupant-id:0"
        | "jabber:x:delay" => true,
        NS_RECEIPTS => payload.name == "request",
        _ => false,
    }
}

impl Understanding {
    pub(super) fn stanza(&mut self, line: &mut Line, kind: Kind, stanza: Stanza<'_, '_>) -> Learnt {
        line.talk.stanza(stanza.side, stanza.root.to.as_deref());
        match kind {
            Kind::Iq => self.iq(line, stanza),
            Kind::Message => self.message(stanza),
            _ => {
                title::presence(stanza.root.stanza_type(), &mut self.title);
                if stanza.is_error() {
                    detail::error(&stanza.outline, &mut self.detail);
                } else if self.wants_detail() {
                    detail::presence(&stanza.outline, &mut self.detail);
                }
                Learnt::default()
            }
        }
    }

    fn message(&mut self, stanza: Stanza<'_, '_>) -> Learnt {
        let Stanza { at, root, outline, payloads, .. } = stanza;
        let is_body = |payload: &&Payload<'_>| payload.name == "body" && payload.namespace.is_empty();
        let body = payloads.iter().find(is_body).and_then(|_| outline.raw_text_of("body"));
        title::message(root.stanza_type(), body.is_some(), stanza.payload(), &mut self.title);
        if stanza.is_error() {
            detail::error(&outline, &mut self.detail);
            return Learnt::default();
        }
        if let Some(body) = body.filter(|_| self.wants_detail()) {
            detail::excerpt(body, &mut self.detail);
        }
        let mut learnt = Learnt { answers: self.receipt(stanza), ..Learnt::default() };
        let has = |name: &str| payloads.iter().any(|payload| payload.name == name);
        let origin = if has("origin-id") { outline.child("origin-id") } else { None };
        let origin = origin.and_then(|origin| origin.attribute("id"));
        if let Some(id) = origin.or(root.id.clone()) {
            // Escapes may change on the way, the beginning of the text does not.
            let says = body.map_or("", |body| body.split('&').next().unwrap_or(body));
            let number = self.number;
            learnt.seen = self.sightings.see(&id, says.as_bytes(), number, at);
            if learnt.seen.is_none() && (has("request") || has("markable")) {
                self.sightings.see_id(&id, number, at);
            }
        }
        learnt
    }

    /// A receipt or marker, and the message that it is for (XEP-0184, XEP-0333).
    fn receipt(&mut self, stanza: Stanza<'_, '_>) -> Option<Answer> {
        let is_receipt = |payload: &&Payload<'_>| {
            matches!(&*payload.namespace, NS_RECEIPTS | NS_MARKERS)
                && !matches!(&*payload.name, "request" | "markable")
        };
        let payload = stanza.payloads.iter().find(is_receipt)?;
        let id = stanza.outline.child(&payload.name)?.attribute("id")?;
        if self.wants_detail() {
            self.detail.push_str("of ");
            self.detail.push_str(&id);
        }
        let (to, sent) = self.sightings.by_id(&id)?;
        Some(Answer { to, latency: stanza.at.after(sent) })
    }

    fn iq(&mut self, line: &mut Line, stanza: Stanza<'_, '_>) -> Learnt {
        let Stanza { at, side, root, outline, .. } = stanza;
        let stanza_type = root.stanza_type();
        let payload = stanza.payload();
        let mut known = payload.and_then(|payload| payload.title);
        let mut learnt = Learnt::default();
        let is_request = matches!(stanza_type, "get" | "set");
        let party = line.talk.party(side, is_request, root);
        match (stanza_type, root.id.as_deref()) {
            ("get" | "set", Some(id)) => {
                line.talk.requests[side.index()].ask(id, party, self.number, at, known);
            }
            ("result" | "error", Some(id)) => {
                let open = line.talk.requests[side.other().index()].answer(id, party);
                learnt.answers = open.as_ref().map(|open| open.answered(at));
                // An error's payload is what was asked, where it is sent back; a result may have none.
                known = open.and_then(|open| open.title).or(known);
            }
            _ => {}
        }
        title::iq(known, payload, stanza_type, &mut self.title);
        let namespace = payload.map_or("", |payload| &*payload.namespace);
        if namespace == NS_BIND
            && stanza_type == "result"
            && side == Side::Answerer
            && let Some(jid) = outline.raw_text_within("jid")
        {
            line.talk.bound(&unescape(jid));
        }
        if stanza.is_error() {
            detail::error(&outline, &mut self.detail);
            return learnt;
        }
        if !self.wants_detail() {
            return learnt;
        }
        match namespace {
            NS_DIRECTORY => learnt.exact = Some(self.directory(line, side, outline)),
            NS_BIND => {
                let said = outline.raw_text_within("jid").or_else(|| outline.raw_text_within("resource"));
                detail::excerpt(said.unwrap_or(""), &mut self.detail);
            }
            "" => {}
            _ => detail::items(&outline, &mut self.detail),
        }
        learnt
    }

    fn directory(&mut self, line: &mut Line, side: Side, outline: Outline<'_>) -> Exact {
        let exact = line.exact[side.index()].element(outline.text());
        if let Some(element) = exact.element() {
            if let Some(node) = element.child(NS_DIRECTORY, "check-in") {
                directory::check_in(node, &mut self.detail);
            } else if let Some(node) = element.child(NS_DIRECTORY, "online")
                && element.attribute("type").as_deref() == Some("result")
            {
                line.talk.view.answer(node, &mut self.detail);
            }
        }
        exact
    }
}

/// All children that are remembered.
pub(super) fn payloads<'a>(
    talk: &Talk,
    names: &Names,
    side: Side,
    root: &Root<'a>,
    outline: Outline<'a>,
) -> Vec<Payload<'a>> {
    let one = |child: Tag<'a>| {
        let (prefix, name) = child.split_name();
        let namespace = child.declared(prefix).or_else(|| root.declared(prefix));
        let namespace = match namespace {
            Some(namespace) if talk.is_content(side, &namespace) => Cow::Borrowed(""),
            Some(namespace) => namespace,
            None if prefix.is_empty() => Cow::Borrowed(""),
            // Rare enough to be copied.
            None => Cow::Owned(talk.prefixed(side, prefix).to_owned()),
        };
        let title = if namespace.is_empty() { None } else { names.title(&namespace, name) };
        Payload { namespace, name: Cow::Borrowed(name), title }
    };
    outline.children().map(one).collect()
}

/// The attributes that all stanzas have.
pub(super) fn addresses<'a>(entry: &mut Entry<'a>, root: &Root<'a>) {
    entry.name = Cow::Borrowed(root.tag.name());
    entry.stanza_type = root.stanza_type.clone();
    entry.id = root.id.clone();
    entry.from = root.from.clone();
    entry.to = root.to.clone();
}
