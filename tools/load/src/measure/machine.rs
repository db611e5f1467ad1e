//! The machine that the generator runs on: what it is, and how busy it is.

use std::fs;

use crate::report::Machine;

/// The CPU time of a whole machine, in the kernel's ticks, summed over its CPUs since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Busyness {
    pub(super) busy_ticks: u64,
    pub(super) all_ticks: u64,
}

impl Busyness {
    /// Until now; `None` if this is not Linux.
    pub(super) fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// Of the first line, `cpu user nice system idle iowait irq softirq steal guest guest_nice`. Guests are in `user` already.
    /// What another machine on the same hardware stole counts as busy: it was not to be had.
    fn parse(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> =
            fields.split_ascii_whitespace().take(8).map_while(|field| field.parse().ok()).collect();
        let all_ticks = ticks.iter().sum();
        let idle_ticks = ticks.get(3)? + ticks.get(4)?;
        Some(Self { busy_ticks: all_ticks - idle_ticks, all_ticks })
    }

    /// The share of the CPUs that was busy since an earlier time, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "ticks of years are far below 2^52")]
    pub(super) fn since(self, earlier: Self) -> f64 {
        let all_ticks = self.all_ticks.saturating_sub(earlier.all_ticks).max(1);
        self.busy_ticks.saturating_sub(earlier.busy_ticks) as f64 / all_ticks as f64
    }
}

/// What this machine is. Where something cannot be known it is empty, or 0.
pub(super) fn machine() -> Machine {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let after = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches([':', ' ', '\t']).to_owned()
    };
    let memory = after(&read("/proc/meminfo"), "MemTotal");
    let memory_kb: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    Machine {
        cores: u32::try_from(cpus.lines().filter(|line| line.starts_with("processor")).count())
            .unwrap_or(u32::MAX),
        cpu: after(&cpus, "model name"),
        kernel: read("/proc/sys/kernel/osrelease").trim_end().to_owned(),
        memory_bytes: memory_kb * 1024,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_busy_with_what_is_neither_idle_nor_waiting() {
        let earlier = Busyness::parse("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1\n").expect("well formed");
        let later = Busyness::parse("cpu  160 0 70 810 60 0 0 0 0 0\n").expect("well formed");
        assert_eq!(earlier, Busyness { busy_ticks: 150, all_ticks: 1000 });
        assert!((later.since(earlier) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn this_machine_has_cores_and_a_kernel() {
        let machine = machine();
        assert!(machine.cores > 0 && machine.memory_bytes > 0 && !machine.kernel.is_empty(), "{machine:?}");
    }
}
