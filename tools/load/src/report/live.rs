//! [`Live`]: what a person sees while a run goes on: on a terminal some lines that change, else a line every few seconds and
//! at the beginning of each phase. Everything goes to stderr, without colours; that nobody reads it any more is no error.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Moment;
use super::words::{figure, milliseconds, plain, whole};
use crate::measure::{Glance, Operation, Phase};

/// How often there is a new line where lines stay.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How wide the bar is, in characters.
const BAR_WIDTH: u64 = 28;

/// See the file's documentation.
#[derive(Debug)]
pub struct Live {
    total: Option<Duration>,
    way: Way,
}

/// How it is shown.
#[derive(Debug)]
enum Way {
    /// Lines that change.
    Terminal(ProgressBar),
    /// Lines that stay.
    Plain(Due),
}

/// When there is a line again.
#[derive(Debug, Default)]
struct Due {
    last: Option<(Phase, Duration)>,
}

impl Live {
    /// Begins to show; `total` is how long the load will run at most, warm-up included, if that is known. How long signing in
    /// takes, nobody knows before.
    #[must_use]
    pub fn new(total: Option<Duration>) -> Self {
        let way =
            if std::io::stderr().is_terminal() { Way::Terminal(bar()) } else { Way::Plain(Due::default()) };
        Self { total, way }
    }

    /// Shows how things stand; once a second is often enough.
    pub fn show(&mut self, glance: &Glance) {
        match &mut self.way {
            Way::Terminal(bar) => bar.set_message(lines(glance, self.total)),
            Way::Plain(due) => {
                if due.is_due(glance) {
                    write(&line(glance));
                }
            }
        }
    }

    /// A line that stays, above those that change.
    pub fn say(&self, line: &str) {
        match &self.way {
            Way::Terminal(bar) => bar.println(plain(line)),
            Way::Plain(_) => write(&plain(line)),
        }
    }

    /// Clears the lines that change: the summary comes instead.
    pub fn finish(self) {
        if let Way::Terminal(bar) = self.way {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.with_style(ProgressStyle::with_template("{msg}").expect("the template is well formed"))
}

fn write(line: &str) {
    let _nobody_reads = writeln!(std::io::stderr(), "{line}");
}

impl Due {
    fn is_due(&mut self, glance: &Glance) -> bool {
        let is_due =
            self.last.is_none_or(|(phase, at)| phase != glance.phase || glance.at >= at + LINE_EVERY);
        if is_due {
            self.last = Some((glance.phase, glance.at));
        }
        is_due
    }
}

/// For a terminal.
fn lines(glance: &Glance, total: Option<Duration>) -> String {
    let progress = glance.loaded.zip(total).map(|(loaded, total)| {
        format!("  {}  {} of {} s", portion(loaded, total), loaded.as_secs(), total.as_secs())
    });
    let (at, progress) = (glance.at.as_secs(), progress.unwrap_or_default());
    let mut text = format!("{:<8} {at:>4} s{progress}\n{}", glance.phase, machines(glance));
    for (operation, moment) in &glance.operations {
        text += &format!("\n{:<12} {:>9}/s", operation.name(), figure(moment.per_s));
        if let (Some(p50), Some(p99)) = (moment.p50_us, moment.p99_us) {
            text += &format!("   p50 {:>6} ms   p99 {:>6} ms", milliseconds(p50), milliseconds(p99));
        }
    }
    if glance.flaws > 0 {
        text += &format!("\n{}", wrong(glance));
    }
    text
}

/// Where lines stay.
fn line(glance: &Glance) -> String {
    let pace = |(operation, moment): (&Operation, &Moment)| {
        let latency = moment
            .p50_us
            .zip(moment.p99_us)
            .map(|(p50, p99)| format!(" p50 {} ms p99 {} ms", milliseconds(p50), milliseconds(p99)));
        format!("; {} {}/s{}", operation.name(), figure(moment.per_s), latency.unwrap_or_default())
    };
    let paces: String = glance.operations.iter().map(pace).collect();
    let wrong = if glance.flaws > 0 { format!("; {}", wrong(glance)) } else { String::new() };
    format!("{} s, {}: {}{paces}{wrong}", glance.at.as_secs(), glance.phase, machines(glance))
}

fn machines(glance: &Glance) -> String {
    let server = glance.server_cpu_percent.map(|percent| format!(", server {percent:.0} % CPU"));
    let sessions = whole(glance.sessions);
    format!(
        "{sessions} sessions{}, generator {:.0} % CPU",
        server.unwrap_or_default(),
        glance.generator_cpu_percent
    )
}

fn wrong(glance: &Glance) -> String {
    let worst = glance.worst_flaw.as_deref().map(|name| format!(", mostly: {}", plain(name)));
    format!("{} went wrong{}", whole(glance.flaws), worst.unwrap_or_default())
}

/// A bar, of which as much is full as has passed.
fn portion(at: Duration, total: Duration) -> String {
    let total_ms = total.as_millis().max(1);
    let full =
        u64::try_from(at.as_millis() * u128::from(BAR_WIDTH) / total_ms).unwrap_or(BAR_WIDTH).min(BAR_WIDTH);
    (0..BAR_WIDTH).map(|place| if place < full { '━' } else { '·' }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn glance(at_s: u64, phase: Phase) -> Glance {
        let moment = |per_s, p50_us| Moment {
            per_s,
            failed: 0,
            p50_us,
            p99_us: p50_us.map(|us| us * 3.0),
            max_us: None,
        };
        Glance {
            phase,
            at: Duration::from_secs(at_s),
            loaded: None,
            sessions: 1000,
            operations: BTreeMap::from([
                (Operation::SignIn, moment(3.0, None)),
                (Operation::Message, moment(72_431.4, Some(611.0))),
            ]),
            flaws: 12,
            worst_flaw: Some("stream\u{1b} error".to_owned()),
            server_cpu_percent: Some(74.4),
            generator_cpu_percent: 61.0,
        }
    }

    #[test]
    fn a_terminal_shows_everything_at_a_glance() {
        let loaded = Some(Duration::from_secs(10));
        let glance = Glance { loaded, ..glance(12, Phase::WarmUp) };
        insta::assert_snapshot!(lines(&glance, Some(Duration::from_secs(35))));
    }

    #[test]
    fn there_is_no_bar_while_nobody_knows_how_long_it_takes() {
        let first =
            |glance: &Glance, total| lines(glance, total).lines().next().unwrap_or_default().to_owned();
        let total = Some(Duration::from_secs(35));
        assert_eq!(first(&glance(12, Phase::SignIn), total), "sign in    12 s");
        let glance = Glance { loaded: Some(Duration::from_secs(1)), ..glance(13, Phase::Measure) };
        assert_eq!(first(&glance, None), "measure    13 s");
    }

    #[test]
    fn elsewhere_it_is_one_line() {
        insta::assert_snapshot!(line(&glance(12, Phase::Measure)));
    }

    #[test]
    fn elsewhere_a_line_comes_every_few_seconds_and_with_each_phase() {
        let mut due = Due::default();
        let seconds = [
            (0, Phase::SignIn),
            (1, Phase::SignIn),
            (2, Phase::Measure),
            (6, Phase::Measure),
            (7, Phase::Measure),
        ];
        let shown = seconds.map(|(at, phase)| due.is_due(&glance(at, phase)));
        assert_eq!(shown, [true, false, true, false, true]);
    }

    #[test]
    fn a_bar_is_full_at_the_end_and_after_it() {
        let seconds = Duration::from_secs;
        let full = |at| portion(seconds(at), seconds(10)).chars().filter(|&place| place == '━').count();
        assert_eq!([0, 5, 10, 99].map(full), [0, 14, 28, 28]);
    }

    #[test]
    fn what_cannot_be_seen_can_be_shown() {
        let mut live = Live { total: None, way: Way::Terminal(ProgressBar::hidden()) };
        live.show(&glance(1, Phase::SignIn));
        live.say("a line");
        live.finish();
    }
}
