//! The lines of the log, without those about bytes: what happened, for people and for the page's own picture of
//! each moment.

use chatdev_net::Note;
use serde::Serialize;

use super::{Places, around, micros};
use crate::events::{Entry, Event};

/// The most lines that a page has.
const LINES_MAX: usize = 300_000;

/// The most characters of a line that a page keeps.
const TEXT_CHARACTERS_MAX: usize = 600;

/// A line.
#[derive(Serialize)]
pub(super) struct Line {
    at: u64,
    /// `None`: the schedule.
    lane: Option<usize>,
    word: &'static str,
    text: String,
    /// What the page needs to know of it in parts: whom it is about, a session or an id, a state or a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<String>,
}

/// The lines of a run and how many more there would be. Where there are too many, those around `focus` stay, or the
/// last.
pub(super) fn lines(entries: &[Entry], places: &Places<'_>, focus: Option<u64>) -> (Vec<Line>, usize) {
    let told: Vec<_> = entries.iter().filter(|entry| !entry.event.is_wire()).collect();
    let shown = around(&told, LINES_MAX, |entry| focus.is_none_or(|focus| micros(entry.at) <= focus));
    let lines = shown.iter().map(|entry| Line {
        at: micros(entry.at),
        lane: places.of_process(&entry.process),
        word: entry.event.word(),
        text: entry.event.to_string().chars().take(TEXT_CHARACTERS_MAX).collect(),
        parts: parts(&entry.event),
    });
    (lines.collect(), told.len() - shown.len())
}

fn parts(event: &Event) -> Vec<String> {
    let Event::Note(note) = event else { return Vec::new() };
    match note {
        Note::Bound { session, jid }
        | Note::Ended { session, jid }
        | Note::Entered { session, jid }
        | Note::Departed { session, jid, .. }
        | Note::Reaped { session, jid, .. } => vec![jid.to_string(), session.0.to_string()],
        Note::SignedIn { jid } | Note::SawGone { jid, .. } => vec![jid.to_string()],
        Note::SawOnline { jid, session, .. } => vec![jid.to_string(), session.clone()],
        Note::Sent { to, id, text } => vec![to.to_string(), id.clone(), text.clone()],
        Note::Shown { from, id, text } => {
            vec![from.to_string(), id.clone().unwrap_or_default(), text.clone()]
        }
        Note::MessageState { id, state } => vec![id.clone(), (*state).to_owned()],
        Note::SignedOut { .. } | Note::Remark { .. } => Vec::new(),
    }
}
