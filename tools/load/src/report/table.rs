//! Reports as text for a terminal, and as a table in Markdown. What servers and people wrote (labels, examples of errors)
//! is shown without control characters.

use thiserror::Error;

use super::columns::Columns;
use super::words::{self, bytes, figure, milliseconds, plain, whole};
use super::{Audit, Distribution, Report, Server, Worker};

/// Kinds of errors that are shown.
const FLAWS_SHOWN: usize = 8;

/// A baseline that is none of the runs.
#[derive(Debug, Error)]
#[error(
    "expected the baseline to be one of {known}, found none labelled \"{wanted}\"; give one of these, or none for the first"
)]
pub struct NoSuchRun {
    wanted: String,
    known: String,
}

/// A run in some lines. The first says whether it went well, and whether the figures are the generator's own limit.
#[must_use]
pub fn summary(report: &Report) -> String {
    let mut text = plain(&report.headline()) + "\n";
    if report.verdict.reasons.len() + report.generator.reasons.len() > 1 {
        let reasons = report.verdict.reasons.iter().chain(&report.generator.reasons);
        text.extend(reasons.map(|reason| format!("  - {}\n", plain(reason))));
    }
    text += &format!("\n{}\n{}", circumstances(report), operations(report));
    if let Some(server) = &report.server {
        text += &("\n".to_owned() + &processes(server));
    }
    text += &("\n".to_owned() + &generator(report));
    if !report.flaws.is_empty() {
        text += &("\n".to_owned() + &flaws(report));
    }
    if let Some(audit) = &report.audit {
        text += &("\n".to_owned() + &messages(audit));
    }
    text
}

/// Several runs, a line each, as a table in Markdown, with ratios to a baseline: the one with that label, or else the first.
///
/// # Errors
///
/// None of them has that label.
pub fn comparison(reports: &[Report], baseline: Option<&str>) -> Result<String, NoSuchRun> {
    let found = match baseline {
        Some(label) => reports.iter().find(|report| report.label == label),
        None => reports.first(),
    };
    if let (Some(wanted), None) = (baseline, found) {
        let known: Vec<_> = reports.iter().map(|report| format!("\"{}\"", report.label)).collect();
        return Err(NoSuchRun { wanted: wanted.to_owned(), known: known.join(", ") });
    }
    let mut columns = Columns::new(&["", "CPU µs/op", "op/s", "p50 ms", "p99 ms", "p99.9 ms", "per session"]);
    for report in reports {
        let cell = |figure: fn(&Report) -> Option<f64>, words: fn(f64) -> String| {
            with_ratio(figure(report), found.and_then(figure), words)
        };
        columns.row([
            plain(&report.label) + remark(report),
            cell(|report| report.server.as_ref()?.cpu_us_per_operation, figure),
            cell(|report| Some(report.main()?.per_s), figure),
            cell(|report| Some(latency(report)?.p50), milliseconds),
            cell(|report| Some(latency(report)?.p99), milliseconds),
            cell(|report| Some(latency(report)?.p99_9), milliseconds),
            cell(|report| report.server.as_ref()?.bytes_per_session, bytes),
        ]);
    }
    Ok(columns.markdown())
}

fn latency(report: &Report) -> Option<&Distribution> {
    report.main()?.latency_us.as_ref()
}

/// What must not be overlooked when a line is read alone.
fn remark(report: &Report) -> &'static str {
    match (report.verdict.passed, report.generator.bottleneck) {
        (true, false) => "",
        (true, true) => " (generator's limit)",
        (false, false) => " (FAILED)",
        (false, true) => " (FAILED, generator's limit)",
    }
}

/// A figure, and how many times that of the baseline it is.
fn with_ratio(figure: Option<f64>, baseline: Option<f64>, words: fn(f64) -> String) -> String {
    match (figure, baseline) {
        (None, _) => "–".to_owned(),
        (Some(figure), Some(baseline)) if baseline > 0.0 => {
            format!("{} ({})", words(figure), words::factor(figure / baseline))
        }
        (Some(figure), _) => words(figure),
    }
}

fn circumstances(report: &Report) -> String {
    let target = &report.target;
    let sessions = &report.sessions;
    let parameters = words::parameters(&report.scenario.parameters);
    let lines = [
        ("run", format!("{}, {}", report.label, report.started)),
        (
            "target",
            format!("{} at {}, {}, {}", target.domain, target.address, target.encryption, target.mechanism),
        ),
        ("scenario", format!("{}: {parameters}", report.scenario.name)),
        (
            "sessions",
            format!(
                "{} of {} at a time, {} sign-ins, {} lost",
                whole(sessions.most),
                whole(sessions.wanted),
                whole(sessions.signed_in),
                whole(sessions.lost)
            ),
        ),
        ("measured", format!("{} s", figure(report.measured_s))),
    ];
    lines.map(|(name, text)| format!("  {name:<11}{}\n", plain(&text))).concat()
}

fn operations(report: &Report) -> String {
    let heading = [
        "operation",
        "completed",
        "failed",
        "timed out",
        "/s",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "p99.9 ms",
        "p99.99 ms",
        "max ms",
        "out B",
        "in B",
    ];
    let mut columns = Columns::new(&heading);
    for (name, figures) in &report.operations {
        let mut row = vec![plain(name)];
        row.extend([figures.completed, figures.failed, figures.timed_out].map(whole));
        row.push(figure(figures.per_s));
        match &figures.latency_us {
            Some(times) => {
                let times = [times.p50, times.p90, times.p99, times.p99_9, times.p99_99, times.max];
                row.extend(times.map(milliseconds));
            }
            None => row.extend(vec!["–".to_owned(); 6]),
        }
        let octets = [figures.octets_out_each, figures.octets_in_each];
        row.extend(octets.map(|octets| octets.map_or_else(|| "–".to_owned(), figure)));
        columns.row(row);
    }
    columns.text()
}

fn processes(server: &Server) -> String {
    let heading = [
        "server",
        "CPU µs/op",
        "% of a core",
        "user s",
        "system s",
        "RSS",
        "PSS",
        "per session",
        "threads",
        "files",
    ];
    let mut columns = Columns::new(&heading);
    let unknown = || "–".to_owned();
    let together = |last| match last {
        true => (server.cpu_us_per_operation.map_or_else(unknown, figure), figure(server.cpu_percent)),
        false => (String::new(), String::new()),
    };
    for process in &server.processes {
        let memory = &process.memory;
        let (each, percent) = together(server.processes.len() == 1);
        columns.row([
            format!("{} {}", plain(&process.name), process.pid),
            each,
            percent,
            figure(process.user_s),
            figure(process.system_s),
            words::change(Some(memory.rss_bytes_before), Some(memory.rss_bytes_after)),
            words::change(memory.pss_bytes_before, memory.pss_bytes_after),
            memory.bytes_per_session.map_or_else(unknown, bytes),
            whole(process.threads),
            process.open_files.map_or_else(unknown, whole),
        ]);
    }
    if server.processes.len() > 1 {
        let mut all = vec![String::new(); heading.len()];
        "all of them".clone_into(&mut all[0]);
        (all[1], all[2]) = together(true);
        all[7] = server.bytes_per_session.map_or_else(unknown, bytes);
        columns.row(all);
    }
    columns.text()
}

fn generator(report: &Report) -> String {
    let generator = &report.generator;
    let worker = |worker: &Worker| match worker.cpu_percent_max {
        max if max > worker.cpu_percent => format!("{:.0} (up to {max:.0})", worker.cpu_percent),
        _ => format!("{:.0}", worker.cpu_percent),
    };
    let workers: Vec<_> = generator.workers.iter().map(worker).collect();
    let mut text = format!("  {:<11}workers {} % of a core", "generator", workers.join(", "));
    if let Some(percent) = generator.machine_percent {
        text += &format!("; machine {percent:.0} % busy");
    }
    if let Some(size) = generator.memory.bytes_per_session {
        text += &format!("; {} per session", bytes(size));
    }
    if let Some(late) = report.main().and_then(|figures| figures.late_us.as_ref()) {
        let [half, most, max] = [late.p50, late.p99, late.max].map(milliseconds);
        text += &format!("; began late by {half} ms (p50), {most} ms (p99), {max} ms (max)");
    }
    text + "\n"
}

fn flaws(report: &Report) -> String {
    let mut columns = Columns::new(&["went wrong", "times", "measured", "first at s"]);
    for flaw in report.flaws.iter().take(FLAWS_SHOWN) {
        let [times, measured] = [flaw.times, flaw.times_measured].map(whole);
        columns.row([plain(&flaw.name), times, measured, figure(flaw.first_at_s)]);
    }
    let examples = report.flaws.iter().take(FLAWS_SHOWN).map(|flaw| plain(&flaw.example));
    // Examples are as long as servers like: they stand at the end of a line.
    let mut text: String = columns
        .text()
        .lines()
        .zip(std::iter::once("example".to_owned()).chain(examples))
        .map(|(line, example)| format!("{line}  {example}\n"))
        .collect();
    if report.flaws.len() > FLAWS_SHOWN {
        text += &format!("  and {} other kinds, all of them in the JSON\n", report.flaws.len() - FLAWS_SHOWN);
    }
    text
}

fn messages(audit: &Audit) -> String {
    let heading = ["messages", "sent", "delivered", "given back", "lost", "twice", "out of order", "altered"];
    let mut columns = Columns::new(&heading);
    let counts = [
        audit.sent,
        audit.delivered,
        audit.returned,
        audit.lost,
        audit.doubled,
        audit.reordered,
        audit.altered,
    ];
    columns.row([words::counted(audit.pairs, "pair")].into_iter().chain(counts.map(whole)));
    let findings: String = audit.findings.iter().map(|finding| format!("  {}\n", plain(finding))).collect();
    columns.text() + &findings
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CHATDEVD, EJABBERD, PROSODY, bad, good};
    use super::*;

    #[test]
    fn a_good_run_in_a_terminal() {
        insta::assert_snapshot!(summary(&good(&CHATDEVD)));
    }

    #[test]
    fn a_failed_run_in_a_terminal() {
        insta::assert_snapshot!(summary(&bad(&EJABBERD)));
    }

    #[test]
    fn octets_that_nobody_counted_are_no_zero() {
        let mut report = good(&CHATDEVD);
        let figures = report.operations.get_mut("message").expect("there are messages");
        (figures.octets_out_each, figures.octets_in_each) = (None, None);
        assert!(operations(&report).ends_with("–     –\n"), "{}", operations(&report));
    }

    #[test]
    fn three_servers_in_markdown() {
        let reports = [good(&PROSODY), bad(&EJABBERD), good(&CHATDEVD)];
        insta::assert_snapshot!(comparison(&reports, Some("chatdevd")).expect("there is one"));
    }

    #[test]
    fn a_baseline_that_is_not_there_is_refused_with_those_that_are() {
        let error = comparison(&[good(&CHATDEVD)], Some("chatdev")).expect_err("no such label").to_string();
        assert!(error.contains("one of \"chatdevd\", found none labelled \"chatdev\""), "{error}");
    }

    #[test]
    fn nothing_to_compare_is_an_empty_table() {
        assert_eq!(comparison(&[], None).expect("no baseline wanted").lines().count(), 2);
    }
}
