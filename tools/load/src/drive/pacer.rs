//! The open loop: each operation begins at its intended time, whether earlier ones have ended or not. One that begins late
//! keeps the time that it was intended for, so that a server which stands still is charged for all that should have
//! happened meanwhile.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::time::Duration;

use super::timer::Timer;
use super::worker::Worker;

/// Somebody who does something at times of their own.
pub(super) trait Paced {
    /// It is time for what was intended for then. Returns when the next one is intended, if there is one.
    fn act(self: Rc<Self>, intended: Duration, now: Duration) -> Option<Duration>;
}

/// Lets everybody act at their times, the first at the given ones, as long as the load is on.
pub(super) fn begin<P: Paced + 'static>(
    worker: &Rc<Worker>,
    everybody: impl IntoIterator<Item = (Duration, Rc<P>)>,
) {
    let paced = everybody.into_iter().map(|(first, who)| -> (Duration, Rc<dyn Paced>) { (first, who) });
    tokio::task::spawn_local(run(Rc::clone(worker), paced.collect()));
}

/// Lets the members take turns, so many a second in all; which turn is whose follows from their numbers.
pub(super) fn in_turns<'a, P: Paced + 'static>(
    worker: &Rc<Worker>,
    per_second: f64,
    members: impl Iterator<Item = (usize, &'a Rc<P>)>,
) {
    let now = worker.clock.now();
    let first = |number: usize| now + Duration::from_secs_f64(number as f64 / per_second);
    begin(worker, members.map(|(number, member)| (first(number), Rc::clone(member))));
}

async fn run(worker: Rc<Worker>, paced: Vec<(Duration, Rc<dyn Paced>)>) {
    let timer = match Timer::new(worker.clock) {
        Ok(timer) => timer,
        Err(error) => return worker.fail(anyhow::Error::new(error).context("the system gives no timer")),
    };
    let mut due: BinaryHeap<Reverse<(Duration, usize)>> =
        paced.iter().enumerate().map(|(index, (at, _))| Reverse((*at, index))).collect();
    while let Some(Reverse((at, _))) = due.peek() {
        if let Err(error) = timer.sleep_until(*at).await {
            return worker.fail(anyhow::Error::new(error).context("the timer failed"));
        }
        if !worker.is_on() {
            return;
        }
        let now = worker.clock.now();
        while let Some(&Reverse((intended, index))) = due.peek() {
            if intended > now {
                break;
            }
            due.pop();
            if let Some(next) = Rc::clone(&paced[index].1).act(intended, worker.clock.now()) {
                due.push(Reverse((next, index)));
            }
        }
        // Somebody who is always late must not keep the others from reading.
        tokio::task::yield_now().await;
    }
}
