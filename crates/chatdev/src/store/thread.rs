//! The thread that a running client writes through: requests in, answers out when they are on the disk.
//!
//! What waits when the thread gets to it came as one group and becomes one transaction, so that a busy conversation costs a disk
//! flush per group and not per message. If a group fails, each of its requests is told so; none of them is stored.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};
use chatdev_client::{StoreAnswer, StoreRequest};
use chatdev_net::chat::Storage;
use tokio::sync::oneshot;

use super::{Device, Store};

/// Groups that wait at most. The driver has one under way at a time.
const WAITING_MAX: usize = 4;

struct Group {
    requests: Vec<StoreRequest>,
    stored: oneshot::Sender<Result<(), String>>,
}

/// Writes one device's records. Dropping it waits until what was asked for is written.
#[derive(Debug)]
pub(crate) struct StorageThread {
    groups: Option<SyncSender<Group>>,
    thread: Option<JoinHandle<()>>,
}

impl StorageThread {
    /// Starts the thread; it owns `store`.
    pub(crate) fn start(store: Store, device: Device) -> Result<Self> {
        let (groups, waiting) = sync_channel(WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("storage".into())
            .spawn(move || run(store, &device, &waiting))
            .context("cannot start the storage thread")?;
        Ok(Self { groups: Some(groups), thread: Some(thread) })
    }
}

impl Storage for StorageThread {
    async fn store(&self, requests: Vec<StoreRequest>) -> Vec<StoreAnswer> {
        let ids: Vec<_> = requests.iter().map(|request| request.id).collect();
        let (stored, written) = oneshot::channel();
        let groups = self.groups.as_ref().expect("the channel is taken only when dropping");
        let result = match groups.try_send(Group { requests, stored }) {
            Ok(()) => written.await.unwrap_or_else(|_| Err("the storage thread ended".into())),
            Err(_) => Err("too much waits for the disk".into()),
        };
        ids.into_iter().map(|id| StoreAnswer { id, result: result.clone() }).collect()
    }
}

impl Drop for StorageThread {
    fn drop(&mut self) {
        drop(self.groups.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed; there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

fn run(mut store: Store, device: &Device, waiting: &Receiver<Group>) {
    while let Ok(Group { requests, stored }) = waiting.recv() {
        let result = store.apply(device, requests.iter().map(|request| &request.record));
        // A client that is gone does not wait for its answer.
        let _ = stored.send(result.map_err(|error| format!("{error:#}")));
    }
}

#[cfg(test)]
mod tests {
    use chatdev_client::{Record, RequestId};
    use chatdev_directory::Fingerprint;
    use jid::BareJid;

    use super::*;

    #[tokio::test]
    async fn an_answer_means_that_another_connection_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let device = Device { account: BareJid::new("alice@a.example").unwrap(), name: "main".into() };
        let thread = StorageThread::start(Store::open(&path).unwrap(), device.clone()).unwrap();
        let reader = Store::open(&path).unwrap();
        for below in 1..20 {
            let record = Record::Reserved { device: Fingerprint([1; 32]), below };
            let answers = thread.store(vec![StoreRequest { id: RequestId(below), record }]).await;
            assert_eq!(answers, [StoreAnswer { id: RequestId(below), result: Ok(()) }]);
            assert_eq!(reader.remembered(&device).unwrap().reserved[&Fingerprint([1; 32])], below);
        }
    }

    #[tokio::test]
    async fn a_disk_that_refuses_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let device = Device { account: BareJid::new("alice@a.example").unwrap(), name: "main".into() };
        let store = Store::open(&path).unwrap();
        store.connection.pragma_update(None, "query_only", true).unwrap();
        let thread = StorageThread::start(store, device).unwrap();
        let record = Record::Reserved { device: Fingerprint([1; 32]), below: 1 };
        let answers = thread.store(vec![StoreRequest { id: RequestId(1), record }]).await;
        assert!(answers[0].result.as_ref().is_err_and(|error| error.contains("readonly")));
    }
}
