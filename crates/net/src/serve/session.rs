//! One connection, from its first byte to its last: a task that reads when the brain wants to read, writes
//! what others could not, keeps deadlines, and carries out what the brain asks for.

use std::future::pending;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_server::{Admitted, Connection, Effect, RequestId, StorageRequest};
use chatdev_stream::Transport;
use chatdev_stream::sasl::Stretching;
use tokio::select;

use super::line::Line;
use super::socket::Socket;
use super::tap::{Ending, Tee};
use super::{Shared, Storage, opening};
use crate::env::Env;

/// Reads that a session which is due gets before it is reaped: 16 times what is read at once.
const LAST_READS_MAX: usize = 16;

struct Session<E: Env, S: Storage> {
    shared: Arc<Shared<E, S>>,
    line: Arc<Line<E>>,
    connection: Connection,
}

/// Runs one connection.
pub(super) async fn run<E: Env, S: Storage>(
    shared: Arc<Shared<E, S>>,
    connection: E::Connection,
    address: IpAddr,
    admitted: Admitted,
    tee: Option<Arc<Tee<E>>>,
) {
    // Boxed: what it takes to open a connection is given back before the long life of a session begins.
    let opened = Box::pin(Session::open(shared, connection, address, admitted, tee)).await;
    if let Some(mut session) = opened {
        session.live().await;
        Box::pin(session.part()).await;
        session.end().await;
    }
}

impl<E: Env, S: Storage> Session<E, S> {
    /// The first byte, TLS if it comes at once, and then the stream. `None` if nothing came of it.
    async fn open(
        shared: Arc<Shared<E, S>>,
        connection: E::Connection,
        address: IpAddr,
        admitted: Admitted,
        tee: Option<Arc<Tee<E>>>,
    ) -> Option<Box<Self>> {
        let accepted = shared.env.moment();
        let deadline = accepted.mono + shared.config.stream.negotiation;
        let Some(opened) = opening::open(&shared, connection, deadline, tee.as_deref()).await else {
            shared.board.release(&shared.env, &admitted);
            return None;
        };
        let transport = Transport { tls: opened.tls, loopback: address.to_canonical().is_loopback() };
        let rng = shared.env.rng("connection", admitted.connection().0);
        // From the moment of its acceptance: the first byte and TLS are part of negotiation.
        let connection = Connection::new(Arc::clone(&shared.config), admitted, transport, rng, accepted);
        let line = Line::new(Arc::clone(connection.outbound()), opened.socket, tee);
        shared.board.add_line(&line);
        Some(Box::new(Self { shared, line, connection }))
    }

    fn env(&self) -> &E {
        &self.shared.env
    }

    /// Until the stream is over.
    async fn live(&mut self) {
        // The server may have been asked to stop before this line was there to be told.
        self.handle_orders().await;
        loop {
            let behind = self.settle().await;
            match self.connection.poll_effect() {
                None => self.wait(behind).await,
                // Boxed, all three: large, rare and short, where what stays is there for every idle session.
                Some(Effect::StartTls) => Box::pin(self.start_tls()).await,
                Some(Effect::Storage { id, request }) => Box::pin(self.store(id, *request)).await,
                Some(Effect::Stretch { id, stretching }) => Box::pin(self.stretch(id, *stretching)).await,
                Some(Effect::Close) => return,
            }
        }
    }

    /// Lets what was read take effect, and writes what came of it. Returns whether the line is behind.
    async fn settle(&mut self) -> bool {
        while self.connection.needs_commit() {
            self.env().chaos("read → handle").await;
            let at = self.env().moment();
            let board = &self.shared.board;
            let ((), touched) =
                board.hold(&self.shared.env, |switchboard| self.connection.commit(switchboard, at));
            self.env().chaos("output → write").await;
            touched.write();
            self.connection.handle_committed(at);
        }
        self.line.flush_now().await
    }

    /// Waits for the next thing to happen to this connection. Input goes before time-outs that are due at the
    /// same instant.
    async fn wait(&mut self, behind: bool) {
        let Self { shared, line, connection } = self;
        let env = &shared.env;
        let deadline = connection.poll_timeout();
        let reading = connection.is_reading();
        select! {
            biased;
            () = line.woken() => Box::pin(self.handle_orders()).await,
            read = line.read(|bytes| take(env, connection, bytes)), if reading => self.ended_by(read),
            written = line.flush(), if behind => self.ended_by(written),
            () = reached(env, deadline) => {
                self.connection.handle_timeout(self.shared.env.moment());
            }
        }
    }

    fn ended_by(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            tracing::debug!(%error, "a connection failed");
            self.connection.handle_eof(self.shared.env.moment());
        }
    }

    async fn handle_orders(&mut self) {
        let due = self.connection.handle_orders(self.shared.env.moment());
        if !due {
            return;
        }
        // It seems silent, or to have claimed nothing: what waits on its socket speaks for it.
        for _ in 0..LAST_READS_MAX {
            let Self { shared, line, connection } = self;
            if !connection.is_reading() || planted(Canary::TimeOutBeforeInput) {
                break;
            }
            match line.read_now(|bytes| take(&shared.env, connection, bytes)).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => self.ended_by(Err(error)),
            }
        }
        self.env().chaos("due → reaped").await;
        self.connection.handle_due(self.shared.env.moment());
    }

    async fn store(&mut self, id: RequestId, request: StorageRequest) {
        let shared = Arc::clone(&self.shared);
        let answer = async {
            let answer = shared.storage.request(request).await;
            shared.env.chaos("storage request → answer").await;
            answer
        };
        if let Some(answer) = self.answered(answer).await {
            self.connection.handle_stored(self.env().moment(), id, answer);
        }
    }

    /// Somebody who may not even be signed in makes the server compute for milliseconds: elsewhere, and in turn.
    async fn stretch(&mut self, id: RequestId, stretching: Stretching) {
        let shared = Arc::clone(&self.shared);
        let stretched = async {
            let stretched = shared.env.compute(move || stretching.carry_out()).await;
            shared.env.chaos("stretching → stretched").await;
            stretched
        };
        if let Some(stretched) = self.answered(stretched).await {
            self.connection.handle_stretched(self.env().moment(), id, stretched);
        }
    }

    /// Nothing is read until the answer is there; orders and deadlines are kept, and what others send is
    /// written. `None` if the stream is over before.
    async fn answered<T>(&mut self, answer: impl Future<Output = T>) -> Option<T> {
        let shared = Arc::clone(&self.shared);
        let env = &shared.env;
        let mut answer = pin!(answer);
        loop {
            let deadline = self.connection.poll_timeout();
            select! {
                biased;
                answer = &mut answer => return Some(answer),
                () = self.line.woken() => self.handle_orders().await,
                written = self.line.flush(), if self.line.is_behind() => self.ended_by(written),
                () = env.sleep_until(deadline.unwrap_or_default()), if deadline.is_some() => {
                    self.connection.handle_timeout(env.moment());
                }
            }
            if self.connection.is_over() {
                return None;
            }
        }
    }

    /// RFC 6120 §5.4.3: the answer goes out in clear, and nothing that came in clear behind the request is
    /// left to be read.
    async fn start_tls(&mut self) {
        let deadline = self.connection.poll_timeout().unwrap_or_default();
        let written = select! {
            biased;
            written = self.line.flush() => written,
            () = self.env().sleep_until(deadline) => Err(io::ErrorKind::TimedOut.into()),
        };
        if let (Ok(()), Some(Socket::Clear(socket))) = (written, self.line.take_socket())
            && let Some(opened) = opening::seal(&self.shared, socket, deadline, self.line.tee()).await
            && let Some(facts) = opened.tls
        {
            self.line.put_socket(opened.socket);
            return self.connection.handle_tls(self.shared.env.moment(), facts);
        }
        self.connection.handle_eof(self.shared.env.moment());
    }

    /// The stream is over: its last words are written, and the client gets a moment to read them and to
    /// close, because a connection that is closed with unread input takes back what was written last.
    async fn part(&mut self) {
        let deadline = self.env().now() + self.shared.config.limits.parting;
        let line = &self.line;
        let words = pin!(async {
            line.flush().await?;
            line.shut_down().await?;
            let mut open = true;
            while open {
                line.read(|bytes| open = !bytes.is_empty()).await?;
            }
            io::Result::Ok(())
        });
        select! {
            biased;
            _ = words => {}
            () = self.env().sleep_until(deadline) => {}
        }
        if let Some(tee) = self.line.tee() {
            tee.ending(Ending::Answerer);
        }
        drop(self.line.take_socket());
    }

    async fn end(&mut self) {
        self.connection.handle_gone(self.shared.env.moment());
        self.settle().await;
        if let Some(tee) = self.line.tee() {
            tee.end();
        }
        self.shared.board.remove_line(&self.line);
    }
}

/// Waits until a deadline; for ever where there is none. Boxed, as a timer is large and a bound session has none.
async fn reached<E: Env>(env: &E, deadline: Option<Duration>) {
    match deadline {
        Some(deadline) => Box::pin(env.sleep_until(deadline)).await,
        None => pending().await,
    }
}

/// Brings what was read to the brain; nothing at all is the end.
fn take<E: Env>(env: &E, connection: &mut Connection, bytes: &[u8]) {
    let at = env.moment();
    if bytes.is_empty() {
        connection.handle_eof(at);
    } else {
        connection.handle_bytes(at, bytes);
    }
}
