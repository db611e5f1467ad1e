//! Room for connections among the files that this process may have open.
//!
//! Systems start programs with a soft limit of 1024 for the sake of `select(2)`, which nothing here uses, and a hard
//! limit far above it: the program moves to what it needs by itself.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files beside connections: the database and its log, the lock, listeners, the runtime's own.
const OTHER_FILES: u64 = 64;

/// Raises the soft limit so that `connections_max` connections fit, and warns if the hard limit is below that.
pub(super) fn make_room(connections_max: usize) {
    let needed = (connections_max as u64).saturating_add(OTHER_FILES);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // `None` is "no limit".
    let Some(soft) = current.filter(|soft| *soft < needed) else { return };
    let wanted = maximum.map_or(needed, |hard| hard.min(needed));
    let reached = match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(_) => soft,
    };
    if reached < needed {
        tracing::warn!(
            connections_max,
            open_files_max = reached,
            "the system lets this process open fewer files than limits.connections_max; raise its limit (ulimit -n, LimitNOFILE)"
        );
    }
}
