//! The end, told to all connections at once.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Whoever holds one can wait for the end. A semaphore that never has a permit, and is closed at the end: that wakes all who wait.
#[derive(Clone, Debug)]
pub(super) struct Stop(Arc<Semaphore>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(super) fn trigger(&self) {
        self.0.close();
    }

    pub(super) async fn triggered(&self) {
        let _closed = self.0.acquire().await;
    }
}
