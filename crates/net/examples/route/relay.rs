//! The bare relay: bytes from one connection of a pair are written to the other, unseen. The least that any
//! server can cost.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement on real sockets and clocks"
)]

use std::collections::HashMap;
use std::io::Write;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::{Error, lines};

/// As many as the servers read at once.
const BUFFER_BYTES: usize = 16 * 1024;

/// Serves until it is ended from outside.
pub(crate) fn serve() -> Result<(), Error> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        let mut waiting: HashMap<usize, TcpStream> = HashMap::new();
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let number = lines::read_number(&mut stream).await?;
            let Some(mut other) = waiting.remove(&(number ^ 1)) else {
                waiting.insert(number, stream);
                continue;
            };
            stream.write_all(lines::READY).await?;
            other.write_all(lines::READY).await?;
            let ((from_one, to_one), (from_other, to_other)) = (stream.into_split(), other.into_split());
            tokio::spawn(carry(from_one, to_other));
            tokio::spawn(carry(from_other, to_one));
        }
    })
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> std::io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let len = from.read(&mut buffer).await?;
        if len == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..len]).await?;
    }
}
