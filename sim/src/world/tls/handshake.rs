//! The stand-in's handshake: two nonces, a protocol, certificates, and a proof for each that its key is held.
//!
//! The proof is a hash over the private key and both nonces. Only the key's holder can make it; the world,
//! which knows all keys, checks it. So a liar who shows another's certificate fails here as it fails against
//! rustls.

use std::io;

use chatdev_directory::Fingerprint;
use chatdev_net::{
    Io,
    tls::{ALPN_CLIENT, ALPN_PEER, Acceptor, Connector, Handshaken, Identity, PeerCertificate, Relation},
};
use rand_core::Rng;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::sealed::{ALERT, HANDSHAKE, Sealed, record};
use crate::world::process::Process;

type Nonce = [u8; 32];

/// Answers a handshake.
pub(crate) async fn accept<S: Io>(
    process: &Process,
    mut io: S,
    acceptor: &Acceptor,
) -> io::Result<Handshaken<Sealed<S>>> {
    let [theirs, offered] = read_fields(&mut io).await?;
    let theirs: Nonce = theirs.try_into().map_err(|_| invalid("a nonce has 32 octets"))?;
    let alpn = match agree(acceptor.relation(), &offered) {
        Ok(alpn) => alpn,
        Err(why) => return refuse(&mut io, why).await,
    };
    let ours = nonce(process);
    let nonces = [theirs, ours];
    let shown = show(process, acceptor.identity(), &nonces);
    write_fields(&mut io, &[&ours, alpn.unwrap_or_default(), &shown.certificate, &shown.proof]).await?;
    let peer = match acceptor.relation() {
        Relation::ClientAndServer => None,
        Relation::Peers => {
            let [certificate, proof] = read_fields(&mut io).await?;
            match verify(process, &certificate, &proof, &nonces) {
                Ok(fingerprint) => Some(fingerprint),
                Err(why) => return refuse(&mut io, why).await,
            }
        }
    };
    Ok(finish(io, &nonces, acceptor.identity().fingerprint(), peer, alpn))
}

/// Begins a handshake.
pub(crate) async fn connect<S: Io>(
    process: &Process,
    mut io: S,
    connector: &Connector,
) -> io::Result<Handshaken<Sealed<S>>> {
    let ours = nonce(process);
    write_fields(&mut io, &[&ours, connector.alpn().unwrap_or_default()]).await?;
    let [theirs, chosen, certificate, proof] = read_fields(&mut io).await?;
    let theirs: Nonce = theirs.try_into().map_err(|_| invalid("a nonce has 32 octets"))?;
    let nonces = [ours, theirs];
    let server = match verify(process, &certificate, &proof, &nonces) {
        Ok(fingerprint) => fingerprint,
        Err(why) => return refuse(&mut io, why).await,
    };
    if !chosen.is_empty() && connector.alpn() != Some(&chosen) {
        return refuse(&mut io, "a protocol that was not offered").await;
    }
    if let Some(identity) = connector.identity() {
        let shown = show(process, identity, &nonces);
        write_fields(&mut io, &[&shown.certificate, &shown.proof]).await?;
    }
    let alpn = connector.alpn().filter(|_| !chosen.is_empty());
    let mut finished = finish(io, &nonces, server, connector.identity().map(Identity::fingerprint), alpn);
    finished.peer = Some(PeerCertificate { fingerprint: server, trusted: false });
    Ok(finished)
}

/// The rules of RFC 7301, and those of a peer stream.
fn agree(relation: Relation, offered: &[u8]) -> Result<Option<&'static [u8]>, &'static str> {
    match relation {
        Relation::ClientAndServer if offered.is_empty() => Ok(None),
        Relation::ClientAndServer if offered == ALPN_CLIENT => Ok(Some(ALPN_CLIENT)),
        Relation::Peers if offered == ALPN_PEER => Ok(Some(ALPN_PEER)),
        _ => Err("no protocol in common"),
    }
}

fn nonce(process: &Process) -> Nonce {
    let mut nonce = [0; 32];
    process.fresh_rng("nonce of a handshake").fill_bytes(&mut nonce);
    nonce
}

struct Shown {
    certificate: Vec<u8>,
    proof: [u8; 32],
}

fn show(process: &Process, identity: &Identity, nonces: &[Nonce; 2]) -> Shown {
    process.universe.hold_key(identity.fingerprint(), identity.secret_key());
    let pretended = process.universe.lies(|lies| lies.pretended(&process.name));
    let certificate = pretended.unwrap_or_else(|| identity.certificate().to_vec());
    Shown { certificate, proof: prove(identity.secret_key(), nonces) }
}

fn prove(key: &[u8], nonces: &[Nonce; 2]) -> [u8; 32] {
    digest(&[b"proof", key, &nonces[0], &nonces[1]])
}

fn verify(
    process: &Process,
    certificate: &[u8],
    proof: &[u8],
    nonces: &[Nonce; 2],
) -> Result<Fingerprint, &'static str> {
    let fingerprint = Fingerprint(Sha256::digest(certificate).into());
    match process.universe.key_of(&fingerprint) {
        Some(key) if prove(&key, nonces) == proof => Ok(fingerprint),
        _ => Err("the certificate's key was not proven"),
    }
}

fn finish<S: Io>(
    io: S,
    nonces: &[Nonce; 2],
    server: Fingerprint,
    client: Option<Fingerprint>,
    alpn: Option<&'static [u8]>,
) -> Handshaken<Sealed<S>> {
    let client_octets = client.map(|fingerprint| fingerprint.0);
    let facts =
        [&nonces[0][..], &nonces[1], &server.0, client_octets.as_ref().map_or(&[][..], |octets| octets)];
    let exporter = digest(&[&[&b"exporter"[..]][..], &facts].concat());
    let mask = digest(&[&[&b"mask"[..]][..], &facts].concat());
    Handshaken {
        stream: Sealed::new(io, mask),
        peer: client.map(|fingerprint| PeerCertificate { fingerprint, trusted: false }),
        exporter,
        alpn: alpn.map(<[u8]>::to_vec),
        protection: None,
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

async fn write_fields<S: Io>(io: &mut S, fields: &[&[u8]]) -> io::Result<()> {
    let mut text = Vec::new();
    for field in fields {
        let length = u16::try_from(field.len()).map_err(|_| invalid("a field is longer than 64 KiB"))?;
        text.extend(length.to_be_bytes());
        text.extend(*field);
    }
    io.write_all(&record(HANDSHAKE, &text)).await?;
    io.flush().await
}

async fn read_fields<S: Io, const N: usize>(io: &mut S) -> io::Result<[Vec<u8>; N]> {
    match io.read_u8().await? {
        HANDSHAKE => {}
        ALERT => return Err(invalid("the other side refused the handshake")),
        _ => return Err(invalid("this is no TLS")),
    }
    let mut text = vec![0; usize::from(io.read_u16().await?)];
    io.read_exact(&mut text).await?;
    let mut rest = &text[..];
    let mut fields = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (field, after) = after.split_at_checked(length).ok_or_else(|| invalid("a torn field"))?;
        fields.push(field.to_vec());
        rest = after;
    }
    fields.try_into().map_err(|_| invalid("another message was expected"))
}

async fn refuse<S: Io, T>(io: &mut S, why: &'static str) -> io::Result<T> {
    io.write_all(&record(ALERT, b"x")).await?;
    io.shutdown().await?;
    Err(invalid(why))
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
