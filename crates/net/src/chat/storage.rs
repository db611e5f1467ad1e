//! Storage as the client driver sees it, and the task that carries requests to it.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chatdev_client::{Received, Record, Remembered, StoreAnswer, StoreRequest};
use tokio::sync::mpsc;

use super::owner::Input;
use crate::Env;

/// Requests that are stored together at most.
const BATCH_MAX: usize = 256;

/// Where a client's memory is kept.
pub trait Storage: Send + Sync + 'static {
    /// Makes a batch of requests durable, in order, in one transaction or several, and answers each. Not called again
    /// before the answers are there.
    fn store(&self, batch: Vec<StoreRequest>) -> impl Future<Output = Vec<StoreAnswer>> + Send;
}

/// Storage in memory: for tests, the simulation, and accounts that leave no trace. Clones share it, so that a client can be started again
/// with what the one before it stored.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    remembered: Remembered,
    received: Vec<Received>,
}

impl MemoryStorage {
    /// What a client started now would remember.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        self.lock().remembered.clone()
    }

    /// Every message that was stored, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Every change is one call, so a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for MemoryStorage {
    async fn store(&self, batch: Vec<StoreRequest>) -> Vec<StoreAnswer> {
        let mut kept = self.lock();
        let mut answers = Vec::with_capacity(batch.len());
        for request in batch {
            if let Record::Received { device, n, message: Some(message) } = &request.record
                && kept.remembered.marks.get(device).is_none_or(|mark| n > mark)
            {
                kept.received.push(message.clone());
            }
            answers.push(kept.remembered.handle(&request));
        }
        answers
    }
}

/// Carries requests to storage, as many at once as wait, until the owner is gone.
pub(super) async fn carry<E: Env, S: Storage>(
    env: E,
    storage: S,
    mut requests: mpsc::Receiver<StoreRequest>,
    inputs: mpsc::Sender<Input<E>>,
) {
    while let Some(first) = requests.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX
            && let Ok(request) = requests.try_recv()
        {
            batch.push(request);
        }
        env.chaos("client storage request").await;
        let answers = storage.store(batch).await;
        env.chaos("client storage answer").await;
        for answer in answers {
            if inputs.send(Input::Stored(answer)).await.is_err() {
                return;
            }
        }
    }
}
