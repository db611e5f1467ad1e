//! [`Process`]: what a process uses, as Linux tells it under `/proc`. Not its descendants: a server of several processes
//! is several of these.
//!
//! CPU time comes from the process's CPU clock (`clock_getcpuclockid(3)`): nanoseconds, threads that have ended included.
//! The two alternatives are worse: `stat` counts in ticks of 10 ms, and the sum over `task/*/schedstat` forgets what threads
//! had used when they ended. Only how it divides into user and system comes from `stat`.

use std::time::Duration;
use std::{fs, io};

use nix::time::ClockId;
use nix::unistd::Pid;

/// A process that is watched.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What the kernel calls it, such as `beam.smp`.
    pub name: String,
}

/// What a process has used and uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// CPU time since it started, of all its threads.
    pub(super) cpu: Duration,
    /// How that was spent, in the kernel's ticks.
    pub(super) user_ticks: u64,
    pub(super) system_ticks: u64,
    /// Resident memory, what it shares with others included.
    pub(super) rss_bytes: u64,
    pub(super) threads: u64,
    /// Open files; `None` where we may not know, or on a kernel before 6.2, where counting them would take the time
    /// of walking through them.
    pub(super) open_files: Option<u64>,
}

impl Process {
    /// A running process, by its number.
    ///
    /// # Errors
    ///
    /// There is none, or this is not Linux.
    pub fn of(pid: u32) -> io::Result<Self> {
        let name = fs::read_to_string(format!("/proc/{pid}/comm"))?.trim_end().to_owned();
        Ok(Self { pid, name })
    }

    /// The one that asks.
    ///
    /// # Errors
    ///
    /// This is not Linux.
    pub fn own() -> io::Result<Self> {
        Self::of(std::process::id())
    }

    /// Its CPU time, memory, threads and files now.
    pub(super) fn usage(&self) -> io::Result<Usage> {
        let pid = i32::try_from(self.pid).map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let (user_ticks, system_ticks) = ticks(&stat).ok_or(io::ErrorKind::InvalidData)?;
        // One that has ended, and has not been waited for, is still listed; it has no memory any more.
        let rss = field(&status, "VmRSS:").ok_or(io::ErrorKind::NotFound)?;
        let open_files = fs::metadata(format!("/proc/{pid}/fd")).ok().map(|folder| folder.len());
        Ok(Usage {
            cpu: ClockId::pid_cpu_clock_id(Pid::from_raw(pid))?.now()?.into(),
            user_ticks,
            system_ticks,
            rss_bytes: rss * 1024,
            threads: field(&status, "Threads:").unwrap_or_default(),
            open_files: open_files.filter(|&files| files > 0),
        })
    }

    /// Its proportional memory: shared pages are divided among those who share them. `None` if we may not know. The kernel
    /// walks through all its pages for that, up to some milliseconds in which the process cannot change its mappings.
    pub(super) fn pss_bytes(&self) -> Option<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid)).ok()?;
        Some(field(&rollup, "Pss:")? * 1024)
    }
}

/// User and system time of `/proc/PID/stat`. The second field, the name, may contain anything, spaces and parentheses too.
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The number after a name, of files with a name and a number on each line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_whose_name_looks_like_fields_is_understood() {
        let stat = "17 (a) b) 1 2) S 1 17 17 0 -1 4194560 100 0 0 0 421 77 0 0 20 0 4 0 100 0 0";
        assert_eq!(ticks(stat), Some((421, 77)));
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let rollup = "0-f ---p [rollup]\nRss:  1756 kB\nPss_Dirty:  116 kB\nPss:  381 kB\n";
        assert_eq!(field(rollup, "Pss:"), Some(381));
        assert_eq!(field(rollup, "Swap:"), None);
    }

    #[test]
    fn the_own_process_has_memory_threads_and_files() {
        let own = Process::own().expect("Linux");
        let usage = own.usage().expect("we may know about ourselves");
        assert!(usage.rss_bytes > 0 && usage.threads > 0, "{usage:?}");
        assert!(own.pss_bytes().expect("our own") <= usage.rss_bytes * 2);
    }

    #[test]
    fn the_cpu_clock_never_runs_backwards_and_counts_work() {
        let own = Process::own().expect("Linux");
        let before = own.usage().expect("ours").cpu;
        let mut sum = 0_u64;
        while own.usage().expect("ours").cpu == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(own.usage().expect("ours").cpu > before);
    }

    #[test]
    fn a_process_that_is_not_there_is_not_found() {
        let error = Process::of(u32::MAX).expect_err("no such number");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
