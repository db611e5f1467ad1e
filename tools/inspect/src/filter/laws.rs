//! What holds for every filter: spelling, and the laws of `and`, `or` and `not`, against an evaluator that is slow and plain.

use proptest::prelude::*;

use super::expression::{Condition, Expression, TextTest};
use super::field::{FIELDS, Field, QuantityField, TextField};
use super::{Filter, evaluate};
use crate::entry::{Answer, Entry, Finding, Kind, Payload, Phase, Severity, Sighting};
use crate::model::{At, ConnectionId, Layer, Side};
use crate::sample::{NOON, blank};

/// Text of few letters, so that pieces of it are often found in it.
fn short_text() -> impl Strategy<Value = String> + Clone {
    "[aAbÉé&<>/@\"\\\\ ]{0,4}"
}

fn condition_text() -> impl Strategy<Value = String> {
    let text_field = prop::sample::select(
        FIELDS
            .iter()
            .filter(|row| matches!(row.field, Field::Text(_)))
            .map(|row| row.name)
            .collect::<Vec<_>>(),
    );
    let text_sign = prop::sample::select(vec!["=", "!=", "~", "!~", "==", "=~"]);
    let text = short_text().prop_map(|text| format!("'{}'", text.replace('\\', "\\\\")));
    let quantity_field = prop::sample::select(
        FIELDS.iter().filter(|row| matches!(row.field, Field::Quantity(_) | Field::Time)).collect::<Vec<_>>(),
    );
    let order = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let value = prop::sample::select(vec!["0", "1", "2", "3", "1024", "1000000000"]);
    prop_oneof![
        (text_field, text_sign, text).prop_map(|(field, sign, text)| format!("{field}{sign}{text}")),
        (quantity_field, order.clone(), value).prop_map(|(row, sign, value)| {
            let unit = match row.field {
                Field::Time => "ms",
                Field::Quantity(QuantityField::Latency | QuantityField::SeenAfter) => "ns",
                _ => "",
            };
            format!("{} {sign} {value} {unit}", row.name)
        }),
        (prop::sample::select(vec!["phase", "lint"]), order, 0_usize..3).prop_map(|(field, sign, index)| {
            let words =
                if field == "lint" { ["note", "warning", "error"] } else { ["opening", "closing", "ended"] };
            format!("{field}{sign}{}", words[index])
        }),
        prop::sample::select(vec![
            "error",
            "stanza",
            "request",
            "iq",
            "MESSAGE",
            "kind!=sm",
            "side=dialler",
            "layer!=tls",
            "id",
            "latency",
            "'a'",
            "/a|\\/b/",
            "from~/^a/",
            "title!~/(?i)é$/",
            "time>=2026-03-01T12:00:00.5Z",
            "lint",
        ])
        .prop_map(str::to_owned),
    ]
}

fn filter_text() -> impl Strategy<Value = String> {
    condition_text().prop_recursive(4, 24, 3, |inner| {
        let joint = prop::sample::select(vec![" and ", " or ", "&&", " || ", " AND\n"]);
        prop_oneof![
            (inner.clone(), joint, inner.clone()).prop_map(|(a, joint, b)| format!("{a}{joint}{b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.prop_map(|a| format!("!( {a} )")),
        ]
    })
}

fn entry() -> impl Strategy<Value = Entry<'static>> {
    let words = (short_text(), short_text(), short_text(), short_text(), short_text(), short_text());
    let attribute = || prop::option::of(short_text().prop_map(Into::into));
    let attributes = (attribute(), attribute(), attribute(), attribute());
    let numbers = (
        1_u64..4,
        prop::option::of(1_u32..4),
        prop::option::of(1_u64..4),
        prop::option::of(0_u64..3),
        0_u64..3,
    );
    let choices = (prop::sample::select(&Kind::ALL[..]), any::<[bool; 4]>(), prop::option::of(0_usize..3));
    (words, attributes, numbers, choices).prop_map(|(words, attributes, numbers, choices)| {
        let (name, title, detail, dialler, answerer, raw) = words;
        let (number, connection, related, after, octets) = numbers;
        let (kind, [dials, tls, ended, clock], severity) = choices;
        let severity = severity.map(|index| [Severity::Note, Severity::Warning, Severity::Error][index]);
        Entry {
            at: if clock { At(NOON.0 + number * 1_000_000) } else { At(0) },
            connection: connection.map(ConnectionId),
            side: connection.map(|_| Side::BOTH[usize::from(dials)]),
            layer: if tls { Layer::Tls } else { Layer::Clear },
            phase: if ended { Phase::Ended } else { Phase::Opening },
            ends: [dialler.into(), answerer.into()],
            payloads: vec![Payload {
                namespace: title.clone().into(),
                name: detail.clone().into(),
                title: Some("a b"),
            }],
            name: name.into(),
            title: title.into(),
            detail: detail.into(),
            stanza_type: attributes.0,
            id: attributes.1,
            from: attributes.2,
            to: attributes.3,
            answers: related.map(|to| Answer { to, latency: after }),
            seen: related.map(|first| Sighting { first, after, times: 1 }),
            findings: severity
                .map(|severity| Finding { rule: "a", severity, section: "", found: String::new() })
                .into_iter()
                .collect(),
            octets,
            raw: raw.into_bytes().into(),
            ..blank(number, kind)
        }
    })
}

/// All values of a text field, the slow way.
fn values(field: TextField, entry: &Entry<'_>) -> Vec<String> {
    let bare = |jid: &str| jid.split_once('/').map_or(jid, |(bare, _)| bare).to_owned();
    let filled = |words: &str| (!words.is_empty()).then(|| words.to_owned());
    let list = |values: Vec<Option<String>>| values.into_iter().flatten().collect();
    let end = |side: Option<Side>| side.and_then(|side| filled(&entry.ends[side.index()]));
    let owned =
        |value: &Option<std::borrow::Cow<'_, str>>| value.as_ref().map(|value| value.clone().into_owned());
    match field {
        TextField::Type => list(vec![owned(&entry.stanza_type)]),
        TextField::Id => list(vec![owned(&entry.id)]),
        TextField::From => list(vec![owned(&entry.from)]),
        TextField::To => list(vec![owned(&entry.to)]),
        TextField::Jid => {
            let given = [owned(&entry.from), owned(&entry.to)];
            let ends = entry.ends.iter().map(|end| filled(end));
            let all: Vec<String> = given.into_iter().chain(ends.clone()).flatten().collect();
            let bares = entry.ends.iter().filter_map(|end| filled(&bare(end)));
            let given = [&entry.from, &entry.to].into_iter().flatten().map(|jid| bare(jid));
            all.iter().cloned().chain(bares).chain(given).collect()
        }
        TextField::Speaker => list(vec![end(entry.side)]),
        TextField::Hearer => list(vec![end(entry.side.map(Side::other))]),
        TextField::Name => list(vec![filled(&entry.name)]),
        TextField::Namespace => {
            entry.payloads.iter().filter_map(|payload| filled(&payload.namespace)).collect()
        }
        TextField::Payload => entry
            .payloads
            .iter()
            .flat_map(|payload| [filled(&payload.name), payload.title.map(str::to_owned)])
            .flatten()
            .collect(),
        TextField::Title => list(vec![filled(&entry.title)]),
        TextField::Detail => list(vec![filled(&entry.detail)]),
        TextField::Text => list(vec![filled(&entry.text()), filled(&entry.detail)]),
        TextField::Rule => entry.findings.iter().map(|finding| finding.rule.to_owned()).collect(),
    }
}

/// What the filter says, the slow way, where it asks for text; and-or-not by the book.
fn naive(asked: &Expression, entry: &Entry<'_>) -> bool {
    let fold = |text: &str| text.to_lowercase();
    match asked {
        Expression::All(parts) => !parts.iter().any(|part| !naive(part, entry)),
        Expression::Any(parts) => parts.iter().filter(|part| naive(part, entry)).count() > 0,
        Expression::Not(inner) => !naive(inner, entry),
        Expression::Condition(Condition::Has(Field::Text(field))) => !values(*field, entry).is_empty(),
        Expression::Condition(Condition::Text { field, negated, test }) => {
            let passes = |value: &String| match test {
                TextTest::Equals(text) => **value == **text,
                TextTest::Contains(needle) => fold(value).contains(&fold(needle.as_str())),
                TextTest::Matches(pattern) => {
                    let written = pattern.to_string();
                    regex_lite::Regex::new(&written[1..written.len() - 1]).unwrap().is_match(value)
                }
            };
            let values = values(*field, entry);
            if *negated {
                !values.is_empty() && !values.iter().any(passes)
            } else {
                values.iter().any(passes)
            }
        }
        Expression::Condition(_) => evaluate::expression(asked, entry, NOON),
    }
}

fn parsed(expression: &str) -> Filter {
    Filter::parse(expression).unwrap_or_else(|error| panic!("{error}"))
}

proptest! {
    #[test]
    fn a_filter_reads_back_as_it_is_shown(text in filter_text()) {
        let filter = parsed(&text);
        prop_assert_eq!(parsed(&filter.to_string()), filter);
    }

    #[test]
    fn a_filter_says_what_a_slow_and_plain_evaluator_says(text in filter_text(), entry in entry()) {
        let filter = parsed(&text);
        prop_assert_eq!(filter.matches(&entry, NOON), naive(&filter.0, &entry), "{}", filter);
    }

    #[test]
    fn and_or_and_not_are_what_they_are_elsewhere(a in filter_text(), b in filter_text(), entry in entry()) {
        let is = |expression: String| parsed(&expression).matches(&entry, NOON);
        let (first, second) = (is(a.clone()), is(b.clone()));
        prop_assert_eq!(is(format!("({a}) and ({b})")), first && second);
        prop_assert_eq!(is(format!("({a}) or ({b})")), first || second);
        prop_assert_eq!(is(format!("not ({a})")), !first);
        prop_assert_eq!(is(format!("not (({a}) and ({b}))")), is(format!("not ({a}) or not ({b})")));
    }

    #[test]
    fn another_value_is_a_value_that_is_not_this_one(text in short_text(), entry in entry()) {
        let is = |expression: String| parsed(&expression).matches(&entry, NOON);
        let quoted = text.replace('\\', "\\\\");
        for row in FIELDS.iter().filter(|row| matches!(row.field, Field::Text(_))) {
            for sign in ["=", "~"] {
                let positive = is(format!("{}{sign}'{quoted}'", row.name));
                let negative = is(format!("{}!{sign}'{quoted}'", row.name));
                prop_assert_eq!(negative, is(row.name.to_owned()) && !positive);
            }
        }
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused_in_order(
        text in "([=!~<>&|()/'\"\\\\ ]|kind|from|time|octets|not|and|or|[0-9]{1,20}|[a-z]{1,3}|GiB|\\PC){0,30}"
    ) {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(text.get(error.span()).is_some());
            let acts = error.to_string().chars().any(|shown| shown.is_control() && shown != '\n');
            prop_assert!(!acts, "{}", error);
        }
    }
}
