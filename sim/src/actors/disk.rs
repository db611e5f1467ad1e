//! The disks of a run: what production keeps in SQLite, in memory that outlives its process, with faults.
//!
//! A slow disk takes its time before it changes anything, and between the records of one batch; a process that
//! dies meanwhile has stored what was stored by then, and no answer tells it how much that is.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_client::{Received, Record, StoreAnswer, StoreRequest};
use chatdev_net::{Env, Note, chat, serve};
use chatdev_server::{MemoryStore, StorageAnswer, StorageRequest};

use super::accounts::{account, credentials};
use crate::schedule::DiskFault;

/// What is wrong with a disk now. Clones are of the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    now: Arc<Mutex<Option<DiskFault>>>,
}

impl Faults {
    pub(crate) fn set(&self, fault: Option<DiskFault>) {
        *self.now.lock().expect("nothing panics while it holds a disk's state") = fault;
    }

    fn is_well(&self) -> bool {
        self.now.lock().expect("nothing panics while it holds a disk's state").is_none()
    }

    /// Takes the time that a request takes. Whether it fails.
    async fn meet(&self, env: &impl Env) -> bool {
        let fault = *self.now.lock().expect("nothing panics while it holds a disk's state");
        match fault {
            None => false,
            Some(DiskFault::Failing) => true,
            Some(DiskFault::Slow(ms)) => {
                env.sleep_until(env.now() + Duration::from_millis(ms)).await;
                false
            }
        }
    }
}

/// A client's disk.
pub(crate) struct ClientDisk<E> {
    pub(crate) env: E,
    pub(crate) kept: chat::MemoryStorage,
    pub(crate) faults: Faults,
}

impl<E: Env> ClientDisk<E> {
    async fn keep(&self, batch: Vec<StoreRequest>) -> Vec<StoreAnswer> {
        for request in &batch {
            if let Record::Received { message: Some(Received { id: Some(id), .. }), .. } = &request.record {
                self.env.note(|| Note::Remark { kind: "stored", text: id.clone() });
            }
        }
        chat::Storage::store(&self.kept, batch).await
    }
}

impl<E: Env> chat::Storage for ClientDisk<E> {
    async fn store(&self, batch: Vec<StoreRequest>) -> Vec<StoreAnswer> {
        if self.faults.is_well() {
            return self.keep(batch).await;
        }
        let mut answers = Vec::with_capacity(batch.len());
        for request in batch {
            if self.faults.meet(&self.env).await {
                answers.push(StoreAnswer { id: request.id, result: Err("the disk is full".to_owned()) });
            } else {
                answers.extend(self.keep(vec![request]).await);
            }
        }
        answers
    }
}

/// The server's disk. It knows the accounts of a schedule from the beginning.
#[derive(Clone, Debug)]
pub(crate) struct ServerDisk {
    accounts: Arc<Mutex<MemoryStore>>,
    pub(crate) faults: Faults,
}

impl ServerDisk {
    /// With these accounts, all under the simulation's password.
    pub(crate) fn with_accounts<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut accounts = MemoryStore::new();
        for name in names {
            accounts.insert(account(name), credentials());
        }
        Self { accounts: Arc::new(Mutex::new(accounts)), faults: Faults::default() }
    }
}

/// What one life of the server sees of its disk.
#[derive(Clone, Debug)]
pub(crate) struct Mounted<E> {
    pub(crate) env: E,
    pub(crate) disk: ServerDisk,
}

impl<E: Env> serve::Storage for Mounted<E> {
    async fn request(&self, request: StorageRequest) -> StorageAnswer {
        if self.disk.faults.meet(&self.env).await {
            return StorageAnswer::Failed;
        }
        self.disk.accounts.lock().expect("nothing panics while it holds the store").answer(request)
    }
}
