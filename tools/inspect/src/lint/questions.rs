//! Requests and their answers (RFC 6120 §8.1.3, §8.2.3, §8.3.1): each is answered once, by who was asked, and nothing else is.
//!
//! Requests that are open when a session is left to be resumed, or when the source ends early, may be answered where nobody looks. A request
//! counts as unanswered only where the other side went on speaking, or answered the same party's later ones.

use std::borrow::Cow;
use std::collections::VecDeque;

use hashbrown::HashMap;

use super::address;
use super::ground::Ground;
use super::rules::*;
use super::said::{Said, What, quoted};
use crate::entry::{Finding, Kind};
use crate::model::{At, Side};
use crate::understanding::Nature;

/// Requests of one side that may be open; with more, nothing is certain for the rest of the connection.
const OPEN_MAX: usize = 4096;

/// Ids of answered requests that are remembered.
const ANSWERED_MAX: usize = 256;

/// Open requests that are looked through when an answer comes, to see which were passed over.
const PASSED_OVER_MAX: usize = 64;

/// Unanswered requests of a connection that are told one by one.
const TOLD_MAX: usize = 16;

/// How long after a request the other side must have been speaking, so that no answer is none: nanoseconds.
const WAIT: u64 = 10_000_000_000;

/// The same where somebody behind the server was asked.
const WAIT_FOR_OTHERS: u64 = 60_000_000_000;

/// A request without an answer.
#[derive(Debug)]
struct Open {
    number: u64,
    at: At,
    /// Whom it is to, or who it is from where a server passed it on; empty for the server or the own account.
    counterpart: Box<str>,
    /// Whether a later one of the same counterpart was answered.
    is_passed_over: bool,
    /// RFC 6121 §2.1.6: many clients do not answer.
    is_push: bool,
}

/// What one side asked.
#[derive(Debug, Default)]
struct Asked {
    open: HashMap<Box<str>, Vec<Open>>,
    len: usize,
    /// Ids of those that were answered, the oldest first.
    answered: VecDeque<Box<str>>,
    /// Answers that came before their request was heard, which may only be late, and when.
    early: VecDeque<(Box<str>, At)>,
    /// Whether there may be requests that are not known.
    is_incomplete: bool,
}

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Questions {
    asked: [Asked; 2],
    /// Ids of errors that each side sent in messages and presences, the oldest first.
    errors: [VecDeque<Box<str>>; 2],
}

impl Questions {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if matches!(said.what, What::Missing | What::Odd(_) | What::Flawed(_)) && !ground.knows(said.side) {
            // Its answers may be among what is not known.
            let other = &mut self.asked[said.side.other().index()];
            other.open.clear();
            other.len = 0;
        }
        if said.stanza().is_none() {
            return;
        }
        let Some(id) = said.entry.id.as_deref() else { return };
        match (said.entry.kind, said.stanza_type()) {
            (Kind::Iq, Some("get" | "set")) => self.ask(ground, said, id, out),
            (Kind::Iq, Some("result" | "error")) => self.answer(ground, said, id, out),
            (_, Some("error")) => self.error(said, id, out),
            _ => {}
        }
    }

    fn ask(&mut self, ground: &Ground, said: &Said<'_>, id: &str, out: &mut Vec<Finding>) {
        let asked = &mut self.asked[said.side.index()];
        let counterpart = counterpart(ground, said, said.side);
        let same =
            asked.open.get(id).and_then(|open| open.iter().find(|open| *open.counterpart == *counterpart));
        if let Some(same) = same {
            out.push(IQ_ID_REUSED.found(format!(
                "{} is that of #{}, which is open",
                quoted(id),
                same.number
            )));
        }
        if let Some(place) = asked.early.iter().position(|(early, at)| **early == *id && *at >= said.at()) {
            asked.early.remove(place);
            return;
        }
        if asked.len >= OPEN_MAX {
            asked.is_incomplete = true;
            return;
        }
        asked.len += 1;
        let is_push = said.side == Side::Answerer
            && said.element().is_some_and(|iq| iq.child("jabber:iq:roster", "query").is_some());
        let open = Open {
            number: said.entry.number,
            at: said.at(),
            counterpart: counterpart.as_ref().into(),
            is_passed_over: false,
            is_push,
        };
        match asked.open.get_mut(id) {
            Some(others) => others.push(open),
            None => {
                asked.open.insert(id.into(), vec![open]);
            }
        }
    }

    fn answer(&mut self, ground: &Ground, said: &Said<'_>, id: &str, out: &mut Vec<Finding>) {
        let answers_of_other = |questions: &Self| questions.asked[said.side.index()].has_answered(id);
        let is_answered_back = answers_of_other(self) && said.stanza_type() == Some("error");
        let asked = &mut self.asked[said.side.other().index()];
        let by = counterpart(ground, said, said.side.other());
        if let Some(open) = asked.take(id, &by) {
            if said.side == Side::Answerer {
                answered_by(ground, said, &open, out);
            }
            return;
        }
        let is_sure = !asked.is_incomplete && ground.knows(said.side.other()) && !ground.is_resumed;
        if asked.has_answered(id) {
            out.push(IQ_ANSWERED_TWICE.found(format!("{} was answered before", quoted(id))));
        } else if is_answered_back {
            out.push(
                ERROR_ANSWERS_ERROR.found(format!("an error answers the answer with the id {}", quoted(id))),
            );
        } else if is_sure {
            if asked.early.len() >= ANSWERED_MAX {
                asked.early.pop_front();
            }
            asked.early.push_back((id.into(), said.at()));
            out.push(IQ_ANSWER_UNASKED.found(format!("nobody asked with the id {}", quoted(id))));
        }
    }

    /// An error message or presence: it must not answer one.
    fn error(&mut self, said: &Said<'_>, id: &str, out: &mut Vec<Finding>) {
        if self.errors[said.side.other().index()].iter().any(|known| **known == *id) {
            out.push(
                ERROR_ANSWERS_ERROR.found(format!("an error answers the error with the id {}", quoted(id))),
            );
        }
        remember(&mut self.errors[said.side.index()], id);
    }

    /// Nothing more comes on the connection.
    pub(super) fn end(&mut self, ground: &Ground, out: &mut Vec<Finding>) {
        if ground.is_resumable && !ground.closed[Side::Dialler.index()] {
            return;
        }
        for side in Side::BOTH {
            let answerer = side.other();
            if !ground.knows(answerer) {
                continue;
            }
            let spoke = ground.spoke[answerer.index()];
            let mut unanswered: Vec<(Open, Box<str>)> = Vec::new();
            for (id, open) in self.asked[side.index()].open.drain() {
                let is_due = |open: &Open| {
                    let wait = if open.counterpart.is_empty() { WAIT } else { WAIT_FOR_OTHERS };
                    !open.is_push && (open.is_passed_over && spoke.0 == 0 || spoke.since(open.at) >= wait)
                };
                unanswered.extend(open.into_iter().filter(is_due).map(|open| (open, id.clone())));
            }
            unanswered.sort_unstable_by_key(|(open, _)| open.number);
            for (open, id) in unanswered.iter().take(TOLD_MAX) {
                let whom = if open.counterpart.is_empty() { "" } else { &*open.counterpart };
                let found = format!("#{} with the id {} {whom}", open.number, quoted(id));
                out.push(IQ_UNANSWERED.found(found.trim_end()));
            }
            if let Some(more) = unanswered.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
                out.push(IQ_UNANSWERED.found(format!("and {more} more")));
            }
        }
    }
}

impl Asked {
    fn take(&mut self, id: &str, by: &str) -> Option<Open> {
        let waiting = self.open.get_mut(id)?;
        let place = waiting.iter().position(|open| *open.counterpart == *by).unwrap_or(0);
        let open = waiting.remove(place);
        if waiting.is_empty() {
            self.open.remove(id);
        }
        self.len -= 1;
        remember(&mut self.answered, id);
        if self.len <= PASSED_OVER_MAX {
            for older in self.open.values_mut().flatten() {
                older.is_passed_over |= older.number < open.number && older.counterpart == open.counterpart;
            }
        }
        Some(open)
    }

    fn has_answered(&self, id: &str) -> bool {
        self.answered.iter().any(|known| **known == *id)
    }
}

fn remember(ids: &mut VecDeque<Box<str>>, id: &str) {
    if ids.len() >= ANSWERED_MAX {
        ids.pop_front();
    }
    ids.push_back(id.into());
}

/// The other party of a request or answer: a client names it in `to`, a server that passes it on in `from`. On a stream of many speakers
/// (servers, components) ids are each speaker's own: the asking party belongs to it.
fn counterpart<'a>(ground: &Ground, said: &'a Said<'_>, asker: Side) -> Cow<'a, str> {
    let is_asker = said.side == asker;
    let (from, to) = (said.entry.from.as_deref().unwrap_or(""), said.entry.to.as_deref().unwrap_or(""));
    let (asking, asked) = if is_asker { (from, to) } else { (to, from) };
    match (ground.nature, asker) {
        (Nature::Server | Nature::Component, _) => Cow::Owned(format!("{asked} by {asking}")),
        (_, Side::Dialler) => Cow::Borrowed(asked),
        (_, Side::Answerer) => Cow::Borrowed(asking),
    }
}

/// Whether who was asked answers, as a client sees it.
fn answered_by(ground: &Ground, said: &Said<'_>, open: &Open, out: &mut Vec<Finding>) {
    let Some(own) = ground.jid.as_deref().filter(|_| ground.is_client()) else { return };
    let asked = &*open.counterpart;
    let server = ground.heading(Side::Dialler).and_then(|heading| heading.to.as_deref()).unwrap_or("");
    let is_ours = |jid: &str| address::is_same(jid, address::bare(own)) || address::is_same(jid, own);
    let is_right = match said.entry.from.as_deref() {
        Some(from) if asked.is_empty() => is_ours(from) || address::is_same(from, server),
        Some(from) => address::is_same(from, asked) || is_ours(from) && is_ours(asked),
        // Servers answer so for themselves too.
        None => asked.is_empty() || is_ours(asked) || address::is_same(asked, server),
    };
    if !is_right {
        let from = said.entry.from.as_deref().map_or("nobody by name".to_owned(), quoted);
        let asked = if asked.is_empty() { "the own server".to_owned() } else { quoted(asked) };
        out.push(IQ_ANSWER_FROM_OTHER.found(format!("{from} answers what {asked} was asked")));
    }
}
