//! What TLS promises: both sides learn the same binding and each other's fingerprint, over any bytes; other
//! protocols are refused.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use crate::{
    env::{Env, Io, Listener},
    prefixed::Prefixed,
    tls::{ALPN_CLIENT, ALPN_PEER, Acceptor, Connector, Handshaken, Identity, PeerCertificate},
};

const DOMAIN: &str = "example.net";

/// Sends the binding that this side has, reads the other's, and holds them against each other.
async fn compare_bindings<S: Io>(mut sealed: Handshaken<S>) {
    sealed.stream.write_all(&sealed.exporter).await.expect("an open stream");
    sealed.stream.flush().await.expect("an open stream");
    let mut other = [0; 32];
    sealed.stream.read_exact(&mut other).await.expect("the other side's binding");
    assert_eq!(other, sealed.exporter, "both sides derive the same channel binding");
    assert_ne!(other, [0; 32]);
    sealed.stream.shutdown().await.expect("an open stream");
    let mut rest = Vec::new();
    sealed.stream.read_to_end(&mut rest).await.expect("an end that the other side announced");
    assert_eq!(rest, b"");
}

fn shown(identity: &Identity) -> Option<PeerCertificate> {
    Some(PeerCertificate { fingerprint: identity.fingerprint(), trusted: false })
}

pub(super) async fn answer_as_server<E: Env>(env: &E, listener: &mut E::Listener, identity: &Identity) {
    for alpn in [None, Some(ALPN_CLIENT)] {
        let (connection, _) = listener.accept().await.expect("a connection");
        let acceptor = Acceptor::for_clients(identity);
        let sealed = env.accept_tls(connection, &acceptor).await.expect("a handshake");
        assert_eq!(sealed.peer, None, "a client shows no certificate to a server");
        assert_eq!(sealed.alpn.as_deref(), alpn);
        compare_bindings(sealed).await;
    }
}

pub(super) async fn dial_a_server<E: Env>(env: &E, address: SocketAddr, answering: &Identity) {
    let after_starttls = Connector::to_server(DOMAIN).expect("a name");
    let at_once = after_starttls.clone().at_once();
    for (connector, alpn) in [(after_starttls, None), (at_once, Some(ALPN_CLIENT))] {
        let connection = env.connect(address).await.expect("somebody listens");
        let sealed = env.connect_tls(connection, &connector).await.expect("a handshake");
        assert_eq!(
            sealed.peer,
            shown(answering),
            "self-signed: known by its fingerprint, vouched for by nobody"
        );
        assert_eq!(sealed.alpn.as_deref(), alpn);
        compare_bindings(sealed).await;
    }
}

pub(super) async fn answer_a_replayed_beginning<E: Env>(
    env: &E,
    listener: &mut E::Listener,
    identity: &Identity,
) {
    let (mut connection, _) = listener.accept().await.expect("a connection");
    let mut first = vec![0; 1];
    connection.read_exact(&mut first).await.expect("the beginning of a ClientHello");
    assert_eq!(first, [0x16], "a TLS record of a handshake begins with 22, in every world");
    let whole = Prefixed::new(first, connection);
    let sealed = env.accept_tls(whole, &Acceptor::for_clients(identity)).await.expect("a handshake");
    compare_bindings(sealed).await;
}

pub(super) async fn dial_with_a_beginning<E: Env>(env: &E, address: SocketAddr, answering: &Identity) {
    let connection = env.connect(address).await.expect("somebody listens");
    let connector = Connector::to_server(DOMAIN).expect("a name").at_once();
    let sealed = env.connect_tls(connection, &connector).await.expect("a handshake");
    assert_eq!(sealed.peer, shown(answering));
    compare_bindings(sealed).await;
}

pub(super) async fn answer_as_peer<E: Env>(env: &E, listener: &mut E::Listener, identity: &Identity) {
    let (connection, _) = listener.accept().await.expect("a connection");
    let sealed = env.accept_tls(connection, &Acceptor::for_peers(identity)).await.expect("a handshake");
    assert!(sealed.peer.is_some(), "a peer always shows a certificate");
    assert_eq!(sealed.alpn.as_deref(), Some(ALPN_PEER));
    compare_bindings(sealed).await;
}

pub(super) async fn dial_a_peer<E: Env>(
    env: &E,
    address: SocketAddr,
    identity: &Identity,
    answering: &Identity,
) {
    let connection = env.connect(address).await.expect("somebody listens");
    let sealed = env.connect_tls(connection, &Connector::to_peer(identity)).await.expect("a handshake");
    assert_eq!(sealed.peer, shown(answering));
    assert_eq!(sealed.alpn.as_deref(), Some(ALPN_PEER));
    compare_bindings(sealed).await;
}

pub(super) async fn answer_the_wrong_protocol<E: Env>(
    env: &E,
    listener: &mut E::Listener,
    identity: &Identity,
) {
    let (connection, _) = listener.accept().await.expect("a connection");
    let answer = env.accept_tls(connection, &Acceptor::for_peers(identity)).await;
    assert!(answer.is_err(), "a peer's port speaks to peers alone");
}

pub(super) async fn dial_with_the_wrong_protocol<E: Env>(env: &E, address: SocketAddr) {
    let connection = env.connect(address).await.expect("somebody listens");
    let connector = Connector::to_server(DOMAIN).expect("a name").at_once();
    let answer = env.connect_tls(connection, &connector).await;
    assert!(answer.is_err(), "a peer's port speaks to peers alone");
}

pub(super) async fn answer_by_dropping<L: Listener>(listener: &mut L) {
    let (mut connection, _) = listener.accept().await.expect("a connection");
    let mut first = [0; 1];
    connection.read_exact(&mut first).await.expect("the beginning of a ClientHello");
}

pub(super) async fn dial_and_be_dropped<E: Env>(env: &E, address: SocketAddr, identity: &Identity) {
    let connection = env.connect(address).await.expect("somebody listens");
    let answer = env.connect_tls(connection, &Connector::to_peer(identity)).await;
    assert!(answer.is_err(), "a handshake that is cut off is an error, never a stream");
}

pub(super) async fn over_a_pipe<E: Env>(env: &E, ours: &Identity, theirs: &Identity) {
    let (near, far) = duplex(4096);
    let (acceptor, expected) = (Acceptor::for_peers(theirs), shown(ours));
    let answering = async {
        let sealed = env.accept_tls(far, &acceptor).await.expect("a handshake");
        assert_eq!(sealed.peer, expected);
        compare_bindings(sealed).await;
    };
    let (connector, expected) = (Connector::to_peer(ours), shown(theirs));
    let dialling = async {
        let sealed = env.connect_tls(near, &connector).await.expect("a handshake");
        assert_eq!(sealed.peer, expected);
        compare_bindings(sealed).await;
    };
    tokio::join!(biased; answering, dialling);
}
