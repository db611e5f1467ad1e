//! The proxy between real programs: the project's own client and server, and sockets that misbehave.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod caller;
mod seen;
mod server;
mod sockets;

use std::net::{SocketAddr, TcpListener};

use caller::{Caller, Way};
use chatdev_inspect::model::{Ending, Layer, Side};
use chatdev_inspect::proxy::{Proxy, ProxyError};
use chatdev_stream::initiating::Failure;
use chatdev_stream::sasl::Mechanism;
use seen::{Running, Seen, endings, options, remarks, said, start, start_with};
use server::Server;
use tempfile::TempDir;

/// Alice signs in through a proxy, Bob without; she writes to him and he answers.
async fn exchange(server: &Server, running: &Running, way: Way) -> Caller {
    let mut alice = Caller::sign_in(running.address, way, "alice").await.unwrap();
    let mut bob = Caller::sign_in(server.address, Way::StartTls, "bob").await.unwrap();
    alice
        .send(&format!(
            "<message to='{}' id='a1' type='chat'><body>Art thou there?</body></message>",
            bob.jid
        ))
        .await;
    let came = bob.stanza().await;
    assert_eq!(came.attribute("id").as_deref(), Some("a1"), "{came}");
    bob.send(&format!(
        "<message to='{}' id='b1' type='chat'><body>Neither, fair maid</body></message>",
        alice.jid
    ))
    .await;
    let came = alice.stanza().await;
    assert_eq!(came.attribute("id").as_deref(), Some("b1"), "{came}");
    alice
}

#[tokio::test]
async fn in_the_clear_all_is_told_and_passed_on_as_it_was_said() {
    let server = Server::start();
    let running = start(server.address);
    let alice = exchange(&server, &running, Way::Clear).await;
    assert_eq!(alice.mechanism, Some(Mechanism::ScramSha256));
    drop(alice);
    running.until(|seen| matches!(seen, Seen::Ended(1, Ending::Finished(Side::Answerer))));
    let (seen, report) = running.stop();
    let (hers, servers) =
        (said(&seen, 1, Side::Dialler, Layer::Clear), said(&seen, 1, Side::Answerer, Layer::Clear));
    assert!(hers.contains("<auth") && hers.contains("Art thou there?"), "{hers}");
    assert!(servers.contains("<success") && servers.contains("Neither, fair maid"), "{servers}");
    assert_eq!(report.octets, [hers.len() as u64, servers.len() as u64]);
    assert_eq!((report.connections, report.refused, report.altered), (1, 0, 0));
    assert_eq!(endings(&seen, 1), [Ending::Finished(Side::Dialler), Ending::Finished(Side::Answerer)]);
}

#[tokio::test]
async fn behind_starttls_what_is_inside_is_told_and_a_client_that_could_bind_signs_in() {
    let server = Server::start();
    let running = start(server.address);
    let alice = exchange(&server, &running, Way::StartTls).await;
    assert_eq!(alice.mechanism, Some(Mechanism::ScramSha256));
    let (seen, report) = running.stop();
    let outside = said(&seen, 1, Side::Dialler, Layer::Clear);
    assert!(outside.ends_with("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), "{outside}");
    assert!(said(&seen, 1, Side::Answerer, Layer::Clear).contains("<proceed"));
    let inside = said(&seen, 1, Side::Dialler, Layer::Tls);
    assert!(inside.contains("<auth") && inside.contains("Art thou there?"), "{inside}");
    // What is told is what the server said, not what the client got.
    let servers = said(&seen, 1, Side::Answerer, Layer::Tls);
    assert!(servers.contains("SCRAM-SHA-256-PLUS") && servers.contains("tls-exporter"), "{servers}");
    assert!(!servers.contains("REMOVED") && servers.contains("Neither, fair maid"), "{servers}");
    let remarks = remarks(&seen);
    assert!(
        remarks.contains(&format!("certificate SHA-256 {}, not trusted for localhost", server.fingerprint)),
        "{remarks}"
    );
    assert!(
        remarks.contains("client: TLS 1.3, TLS13_") && remarks.contains("throw-away certificate"),
        "{remarks}"
    );
    // The features come twice: before the account is made, and before nothing else; each time they are altered.
    assert!(
        remarks.contains("SCRAM-SHA-256-PLUS became one that nobody has") && report.altered > 0,
        "{remarks}"
    );
    assert!(!remarks.contains("downgrade"), "{remarks}");
    assert_eq!(endings(&seen, 1), [Ending::Abandoned]);
}

#[tokio::test]
async fn tls_at_once_is_answered_with_what_the_server_chose() {
    let server = Server::start();
    let running = start(server.address);
    let alice = exchange(&server, &running, Way::AtOnce).await;
    assert_eq!(alice.mechanism, Some(Mechanism::ScramSha256));
    assert_eq!(alice.alpn.as_deref(), Some(&b"xmpp-client"[..]));
    assert_ne!(alice.certificate.unwrap().fingerprint.to_string(), server.fingerprint);
    let (seen, _) = running.stop();
    assert_eq!(said(&seen, 1, Side::Dialler, Layer::Clear), "");
    assert!(said(&seen, 1, Side::Dialler, Layer::Tls).contains("Art thou there?"));
    assert!(remarks(&seen).contains("ALPN xmpp-client"), "{}", remarks(&seen));
}

#[tokio::test]
async fn with_binding_kept_the_two_channels_are_found_out() {
    let server = Server::start();
    let mut options = options(server.address);
    options.keep_binding = true;
    let running = start_with(options);
    let refused = Caller::sign_in(running.address, Way::AtOnce, "alice").await.err();
    assert!(matches!(refused, Some(Failure::NotAuthorized { .. } | Failure::Refused { .. })), "{refused:?}");
    running.until_remark("binds the channel (tls-exporter)");
    let (_, report) = running.stop();
    assert_eq!(report.altered, 0);
}

/// A certificate and its key in files.
fn pair(name: &str) -> (TempDir, chatdev_inspect::proxy::Options, String) {
    use sha2::Digest as _;
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let mut options = options(SocketAddr::from(([127, 0, 0, 1], 1)));
    options.certificate = Some(folder.path().join("certificate.pem"));
    options.key = Some(folder.path().join("key.pem"));
    std::fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let digest: [u8; 32] = sha2::Sha256::digest(made.cert.der()).into();
    (folder, options, chatdev_directory::Fingerprint(digest).to_string())
}

#[tokio::test]
async fn a_given_certificate_is_what_clients_are_shown() {
    let server = Server::start();
    let (_folder, mut options, fingerprint) = pair("localhost");
    options.to = server.address.into();
    options.keep_end_point_binding = true;
    let running = start_with(options);
    let alice = Caller::sign_in(running.address, Way::StartTls, "alice").await.unwrap();
    assert_eq!(alice.certificate.unwrap().fingerprint.to_string(), fingerprint);
    let (seen, _) = running.stop();
    let remarks = remarks(&seen);
    assert!(remarks.contains(&format!("given certificate SHA-256 {fingerprint}")), "{remarks}");
    assert!(remarks.contains("another certificate than the one given"), "{remarks}");
}

#[tokio::test]
async fn who_insists_is_not_connected_to_a_server_that_nobody_vouches_for() {
    let server = Server::start();
    let mut insisting = options(server.address);
    insisting.verify = true;
    let running = start_with(insisting);
    assert!(Caller::sign_in(running.address, Way::AtOnce, "alice").await.is_err());
    running.until_remark("--verify insists");
    let (seen, _) = running.stop();
    assert_eq!(endings(&seen, 1), [Ending::Reset(Side::Answerer)]);
    assert_eq!(said(&seen, 1, Side::Dialler, Layer::Tls), "");
}

#[test]
fn what_is_no_certificate_is_refused_before_anything_else() {
    let (folder, mut options, _) = pair("localhost");
    std::fs::write(folder.path().join("key.pem"), "-----BEGIN NOTHING-----\n").unwrap();
    assert!(matches!(Proxy::bind(options.clone()), Err(ProxyError::Pem { expected: "a private key", .. })));
    options.certificate = Some(folder.path().join("nowhere.pem"));
    assert!(Proxy::bind(options).unwrap_err().to_string().contains("nowhere.pem: expected certificates"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut same = seen::options(taken.local_addr().unwrap());
    same.listen = taken.local_addr().unwrap();
    assert!(matches!(Proxy::bind(same.clone()), Err(ProxyError::Listen { .. })));
    drop(taken);
    assert!(matches!(Proxy::bind(same), Err(ProxyError::Itself { .. })));
}
