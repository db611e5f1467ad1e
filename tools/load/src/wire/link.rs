//! [`Link`]: what is left of a connection once somebody has signed in on it. Anybody on its thread may write to it;
//! what the socket does not take then is kept, and written by a task that exists only as long.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::Socket;

/// Octets that wait for a socket at most, before its session is given up: 4 MiB. In a closed loop so many are never
/// under way; in an open one a server that takes in less than is offered is found out by its latencies long before.
const UNWRITTEN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// See the file's documentation.
#[derive(Debug)]
pub struct Link {
    socket: Socket,
    unwritten: RefCell<Vec<u8>>,
    /// A task waits for room to write.
    writing: Cell<bool>,
    failed: RefCell<Option<io::Error>>,
    /// Whoever reads: to be told of a failure that is not the socket's.
    reader: RefCell<Option<Waker>>,
    /// Our end of the stream is written.
    ended: Cell<bool>,
    /// Nothing is taken any more.
    closed: Cell<bool>,
}

impl Link {
    /// A link over a connection.
    #[must_use]
    pub fn new(socket: Socket) -> Rc<Self> {
        let (unwritten, failed, reader) = Default::default();
        let (writing, ended, closed) = Default::default();
        Rc::new(Self { socket, unwritten, writing, failed, reader, ended, closed })
    }

    /// Whether what is sent now has a chance to arrive.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.ended.get() && !self.closed.get()
    }

    /// Ends our side of the stream; nothing may follow (RFC 6120 §4.4), not even the same again.
    pub fn end_stream(self: &Rc<Self>) {
        self.send(b"</stream:stream>");
        self.ended.set(true);
    }

    /// Its session has ended.
    pub fn close(&self) {
        self.closed.set(true);
    }

    /// Nothing is taken from now on, and whoever reads is told why.
    fn fail(&self, error: io::Error) {
        self.closed.set(true);
        self.failed.borrow_mut().get_or_insert(error);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Writes, now or as soon as the socket takes it. A failure is told by [`Self::read`].
    pub fn send(self: &Rc<Self>, mut bytes: &[u8]) {
        if !self.is_open() {
            return;
        }
        if !self.writing.get() {
            while !bytes.is_empty() {
                match self.socket.try_write(bytes) {
                    Ok(taken) => bytes = &bytes[taken..],
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return self.fail(error),
                }
            }
            match self.socket.try_flush() {
                Ok(()) if bytes.is_empty() => return,
                Err(error) if error.kind() != ErrorKind::WouldBlock => return self.fail(error),
                _ => {}
            }
        }
        self.keep(bytes);
    }

    fn keep(self: &Rc<Self>, bytes: &[u8]) {
        let mut unwritten = self.unwritten.borrow_mut();
        unwritten.extend_from_slice(bytes);
        if unwritten.len() > UNWRITTEN_BYTES_MAX {
            drop(unwritten);
            self.fail(io::Error::other("the server does not read what it is sent"));
        } else if !self.writing.replace(true) {
            tokio::task::spawn_local(Rc::clone(self).write_kept());
        }
    }

    async fn write_kept(self: Rc<Self>) {
        loop {
            let bytes = std::mem::take(&mut *self.unwritten.borrow_mut());
            if let Err(error) = self.socket.write_all(&bytes).await {
                self.fail(error);
            }
            if self.closed.get() || self.unwritten.borrow().is_empty() {
                return self.writing.set(false);
            }
        }
    }

    /// Waits for something to come; then gives it to `take` with the buffer of the thread that all its links read
    /// into. No octets at the end. Cancel safe.
    ///
    /// # Errors
    /// The socket's, of reading or of what was sent before.
    pub async fn read(&self, buffer: &RefCell<Box<[u8]>>, take: impl FnOnce(&[u8])) -> io::Result<()> {
        let mut take = Some(take);
        poll_fn(|cx| {
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Err(error));
            }
            let mut buffer = buffer.borrow_mut();
            let Poll::Ready(length) = self.socket.poll_read(cx, &mut buffer) else {
                let mut reader = self.reader.borrow_mut();
                if !reader.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                    *reader = Some(cx.waker().clone());
                }
                return Poll::Pending;
            };
            let length = length?;
            if let Some(take) = take.take() {
                take(&buffer[..length]);
            }
            Poll::Ready(Ok(()))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpSocket};
    use tokio::task::LocalSet;

    use super::*;

    /// What the other side reads of a link until it ends.
    async fn read_of(talk: impl FnOnce(&Rc<Link>)) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        let ours = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut theirs, _) = listener.accept().await.unwrap();
        let link = Link::new(Socket::clear(ours));
        talk(&link);
        drop(link);
        let mut read = String::new();
        theirs.read_to_string(&mut read).await.unwrap();
        read
    }

    #[tokio::test]
    async fn behind_the_end_of_the_stream_nothing_is_written() {
        let talk = |link: &Rc<Link>| {
            link.send(b"<presence/>");
            link.end_stream();
            assert!(!link.is_open());
            link.send(b"<presence/>");
            link.end_stream();
        };
        let read = LocalSet::new().run_until(read_of(talk)).await;
        assert_eq!(read, "<presence/></stream:stream>");
    }

    #[tokio::test]
    async fn what_the_socket_does_not_take_at_once_is_written_all_the_same_and_the_end_behind_it() {
        let long = "x".repeat(UNWRITTEN_BYTES_MAX / 2);
        let talk = |link: &Rc<Link>| {
            link.send(long.as_bytes());
            assert!(link.writing.get(), "it had room for all of it");
            link.end_stream();
        };
        let read = LocalSet::new().run_until(read_of(talk)).await;
        assert!(read == format!("{long}</stream:stream>"), "{} octets", read.len());
    }
}
