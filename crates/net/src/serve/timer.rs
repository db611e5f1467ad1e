//! The Switchboard's deadlines, and the server's own stalls: a machine that slept, a process that was
//! stopped. Nobody is reaped for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::select;

use super::{Shared, Storage};
use crate::env::Env;

/// How late the timer may wake before the server is taken to have stood still. Default: half a second; a busy
/// machine is late by milliseconds.
const STALL: Duration = Duration::from_millis(500);

/// The timer looks at the clock at least this often while somebody is connected, so that a stall is measured
/// to within that, whenever the next deadline is.
const WATCH: Duration = Duration::from_secs(1);

/// Runs until the server is asked to stop.
pub(super) async fn run<E: Env, S: Storage>(shared: Arc<Shared<E, S>>) {
    let Shared { env, board, .. } = &*shared;
    while !env.stop().is_triggered() {
        let Some(deadline) = board.set_timer() else {
            select! {
                biased;
                () = env.stop().triggered() => return,
                () = board.timer_wanted_earlier() => continue,
            }
        };
        let wake = deadline.min(env.now() + WATCH);
        select! {
            biased;
            () = env.stop().triggered() => return,
            // Before the next branch: a stall must not go unnoticed because something else happened as well.
            () = env.sleep_until(wake) => {}
            () = board.timer_wanted_earlier() => continue,
        }
        env.chaos("timer due → fired").await;
        let at = env.moment();
        let late = at.mono.saturating_sub(wake);
        if late >= STALL {
            // Before anything else is made of the time: every deadline of a session moves by it. What waits
            // on the sockets is read before a session is reaped in any case.
            tracing::warn!(?late, "the server stood still; deadlines move by that");
            board.handle_stall(late);
        }
        if at.mono >= deadline {
            board.handle_timeout(env, at);
        }
    }
}
