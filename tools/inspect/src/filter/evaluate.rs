//! Asking an entry. Nothing is allocated here, but where a regular expression meets octets that are no UTF-8.

use super::expression::{Comparison, Condition, Expression, Moment, TextTest};
use super::field::{Field, Flag, QuantityField, TextField, WordField};
use super::value::Word;
use crate::entry::{Entry, Kind};
use crate::markup::{self, Style};
use crate::model::At;

pub(super) fn expression(asked: &Expression, entry: &Entry<'_>, start: At) -> bool {
    match asked {
        Expression::All(parts) => parts.iter().all(|part| expression(part, entry, start)),
        Expression::Any(parts) => parts.iter().any(|part| expression(part, entry, start)),
        Expression::Not(inner) => !expression(inner, entry, start),
        Expression::Condition(asked) => condition(asked, entry, start),
    }
}

fn condition(asked: &Condition, entry: &Entry<'_>, start: At) -> bool {
    match asked {
        Condition::Flag(flag) => has_flag(*flag, entry),
        Condition::Has(field) => has(*field, entry),
        Condition::Text { field, negated, test } => {
            let found = match test {
                TextTest::Equals(text) => texts(*field, entry, &mut |value| value == text.as_bytes()),
                TextTest::Contains(needle) => texts(*field, entry, &mut |value| needle.is_in(value)),
                TextTest::Matches(pattern) => texts(*field, entry, &mut |value| pattern.is_in(value)),
            };
            found == Some(!negated)
        }
        Condition::Quantity { field, comparison, value } => {
            quantity(*field, entry).is_some_and(|found| comparison.holds(found, *value))
        }
        Condition::Word { comparison, word } => has_word(*comparison, *word, entry),
        Condition::Time { .. } if entry.at == At(0) => false,
        Condition::Time { comparison, moment: Moment::After(after) } => {
            comparison.holds(entry.at.since(start), *after)
        }
        Condition::Time { comparison, moment: Moment::Clock(clock) } => comparison.holds(entry.at, *clock),
    }
}

fn has_flag(flag: Flag, entry: &Entry<'_>) -> bool {
    let is_named = |name| local_name(&entry.name) == name;
    match flag {
        Flag::Stanza => entry.kind.is_stanza(),
        Flag::Request => {
            entry.kind == Kind::Iq && matches!(entry.stanza_type.as_deref(), Some("get" | "set"))
        }
        Flag::Error => match entry.kind {
            Kind::Message | Kind::Presence | Kind::Iq => entry.stanza_type.as_deref() == Some("error"),
            Kind::Stream => is_named("error"),
            Kind::Tls | Kind::Sasl => is_named("failure"),
            Kind::Sm => is_named("failed"),
            _ => false,
        },
    }
}

fn has(field: Field, entry: &Entry<'_>) -> bool {
    match field {
        Field::Text(field) => texts(field, entry, &mut |_| true).is_some(),
        Field::Quantity(field) => quantity(field, entry).is_some(),
        Field::Time => entry.at != At(0),
        Field::Word(WordField::Side) => entry.side.is_some(),
        Field::Word(WordField::Lint) => !entry.findings.is_empty(),
        Field::Word(WordField::Kind | WordField::Layer | WordField::Phase) => true,
    }
}

fn quantity(field: QuantityField, entry: &Entry<'_>) -> Option<u64> {
    match field {
        QuantityField::Number => Some(entry.number),
        QuantityField::Connection => entry.connection.map(|id| u64::from(id.0)),
        QuantityField::Answers => entry.answers.map(|answer| answer.to),
        QuantityField::Seen => entry.seen.map(|seen| seen.first),
        QuantityField::Octets => Some(entry.octets),
        QuantityField::Latency => entry.answers.and_then(|answer| answer.latency),
        QuantityField::SeenAfter => entry.seen.and_then(|seen| seen.after),
    }
}

fn has_word(comparison: Comparison, word: Word, entry: &Entry<'_>) -> bool {
    match word {
        Word::Kind(kind) => comparison.holds(entry.kind, kind),
        Word::Side(side) => entry.side.is_some_and(|found| comparison.holds(found, side)),
        Word::Layer(layer) => comparison.holds(entry.layer, layer),
        Word::Phase(phase) => comparison.holds(entry.phase, phase),
        Word::Lint(severity) => {
            let gravest = entry.findings.iter().map(|finding| finding.severity).max();
            gravest.is_some_and(|found| comparison.holds(found, severity))
        }
    }
}

/// Whether one of the field's values passes; `None` if it has none.
fn texts(field: TextField, entry: &Entry<'_>, test: &mut dyn FnMut(&[u8]) -> bool) -> Option<bool> {
    let mut asked = Asked { test, found: None };
    match field {
        TextField::Type => asked.attribute(entry.stanza_type.as_deref()),
        TextField::Id => asked.attribute(entry.id.as_deref()),
        TextField::From => asked.attribute(entry.from.as_deref()),
        TextField::To => asked.attribute(entry.to.as_deref()),
        TextField::Jid => {
            asked.attribute(entry.from.as_deref().map(bare));
            asked.attribute(entry.to.as_deref().map(bare));
            asked.attribute(entry.from.as_deref());
            asked.attribute(entry.to.as_deref());
            for end in &entry.ends {
                asked.words(end);
                asked.words(bare(end));
            }
        }
        TextField::Speaker if entry.side.is_none() => {}
        TextField::Hearer if entry.side.is_none() => {}
        TextField::Speaker => asked.words(entry.speaker()),
        TextField::Hearer => asked.words(entry.hearer()),
        TextField::Name => {
            asked.words(&entry.name);
            asked.words(local_name(&entry.name));
        }
        TextField::Namespace => {
            for payload in &entry.payloads {
                asked.words(&payload.namespace);
            }
            asked.declared(&entry.raw);
        }
        TextField::Payload => {
            for payload in &entry.payloads {
                asked.words(&payload.name);
                asked.words(payload.title.unwrap_or_default());
            }
        }
        TextField::Title => asked.words(&entry.title),
        TextField::Detail => asked.words(&entry.detail),
        TextField::Text => {
            asked.value(&entry.raw);
            asked.words(&entry.detail);
        }
        TextField::Rule => {
            for finding in &entry.findings {
                asked.words(finding.rule);
            }
        }
    }
    asked.found
}

/// Values pass through here one by one.
struct Asked<'t> {
    test: &'t mut dyn FnMut(&[u8]) -> bool,
    /// Whether one has passed; `None` before the first.
    found: Option<bool>,
}

impl Asked<'_> {
    /// A value that is none if it is empty.
    fn value(&mut self, value: &[u8]) {
        if !value.is_empty() && self.found != Some(true) {
            self.found = Some((self.test)(value));
        }
    }

    fn words(&mut self, words: &str) {
        self.value(words.as_bytes());
    }

    /// A value that may be there and be empty.
    fn attribute(&mut self, value: Option<&str>) {
        if let Some(value) = value
            && self.found != Some(true)
        {
            self.found = Some((self.test)(value.as_bytes()));
        }
    }

    /// The namespaces that are declared in an element, as they are written.
    fn declared(&mut self, raw: &[u8]) {
        if self.found == Some(true) {
            return;
        }
        // What is no UTF-8 is no XML either; what stands before it counts.
        let text = raw.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        for piece in markup::pieces(text) {
            if piece.style == Style::Namespace {
                self.words(piece.text);
            }
        }
    }
}

fn bare(jid: &str) -> &str {
    jid.split('/').next().unwrap_or(jid)
}

fn local_name(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Answer, Finding, Severity, Sighting};
    use crate::filter::Filter;
    use crate::sample::{NOON, blank, disco, hello, said};

    /// Of these filters, those that are true of `entry`.
    fn true_of<'f>(entry: &Entry<'_>, filters: &[&'f str]) -> Vec<&'f str> {
        let parsed = |filter: &&str| Filter::parse(filter).unwrap_or_else(|error| panic!("{error}"));
        filters.iter().copied().filter(|filter| parsed(filter).matches(entry, NOON)).collect()
    }

    #[track_caller]
    fn check(entry: &Entry<'_>, yes: &[&str], no: &[&str]) {
        assert_eq!(true_of(entry, yes), yes);
        assert_eq!(true_of(entry, no), [""; 0]);
    }

    #[test]
    fn a_message_is_found_by_each_of_its_parts() {
        check(
            &hello(3),
            &[
                "message",
                "stanza",
                "kind=message",
                "kind!=iq",
                "type=chat",
                "id=m1",
                "to=bob@localhost",
                "to~BOB",
                "jid=bob@localhost",
                "jid=alice@localhost",
                "jid=alice@localhost/phone",
                "speaker~alice",
                "hearer=localhost",
                "name=message",
                "payload=body",
                "title~message",
                "detail~\"hello, bob & all\"",
                "\"Bob &amp; all\"",
                "\"bob & all\"",
                "/<body>H.*<\\/body>/",
                "connection=3",
                "side=dialler",
                "layer=tls",
                "phase>=established",
                "number=3",
                "octets>10",
                "time=1s",
                "time>=1 s",
                "time",
                "time>=2026-03-01T12:00:01Z",
                "to!=alice",
                "to!~carol",
                "not from",
            ],
            &[
                "iq",
                "request",
                "error",
                "connection=4",
                "kind!=message",
                "to=bob",
                "to=BOB@localhost",
                "ns",
                "lint",
                "rule",
                "latency",
                "answers",
                "seen",
                "from",
                "time<1s",
                "phase<established",
                "layer=clear",
                "time<2026-03-01T12:00:01Z",
                "octets>1KiB",
                "/<BODY>/",
            ],
        );
    }

    #[test]
    fn what_is_missing_answers_no_comparison_and_not_turns_that_around() {
        check(
            &blank(1, Kind::Remark),
            &["not from=bob", "not latency>1ms", "not connection=1", "not text", "not side=dialler"],
            &[
                "from=bob",
                "from!=bob",
                "from~bob",
                "from!~bob",
                "latency>1ms",
                "latency<=1ms",
                "connection!=1",
                "side!=dialler",
                "lint!=note",
                "text!~a",
                "jid!=bob",
                "speaker!=bob",
                "ns!=a",
                "rule!=a",
                "detail~\"\"",
            ],
        );
        let no_clock = Entry { at: At(0), ..blank(1, Kind::Remark) };
        check(&no_clock, &["not time"], &["time", "time>=0", "time<1s", "time<2100-01-01T00:00:00Z"]);
    }

    #[test]
    fn an_attribute_may_be_there_and_be_empty() {
        check(&Entry { id: Some("".into()), ..hello(1) }, &["id", "id=''", "id!=a", "id~''"], &["id=a"]);
    }

    #[test]
    fn of_several_values_one_is_enough_and_none_is_none() {
        let archive = said(1, Kind::Sasl, "<a:auth xmlns:a='urn:a'><b xmlns=\"urn:b\"/></a:auth>");
        check(
            &archive,
            &["ns=urn:a", "ns=urn:b", "ns!=urn:c", "name=auth", "name=a:auth"],
            &["ns!=urn:a", "ns!=urn:b", "ns=urn:c", "name!=auth", "ns=a"],
        );
        check(
            &disco(1),
            &[
                "ns=http://jabber.org/protocol/disco#info",
                "request",
                "payload=query",
                "payload~\"DISCOVERY\"",
            ],
            &["ns!~disco", "error"],
        );
    }

    #[test]
    fn answers_sightings_and_findings_are_asked_by_their_numbers_and_names() {
        let finding = |rule, severity| Finding { rule, severity, section: "", found: String::new() };
        let answer = Entry {
            answers: Some(Answer { to: 2, latency: Some(60_000_000) }),
            seen: Some(Sighting { first: 1, after: Some(2_000_000_000), times: 1 }),
            findings: vec![finding("a-rule", Severity::Note), finding("iq-without-id", Severity::Warning)],
            ..disco(4)
        };
        check(
            &answer,
            &[
                "latency>50ms",
                "latency=60ms",
                "answers=2",
                "answers",
                "seen=1",
                "seen-after>=2s",
                "lint",
                "lint=warning",
                "lint>=warning",
                "lint>note",
                "rule=iq-without-id",
                "rule=a-rule",
                "rule!=another",
            ],
            &["latency>60ms", "answers!=2", "seen!=1", "lint=note", "lint=error", "rule!=a-rule"],
        );
        let clockless = Entry { answers: Some(Answer { to: 2, latency: None }), ..disco(4) };
        check(&clockless, &["answers=2"], &["latency", "latency>=0"]);
    }

    #[test]
    fn each_sort_of_error_is_one() {
        let failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";
        for error in [
            Entry { stanza_type: Some("error".into()), ..disco(1) },
            said(1, Kind::Stream, "<stream:error><conflict/></stream:error>"),
            said(1, Kind::Sasl, failure),
            said(1, Kind::Tls, "<failure/>"),
            said(1, Kind::Sm, "<failed/>"),
        ] {
            check(&error, &["error"], &["request"]);
        }
        check(
            &said(1, Kind::Stream, "<stream:features/>"),
            &["stream", "name=features"],
            &["error", "stanza"],
        );
    }

    #[test]
    fn octets_that_are_no_text_are_asked_all_the_same() {
        let broken =
            Entry { raw: b"<a xmlns='urn:a'>\xff hello \xfe".as_slice().into(), ..blank(1, Kind::Broken) };
        check(&broken, &["broken", "\"hello\"", "ns=urn:a", "/. hello .$/"], &["\"\u{fffd}\""]);
    }
}
