//! What the system allows this process, looked at before a run begins: a limit that is too low is explained then, and not
//! found out at session 1,009.

use std::fs;

use anyhow::{Context as _, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::scenario::{Load, Scenario};
use crate::target::Target;

/// Files that are open beside the connections, at most: threads, reports, what the runtime needs.
const FILES_BESIDE: u64 = 64;

/// Raises what may be raised, and says what is too low and how to raise it.
///
/// # Errors
/// The run would meet a limit: which, what it is, and what is needed.
pub fn check(scenario: &Scenario, target: &Target, threads: usize) -> anyhow::Result<()> {
    // A direct stream has both its ends in this process.
    let ends = if matches!(scenario.load, Load::Peer(_)) { 2 } else { 1 };
    let files = (scenario.sessions * ends + threads * 8) as u64 + FILES_BESIDE;
    raise_files(files)?;
    if let Some((low, high)) = ports() {
        let each = usize::from(high.saturating_sub(low)) + 1;
        let room = each * target.sources.len().max(1);
        if scenario.sessions > room {
            let needed = scenario.sessions.div_ceil(each);
            bail!(
                "{} sessions need {needed} source addresses of {each} ports each; there are {}. Give more, such as `--from \
                 127.0.0.1,127.0.0.2`, or widen net.ipv4.ip_local_port_range",
                scenario.sessions,
                target.sources.len().max(1),
            );
        }
    }
    Ok(())
}

/// Asks for as many open files as the hard limit allows.
fn raise_files(needed: u64) -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    check_files(needed, limit.maximum)?;
    if limit.current.is_some_and(|current| current < needed) {
        let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
        setrlimit(Resource::Nofile, raised).context("the limit of open files could not be raised")?;
    }
    Ok(())
}

/// `maximum`: as far as the limit may be raised; without one, there is none.
fn check_files(needed: u64, maximum: Option<u64>) -> anyhow::Result<()> {
    if let Some(maximum) = maximum.filter(|&maximum| maximum < needed) {
        bail!(
            "the run needs {needed} open files, and this process may have {maximum} at most. Raise the limit (`ulimit -Hn`, \
             LimitNOFILE= of systemd, or /etc/security/limits.conf), or take fewer sessions"
        );
    }
    Ok(())
}

/// The local ports that the system gives out by itself.
fn ports() -> Option<(u16, u16)> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut bounds = range.split_whitespace().map(str::parse);
    Some((bounds.next()?.ok()?, bounds.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_too_low_is_explained() {
        let error = check_files(20_001, Some(20_000)).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "the run needs 20001 open files, and this process may have 20000 at most. Raise"
            ),
            "{error}"
        );
        assert!(check_files(20_000, Some(20_000)).is_ok() && check_files(u64::MAX, None).is_ok());
    }
}
