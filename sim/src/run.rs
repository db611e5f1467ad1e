//! Runs a schedule: builds its world, does to it what the schedule says, and has the outcome judged while it
//! happens.

pub(crate) mod cast;
mod stage;
pub(crate) mod timeline;

use std::time::Duration;

use crate::{
    checkers::{Figures, Judge, Verdict},
    log::Log,
    schedule::Schedule,
};
use stage::Stage;
use timeline::Timeline;

/// What became of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Everything that happened.
    pub log: Log,
    /// What the checkers say of it.
    pub verdict: Verdict,
}

/// Runs `schedule` from beginning to end, and keeps everything that happened.
#[must_use]
pub fn run(schedule: &Schedule) -> Outcome {
    let mut run = Run::new(schedule);
    run.kept = Some(Vec::new());
    run.stage.world.hash_wire();
    let verdict = run.play_out();
    let log = Log::new(run.kept.unwrap_or_default(), run.stage.world.wire_digest());
    Outcome { log, verdict }
}

/// Runs `schedule` until something is violated, or to its end, and keeps nothing but the verdict.
#[must_use]
pub fn verdict(schedule: &Schedule) -> Verdict {
    Run::new(schedule).play_out()
}

struct Run<'a> {
    schedule: &'a Schedule,
    stage: Stage,
    judge: Judge,
    /// What happened, where it is kept. Then the run also goes on after a violation.
    kept: Option<Vec<crate::events::Entry>>,
}

impl<'a> Run<'a> {
    fn new(schedule: &'a Schedule) -> Self {
        Self { schedule, stage: Stage::new(schedule), judge: Judge::new(schedule), kept: None }
    }

    fn play_out(&mut self) -> Verdict {
        let failure = self.schedule.flaw().or_else(|| self.play().err());
        if self.judge.is_violated() && self.kept.is_none() {
            return self.judge.verdict();
        }
        let figures: Figures = self.stage.figures();
        self.judge.finish(self.stage.world.now(), figures, failure)
    }

    fn play(&mut self) -> Result<(), String> {
        for (at_ms, deed) in Timeline::of(self.schedule) {
            if !self.run_until(at_ms)? {
                return Ok(());
            }
            self.stage.take(self.schedule, &deed)?;
        }
        self.run_until(self.schedule.end_ms()).map(drop)
    }

    /// Whether to go on after it.
    fn run_until(&mut self, at_ms: u64) -> Result<bool, String> {
        let at = Duration::from_millis(at_ms);
        while self.stage.world.now() < at {
            self.stage.world.step()?;
            for entry in self.stage.world.take_entries() {
                self.judge.see(&entry);
                if let Some(kept) = &mut self.kept {
                    kept.push(entry);
                }
            }
            if self.kept.is_none() && self.judge.is_violated() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
