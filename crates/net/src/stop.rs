//! A signal that asks many tasks to end: triggered once, seen by all, for ever.
//!
//! Built on [`tokio::sync::Notify`], whose waiters wake in the order in which they began to wait; `watch`
//! wakes them at random, which no simulation could repeat. It does not wait for the tasks to have ended.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// A one-way, one-time signal. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    triggered: AtomicBool,
    waiting: Notify,
}

impl Stop {
    /// A signal that has not been given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal. Every waiting task wakes, and every later wait is ready at once. Giving it again
    /// changes nothing.
    pub fn trigger(&self) {
        self.inner.triggered.store(true, Ordering::Release);
        self.inner.waiting.notify_waiters();
    }

    /// Whether the signal has been given.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.inner.triggered.load(Ordering::Acquire)
    }

    /// Waits for the signal. Cancel safe.
    pub async fn triggered(&self) {
        // `notified` counts from its creation, so a trigger between the check and the await is not missed.
        let notified = self.inner.waiting.notified();
        if !self.is_triggered() {
            notified.await;
        }
    }
}
