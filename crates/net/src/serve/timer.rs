//! The Switchboard's deadlines; and a look at the clock now and then, by which the server's own stalls are noticed
//! (`board.rs`): a machine that slept, a process that was stopped. Nobody is reaped for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::select;

use super::{Shared, Storage};
use crate::env::Env;

/// The timer looks at the clock at least this often while somebody is connected, so that a stall is measured
/// to within that, whenever the next deadline is.
const WATCH: Duration = Duration::from_secs(1);

/// Runs until the server is asked to stop.
pub(super) async fn run<E: Env, S: Storage>(shared: Arc<Shared<E, S>>) {
    let Shared { env, board, .. } = &*shared;
    while !env.stop().is_triggered() {
        let Some((deadline, watch)) = board.set_timer(env.now() + WATCH) else {
            select! {
                biased;
                () = env.stop().triggered() => return,
                () = board.timer_wanted_earlier() => continue,
            }
        };
        select! {
            biased;
            () = env.stop().triggered() => return,
            // Before the next branch: a stall must not go unnoticed because something else happened as well.
            () = env.sleep_until(watch) => {}
            () = board.timer_wanted_earlier() => continue,
        }
        env.chaos("timer due → fired").await;
        let at = env.moment();
        // What waits on the sockets is read before a session is reaped in any case.
        if at.mono >= deadline {
            board.handle_timeout(env, at);
        } else {
            board.watch(env);
        }
    }
}
