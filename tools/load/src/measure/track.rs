//! [`Track`]: how what a process uses developed over a run.

use std::time::Duration;

use super::process::{Process, Usage};
use crate::report::{Memory, ServerProcess};

/// A process that is watched, and what it was seen to use.
#[derive(Debug)]
pub(super) struct Track {
    process: Process,
    /// Ascending times. Never empty after the first look.
    usages: Vec<(Duration, Usage)>,
    pss: Vec<(Duration, u64)>,
    ended_at: Option<Duration>,
}

impl Track {
    pub(super) fn of(process: Process) -> Self {
        Self { process, usages: Vec::new(), pss: Vec::new(), ended_at: None }
    }

    /// Looks at it. One that is gone has used what it had used.
    pub(super) fn look(&mut self, at: Duration) {
        match self.process.usage() {
            Ok(usage) => self.usages.push((at, usage)),
            Err(_) => _ = self.ended_at.get_or_insert(at),
        }
    }

    /// Looks at its proportional memory, which takes a while and holds it up.
    pub(super) fn look_at_pss(&mut self, at: Duration) {
        self.pss.extend(self.process.pss_bytes().map(|pss| (at, pss)));
    }

    /// What it had used when it was last looked at until then; at a time before the first look, what it had used at that.
    pub(super) fn usage(&self, at: Duration) -> Option<&Usage> {
        let after = self.usages.partition_point(|(time, _)| *time <= at);
        self.usages.get(after.saturating_sub(1)).map(|(_, usage)| usage)
    }

    /// CPU time until then; between two looks it passes evenly.
    fn cpu_until(&self, at: Duration) -> Duration {
        let after = self.usages.partition_point(|(time, _)| *time <= at);
        match (self.usages.get(after.saturating_sub(1)), self.usages.get(after)) {
            (Some((earlier, before)), Some((later, then))) if earlier < &at => {
                let share = (at - *earlier).as_secs_f64() / (*later - *earlier).as_secs_f64();
                before.cpu + then.cpu.saturating_sub(before.cpu).mul_f64(share)
            }
            (Some((_, usage)), _) => usage.cpu,
            (None, _) => Duration::ZERO,
        }
    }

    /// CPU time from one time to another.
    pub(super) fn cpu(&self, from: Duration, to: Duration) -> Duration {
        self.cpu_until(to).saturating_sub(self.cpu_until(from))
    }

    /// CPU over a time, in percent of one core.
    pub(super) fn cpu_percent(&self, from: Duration, to: Duration) -> f64 {
        let span = to.saturating_sub(from).as_secs_f64();
        if span > 0.0 { self.cpu(from, to).as_secs_f64() / span * 100.0 } else { 0.0 }
    }

    /// Its memory from one time to another, with so many sessions in the end.
    pub(super) fn memory(&self, from: Duration, to: Duration, sessions: u64) -> Memory {
        let rss = |at| self.usage(at).map_or(0, |usage| usage.rss_bytes);
        let pss = |at| self.pss.iter().rfind(|(time, _)| *time <= at).map(|(_, pss)| *pss);
        let mut memory = Memory {
            rss_bytes_before: rss(from),
            rss_bytes_after: rss(to),
            pss_bytes_before: pss(from),
            pss_bytes_after: pss(to),
            bytes_per_session: None,
        };
        memory.bytes_per_session = (sessions > 0).then(|| rounded(growth_bytes(&memory) / float(sessions)));
        memory
    }

    /// All of it, over the measured phase, and its memory since before the sessions.
    pub(super) fn summary(
        &self,
        before: Duration,
        measured: (Duration, Duration),
        sessions: u64,
    ) -> ServerProcess {
        let (from, to) = measured;
        let cpu_s = self.cpu(from, to).as_secs_f64();
        let ticks = |read: fn(&Usage) -> u64| {
            let until = |at| self.usage(at).map_or(0, read);
            float(until(to).saturating_sub(until(from)))
        };
        let (user, system) = (ticks(|usage| usage.user_ticks), ticks(|usage| usage.system_ticks));
        let user_share = if user + system > 0.0 { user / (user + system) } else { 1.0 };
        let end = self.usage(to).cloned().unwrap_or_default();
        ServerProcess {
            pid: self.process.pid,
            name: self.process.name.clone(),
            user_s: rounded(cpu_s * user_share),
            system_s: rounded(cpu_s * (1.0 - user_share)),
            memory: self.memory(before, to, sessions),
            threads: end.threads,
            open_files: end.open_files,
            ended_at_s: self.ended_at.map(|at| rounded(at.as_secs_f64())),
        }
    }
}

/// By how much a process grew: proportional memory if it is known, else resident memory.
pub(super) fn growth_bytes(memory: &Memory) -> f64 {
    match (memory.pss_bytes_before, memory.pss_bytes_after) {
        (Some(before), Some(after)) => float(after) - float(before),
        _ => float(memory.rss_bytes_after) - float(memory.rss_bytes_before),
    }
}

/// As far as a float is exact, which is 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts and bytes of a run are below 2^53")]
pub(super) fn float(number: u64) -> f64 {
    number as f64
}

/// To six digits behind the point: what is behind them is noise, and costs room in every report.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(usages: &[(u64, u64, u64)]) -> Track {
        let usage =
            |cpu_ms, rss_bytes| Usage { cpu: Duration::from_millis(cpu_ms), rss_bytes, ..Usage::default() };
        let usages = usages.iter().map(|&(at, cpu_ms, rss)| (Duration::from_secs(at), usage(cpu_ms, rss)));
        let process = Process { pid: 7, name: "server".to_owned() };
        Track { process, usages: usages.collect(), pss: Vec::new(), ended_at: None }
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn cpu_time_between_two_looks_passes_evenly() {
        let track = track(&[(0, 100, 0), (2, 300, 0), (4, 1300, 0)]);
        assert_eq!(track.cpu(s(1), s(3)), Duration::from_millis(600));
        assert_eq!(
            track.cpu(s(0), s(9)),
            Duration::from_millis(1200),
            "nothing is known after the last look"
        );
        assert!((track.cpu_percent(s(2), s(4)) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn memory_per_session_falls_back_to_resident_memory() {
        let mut track = track(&[(0, 0, 1000), (5, 0, 9000)]);
        assert_eq!(track.memory(s(0), s(5), 4).bytes_per_session, Some(2000.0));
        track.pss = vec![(s(0), 1000), (s(5), 3000)];
        assert_eq!(track.memory(s(0), s(5), 4).bytes_per_session, Some(500.0));
        assert_eq!(track.memory(s(0), s(5), 0).bytes_per_session, None);
    }

    #[test]
    fn a_process_that_was_never_seen_used_nothing() {
        assert_eq!(track(&[]).cpu(s(0), s(1)), Duration::ZERO);
    }
}
