//! Stream management (XEP-0198): when it is enabled, and that its counters tell the truth.
//!
//! Each side counts what it sends from its own `<enable/>` or `<enabled/>` on (§4); after a resumption it goes on from what the other side
//! says that it got, since the rest is sent again (§5).

use chatdev_xml::{Element, Node};

use super::ground::Ground;
use super::rules::*;
use super::said::{self, NS_BIND2, NS_SASL2, Said, What, quoted};
use crate::entry::{Finding, Kind};
use crate::model::{At, Side};
use crate::understanding::Nature;

const NS: &str = chatdev_stanza::sm::NS;

/// How long after `<r/>` the other side must have been speaking, so that no `<a/>` is none: nanoseconds.
const WAIT: u64 = 10_000_000_000;

/// What is known of the stanzas of one side.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    /// Whether they are counted.
    is_counting: bool,
    /// How many were sent, modulo 2^32; `None` where that is not known.
    sent: Option<u32>,
    /// The last `h` of the other side.
    acknowledged: Option<u32>,
    /// When the side first asked for an acknowledgement that has not come.
    asked: Option<At>,
}

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Sm {
    counters: [Counter; 2],
    /// Whether `<enable/>` was sent, ever.
    was_enabled: bool,
    /// Whether `<enable/>` or `<resume/>` waits for its answer.
    is_asked: bool,
    /// What the client says in `<resume/>` that it got.
    resumes_at: Option<u32>,
}

impl Sm {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        let place = said.side.index();
        if !ground.knows(said.side) {
            self.counters[place].sent = None;
        }
        if matches!(said.what, What::Missing | What::Odd(_) | What::Flawed(_)) {
            // An <a/> may be among it.
            self.counters[said.side.other().index()].asked = None;
        }
        let Some(element) = said.element() else { return };
        match said.entry.kind {
            Kind::Sm => self.element(ground, said, element, out),
            kind if kind.is_stanza() && self.counters[place].is_counting => {
                let sent = &mut self.counters[place].sent;
                *sent = sent.map(|sent| sent.wrapping_add(1));
            }
            Kind::Sasl => self.inline(element),
            _ => {}
        }
    }

    fn element(&mut self, ground: &Ground, said: &Said<'_>, element: &Element, out: &mut Vec<Finding>) {
        match (element.name(), said.side) {
            ("enable", Side::Dialler) => self.enable(ground, out),
            ("enabled", Side::Answerer) => {
                self.answered(ground, "enabled", out);
                self.counters[Side::Answerer.index()] = Counter::at(Some(0));
                let has_id = element.attribute("id").is_some_and(|id| !id.is_empty());
                if said::is_true(element.root(), "resume") && !has_id {
                    out.push(SM_ENABLED_WITHOUT_ID.found("<enabled/> with `resume` and without an id"));
                }
            }
            ("resume", Side::Dialler) => {
                early(ground, false, "resume", out);
                self.is_asked = true;
                self.resumes_at = number(element.root());
                incomplete(element, out);
            }
            ("resumed", Side::Answerer) => {
                self.answered(ground, "resumed", out);
                self.resumed(element.root());
                incomplete(element, out);
            }
            ("failed", Side::Answerer) => {
                self.was_enabled = false;
                self.answered(ground, "failed", out);
                self.counters[Side::Dialler.index()] = Counter::default();
            }
            ("r", side) => {
                if self.is_unexpected(ground, side) {
                    out.push(SM_BEFORE_ENABLE.found("<r/> before stream management is enabled"));
                }
                self.counters[side.index()].asked.get_or_insert(said.at());
            }
            ("a", side) => self.acknowledge(ground, side, element, out),
            _ => {}
        }
    }

    fn enable(&mut self, ground: &Ground, out: &mut Vec<Finding>) {
        early(ground, true, "enable", out);
        if std::mem::replace(&mut self.was_enabled, true) {
            out.push(SM_ENABLE_TWICE.found("another <enable/>"));
        }
        self.is_asked = true;
        self.counters[Side::Dialler.index()] = Counter::at(Some(0).filter(|_| ground.knows(Side::Dialler)));
    }

    fn resumed(&mut self, resumed: Node<'_>) {
        self.counters[Side::Dialler.index()] = Counter::at(number(resumed));
        self.counters[Side::Answerer.index()] = Counter::at(self.resumes_at);
    }

    fn answered(&mut self, ground: &Ground, name: &str, out: &mut Vec<Finding>) {
        if !std::mem::take(&mut self.is_asked) && ground.knows_all() {
            out.push(SM_UNASKED.found(format!("<{name}/>, which nobody asked for")));
        }
    }

    /// Whether a side may not speak of acknowledgements yet: neither asked for them nor agreed to them.
    fn is_unexpected(&self, ground: &Ground, side: Side) -> bool {
        !self.counters[side.index()].is_counting && ground.knows_all()
    }

    fn acknowledge(&mut self, ground: &Ground, side: Side, element: &Element, out: &mut Vec<Finding>) {
        if self.is_unexpected(ground, side) {
            out.push(SM_BEFORE_ENABLE.found("<a/> before stream management is enabled"));
        }
        let counter = &mut self.counters[side.other().index()];
        counter.asked = None;
        let Some(h) = number(element.root()) else {
            let found = element.attribute("h").map_or("<a/> without h".to_owned(), |h| quoted(&h));
            out.push(SM_H_MISSING.found(found));
            return;
        };
        if let Some(sent) = counter.sent.filter(|sent| is_above(h, *sent)) {
            out.push(SM_H_TOO_HIGH.found(format!("h is {h}, {sent} were sent")));
        } else if let Some(before) = counter.acknowledged.filter(|before| is_above(*before, h)) {
            out.push(SM_H_BACK.found(format!("h is {h}, it was {before}")));
        }
        counter.acknowledged = Some(h);
    }

    /// XEP-0198 §9: within SASL 2 and Bind 2.
    fn inline(&mut self, element: &Element) {
        let bind = element.children().find(|child| matches!(child.namespace(), NS_BIND2));
        match (element.namespace(), element.name()) {
            (NS_SASL2, "authenticate") => {
                self.resumes_at = element.child(NS, "resume").and_then(number);
                self.is_asked |= element.child(NS, "resume").is_some();
                if bind.is_some_and(|bind| bind.child(NS, "enable").is_some()) {
                    self.was_enabled = true;
                    self.counters[Side::Dialler.index()] = Counter::at(Some(0));
                }
            }
            (NS_SASL2, "success") => {
                if let Some(resumed) = element.child(NS, "resumed") {
                    self.resumed(resumed);
                } else if bind.is_some_and(|bind| bind.child(NS, "enabled").is_some()) {
                    self.counters[Side::Answerer.index()] = Counter::at(Some(0));
                }
                self.is_asked = false;
            }
            _ => {}
        }
    }

    /// Nothing more comes on the connection.
    pub(super) fn end(&self, ground: &Ground, out: &mut Vec<Finding>) {
        for side in Side::BOTH {
            let other = side.other();
            let spoke = ground.spoke[other.index()];
            let asked = self.counters[side.index()].asked.filter(|_| ground.knows(other));
            if asked.is_some_and(|asked| spoke.since(asked) >= WAIT) {
                out.push(SM_UNANSWERED.found("<r/> without <a/>, though the other side went on speaking"));
            }
        }
    }
}

impl Counter {
    fn at(sent: Option<u32>) -> Self {
        Self { is_counting: true, sent, acknowledged: sent, asked: None }
    }
}

fn early(ground: &Ground, needs_binding: bool, name: &str, out: &mut Vec<Finding>) {
    let is_early = match ground.nature {
        Nature::Client => !ground.is_authenticated || needs_binding && !ground.is_bound,
        Nature::Server => !ground.is_authenticated,
        _ => false,
    };
    if is_early && ground.knows_all() {
        let before = if ground.is_authenticated { "binding" } else { "authentication" };
        out.push(SM_ENABLE_EARLY.found(format!("<{name}/> before {before}")));
    }
}

fn incomplete(element: &Element, out: &mut Vec<Finding>) {
    let has_id = element.attribute("previd").is_some_and(|id| !id.is_empty());
    let missing = match (has_id, number(element.root())) {
        (false, _) => "previd",
        (_, None) => "a number h",
        _ => return,
    };
    out.push(SM_RESUME_INCOMPLETE.found(format!("<{}/> without {missing}", element.name())));
}

fn number(node: Node<'_>) -> Option<u32> {
    node.attribute("h")?.parse().ok()
}

/// Whether a counter is ahead of another, modulo 2^32.
fn is_above(one: u32, other: u32) -> bool {
    (1..=u32::MAX / 2).contains(&one.wrapping_sub(other))
}
