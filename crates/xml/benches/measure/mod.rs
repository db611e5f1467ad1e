//! What runs a case of a benchmark: criterion, which times it; or, with `counted` as the first argument, this file, which
//! only runs it so many times, for callgrind to count the instructions (`.ci/instructions`).

use std::hint::black_box;

use criterion::{Criterion, Throughput};

/// Rounds before the counted ones: buffers and tables have their size then.
const ROUNDS_BEFORE: u64 = 40;

/// One case of a benchmark.
pub(crate) struct Case {
    /// Unique among all benchmarks: `room/what`.
    pub(crate) name: &'static str,
    /// What one round handles. Instructions are kept for each of its elements, or for all of its bytes.
    pub(crate) handles: Throughput,
    /// Does what comes before, and returns one round.
    pub(crate) prepare: fn() -> Box<dyn FnMut()>,
}

/// To be called by each benchmark's `main`.
pub(crate) fn run(cases: &[Case]) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["counted"] => {
            for case in cases {
                println!("{} {}", case.name, case.elements());
            }
        }
        ["counted", name, rounds] => {
            let case = cases.iter().find(|case| case.name == name).expect("the name of a case");
            let mut round = (case.prepare)();
            (0..ROUNDS_BEFORE).for_each(|_| round());
            counted_rounds(&mut round, rounds.parse().expect("a number of rounds"));
            // At once: clearing away is not counted.
            std::process::exit(0);
        }
        _ => time(cases),
    }
}

/// Callgrind is told to count from here on, by this name.
#[inline(never)]
fn counted_rounds(round: &mut dyn FnMut(), rounds: u64) {
    for _ in 0..black_box(rounds) {
        round();
    }
}

fn time(cases: &[Case]) {
    let mut criterion = Criterion::default().configure_from_args();
    for case in cases {
        let (room, what) = case.name.split_once('/').expect("a room, a slash, and what");
        let mut group = criterion.benchmark_group(room);
        group.throughput(case.handles.clone());
        let mut round = None;
        // Prepared only if criterion's filter lets the case run.
        group.bench_function(what, |bencher| bencher.iter(round.get_or_insert_with(|| (case.prepare)())));
        group.finish();
    }
    criterion.final_summary();
}

impl Case {
    fn elements(&self) -> u64 {
        if let Throughput::Elements(elements) = self.handles { elements } else { 1 }
    }
}
