//! How a connection to the bare relay begins (`relay`): a line says which one it is and to whom its bytes go; a byte comes
//! back when that one is there.

use std::io::{self, ErrorKind};

use super::Socket;
use crate::relay::READY;

/// Says who we are, and waits for the partner.
///
/// # Errors
/// The connection's, or what came back is no relay's.
pub async fn pair_up(socket: &Socket, number: usize, partner: usize) -> io::Result<()> {
    socket.write_all(format!("{number} {partner}\n").as_bytes()).await?;
    let mut answer = [0; READY.len()];
    match socket.read(&mut answer).await? {
        1 if answer == READY => Ok(()),
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Err(io::Error::new(ErrorKind::InvalidData, "what answers is no relay of chatdev-load")),
    }
}
