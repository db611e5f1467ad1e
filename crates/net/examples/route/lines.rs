//! How a connection begins, before its stream: its first line says which one it is, for relay and servers alike
//! have to pair them, and a byte comes back when it can be reached.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Error;

/// Digits of a number, and the line feed.
const LINE_BYTES: usize = 5;
/// Comes back when the connection can be reached.
pub(crate) const READY: &[u8] = b".";

/// Says which connection this is.
pub(crate) async fn write_number(stream: &mut (impl AsyncWrite + Unpin), number: usize) -> Result<(), Error> {
    Ok(stream.write_all(format!("{number:04}\n").as_bytes()).await?)
}

/// Learns which connection this is.
pub(crate) async fn read_number(stream: &mut (impl AsyncRead + Unpin)) -> Result<usize, Error> {
    let mut line = [0; LINE_BYTES];
    stream.read_exact(&mut line).await?;
    Ok(std::str::from_utf8(&line)?.trim_end().parse()?)
}

/// Waits until the connection can be reached.
pub(crate) async fn read_ready(stream: &mut (impl AsyncRead + Unpin)) -> Result<(), Error> {
    let mut answer = [0; READY.len()];
    stream.read_exact(&mut answer).await?;
    if answer == READY { Ok(()) } else { Err("the server did not say that it is ready".into()) }
}
