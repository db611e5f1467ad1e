//! Some seeds of every scenario; `just sim` runs many more.

use chatdev_sim::{batch::run_batch, report, scenarios::SCENARIOS};

/// Seeds of each scenario: enough to meet a quiet network and drawn ones.
const SEEDS: u64 = 5;

#[test]
fn every_scenario_is_good() {
    let batches = SCENARIOS.map(|scenario| (scenario, run_batch(scenario, 0, SEEDS)));
    let failed: String = batches
        .iter()
        .filter(|(_, batch)| !batch.failures.is_empty())
        .map(|(scenario, batch)| report::batch(scenario, batch))
        .collect();
    assert_eq!(failed, "");
}
