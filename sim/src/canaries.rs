//! Proof that the simulation finds bugs: each of the bugs that can be planted into the product (`chatdev-canary`) is
//! planted, and seeds are counted until a checker objects. A bug that survives two thousand seeds is a failure of the
//! simulation.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use chatdev_canary::{Canary, plant as sing};

use crate::{
    batch::cores,
    failure,
    hunt::told_of,
    run::verdict,
    scenarios::{self, SCENARIOS, Scenario},
};

/// A planted bug has to be found within so many seeds.
const SEEDS_MAX: u64 = 2_000;

/// Scenarios below this share take too long to wait for.
const SHARE_MIN: f64 = 0.1;

/// Every bug that can be planted.
#[must_use]
pub fn all() -> Vec<Canary> {
    Canary::ALL.to_vec()
}

/// Their names.
#[must_use]
pub fn names() -> Vec<&'static str> {
    all().into_iter().map(Canary::name).collect()
}

/// The one of that name.
#[must_use]
pub fn find(name: &str) -> Option<Canary> {
    all().into_iter().find(|canary| canary.name() == name)
}

/// Plants a bug for all runs of this thread.
pub fn plant(canary: Canary) {
    sing(Some(canary));
}

/// How a planted bug was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    seeds: u64,
    scenario: &'static str,
    seed: u64,
    checker: &'static str,
}

/// Hunts `hunts` times for each of `canaries`, each time through other seeds, from `first` on, and tells `out` what came of it;
/// the hunt in the middle counts. One that is hunted alone is examined like any failure, and its files are written below
/// `folder`. Whether all were found.
///
/// # Errors
/// Those of `out`, and of the files.
pub fn hunt(
    out: &mut impl Write,
    canaries: &[Canary],
    first: u64,
    hunts: u64,
    folder: &Path,
) -> io::Result<bool> {
    writeln!(out, "{:<30} {:>6}  {:<54} planted bug", "name", "seeds", "found by")?;
    let mut open: BTreeMap<usize, Vec<Option<Found>>> = BTreeMap::new();
    let mut medians = Vec::new();
    let mut all_found = true;
    for (number, found) in start_hunts(canaries, first, hunts.max(1)) {
        let of_this = open.entry(number).or_default();
        of_this.push(found);
        if of_this.len() as u64 == hunts.max(1) {
            let median = median(open.remove(&number).unwrap_or_default());
            all_found &= median.is_some();
            medians.push(median.map_or(SEEDS_MAX, |found| found.seeds));
            writeln!(out, "{}", row(canaries[number], median))?;
            out.flush()?;
            if let (Some(found), [alone]) = (median, canaries) {
                examine(out, *alone, found, folder)?;
            }
        }
    }
    medians.sort_unstable();
    let (middle, worst) = (medians.get(medians.len() / 2), medians.last());
    writeln!(
        out,
        "{} planted bugs, each hunted {hunts} times; median seeds to find one: {}, most: {}; {}",
        canaries.len(),
        middle.copied().unwrap_or_default(),
        worst.copied().unwrap_or_default(),
        if all_found { "all found" } else { "FAILED: some survive" }
    )?;
    Ok(all_found)
}

/// Makes the run in which a planted bug was found small, and writes its files.
fn examine(out: &mut impl Write, canary: Canary, found: Found, folder: &Path) -> io::Result<()> {
    let Some(scenario) = scenarios::find(found.scenario) else { return Ok(()) };
    sing(Some(canary));
    if let Some(failure) = failure::examine(&(scenario.schedule)(found.seed), folder)? {
        write!(out, "{}", told_of(&failure))?;
    }
    Ok(())
}

fn row(canary: Canary, median: Option<Found>) -> String {
    let (seeds, by) = match median {
        Some(Found { seeds, scenario, seed, checker }) => {
            (seeds.to_string(), format!("{checker} in {scenario} --seed {seed}"))
        }
        None => ("-".to_owned(), format!("NOT FOUND in {SEEDS_MAX} seeds")),
    };
    format!("{:<30} {seeds:>6}  {by:<54} {}", canary.name(), canary.about())
}

/// The hunt in the middle; `None` if most found nothing.
fn median(mut hunts: Vec<Option<Found>>) -> Option<Found> {
    hunts.sort_by_key(|found| found.map_or(u64::MAX, |found| found.seeds));
    hunts.get(hunts.len() / 2).copied().flatten()
}

/// All hunts on all cores: which of `canaries`, and what came of it.
fn start_hunts(
    canaries: &[Canary],
    first: u64,
    hunts: u64,
) -> impl Iterator<Item = (usize, Option<Found>)> + use<> {
    let (tell, news) = mpsc::channel();
    let next = Arc::new(AtomicUsize::new(0));
    for _ in 0..cores() {
        let (tell, next, canaries) = (tell.clone(), Arc::clone(&next), canaries.to_vec());
        #[expect(clippy::disallowed_methods, reason = "runs are independent of each other")]
        thread::spawn(move || {
            loop {
                let task = next.fetch_add(1, Ordering::Relaxed) as u64;
                let (number, hunt) = (task / hunts, task % hunts);
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                let Some(canary) = canaries.get(number) else { return };
                sing(Some(*canary));
                let found = one_hunt(first + hunt * 10 * SEEDS_MAX);
                if tell.send((number, found)).is_err() {
                    return;
                }
            }
        });
    }
    news.into_iter()
}

/// One seed of each scenario in turn.
fn one_hunt(first: u64) -> Option<Found> {
    let scenarios: Vec<Scenario> =
        SCENARIOS.into_iter().filter(|scenario| scenario.share >= SHARE_MIN).collect();
    (0..SEEDS_MAX).find_map(|number| {
        let at = usize::try_from(number).unwrap_or_default() % scenarios.len();
        let (scenario, seed) = (scenarios[at], first + number);
        let verdict = verdict(&(scenario.schedule)(seed));
        let violation = verdict.violations.first()?;
        Some(Found { seeds: number + 1, scenario: scenario.name, seed, checker: violation.checker })
    })
}
