//! [`Redactor`]: what is nobody's business is put out of sight, so that what is shown may be shown to others.
//!
//! | reach | what goes | what stays |
//! |---|---|---|
//! | [`Reach::Secrets`] (always, unless asked otherwise) | what SASL elements hold; passwords, digests, tokens, keys (`secrets`); resumption ids have a stand-in | everything else |
//! | [`Reach::Everything`] | names, addresses, ids and values, each replaced by the same stand-in everywhere; text by its length | what the protocol itself says (`harmless`, `words`): elements, namespaces, types, conditions, counters, times, sizes |
//!
//! Of secrets, what looks like one is hidden; of names, everything but what is known to be harmless, not the other way round. What is
//! broken or torn is hidden where it might be a part of one. What it does *not* do: hide how much is said, when, and between how many.

mod harmless;
mod names;
mod path;
mod rewrite;
mod secrets;
mod stand_ins;
mod suspicion;
#[cfg(test)]
mod tests;
mod tokens;
mod told;
mod words;

use std::borrow::Cow;

use crate::entry::{Entry, Finding, Kind, Phase};
use rewrite::About;
pub(crate) use rewrite::HIDDEN;
use stand_ins::StandIns;
use suspicion::is_suspicious;

/// How much is put out of sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing.
    Nothing,
    /// What would let others in.
    Secrets,
    /// All names and text.
    Everything,
}

/// See the file's documentation.
#[derive(Debug)]
pub struct Redactor {
    reach: Reach,
    stand_ins: StandIns,
}

impl Redactor {
    /// Hides so much.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        Self { reach, stand_ins: StandIns::default() }
    }

    /// The entry as it may be shown.
    pub fn redacted<'e, 'a>(&mut self, entry: &'e Entry<'a>) -> Cow<'e, Entry<'a>> {
        match self.reach {
            Reach::Nothing => Cow::Borrowed(entry),
            Reach::Secrets if !may_hold_secrets(entry) => Cow::Borrowed(entry),
            Reach::Secrets => Cow::Owned(self.secretless(entry)),
            Reach::Everything => Cow::Owned(self.anonymous(entry)),
        }
    }

    /// What was found, as it may be shown.
    pub fn finding(&mut self, mut finding: Finding) -> Finding {
        match self.reach {
            Reach::Nothing => {}
            Reach::Secrets => {
                if told::quotes_markup(&finding) {
                    finding.found = told::without_quotes(&finding.found);
                }
            }
            Reach::Everything => "not shown, as it may hold names".clone_into(&mut finding.found),
        }
        finding
    }

    fn secretless<'a>(&mut self, entry: &Entry<'a>) -> Entry<'a> {
        let raw = rewrite::rewritten(&entry.text(), about(entry, false), &mut self.stand_ins);
        let mut shown = Entry { raw: Cow::Owned(raw.into_bytes()), ..entry.clone() };
        if let Some(id) = shown.id.as_mut().filter(|_| is_enabled(entry)) {
            *id = self.stand_ins.value("session", id).into();
        }
        if let Some(detail) = secrets::without_parameters(&entry.detail, HIDDEN) {
            shown.detail = detail.into();
        }
        let fields = [&mut shown.id, &mut shown.from, &mut shown.to, &mut shown.stanza_type];
        let [dialler, answerer] = &mut shown.ends;
        let names = [dialler, answerer, &mut shown.name];
        let children = shown.payloads.iter_mut().flat_map(|child| [&mut child.namespace, &mut child.name]);
        let fields = fields.into_iter().flatten().chain(names).chain(children);
        let words =
            [&mut shown.title, &mut shown.detail].into_iter().filter(|words| is_suspicious(words.as_bytes()));
        for field in fields.chain(words).filter(|field| is_markup(field)) {
            *field = HIDDEN.into();
        }
        shown.findings = shown.findings.into_iter().map(|finding| self.finding(finding)).collect();
        shown
    }

    fn anonymous(&mut self, entry: &Entry<'_>) -> Entry<'static> {
        let raw = rewrite::rewritten(&entry.text(), about(entry, true), &mut self.stand_ins);
        let mut hidden = entry.clone().into_owned();
        told::name(&mut hidden, &raw);
        hidden.raw = Cow::Owned(raw.into_bytes());
        for end in &mut hidden.ends {
            *end = self.stand_ins.label(end).into();
        }
        for address in [&mut hidden.from, &mut hidden.to].into_iter().flatten() {
            *address = self.stand_ins.jid(address).into();
        }
        if let Some(id) = &mut hidden.id {
            *id = self.stand_ins.value(if is_enabled(entry) { "session" } else { "id" }, id).into();
        }
        if let Some(own) = hidden.stanza_type.as_mut().filter(|own| !harmless::is_value("", "type", own)) {
            *own = self.stand_ins.value("value", own).into();
        }
        for child in &mut hidden.payloads {
            let space = match &*child.namespace {
                "" => path::Space::Stream,
                namespace => path::Space::Named(namespace),
            };
            child.name = names::of_element(&child.name, space, &mut self.stand_ins).into_owned().into();
            child.namespace = names::of_namespace(&child.namespace, &mut self.stand_ins).into_owned().into();
        }
        hidden.title = told::title(entry, &hidden).into();
        hidden.detail = told::detail(entry).into();
        hidden.findings = hidden.findings.into_iter().map(|finding| self.finding(finding)).collect();
        hidden
    }
}

fn about(entry: &Entry<'_>, hides_names: bool) -> About {
    About { kind: entry.kind, is_established: entry.phase >= Phase::Established, hides_names }
}

/// Entries that hold secrets, or might: all others need not be looked into.
fn may_hold_secrets(entry: &Entry<'_>) -> bool {
    matches!(entry.kind, Kind::Sasl | Kind::Sm | Kind::Broken | Kind::Nonza)
        || is_suspicious(&entry.raw)
        || entry.ends.iter().any(|end| is_markup(end))
}

/// `<enabled/>` (XEP-0198), whose id is that of a session.
fn is_enabled(entry: &Entry<'_>) -> bool {
    path::local_name(&entry.name) == "enabled"
}

/// What is no name or address, but a piece of what is broken, with a secret in it perhaps.
fn is_markup(field: &str) -> bool {
    memchr::memchr(b'<', field.as_bytes()).is_some()
}
