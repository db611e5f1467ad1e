//! What could not be shown, in words: nothing is left out silently.

use std::io::{self, Write as _};

use super::Reading;
use super::source::Told;
use crate::desk::Desk;
use crate::lint::{self, Lint};
use crate::output::Summary;
use crate::visible;

/// One line for each thing that is not whole; of what names files, if they are not to be named, only that it is so.
pub(super) fn notes(reading: &Reading, told: &Told, is_redacted: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if told.is_interrupted {
        notes.push("interrupted: what comes after this is not read".to_owned());
    }
    if told.skipped.may_matter() {
        notes.push(format!("not read: {}", told.skipped));
    }
    let oddities = told.oddities.to_string();
    if !oddities.is_empty() {
        notes.push(format!("not in what is told: {oddities}"));
    }
    notes.extend(passed_over(reading));
    notes.extend(unread(reading));
    let of_keys = reading.keys().notes();
    if is_redacted && !of_keys.is_empty() {
        notes.push(format!(
            "something is wrong with key logs: {} (not shown, as it names files)",
            of_keys.len()
        ));
    } else {
        notes.extend(of_keys);
    }
    notes
}

fn passed_over(reading: &Reading) -> Vec<String> {
    let passed_over = reading.passed_over();
    let mut notes = Vec::new();
    if passed_over.other > 0 {
        notes.push(format!(
            "passed over: {}",
            of("connection", passed_over.other, "that is no XMPP", "that are no XMPP")
        ));
    }
    if passed_over.other_tls > 0 {
        let (one, many) = (
            "in TLS that neither offers XMPP nor goes to one of its ports",
            "in TLS that neither offer XMPP nor go to one of its ports",
        );
        notes.push(format!("passed over: {}", of("connection", passed_over.other_tls, one, many)));
    }
    notes
}

/// What stayed within TLS.
fn unread(reading: &Reading) -> Vec<String> {
    let (unread, mut notes) = (reading.unread(), Vec::new());
    if unread.without_keys > 0 {
        let what = count("connection", unread.without_keys);
        let advice = if reading.keys().is_empty() {
            "give a key log with --keys"
        } else {
            "the key logs hold no keys of them"
        };
        notes.push(format!("{what} could not be read inside TLS: {advice}"));
    }
    if unread.otherwise > 0 {
        let what = count("connection", unread.otherwise);
        notes.push(format!("{what} could not be read in full inside TLS: the entries of kind tls say why"));
    }
    notes
}

/// What was not judged, or is not shown of the judgement.
pub(super) fn unjudged(desk: &Desk, findings_left_out: u64) -> Vec<String> {
    let mut notes = Vec::new();
    let unwatched = desk.lint.as_ref().map_or(0, Lint::unwatched);
    if unwatched > 0 {
        let what = count("connection", unwatched);
        let limit = lint::CONNECTIONS_MAX;
        notes.push(format!("{what} not judged by the rules, because {limit} others were open"));
    }
    if findings_left_out > 0 {
        let what = of("finding", findings_left_out, "known only at the end is", "known only at the end are");
        notes.push(format!("{what} not shown because of the filter"));
    }
    notes
}

fn count(what: &str, count: u64) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn of(what: &str, number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(what, number), if number == 1 { one } else { many })
}

/// Says them on standard error.
pub(super) fn say(summary: &Summary) {
    let mut err = io::stderr().lock();
    for note in &summary.notes {
        let _ = writeln!(err, "Note: {}", visible::line(note));
    }
}
