//! The handshakes themselves, by rustls, over any [`Io`].
//!
//! After the handshake each side checks what rustls leaves open: that a protocol which is required was in
//! fact agreed on.

use std::{io, sync::Arc};

use jiff::Timestamp;
use rustls::{
    CommonState,
    pki_types::{CertificateDer, UnixTime},
};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::{
    ALPN_PEER, Acceptor, Connector, EXPORTER_LABEL, Handshaken, PeerCertificate, Protection, Relation,
    identity::fingerprint_of,
};
use crate::env::Io;

/// Answers a handshake over `io`.
///
/// # Errors
/// As for [`crate::Env::accept_tls`].
pub async fn accept<S: Io>(io: S, acceptor: &Acceptor) -> io::Result<Handshaken<TlsStream<S>>> {
    let stream = TlsAcceptor::from(Arc::clone(acceptor.config())).accept(io).await?;
    let state = stream.get_ref().1;
    let exporter = state.export_keying_material([0; 32], EXPORTER_LABEL, None).map_err(invalid)?;
    let facts = Facts::of(state, acceptor.relation(), |_| false)?;
    Ok(facts.with(TlsStream::Server(stream), exporter))
}

/// Begins a handshake over `io`. `wall` is the time by which the validity of the other side's certificate is
/// judged.
///
/// # Errors
/// As for [`crate::Env::connect_tls`].
pub async fn connect<S: Io>(
    io: S,
    connector: &Connector,
    wall: Timestamp,
) -> io::Result<Handshaken<TlsStream<S>>> {
    let tls = TlsConnector::from(Arc::clone(connector.config()));
    let stream = tls.connect(connector.name().clone(), io).await?;
    let state = stream.get_ref().1;
    let exporter = state.export_keying_material([0; 32], EXPORTER_LABEL, None).map_err(invalid)?;
    let now = UnixTime::since_unix_epoch(wall.duration_since(Timestamp::UNIX_EPOCH).unsigned_abs());
    let facts = Facts::of(state, connector.relation(), |chain| connector.vouched(chain, now))?;
    Ok(facts.with(TlsStream::Client(stream), exporter))
}

/// What the finished handshake says besides the exporter.
struct Facts {
    peer: Option<PeerCertificate>,
    alpn: Option<Vec<u8>>,
    protection: Option<Protection>,
}

impl Facts {
    fn of(
        state: &CommonState,
        relation: Relation,
        vouched: impl FnOnce(&[CertificateDer<'_>]) -> bool,
    ) -> io::Result<Self> {
        let alpn = state.alpn_protocol().map(<[u8]>::to_vec);
        let chain = state.peer_certificates().unwrap_or_default();
        let peer = chain
            .first()
            .map(|leaf| PeerCertificate { fingerprint: fingerprint_of(leaf), trusted: vouched(chain) });
        if relation == Relation::Peers {
            // rustls lets a handshake pass in which one side offered a protocol and the other said nothing.
            if alpn.as_deref() != Some(ALPN_PEER) {
                return Err(invalid("the other side does not speak `xmpp-peer`"));
            }
            if peer.is_none() {
                return Err(invalid("the other side showed no certificate"));
            }
        }
        let protection = state
            .protocol_version()
            .zip(state.negotiated_cipher_suite())
            .map(|(version, suite)| Protection { version, suite: suite.suite() });
        Ok(Self { peer, alpn, protection })
    }

    fn with<S>(self, stream: S, exporter: [u8; 32]) -> Handshaken<S> {
        Handshaken { stream, peer: self.peer, exporter, alpn: self.alpn, protection: self.protection }
    }
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
