//! A process that is busy with as many long computations as it carries out at once.

use std::future::ready;
use std::pin::pin;
use std::sync::mpsc::{Sender, channel};
use std::thread::available_parallelism;
use std::time::Duration;

use chatdev_net::Env as _;
use chatdev_net::TokioEnv;
use tokio::select;

/// Longer than any test here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Takes every place for a long computation until what is returned is dropped.
pub(crate) async fn occupy(env: &TokioEnv) -> Vec<Sender<()>> {
    let mut places = Vec::new();
    // One for each core: more than there are places, and whoever got none has gone again.
    for _ in 0..available_parallelism().unwrap().get() {
        let (place, taken) = channel();
        let computing = pin!(env.compute(move || taken.recv_timeout(PATIENCE)));
        select! {
            biased;
            left = computing => panic!("nobody said that it may end: {left:?}"),
            () = ready(()) => {}
        }
        places.push(place);
    }
    places
}
