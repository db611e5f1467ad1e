//! A run as a space-time diagram: one HTML file that needs nothing else, for people who have to find out what went
//! wrong. Time runs downwards; the server and each client have a lane; what was said is an arrow from when it was
//! written to when it was read; faults are bands; a violation is a red line.
//!
//! This side only gathers what is to be shown (`lanes`, `bars`, `arrows`, `lines`), as JSON within the page; the
//! page's own program (`page/*.js`) draws it.

mod arrows;
mod bars;
mod lanes;
mod lines;

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use crate::{report::conversation::Conversation, run::Outcome, schedule::Schedule};
use arrows::{Arrow, arrows};
use bars::Bars;
use lanes::{Lane, Operation};
use lines::Line;

const TEMPLATE: &str = include_str!("diagram/page.html");
const STYLE: &str = include_str!("diagram/page.css");

/// The page's program. Each file only uses what stands before it.
const PROGRAM: [&str; 8] = [
    include_str!("diagram/page/run.js"),
    include_str!("diagram/page/time.js"),
    include_str!("diagram/page/moment.js"),
    include_str!("diagram/page/xml.js"),
    include_str!("diagram/page/drawing.js"),
    include_str!("diagram/page/marks.js"),
    include_str!("diagram/page/panels.js"),
    include_str!("diagram/page/hands.js"),
];

/// The diagram of a run, as one HTML file. `replay_command` runs the same again.
#[must_use]
pub fn diagram(schedule: &Schedule, outcome: &Outcome, replay_command: &str) -> String {
    let page = Page::of(schedule, outcome, replay_command);
    let json = serde_json::to_string(&page).expect("a page is plain data");
    // Within a page no text may look like a tag. The run goes in last: nothing in it is a place to fill in.
    TEMPLATE.replacen("{style}", STYLE, 1).replacen("{program}", &PROGRAM.concat(), 1).replacen(
        "{run}",
        &json.replace('<', "\\u003c"),
        1,
    )
}

/// All that the page shows. Times are in microseconds since the start of the world.
#[derive(Serialize)]
struct Page<'a> {
    scenario: &'a str,
    seed: u64,
    about: Option<&'a str>,
    replay: &'a str,
    digest: String,
    network: String,
    end: u64,
    /// When the schedule leaves the world in peace.
    calm: u64,
    violations: Vec<Violated<'a>>,
    lanes: Vec<Lane>,
    operations: Vec<Operation>,
    bars: Bars,
    lines: Vec<Line>,
    /// Lines that there would be, too many of them.
    lines_left_out: usize,
    arrows: Vec<Arrow>,
    /// Arrows that there would be, too many of them.
    arrows_left_out: usize,
}

/// A violation.
#[derive(Serialize)]
struct Violated<'a> {
    at: u64,
    checker: &'a str,
    invariant: &'a str,
    found: &'a str,
}

impl<'a> Page<'a> {
    fn of(schedule: &'a Schedule, outcome: &'a Outcome, replay: &'a str) -> Self {
        let places = Places::of(schedule);
        let entries = outcome.log.entries();
        let violations = outcome.verdict.violations.iter().map(|violation| Violated {
            at: micros(violation.at),
            checker: violation.checker,
            invariant: violation.invariant,
            found: &violation.found,
        });
        let violations: Vec<_> = violations.collect();
        let last = entries.last().map_or(0, |entry| micros(entry.at));
        let conversation = Conversation::of(&outcome.log);
        let focus = violations.first().map(|violation| violation.at);
        let (lines, lines_left_out) = lines::lines(entries, &places, focus);
        let (arrows, arrows_left_out) = arrows(&conversation, &places, focus);
        Self {
            scenario: &schedule.scenario,
            seed: schedule.seed,
            about: schedule.about.as_deref(),
            replay,
            digest: outcome.log.digest().to_string(),
            network: network(schedule),
            end: last.max(violations.iter().map(|violation| violation.at).max().unwrap_or_default()),
            calm: schedule.calm_ms() * 1000,
            violations,
            lanes: lanes::lanes(schedule),
            operations: lanes::operations(schedule, &places),
            bars: Bars::of(schedule, entries, &places),
            lines,
            lines_left_out,
            arrows,
            arrows_left_out,
        }
    }
}

/// The network and the server's settings in words.
fn network(schedule: &Schedule) -> String {
    let (network, server) = (&schedule.network, &schedule.server);
    let mut text = format!("a write takes {} ms", network.latency_ms);
    if network.jitter_ms_max > 0 {
        text += &format!(" and up to {} ms more", network.jitter_ms_max);
    }
    if let Some(octets) = network.pieces_octets_max {
        text += &format!(", in pieces of up to {octets} octets");
    }
    if network.chaos_ms_max > 0 {
        text += &format!(", programs dawdle for up to {} ms", network.chaos_ms_max);
    }
    text + &format!("; check-ins every {} s, reaped after {} s of silence", server.interval_s, server.limit_s)
}

/// Which lane is whose, by the process's name.
struct Places<'a>(BTreeMap<&'a str, usize>);

impl<'a> Places<'a> {
    fn of(schedule: &'a Schedule) -> Self {
        let names = lanes::names(schedule);
        Self(names.enumerate().map(|(lane, name)| (name, lane)).collect())
    }

    fn of_process(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

/// The last of `all` that are `before` the focus, and some that come after it; no more than `most`.
fn around<T>(all: &[T], most: usize, before: impl Fn(&T) -> bool) -> &[T] {
    let last = all.len().min(all.partition_point(before) + most / 10);
    &all[last.saturating_sub(most)..last]
}

fn micros(at: Duration) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(u64::MAX)
}
