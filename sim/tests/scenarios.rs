//! Some seeds of every scenario; `just sim` runs many more.

use chatdev_sim::{batch::run_batch, report, scenarios::SCENARIOS};

/// Seeds of an ordinary scenario: enough to meet a quiet network and drawn ones.
const SEEDS: u64 = 4;

#[test]
fn every_scenario_is_good() {
    // Those that take long are for a batch.
    let short = SCENARIOS.into_iter().filter(|scenario| scenario.share > 0.1);
    let batches = short.map(|scenario| (scenario, run_batch(scenario, 0, SEEDS)));
    let failed: String = batches
        .filter(|(_, batch)| !batch.failures.is_empty())
        .map(|(scenario, batch)| report::batch(&scenario, &batch))
        .collect();
    assert_eq!(failed, "");
}
