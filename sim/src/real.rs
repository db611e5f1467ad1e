//! The same actors on real sockets: a schedule carried out in real time, on loopback, with rustls, and judged by the
//! same checkers. What the simulation proves is proved about a world that behaves like this one.
//!
//! A run is one thread with one runtime of tokio, so that what is written down stands in the order in which it
//! happened. Many runs at once are many threads: they mostly wait.
//!
//! Not here: anything that needs a network of our own. Loopback loses nothing and is never late, so such acts are
//! refused ([`obstacle`]); and a machine has one clock, so `clock_rate_ppm` means nothing.

mod connection;
mod env;
mod forger;
mod premises;
mod process;
mod stage;
mod tls;
mod universe;

pub use connection::{RealConnection, RealListener, RealReadHalf, RealWriteHalf};
pub use env::RealEnv;
pub use premises::RealWorld;
pub use tls::RealTls;

use std::time::Duration;

use tokio::runtime::Builder;

use crate::{
    checkers::Judge,
    log::Log,
    run::{Outcome, timeline::Timeline},
    schedule::{Act, Ending, Manner, Network, Schedule},
};
use stage::Stage;

/// How late anything may be on a machine that has other things to do, in milliseconds. Less than the seconds that
/// the invariants are about.
const LATE_MS_MAX: u64 = 1_000;

/// Until so much later than in the simulation a world may take to have everybody signed in, in milliseconds: nothing is
/// done to it before, and nobody comes who comes late.
const BEGINS_LATER_MS: u64 = 3_000;

/// Who starts by then does not come late, in milliseconds.
const EARLY_MS: u64 = 1_000;

/// So much longer than in the simulation a world may take to settle, in milliseconds.
const SETTLES_LATER_MS: u64 = 3_000;

/// Why a schedule cannot run on real sockets; `None` where it can.
#[must_use]
pub fn obstacle(schedule: &Schedule) -> Option<String> {
    let hindering = schedule.ops.iter().find(|op| needs_our_network(&op.act));
    let hindering = hindering.map(|op| {
        format!("this schedule cannot run on real sockets: it has, at {} ms, “{}”", op.at_ms, op.act)
    });
    schedule.flaw().or(hindering)
}

fn needs_our_network(act: &Act) -> bool {
    match act {
        Act::End { how, .. } => *how == Ending::PowerCut,
        Act::Cut { how, .. } => *how == Manner::Silent,
        Act::Freeze { .. }
        | Act::Disk { .. }
        | Act::Send { .. }
        | Act::SetStatus { .. }
        | Act::Write { .. }
        | Act::Impersonate { .. } => false,
        Act::CutAfter { .. }
        | Act::Stall { .. }
        | Act::Deafen { .. }
        | Act::Shut { .. }
        | Act::Slow { .. }
        | Act::Dials { .. }
        | Act::SetWall { .. }
        | Act::Lie { .. }
        | Act::Hide { .. } => true,
    }
}

/// A copy of a schedule that says what a busy machine may do: its writes come late and in pieces, to sign in takes
/// longer, and so does to settle. By these numbers the checkers judge.
#[must_use]
pub fn loosened(schedule: &Schedule) -> Schedule {
    let network = Network {
        jitter_ms_max: LATE_MS_MAX,
        // TCP keeps no element together.
        pieces_octets_max: Some(4096),
        real_tls: true,
        ..Network::QUIET
    };
    let mut loosened =
        Schedule { network, settle_ms: schedule.settle_ms + SETTLES_LATER_MS, ..schedule.clone() };
    loosened.ops.iter_mut().for_each(|op| op.at_ms += BEGINS_LATER_MS);
    let late = loosened.actors.iter_mut().filter(|actor| actor.start_ms > EARLY_MS);
    late.for_each(|actor| actor.start_ms += BEGINS_LATER_MS);
    loosened
}

/// Runs `schedule` in real time, from beginning to end, on the calling thread. The log has no digest of the wire: it
/// is another one each time.
///
/// # Errors
/// The [`obstacle`], or why the machine cannot do it.
pub fn run(schedule: &Schedule) -> Result<Outcome, String> {
    if let Some(why) = obstacle(schedule) {
        return Err(why);
    }
    let runtime = Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|error| format!("there is no runtime: {error}"))?;
    runtime.block_on(play(schedule))
}

async fn play(schedule: &Schedule) -> Result<Outcome, String> {
    let mut stage = Stage::new(schedule).map_err(|error| format!("there is no world: {error}"))?;
    for (at_ms, deed) in Timeline::of(schedule) {
        stage.world.run_until(Duration::from_millis(at_ms)).await;
        stage.take(schedule, &deed)?;
    }
    stage.world.run_until(Duration::from_millis(schedule.end_ms())).await;
    let (at, failure) = (stage.world.now(), stage.world.failure());
    let mut judge = Judge::new(schedule);
    let entries = stage.world.take_entries();
    entries.iter().for_each(|entry| judge.see(entry));
    let verdict = judge.finish(at, stage.figures(), failure);
    Ok(Outcome { log: Log::new(entries, [0; 32]), verdict })
}
