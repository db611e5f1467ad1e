//! Whether a run went well, and whether its figures are the server's at all.
//!
//! The generator counts as the bottleneck if any of these was so in the measured phase:
//!
//! 1. A worker was busy for more than [`WORKER_BUSY_PERCENT_MAX`] of its core, be it for a second: answers waited in it.
//! 2. Operations with a time of their own began so late that it shows: the 99th percentile of their lateness is above
//!    [`LATE_US_MAX`] and above [`LATE_SHARE_MAX`] of the 99th percentile of the latency, which includes it.
//! 3. The machine's CPUs were busy for more than [`MACHINE_BUSY_PERCENT_MAX`], and less than half of that was the watched server: it might
//!    have done more on a machine of its own. CPU time per operation holds even then; rates and latencies do not.

use serde::{Deserialize, Serialize};

use super::{Figures, Report, Worker, words};

/// In percent of one core.
const WORKER_BUSY_PERCENT_MAX: f64 = 85.0;
/// In µs.
const LATE_US_MAX: f64 = 1000.0;
/// Of the latency.
const LATE_SHARE_MAX: f64 = 0.1;
/// In percent of all cores.
const MACHINE_BUSY_PERCENT_MAX: f64 = 95.0;

/// Of operations with a time of their own, those that have to end within the measured phase for each 100 that begin in it.
const KEPT_UP_PERCENT_MIN: u64 = 95;

/// Whether a run went well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// It did.
    pub passed: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

impl Report {
    /// Sets the verdict, and whether the generator was the bottleneck, from everything else.
    pub(crate) fn judge(&mut self, objections: Vec<String>) {
        self.generator.reasons = bottlenecks(self);
        self.generator.bottleneck = !self.generator.reasons.is_empty();
        let mut reasons = shortcomings(self);
        reasons.extend(objections);
        self.verdict = Verdict { passed: reasons.is_empty(), reasons };
    }

    /// In one line: whether it went well, and whose figures these are. Of several reasons it names the first.
    #[must_use]
    pub fn headline(&self) -> String {
        let (failed, limited) = (&self.verdict.reasons, &self.generator.reasons);
        match (failed.first(), limited.first()) {
            (None, None) => format!("GOOD: {}, and the generator had room ({})", praise(self), busiest(self)),
            (None, Some(limit)) => {
                format!("GENERATOR'S LIMIT, not the server's: {limit}{}", more(limited.len()))
            }
            (Some(reason), None) => format!("FAILED: {reason}{}", more(failed.len())),
            (Some(reason), Some(_)) => {
                format!(
                    "FAILED, and at the GENERATOR'S LIMIT: {reason}{}",
                    more(failed.len() + limited.len())
                )
            }
        }
    }
}

/// So many reasons there are.
fn more(reasons: usize) -> String {
    match reasons {
        0 | 1 => String::new(),
        many => format!(" (and {} more)", many - 1),
    }
}

fn bottlenecks(report: &Report) -> Vec<String> {
    let mut reasons = Vec::new();
    for (index, worker) in report.generator.workers.iter().enumerate() {
        let percent = busiest_percent(worker);
        if percent > WORKER_BUSY_PERCENT_MAX {
            reasons.push(format!("worker {index} was busy for up to {percent:.0} % of a core"));
        }
    }
    let main = report.main();
    let late = main.and_then(|figures| figures.late_us.as_ref()).map_or(0.0, |late| late.p99);
    let latency = main.and_then(|figures| figures.latency_us.as_ref()).map_or(0.0, |latency| latency.p99);
    if late > LATE_US_MAX && late > latency * LATE_SHARE_MAX {
        let [late, latency] = [late, latency].map(words::milliseconds);
        reasons.push(format!(
            "1 % of operations began more than {late} ms late, of a p99 latency of {latency} ms"
        ));
    }
    if let Some(percent) =
        report.generator.machine_percent.filter(|&percent| percent > MACHINE_BUSY_PERCENT_MAX)
    {
        let busy = percent * f64::from(report.machine.cores);
        match report.server.as_ref().map(|server| server.cpu_percent) {
            Some(server) if server < busy / 2.0 => reasons.push(format!(
                "the machine's CPUs were {percent:.0} % busy, and the server had only {:.0} % of that",
                server / busy * 100.0
            )),
            Some(_) => {}
            None => reasons.push(format!("the CPUs of the generator's machine were {percent:.0} % busy")),
        }
    }
    reasons
}

fn shortcomings(report: &Report) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(audit) = report.audit.as_ref().filter(|audit| !audit.is_clean()) {
        let counts = [
            (audit.lost, "lost"),
            (audit.doubled, "came twice"),
            (audit.reordered, "out of order"),
            (audit.altered, "altered or never sent"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, what)| format!("{} {what}", words::whole(count))).collect();
        reasons.push(format!("of {} messages {}", words::whole(audit.sent), counts.join(", ")));
    }
    for (name, figures) in &report.operations {
        let counts = [(figures.failed, "failed"), (figures.timed_out, "timed out")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, what)| format!("{} {what}", words::whole(count))).collect();
        if !counts.is_empty() {
            reasons.push(format!("of {} × {name} {}", words::whole(figures.started), counts.join(", ")));
        }
    }
    reasons.extend(report.main().and_then(|figures| backlog(&report.scenario.operation, figures)));
    if report.main().is_none_or(|figures| figures.completed == 0) {
        reasons.push(format!("not one {} completed in the measured phase", report.scenario.operation));
    }
    let sessions = &report.sessions;
    if sessions.most < sessions.wanted {
        let [most, wanted] = [sessions.most, sessions.wanted].map(words::whole);
        reasons.push(format!("only {most} of {wanted} sessions were open at a time"));
    }
    if sessions.at_end < sessions.to_stay {
        let [at_end, to_stay] = [sessions.at_end, sessions.to_stay].map(words::whole);
        reasons.push(format!("only {at_end} of {to_stay} sessions were there at the end"));
    }
    if sessions.lost > 0 {
        reasons
            .push(format!("{} ended without having been asked to", words::counted(sessions.lost, "session")));
    }
    for process in report.server.iter().flat_map(|server| &server.processes) {
        if let Some(at) = process.ended_at_s {
            reasons.push(format!(
                "the server's process {} ({}) ended after {at:.0} s",
                process.pid, process.name
            ));
        }
    }
    reasons
}

/// Operations that have a time of their own begin whether or not others have ended; a server that keeps up ends as many. One that
/// completes them in the drain did not; those that fail or time out there are a reason of their own.
fn backlog(name: &str, figures: &Figures) -> Option<String> {
    let ended = figures.completed + figures.failed + figures.timed_out;
    let kept_up = figures.late_us.is_none() || ended * 100 >= figures.started * KEPT_UP_PERCENT_MIN;
    let [started, ended] = [figures.started, ended].map(words::whole);
    (!kept_up)
        .then(|| format!("the server did not keep up: {started} × {name} began, and only {ended} ended"))
}

fn praise(report: &Report) -> String {
    match &report.audit {
        Some(audit) if audit.returned > 0 => format!(
            "all {} messages came once, unaltered and in order, or were given back to their senders ({})",
            words::whole(audit.delivered + audit.returned),
            words::whole(audit.returned)
        ),
        Some(audit) => {
            format!("all {} messages came once, unaltered and in order", words::whole(audit.delivered))
        }
        None => {
            let completed = report.main().map_or(0, |figures| figures.completed);
            format!("all {} × {} completed", words::whole(completed), report.scenario.operation)
        }
    }
}

fn busiest(report: &Report) -> String {
    let busiest = report.generator.workers.iter().map(busiest_percent).fold(0.0, f64::max);
    format!("busiest worker {busiest:.0} % of a core")
}

/// Reports of earlier versions only have the mean.
fn busiest_percent(worker: &Worker) -> f64 {
    worker.cpu_percent_max.max(worker.cpu_percent)
}

#[cfg(test)]
mod tests {
    use super::super::Distribution;
    use super::super::samples::{CHATDEVD, bad, good};
    use super::*;

    fn judged(change: impl FnOnce(&mut Report)) -> Report {
        let mut report = good(&CHATDEVD);
        change(&mut report);
        report.judge(Vec::new());
        report
    }

    fn late(late_us: f64, latency_us: f64) -> Report {
        judged(|report| {
            let figures = report.operations.get_mut("message").expect("there are messages");
            figures.late_us.clone_from(&figures.latency_us);
            figures.late_us.as_mut().expect("just set").p99 = late_us;
            figures.latency_us.as_mut().expect("some completed").p99 = latency_us;
        })
    }

    #[test]
    fn a_run_without_fault_and_with_room_is_good() {
        let report = judged(|_| ());
        assert!(report.verdict.passed && !report.generator.bottleneck);
        assert!(
            report.headline().starts_with("GOOD: all 2,534,000 messages came once"),
            "{}",
            report.headline()
        );
    }

    #[test]
    fn what_was_given_back_did_not_come() {
        let report = judged(|report| {
            let audit = report.audit.as_mut().expect("there is one");
            (audit.delivered, audit.returned) = (audit.sent - 1200, 1200);
        });
        let praise = "GOOD: all 2,534,000 messages came once, unaltered and in order, or were given back to their senders (1,200),";
        assert!(report.headline().starts_with(praise), "{}", report.headline());
    }

    #[test]
    fn a_worker_without_room_is_the_bottleneck() {
        assert!(!judged(|report| report.generator.workers[0].cpu_percent_max = 84.0).generator.bottleneck);
        let mean = judged(|report| report.generator.workers[0].cpu_percent = 86.0);
        assert!(mean.generator.bottleneck, "as reports are that have nothing else");
        let report = judged(|report| report.generator.workers[0].cpu_percent_max = 86.0);
        assert!(report.generator.bottleneck && report.verdict.passed);
        assert!(
            report.headline().starts_with("GENERATOR'S LIMIT, not the server's: worker 0"),
            "{}",
            report.headline()
        );
    }

    #[test]
    fn beginning_late_counts_when_it_is_much_of_the_latency() {
        assert!(late(1500.0, 9000.0).generator.bottleneck);
        assert!(!late(1500.0, 90_000.0).generator.bottleneck, "the server is slow, not we");
        assert!(!late(900.0, 1000.0).generator.bottleneck, "the clock of a timer is no better");
    }

    #[test]
    fn a_busy_machine_is_the_limit_unless_the_server_has_most_of_it() {
        let busy = |server_percent| {
            judged(|report| {
                report.generator.machine_percent = Some(99.0);
                report.server.as_mut().expect("it is watched").cpu_percent = server_percent;
            })
        };
        assert!(busy(70.0).generator.bottleneck);
        assert!(!busy(120.0).generator.bottleneck);
    }

    #[test]
    fn every_way_to_fail_is_named() {
        let report = bad(&CHATDEVD);
        let reasons = [
            "of 2,534,000 messages 1,200 lost, 1 came twice",
            "of 2,172,000 × message 3 failed, 1,200 timed out",
            "1 session ended without having been asked to",
            "the server said <host-gone/>",
        ];
        assert_eq!(report.verdict.reasons, reasons);
        assert_eq!(
            report.headline(),
            "FAILED, and at the GENERATOR'S LIMIT: of 2,534,000 messages 1,200 lost, 1 came twice (and 5 more)"
        );
    }

    #[test]
    fn a_server_that_does_not_keep_up_with_what_begins_is_named() {
        let fallen_behind = |late: bool| {
            judged(|report| {
                let figures = report.operations.get_mut("message").expect("there are messages");
                figures.started *= 2;
                figures.late_us =
                    figures.latency_us.clone().filter(|_| late).map(|late| Distribution { p99: 1.0, ..late });
            })
        };
        let reasons = fallen_behind(true).verdict.reasons;
        assert_eq!(
            reasons,
            ["the server did not keep up: 4,344,000 × message began, and only 2,172,000 ended"]
        );
        assert!(
            fallen_behind(false).verdict.passed,
            "in a closed loop nothing begins before something ended"
        );
    }

    #[test]
    fn few_operations_have_to_keep_up_too() {
        let ended = |completed| {
            judged(|report| {
                let figures = report.operations.get_mut("message").expect("there are messages");
                (figures.started, figures.completed) = (60, completed);
                figures.late_us =
                    figures.latency_us.clone().map(|latency| Distribution { p99: 1.0, ..latency });
            })
        };
        assert!(ended(57).verdict.passed);
        let reasons = ended(56).verdict.reasons;
        assert_eq!(reasons, ["the server did not keep up: 60 × message began, and only 56 ended"]);
    }

    #[test]
    fn sessions_that_had_to_stay_and_are_not_there_at_the_end_are_missed() {
        let left = |to_stay| {
            judged(|report| {
                let sessions = &mut report.sessions;
                (sessions.wanted, sessions.most, sessions.at_end) = (1000, 1000, 1);
                sessions.to_stay = to_stay;
            })
        };
        assert_eq!(left(1000).verdict.reasons, ["only 1 of 1,000 sessions were there at the end"]);
        assert!(left(0).verdict.passed, "whoever signs in only to leave again is not missed");
    }

    #[test]
    fn a_run_in_which_nothing_completed_is_not_good() {
        let report = judged(|report| report.operations.clear());
        assert_eq!(report.verdict.reasons, ["not one message completed in the measured phase"]);
    }

    #[test]
    fn a_server_that_ended_is_named() {
        let report =
            judged(|report| report.server.as_mut().expect("watched").processes[0].ended_at_s = Some(12.3));
        assert_eq!(report.verdict.reasons, ["the server's process 4711 (chatdevd) ended after 12 s"]);
    }
}
