//! Any text as a filter, on any octets: `cargo +nightly fuzz run --fuzz-dir tools/fuzz filter`.
//!
//! Nothing panics; an error points into the text; a filter reads back as it is shown, and says the same then.

#![no_main]

use chatdev_inspect::entry::{Entry, Kind, Phase};
use chatdev_inspect::filter::{Filter, LENGTH_OCTETS_MAX};
use chatdev_inspect::model::{At, ConnectionId, Layer, Side};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &[u8])| {
    let (text, raw) = input;
    let filter = match Filter::parse(text) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "{error:?}");
            return;
        }
    };
    let entry = said(raw);
    let is = filter.matches(&entry, At(1));
    let shown = filter.to_string();
    if shown.len() <= LENGTH_OCTETS_MAX {
        let again = Filter::parse(&shown).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again, filter);
        assert_eq!(again.matches(&entry, At(1)), is);
    }
    if let Ok(not) = Filter::parse(&format!("not ({text})")) {
        assert_eq!(not.matches(&entry, At(1)), !is);
    }
});

fn said(raw: &[u8]) -> Entry<'_> {
    let words = || String::from_utf8_lossy(raw);
    Entry {
        number: raw.len() as u64,
        at: At(1_000_000),
        connection: Some(ConnectionId(1)),
        side: Some(Side::Answerer),
        layer: Layer::Tls,
        kind: Kind::ALL[raw.len() % Kind::ALL.len()],
        phase: Phase::Established,
        ends: [words(), words()],
        name: words(),
        stanza_type: Some(words()),
        id: None,
        from: Some(words()),
        to: None,
        payloads: Vec::new(),
        title: words(),
        detail: words(),
        answers: None,
        seen: None,
        findings: Vec::new(),
        octets: raw.len() as u64,
        raw: raw.into(),
    }
}
