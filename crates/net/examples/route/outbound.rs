//! What is owed to one connection, and who writes it: whoever appended it, at once, or the connection's task.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

/// Who writes what was appended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// The task that read it; the owner only what the socket did not take.
    Direct,
    /// Always the owner, woken.
    ByItsOwner,
}

/// The queue and the socket of one connection.
pub(crate) struct Outbound {
    queue: Mutex<Vec<u8>>,
    socket: OwnedWriteHalf,
    /// Wakes the owner to write.
    wake: Notify,
}

impl Outbound {
    pub(crate) fn new(socket: OwnedWriteHalf) -> Self {
        Self { queue: Mutex::default(), socket, wake: Notify::new() }
    }

    /// The queue, to append to.
    pub(crate) fn queue(&self) -> MutexGuard<'_, Vec<u8>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has what was appended written.
    pub(crate) fn flush(&self, writing: Writing) -> io::Result<()> {
        if writing == Writing::ByItsOwner || !self.write()? {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Writes what the socket takes; whether that was all.
    fn write(&self) -> io::Result<bool> {
        let mut queue = self.queue();
        let mut written = 0;
        while written < queue.len() {
            match self.socket.try_write(&queue[written..]) {
                Ok(taken) => written += taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        queue.drain(..written);
        Ok(queue.is_empty())
    }

    /// The owner's part: waits until it is woken, then writes everything.
    pub(crate) async fn write_when_woken(&self) -> io::Result<()> {
        self.wake.notified().await;
        while !self.write()? {
            self.socket.writable().await?;
        }
        Ok(())
    }
}
