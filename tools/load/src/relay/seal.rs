//! TLS as the relay has it: rustls' state, without a stream around it. The stream that everybody uses reads 4 KiB at a
//! time; here one read brings up to 64 KiB, and one write takes all records.
//!
//! Like `chatdevd`, it resumes nothing and gives no tickets: handshakes are compared too.

use std::io::{self, IoSlice, Read as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::NoServerSessionStorage;
use rustls::{ServerConfig, ServerConnection};
use tokio::net::tcp::OwnedWriteHalf;

/// TLS with a new certificate for `domain`, which nobody knows and nobody is asked to trust.
///
/// # Errors
/// `domain` cannot stand in a certificate.
pub fn throw_away_tls(domain: &str) -> anyhow::Result<Arc<ServerConfig>> {
    let made = rcgen::generate_simple_self_signed([domain.to_owned()])
        .with_context(|| format!("no certificate can be made for {domain:?}"))?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The TLS of one connection after its handshake. Two tasks use it: the one that reads from the connection opens, the
/// one that writes to it seals; each for as long as the arithmetic takes.
pub(super) struct Seal(Mutex<ServerConnection>);

impl Seal {
    pub(super) fn new(mut tls: ServerConnection) -> Self {
        // What is sealed is written before more is read, so it is bounded by what is read at once.
        tls.set_buffer_limit(None);
        Self(Mutex::new(tls))
    }

    fn tls(&self) -> MutexGuard<'_, ServerConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the handshake's stream has read and not given away.
    pub(super) fn left_over(&self) -> io::Result<Vec<u8>> {
        let mut opened = Vec::new();
        take(&mut self.tls(), &mut opened)?;
        Ok(opened)
    }

    /// Opens what came; `opened` is then what was in it, and nothing else.
    pub(super) fn open(&self, mut sealed: &[u8], opened: &mut Vec<u8>) -> io::Result<()> {
        opened.clear();
        let mut tls = self.tls();
        while !sealed.is_empty() {
            tls.read_tls(&mut sealed)?;
            take(&mut tls, opened)?;
        }
        Ok(())
    }

    /// Seals `octets` and writes what the socket takes; whether that was all.
    pub(super) fn write(&self, octets: &[u8], socket: &OwnedWriteHalf) -> io::Result<bool> {
        let mut tls = self.tls();
        tls.writer().write_all(octets)?;
        flush(&mut tls, socket)
    }

    /// Writes what the socket takes of what was sealed before; whether that was all.
    pub(super) fn flush(&self, socket: &OwnedWriteHalf) -> io::Result<bool> {
        flush(&mut self.tls(), socket)
    }

    /// Seals the end; whether there is nothing to be written.
    pub(super) fn close(&self) -> bool {
        let mut tls = self.tls();
        tls.send_close_notify();
        !tls.wants_write()
    }
}

/// Appends what is in the records that are complete.
fn take(tls: &mut ServerConnection, opened: &mut Vec<u8>) -> io::Result<()> {
    let state =
        tls.process_new_packets().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let begin = opened.len();
    opened.resize(begin + state.plaintext_bytes_to_read(), 0);
    tls.reader().read_exact(&mut opened[begin..])
}

fn flush(tls: &mut ServerConnection, socket: &OwnedWriteHalf) -> io::Result<bool> {
    while tls.wants_write() {
        match tls.write_tls(&mut Records(socket)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// The socket as rustls writes to it: all records in one call.
struct Records<'a>(&'a OwnedWriteHalf);

impl Write for Records<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.try_write(octets)
    }

    fn write_vectored(&mut self, records: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(records)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
