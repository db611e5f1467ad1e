//! Octets in both directions on one connection, in clear or sealed, by the word of the owner.
//!
//! Reading takes one piece and then waits to be told to go on. Writing is never waited for by the owner: what is not
//! taken by the other side in time ends the connection.

use std::io;
use std::time::Duration;

use chatdev_client::{ConnectionId, Handshake};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

use super::owner::Input;
use crate::{Env, Io};

/// Octets read at once.
const PIECE_BYTES: usize = 16 * 1024;
/// How long a write may make no progress at all.
const WRITE_WAIT: Duration = Duration::from_secs(20);
/// How long, after our end, the other side's end is waited for: closing at once with octets unread would reset the
/// connection and destroy what was written last.
const LINGER: Duration = Duration::from_secs(2);

/// What the owner wants of a connection.
#[derive(Debug)]
pub(super) enum Work {
    /// Read one more piece.
    Read,
    /// Write this.
    Write(Vec<u8>),
    /// Shake hands, once everything is written.
    StartTls(Handshake),
}

/// How a conversation came to its end.
pub(super) enum Finish<S> {
    /// TLS is next, on this connection.
    StartTls(Handshake, S),
    /// The connection is over.
    Over,
}

/// One connection, while octets flow on it.
pub(super) struct Conversation<'a, E: Env> {
    pub(super) env: &'a E,
    pub(super) id: ConnectionId,
    pub(super) work: &'a mut mpsc::Receiver<Work>,
    pub(super) inputs: &'a mpsc::Sender<Input<E>>,
}

/// What is to be done next on the writing side.
#[derive(Default)]
struct Unwritten {
    octets: Vec<u8>,
    written: usize,
    /// Everything is written, and may still lie in a buffer of TLS.
    unflushed: bool,
    /// No progress until then: give up.
    until: Duration,
}

impl Unwritten {
    fn rest(&self) -> &[u8] {
        &self.octets[self.written..]
    }

    fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    fn is_done(&self) -> bool {
        self.is_empty() && !self.unflushed
    }

    fn push(&mut self, octets: Vec<u8>) {
        if self.is_empty() {
            self.octets = octets;
            self.written = 0;
        } else {
            self.octets.extend(octets);
        }
    }

    fn handle_written(&mut self, count: usize) {
        self.written += count;
        self.unflushed = true;
        if self.is_empty() {
            // An idle connection keeps no buffer.
            self.octets = Vec::new();
            self.written = 0;
        }
    }
}

/// What happened first.
enum Step {
    Work(Option<Work>),
    Read(io::Result<usize>),
    Wrote(io::Result<usize>),
    Flushed(io::Result<()>),
    Stuck,
}

/// Writes a piece of what is unwritten, or flushes where nothing is. Cancel safe.
async fn advance<S: Io>(writer: &mut WriteHalf<S>, unwritten: &Unwritten) -> Step {
    if unwritten.is_empty() {
        Step::Flushed(writer.flush().await)
    } else {
        Step::Wrote(writer.write(unwritten.rest()).await)
    }
}

impl<E: Env> Conversation<'_, E> {
    /// Runs until the owner closes the connection or wants TLS, or the connection fails.
    pub(super) async fn run<S: Io>(&mut self, io: S) -> Finish<S> {
        let (mut reader, mut writer) = tokio::io::split(io);
        let mut unwritten = Unwritten::default();
        let mut handshake = None;
        let mut piece = vec![0; PIECE_BYTES];
        let (mut reading, mut closing) = (false, false);
        loop {
            if unwritten.is_done() {
                if closing {
                    self.part(reader, writer).await;
                    return Finish::Over;
                }
                if let Some(handshake) = handshake {
                    return Finish::StartTls(handshake, reader.unsplit(writer));
                }
            }
            let step = tokio::select! {
                biased;
                work = self.work.recv(), if !closing => Step::Work(work),
                step = advance(&mut writer, &unwritten), if !unwritten.is_done() => step,
                result = reader.read(&mut piece), if reading => Step::Read(result),
                () = self.env.sleep_until(unwritten.until), if !unwritten.is_done() => Step::Stuck,
            };
            match step {
                Step::Work(None) => closing = true,
                Step::Work(Some(Work::Read)) => reading = true,
                Step::Work(Some(Work::StartTls(wanted))) => handshake = Some(wanted),
                Step::Work(Some(Work::Write(octets))) => {
                    if unwritten.is_done() {
                        unwritten.until = self.env.now() + WRITE_WAIT;
                    }
                    unwritten.push(octets);
                }
                Step::Wrote(Ok(count @ 1..)) => {
                    unwritten.handle_written(count);
                    unwritten.until = self.env.now() + WRITE_WAIT;
                }
                Step::Flushed(Ok(())) => unwritten.unflushed = false,
                Step::Read(Ok(count @ 1..)) => {
                    reading = false;
                    let octets = piece[..count].to_vec();
                    self.env.chaos("client read").await;
                    if self.inputs.send(Input::Bytes(self.id, octets)).await.is_err() {
                        return Finish::Over;
                    }
                }
                Step::Read(_) => {
                    reading = false;
                    if self.inputs.send(Input::Ended(self.id, None)).await.is_err() {
                        return Finish::Over;
                    }
                }
                Step::Wrote(_) | Step::Flushed(Err(_)) | Step::Stuck => {
                    self.fail().await;
                    return Finish::Over;
                }
            }
        }
    }
    /// The connection does not take what is written: tells the owner, and waits for it to let go.
    async fn fail(&mut self) {
        if self.inputs.send(Input::Ended(self.id, None)).await.is_ok() {
            while self.work.recv().await.is_some() {}
        }
    }

    /// Ends our side, and waits a little for the other side's end.
    async fn part<S: Io>(&mut self, mut reader: ReadHalf<S>, mut writer: WriteHalf<S>) {
        let until = self.env.now() + LINGER;
        let goodbye = async {
            let mut ignored = [0; 1024];
            if writer.shutdown().await.is_ok() {
                while matches!(reader.read(&mut ignored).await, Ok(1..)) {}
            }
        };
        tokio::select! {
            biased;
            () = goodbye => {}
            () = self.env.sleep_until(until) => {}
        }
    }
}
