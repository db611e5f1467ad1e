//! What a connection does: carries bytes in order, ends in one direction or in both, is refused.

use std::{io, net::SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::env::{Connection, Env, Listener};

/// More than one segment, and not a whole number of anything.
const LONG: usize = 20_021;

fn long_text() -> Vec<u8> {
    (0..LONG).map(|at| (at % 251) as u8).collect()
}

pub(super) async fn answer_echo<L: Listener>(listener: &mut L) {
    let (mut connection, from) = listener.accept().await.expect("a connection");
    assert_eq!(connection.peer_addr().expect("an address"), from);
    let mut heard = vec![0; LONG];
    connection.read_exact(&mut heard).await.expect("everything that was written");
    connection.write_all(&heard).await.expect("a connection that is still open");
    connection.flush().await.expect("a connection that is still open");
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).await.expect("a clean end");
    assert_eq!(rest, b"", "nothing was written after the long text");
}

pub(super) async fn dial_echo<E: Env>(env: &E, address: SocketAddr) {
    let mut connection = env.connect(address).await.expect("somebody listens");
    assert_eq!(connection.peer_addr().expect("an address"), address);
    assert_ne!(connection.local_addr().expect("an address").port(), 0);
    connection.write_all(&long_text()).await.expect("an open connection");
    connection.flush().await.expect("an open connection");
    let mut heard = vec![0; LONG];
    connection.read_exact(&mut heard).await.expect("the echo");
    assert_eq!(heard, long_text(), "bytes arrive once and in order");
}

pub(super) async fn answer_half_close<L: Listener>(listener: &mut L) {
    let (connection, _) = listener.accept().await.expect("a connection");
    let (mut reading, mut writing) = connection.into_split();
    let mut heard = Vec::new();
    reading.read_to_end(&mut heard).await.expect("the end of one direction");
    assert_eq!(heard, b"question", "what was written before the end arrives before it");
    writing.write_all(b"answer").await.expect("the other direction is still open");
    writing.shutdown().await.expect("an open direction");
}

pub(super) async fn dial_half_close<E: Env>(env: &E, address: SocketAddr) {
    let connection = env.connect(address).await.expect("somebody listens");
    let (mut reading, mut writing) = connection.into_split();
    writing.write_all(b"question").await.expect("an open connection");
    writing.shutdown().await.expect("an open connection");
    let mut heard = Vec::new();
    reading.read_to_end(&mut heard).await.expect("the answer and its end");
    assert_eq!(heard, b"answer");
}

pub(super) async fn answer_by_dropping<L: Listener>(listener: &mut L) {
    let (mut connection, _) = listener.accept().await.expect("a connection");
    connection.write_all(b"farewell").await.expect("an open connection");
    connection.flush().await.expect("an open connection");
}

pub(super) async fn dial_and_read_the_end<E: Env>(env: &E, address: SocketAddr) {
    let mut connection = env.connect(address).await.expect("somebody listens");
    let mut heard = Vec::new();
    connection.read_to_end(&mut heard).await.expect("a clean end");
    assert_eq!(heard, b"farewell", "a dropped connection ends after what was written");
}

pub(super) async fn dial_after_the_port_closed<E: Env>(env: &E, address: SocketAddr) {
    let mut connection = env.connect(address).await.expect("somebody still listens");
    let mut rest = Vec::new();
    // Its end is the sign that the listener is gone.
    connection.read_to_end(&mut rest).await.expect("a clean end");
    let refused = env.connect(address).await.err().expect("nobody listens any more");
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}
