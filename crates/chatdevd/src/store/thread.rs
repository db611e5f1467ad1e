//! The one thread on which the server's requests to the database are carried out.
//!
//! SQLite blocks, and a commit waits for the disk: neither may hold up a connection's task. Requests that arrive
//! during a commit are carried out together in the next one, so a crowd that signs up shares the waits. Answers are
//! given after the commit, in the order of the requests. The thread also looks for what `chatdevd account` did
//! meanwhile.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use chatdev_net::serve::Storage;
use chatdev_server::{StorageAnswer, StorageRequest};
use jid::NodeRef;
use rusqlite::TransactionBehavior;
use tokio::sync::oneshot;

use super::changes::ChangeReader;
use super::{AccountChange, Accounts, Store, StoreError};

/// Requests in one commit.
pub const REQUESTS_PER_GROUP_MAX: usize = 256;

/// Requests that wait. A connection has at most one open; of a larger crowd some are told to try again later.
pub const REQUESTS_WAITING_MAX: usize = 16_384;

/// How often the thread looks for changes by commands, each of which waits for that.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// A handle to the thread. When it is closed, or the last handle is dropped, all that was asked is on the disk.
#[derive(Clone, Debug)]
pub struct StorageThread {
    end: Arc<End>,
}

#[derive(Debug)]
struct End {
    /// Boxed, because the channel has room for as many as may wait from the start.
    requests: Mutex<Option<SyncSender<Box<Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Job {
    request: StorageRequest,
    answer: oneshot::Sender<StorageAnswer>,
}

impl StorageThread {
    /// Starts it. `changed` is called on the thread with every change that a command made, and must not block.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(store: Store, changed: impl FnMut(AccountChange) + Send + 'static) -> io::Result<Self> {
        let (requests, jobs) = sync_channel(REQUESTS_WAITING_MAX);
        let work = move || Worker { store, changed, reader: ChangeReader::default() }.run(&jobs);
        let thread = Builder::new().name("storage".to_owned()).spawn(work)?;
        let (requests, thread) = (Mutex::new(Some(requests)), Mutex::new(Some(thread)));
        Ok(Self { end: Arc::new(End { requests, thread }) })
    }

    /// Carries out one request. The change it asks for is made, and on the disk when this is ready, whether or not it
    /// is awaited.
    pub fn request(&self, request: StorageRequest) -> impl Future<Output = StorageAnswer> + Send + 'static {
        let (answer, answered) = oneshot::channel();
        let requests = self.end.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(requests) = &*requests
            && let Err(error) = requests.try_send(Box::new(Job { request, answer }))
        {
            tracing::error!(%error, "a request to the storage was refused");
        }
        // A job that was not taken drops its sender, which is heard as a failure too.
        async { answered.await.unwrap_or(StorageAnswer::Failed) }
    }

    /// Waits until all that was asked is carried out. What is asked later fails. Blocks, as dropping the last handle
    /// does.
    pub fn close(&self) {
        self.end.close();
    }
}

impl Storage for StorageThread {
    fn request(&self, request: StorageRequest) -> impl Future<Output = StorageAnswer> + Send {
        Self::request(self, request)
    }
}

impl End {
    fn close(&self) {
        drop(self.requests.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the storage thread ended early");
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.close();
    }
}

struct Worker<F> {
    store: Store,
    changed: F,
    reader: ChangeReader,
}

impl<F: FnMut(AccountChange)> Worker<F> {
    fn run(mut self, jobs: &Receiver<Box<Job>>) {
        let mut next_look = Instant::now();
        loop {
            match jobs.recv_timeout(next_look.saturating_duration_since(Instant::now())) {
                Ok(first) => {
                    let mut group = vec![*first];
                    group.extend(jobs.try_iter().map(|job| *job).take(REQUESTS_PER_GROUP_MAX - 1));
                    self.carry_out(group);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if next_look <= Instant::now() {
                self.look();
                next_look = Instant::now() + LOOK_INTERVAL;
            }
        }
    }

    fn look(&mut self) {
        if let Err(error) = self.reader.read(&self.store.connection, &mut self.changed) {
            tracing::error!(%error, "cannot read what `chatdevd account` did; trying again");
        }
    }

    /// All of them, or, if the database fails, none.
    fn carry_out(&mut self, group: Vec<Job>) {
        let requests: Vec<_> = group.iter().map(|job| &job.request).collect();
        let answers = commit(&mut self.store, &requests).unwrap_or_else(|error| {
            tracing::error!(%error, requests = group.len(), "the database failed");
            vec![StorageAnswer::Failed; group.len()]
        });
        for (job, answer) in group.into_iter().zip(answers) {
            // A connection that is gone by now has no use for it.
            let _ = job.answer.send(answer);
        }
    }
}

fn commit(store: &mut Store, requests: &[&StorageRequest]) -> Result<Vec<StorageAnswer>, StoreError> {
    let reads_only = requests.iter().all(|request| matches!(request, StorageRequest::Credentials { .. }));
    // A transaction that reads first and writes later could find that another process wrote in between.
    let behavior = if reads_only { TransactionBehavior::Deferred } else { TransactionBehavior::Immediate };
    let transaction = store.connection.transaction_with_behavior(behavior)?;
    let accounts = Accounts::new(&transaction);
    let answers = requests.iter().map(|request| answer(accounts, request)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(answers)
}

fn answer(accounts: Accounts<'_>, request: &StorageRequest) -> Result<StorageAnswer, StoreError> {
    let done_or = |done: bool, otherwise| if done { StorageAnswer::Done } else { otherwise };
    let Some(username) = request.account().node() else {
        // The server itself, `example.net`, is nobody's account.
        return Ok(match request {
            StorageRequest::Credentials { .. } => StorageAnswer::Credentials(None),
            _ => StorageAnswer::Missing,
        });
    };
    Ok(match request {
        StorageRequest::Credentials { .. } => credentials(accounts, username)?,
        StorageRequest::Create { credentials, .. } => {
            done_or(accounts.create(username, credentials)?, StorageAnswer::Exists)
        }
        StorageRequest::Replace { credentials, .. } => {
            done_or(accounts.replace(username, credentials)?, StorageAnswer::Missing)
        }
        StorageRequest::Remove { .. } => done_or(accounts.remove(username)?, StorageAnswer::Missing),
    })
}

/// One damaged account must not keep the others of its group out.
fn credentials(accounts: Accounts<'_>, username: &NodeRef) -> Result<StorageAnswer, StoreError> {
    match accounts.credentials(username) {
        Ok(credentials) => Ok(StorageAnswer::Credentials(credentials)),
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::error!(%error, "an account cannot be used; set its password anew");
            Ok(StorageAnswer::Failed)
        }
        Err(error) => Err(error),
    }
}
