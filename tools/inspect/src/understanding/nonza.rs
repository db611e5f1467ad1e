//! Elements that are no stanzas: features and stream errors, STARTTLS, SASL, stream management.

use std::fmt::Write as _;
use std::sync::Arc;

use super::acks::Acks;
use super::requests::Open;
use super::{Learnt, Line, Understanding, detail, sasl};
use crate::entry::{Answer, Kind, Phase};
use crate::framing::{Outline, Tag, unescape};
use crate::model::{At, Side};

/// The longest id of a session by which it is known again, in octets.
const RESUMPTION_ID_OCTETS_MAX: usize = 1024;

impl Understanding {
    pub(super) fn nonza(
        &mut self,
        line: &mut Line,
        at: At,
        side: Side,
        kind: Kind,
        namespace: &str,
        outline: Outline<'_>,
    ) -> Learnt {
        let name = outline.root().local_name();
        self.title.push_str(name);
        match kind {
            Kind::Stream => self.stream_element(line, at, side, name, outline),
            Kind::Tls => self.starttls(line, at, side, name),
            Kind::Sasl => self.sasl(line, at, side, name, namespace, outline),
            Kind::Sm => self.sm(line, at, side, name, outline),
            _ => {
                let own = self.names.title(namespace, name);
                if let Some(title) = own {
                    self.title.clear();
                    self.title.push_str(title);
                }
                Learnt::default()
            }
        }
    }

    fn stream_element(
        &mut self,
        line: &mut Line,
        at: At,
        side: Side,
        name: &str,
        outline: Outline<'_>,
    ) -> Learnt {
        match name {
            "features" => {
                detail::features(&outline, &mut self.detail);
                // They come with the header, and end what the client's header asked.
                Learnt { answers: self.answer(line, at, side), ..Learnt::default() }
            }
            "error" => {
                self.title.clear();
                self.title.push_str("stream error");
                detail::error(&outline, &mut self.detail);
                line.talk.close(side);
                Learnt::default()
            }
            _ => Learnt::default(),
        }
    }

    fn starttls(&mut self, line: &mut Line, at: At, side: Side, name: &str) -> Learnt {
        if name == "starttls" {
            self.ask(line, at, side);
            return Learnt::default();
        }
        if name == "failure" {
            self.title.clear();
            self.title.push_str("TLS refused");
        }
        Learnt { answers: self.answer(line, at, side), ..Learnt::default() }
    }

    fn sasl(
        &mut self,
        line: &mut Line,
        at: At,
        side: Side,
        name: &str,
        namespace: &str,
        outline: Outline<'_>,
    ) -> Learnt {
        match name {
            "auth" | "authenticate" => {
                let mechanism = outline.root().attribute("mechanism").unwrap_or_default();
                self.title.push(' ');
                detail::excerpt(&mechanism, &mut self.title);
                let user = sasl::user(&mechanism, &outline);
                line.talk.authenticating(user.as_deref());
                detail::excerpt(user.as_deref().unwrap_or(""), &mut self.detail);
                if let Some(binding) = sasl::binding(&mechanism, &outline) {
                    let _ = write!(self.detail, ", {binding}");
                }
                self.ask(line, at, side);
            }
            "response" | "abort" | "handshake" if side == Side::Dialler => self.ask(line, at, side),
            "challenge" | "success" | "failure" | "continue" | "handshake" => {
                match name {
                    "challenge" => sasl::challenge(&outline, &mut self.detail),
                    "failure" => {
                        sasl::failure(&outline, &mut self.detail);
                        line.talk.not_authenticated();
                    }
                    "success" | "handshake" if side == Side::Answerer => {
                        let identity = outline.raw_text_of("authorization-identifier").map(unescape);
                        line.talk.authenticated(identity.as_deref());
                        detail::excerpt(identity.as_deref().unwrap_or(""), &mut self.detail);
                        self.inline(line, outline);
                    }
                    _ => {}
                }
                return Learnt { answers: self.answer(line, at, side), ..Learnt::default() };
            }
            // Dialback (XEP-0220): whose key it is, and what came of it.
            "result" | "verify" if namespace == "jabber:server:dialback" => {
                let root = outline.root();
                for (name, between) in [("from", ""), ("to", " to "), ("type", " ")] {
                    self.detail.push_str(between);
                    detail::excerpt(root.raw_attribute(name).unwrap_or(""), &mut self.detail);
                }
                if root.raw_attribute("type") == Some("valid") && name == "result" {
                    line.talk.authenticated(None);
                }
            }
            _ => {}
        }
        Learnt::default()
    }

    /// What SASL 2 grants along with success (XEP-0388 §6, XEP-0386): stream management enabled, or a session resumed.
    fn inline(&mut self, line: &mut Line, outline: Outline<'_>) {
        let granted = |name: &str| outline.text().find(name).map(|at| Tag::at(&outline.text()[at..]));
        if let Some(resumed) = granted("<resumed ") {
            self.resumed(line, resumed);
        } else if let Some(enabled) = granted("<enabled ") {
            line.talk.acks.iter_mut().for_each(|acks| acks.begin(Some(0)));
            self.enabled(line, enabled);
        }
    }

    fn sm(&mut self, line: &mut Line, at: At, side: Side, name: &str, outline: Outline<'_>) -> Learnt {
        let root = outline.root();
        let h = root.attribute("h").and_then(|h| h.parse::<u32>().ok());
        let mut learnt = Learnt::default();
        match name {
            "enable" => {
                // Each side counts what it says from its own element on (XEP-0198 §4).
                line.talk.acks[side.index()].begin(Some(0));
                self.ask(line, at, side);
            }
            "enabled" if side == Side::Answerer => {
                line.talk.acks[side.index()].begin(Some(0));
                self.enabled(line, root);
                learnt.answers = self.answer(line, at, side);
            }
            "resume" => {
                if let Some(whose) = root.attribute("previd").and_then(|id| self.resumable.get(&*id)) {
                    self.detail.push_str(whose);
                }
                self.ask(line, at, side);
            }
            "resumed" if side == Side::Answerer => {
                self.resumed(line, root);
                learnt.answers = self.answer(line, at, side);
            }
            "failed" => {
                line.talk.acks[side.other().index()] = Acks::default();
                learnt.answers = self.answer(line, at, side);
            }
            "r" | "a" => {
                self.title.clear();
                self.title.push_str(if name == "r" { "ack request" } else { "ack" });
                if name == "r" {
                    line.talk.acks_asked[side.index()] = Some(self.open(at));
                } else {
                    let asked = line.talk.acks_asked[side.other().index()].take();
                    learnt.answers = asked.map(|asked| asked.answered(at));
                }
            }
            _ => {}
        }
        if let Some(h) = h {
            self.counter(line, side, h);
        }
        learnt
    }

    /// The session may be resumed by its id.
    fn enabled(&mut self, line: &Line, tag: Tag<'_>) {
        if let Some(id) = tag.attribute("id").filter(|id| id.len() <= RESUMPTION_ID_OCTETS_MAX) {
            self.remember(&id, &line.talk.labels[0]);
        }
    }

    /// A session goes on, on this connection.
    fn resumed(&mut self, line: &mut Line, tag: Tag<'_>) {
        match tag.attribute("previd").and_then(|id| self.resumable.get(&*id)) {
            Some(whose) => line.talk.bound(whose),
            None => line.talk.phase = Phase::Established,
        }
        // How much was said before is known to those who saw it; here counting begins at what was confirmed.
        let h = tag.attribute("h").and_then(|h| h.parse().ok());
        line.talk.acks[Side::Dialler.index()].begin(h);
        line.talk.acks[Side::Answerer.index()].begin(None);
    }

    /// An `h`: what one side has got of the other.
    fn counter(&mut self, line: &mut Line, side: Side, h: u32) {
        let acks = &mut line.talk.acks[side.other().index()];
        acks.acknowledge(h);
        let _ = write!(self.detail, "{}h={h}", if self.detail.is_empty() { "" } else { ", " });
        match (acks.said, acks.outstanding()) {
            (Some(said), None) => {
                let _ = write!(self.detail, ", more than the {said} sent");
            }
            (Some(_), Some(0)) => self.detail.push_str(", all"),
            (Some(said), Some(open)) => {
                let _ = write!(self.detail, " of {said}, {open} on the way");
            }
            _ => {}
        }
    }

    /// Remembers whose a session is, in case it is resumed on another connection.
    fn remember(&mut self, id: &str, whose: &Arc<str>) {
        if self.resumable.len() >= super::RESUMABLE_MAX
            && let Some(oldest) = self.resumable_order.pop_front()
        {
            self.resumable.remove(&oldest);
        }
        if self.resumable.insert(id.into(), Arc::clone(whose)).is_none() {
            self.resumable_order.push_back(id.into());
        }
    }

    pub(super) fn open(&self, at: At) -> Open {
        Open::new(self.number, at)
    }

    /// A question without an id.
    pub(super) fn ask(&self, line: &mut Line, at: At, side: Side) {
        line.talk.question[side.index()] = Some(self.open(at));
    }

    /// The answer to the other side's last question.
    pub(super) fn answer(&self, line: &mut Line, at: At, side: Side) -> Option<Answer> {
        let question = line.talk.question[side.other().index()].take()?;
        Some(question.answered(at))
    }
}
