//! The first byte of a connection, and TLS: at once where it begins with a ClientHello (XEP-0368), or asked
//! for by STARTTLS.
//!
//! All of it counts against the stream's one deadline for negotiation, and ends when the server is asked to
//! stop.

use std::future::Future;
use std::io;
use std::time::Duration;

use chatdev_stream::TlsFacts;
use tokio::io::AsyncReadExt as _;
use tokio::select;

use super::socket::{Beneath, Socket};
use super::tap::{Ending, Tee};
use super::{Shared, Storage};
use crate::env::Env;
use crate::prefixed::Prefixed;

/// The first byte of a TLS record that holds a handshake message (RFC 8446 §5.1). No XML begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// A connection that its stream can begin on.
pub(super) struct Opened<E: Env> {
    pub(super) socket: Socket<E>,
    pub(super) tls: Option<TlsFacts>,
}

/// Waits for the first byte, and for the TLS handshake if it begins one. `None` if nothing came of it until
/// `deadline`.
pub(super) async fn open<E: Env, S: Storage>(
    shared: &Shared<E, S>,
    mut connection: E::Connection,
    deadline: Duration,
    tee: Option<&Tee<E>>,
) -> Option<Opened<E>> {
    let mut first = [0];
    let read = within(&shared.env, deadline, tee, connection.read_exact(&mut first)).await?;
    read.inspect_err(|error| tracing::debug!(%error, "a connection ended before its first byte")).ok()?;
    let connection = Prefixed::new(first.to_vec(), connection);
    match first {
        [TLS_HANDSHAKE] => seal(shared, connection, deadline, tee).await,
        _ => Some(clear(connection)),
    }
}

fn clear<E: Env>(connection: Beneath<E>) -> Opened<E> {
    Opened { socket: Socket::Clear(connection), tls: None }
}

/// Does the TLS handshake. `None` if nothing came of it until `deadline`.
pub(super) async fn seal<E: Env, S: Storage>(
    shared: &Shared<E, S>,
    connection: Beneath<E>,
    deadline: Duration,
    tee: Option<&Tee<E>>,
) -> Option<Opened<E>> {
    let acceptor = shared.acceptor()?;
    // Boxed: a handshake is large and short, and the task that it is part of lives on.
    let handshake = Box::pin(shared.env.accept_tls(connection, &acceptor));
    let handshaken = within(&shared.env, deadline, tee, handshake).await?;
    let handshaken = handshaken
        .inspect_err(|error| {
            tracing::debug!(%error, "a TLS handshake failed");
            if let Some(tee) = tee {
                tee.note(format!("the TLS handshake failed: {error}"));
            }
        })
        .ok()?;
    if let Some(tee) = tee {
        tee.sealed(handshaken.protection.as_ref());
    }
    let tls = Some(TlsFacts { exporter: handshaken.exporter });
    Some(Opened { socket: Socket::Sealed(Box::new(handshaken.stream)), tls })
}

async fn within<E: Env, T>(
    env: &E,
    deadline: Duration,
    tee: Option<&Tee<E>>,
    what: impl Future<Output = io::Result<T>>,
) -> Option<io::Result<T>> {
    let result = select! {
        biased;
        () = env.stop().triggered() => None,
        result = what => Some(result),
        () = env.sleep_until(deadline) => None,
    };
    match (tee, &result) {
        (Some(tee), Some(Err(error))) => tee.failed(error.kind()),
        (Some(tee), None) => tee.ending(Ending::Answerer),
        (Some(_), Some(Ok(_))) | (None, _) => {}
    }
    result
}
