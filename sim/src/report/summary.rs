//! A batch as text.

use std::{fmt::Write as _, time::Duration};

use super::columns::violations;
use crate::{batch::Batch, scenarios::Scenario};

/// How many failing seeds of a batch are shown.
const FAILURES_SHOWN: usize = 3;

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// A scenario's batch, in some lines; the last says how to see a failure again.
#[must_use]
pub fn batch(scenario: &Scenario, batch: &Batch) -> String {
    let took = batch.took.as_secs_f64().max(1e-9);
    let simulated = batch.simulated.as_secs_f64();
    let mut text = format!(
        "{:<21} {:>5} seeds {:>9.3} days {:>7.0} × real time {:>6.1} seeds/s/core  {}\n",
        scenario.name,
        batch.seeds,
        simulated / SECONDS_OF_A_DAY,
        simulated / took,
        seeds(batch) / took,
        if batch.failures.is_empty() { "good" } else { "FAILED" }
    );
    for name in scenario.meets {
        let times = batch.sometimes.get(name).copied().unwrap_or_default();
        let missed = if times == 0 { "  NEVER MET" } else { "" };
        let _infallible = writeln!(text, "    {times:>6} × {name}{missed}");
    }
    for (seed, found) in batch.failures.iter().take(FAILURES_SHOWN) {
        let _infallible = writeln!(text, "  seed {seed}");
        text += &violations(found);
    }
    if let Some(seed) = batch.failures.keys().next() {
        let count = batch.failures.len();
        let _infallible = writeln!(text, "  {count} of {} seeds failed; see one again with", batch.seeds);
        let _infallible = writeln!(text, "  just sim {} --seed {seed}", scenario.name);
    }
    text
}

/// All batches of a hunt together.
#[must_use]
pub fn total(batches: &[Batch], took: Duration, cores: usize) -> String {
    let all: f64 = batches.iter().map(seeds).sum();
    let simulated = batches.iter().map(|batch| batch.simulated).sum::<Duration>().as_secs_f64();
    let failed: usize = batches.iter().map(|batch| batch.failures.len()).sum();
    let seconds = took.as_secs_f64();
    format!(
        "{all} seeds, {:.2} simulated days in {seconds:.0} s on {cores} cores: {:.0} seconds a second, {:.0} seeds/s; {}\n",
        simulated / SECONDS_OF_A_DAY,
        simulated / seconds,
        all / seconds,
        if failed == 0 { "all good".to_owned() } else { format!("{failed} FAILED") }
    )
}

fn seeds(batch: &Batch) -> f64 {
    f64::from(u32::try_from(batch.seeds).unwrap_or(u32::MAX))
}
