//! The proxy between real programs: the project's own client and server, and sockets that misbehave.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod caller;
mod seen;
mod server;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

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

/// A server that serves one connection after the other with `serve`.
fn serve(serve: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::Builder::new()
        .spawn(move || listener.incoming().for_each(|socket| serve(socket.unwrap())))
        .unwrap();
    address
}

/// Reads until `end` has come; what came.
fn read_until(socket: &mut TcpStream, end: &str) -> String {
    let mut came = Vec::new();
    let mut octet = [0];
    while !came.ends_with(end.as_bytes()) && socket.read(&mut octet).unwrap() > 0 {
        came.push(octet[0]);
    }
    String::from_utf8(came).unwrap()
}

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='localhost'>";
const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

#[tokio::test]
async fn a_server_that_refuses_starttls_is_passed_on_and_the_stream_goes_on() {
    let address = serve(|mut socket| {
        read_until(&mut socket, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        socket
            .write_all(
                format!("{HEADER}<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>")
                    .as_bytes(),
            )
            .unwrap();
    });
    let running = start(address);
    let mut client = TcpStream::connect(running.address).unwrap();
    client.write_all(format!("{HEADER}{STARTTLS}").as_bytes()).unwrap();
    let came = std::io::read_to_string(&mut client).unwrap();
    assert!(came.ends_with("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"), "{came}");
    drop(client);
    running.until(|seen| matches!(seen, Seen::Ended(1, Ending::Finished(Side::Dialler))));
    let (seen, _) = running.stop();
    assert_eq!(endings(&seen, 1).len(), 2);
}

#[tokio::test]
async fn a_server_without_tls_is_told_of_to_who_began_with_it() {
    let address = serve(|mut socket| {
        let _ = socket.read(&mut [0; 100]);
        let _ = socket.write_all(format!("{HEADER}<stream:error/></stream:stream>").as_bytes());
    });
    let running = start(address);
    assert!(Caller::sign_in(running.address, Way::AtOnce, "alice").await.is_err());
    running.until_remark("does it speak TLS on this port, and at once?");
    let (seen, _) = running.stop();
    assert_eq!(endings(&seen, 1), [Ending::Reset(Side::Answerer)]);
}

#[test]
fn what_stands_behind_proceed_in_the_clear_is_not_passed_on() {
    let address = serve(|mut socket| {
        read_until(&mut socket, "/>");
        let proceed = format!("{HEADER}<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features/>");
        socket.write_all(proceed.as_bytes()).unwrap();
        let _ = socket.read(&mut [0]);
    });
    let running = start(address);
    let mut client = TcpStream::connect(running.address).unwrap();
    client.write_all(format!("{HEADER}{STARTTLS}").as_bytes()).unwrap();
    let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    assert!(read_until(&mut client, proceed).ends_with(proceed));
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(std::io::read_to_string(&mut client).unwrap(), "");
    running.until_remark("18 octets behind <proceed/> were not passed on");
    running.until_remark("the client begins no TLS that can be read");
    running.stop();
}

#[test]
fn a_server_that_is_down_is_told_and_the_client_is_let_go() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let running = start(address);
    let mut client = TcpStream::connect(running.address).unwrap();
    client.write_all(HEADER.as_bytes()).unwrap();
    // A reset or an end: octets of the client were not read.
    let _ = client.read(&mut [0]);
    running.until_remark(&format!("no connection to {address}"));
    let (seen, report) = running.stop();
    assert_eq!(endings(&seen, 1), [Ending::Reset(Side::Answerer)]);
    assert_eq!(report.octets, [0, 0]);
}

#[test]
fn a_client_that_hangs_up_ends_the_servers_side_too() {
    let address = serve(|mut socket| {
        let mut all = Vec::new();
        // Ends only when the client's end has come through.
        socket.read_to_end(&mut all).unwrap();
        assert_eq!(all, HEADER.as_bytes());
    });
    let running = start(address);
    let mut client = TcpStream::connect(running.address).unwrap();
    client.write_all(HEADER.as_bytes()).unwrap();
    drop(client);
    running.until(|seen| matches!(seen, Seen::Ended(1, Ending::Finished(Side::Answerer))));
    // One that says nothing at all.
    drop(TcpStream::connect(running.address).unwrap());
    running.until(|seen| matches!(seen, Seen::Ended(2, Ending::Finished(Side::Dialler))));
    let (seen, report) = running.stop();
    assert_eq!(endings(&seen, 1), [Ending::Finished(Side::Dialler), Ending::Finished(Side::Answerer)]);
    assert_eq!(report.connections, 2);
}

#[test]
fn a_side_that_has_said_all_still_hears_the_other() {
    let address = serve(|mut socket| {
        let mut all = Vec::new();
        socket.read_to_end(&mut all).unwrap();
        socket.write_all(&all).unwrap();
        socket.write_all(b" is what you said").unwrap();
    });
    let running = start(address);
    let mut client = TcpStream::connect(running.address).unwrap();
    client.write_all(b"no XML").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(std::io::read_to_string(&mut client).unwrap(), "no XML is what you said");
    let (seen, _) = running.stop();
    assert!(remarks(&seen).contains("the client says what cannot be followed"), "{}", remarks(&seen));
}

#[test]
fn a_reset_is_passed_on_as_one() {
    let (told, was_told) = std::sync::mpsc::channel();
    let address = serve(move |mut socket| {
        read_until(&mut socket, ">");
        told.send(socket.read(&mut [0]).map_err(|error| error.kind())).unwrap();
    });
    let running = start(address);
    let mut client = TcpStream::connect(running.address).unwrap();
    client.write_all(HEADER.as_bytes()).unwrap();
    running.until(|seen| matches!(seen, Seen::Octets(1, Side::Dialler, ..)));
    // Without a runtime there is no reactor; the socket is only made to end with a reset.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        client.set_nonblocking(true).unwrap();
        tokio::net::TcpStream::from_std(client).unwrap().set_zero_linger().unwrap();
    });
    assert_eq!(was_told.recv().unwrap(), Err(std::io::ErrorKind::ConnectionReset));
    running.until(|seen| matches!(seen, Seen::Ended(1, Ending::Reset(Side::Dialler))));
    running.stop();
}

#[test]
fn what_is_beyond_the_limit_of_connections_is_closed_at_once() {
    let address = serve(|mut socket| {
        let _ = socket.read(&mut [0]);
    });
    let mut options = options(address);
    options.connections_max = 1;
    let running = start_with(options);
    let first = TcpStream::connect(running.address).unwrap();
    running.until(|seen| matches!(seen, Seen::Opened(1)));
    let mut second = TcpStream::connect(running.address).unwrap();
    assert_eq!(second.read(&mut [0]).unwrap(), 0);
    running.until_remark("--connections-max");
    drop(first);
    running.until(|seen| matches!(seen, Seen::Ended(1, _)));
    let (_, report) = running.stop();
    assert_eq!((report.connections, report.refused), (1, 1));
}

#[test]
fn idle_connections_keep_no_place_that_others_need() {
    let address = serve(|mut socket| {
        // Each in its own thread: all are open at once.
        std::thread::Builder::new()
            .spawn(move || {
                let mut buffer = [0; 100];
                while let Ok(length @ 1..) = socket.read(&mut buffer) {
                    socket.write_all(&buffer[..length]).unwrap();
                }
            })
            .unwrap();
    });
    let running = start(address);
    let mut clients: Vec<TcpStream> =
        (0..200).map(|_| TcpStream::connect(running.address).unwrap()).collect();
    for _ in 0..2 {
        for client in &mut clients {
            client.write_all(b"x").unwrap();
        }
        for client in &mut clients {
            client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            client.read_exact(&mut [0]).unwrap();
        }
    }
    let (seen, report) = running.stop();
    assert_eq!(report.octets, [400, 400]);
    assert_eq!(seen.iter().filter(|seen| matches!(seen, Seen::Ended(_, Ending::Abandoned))).count(), 200);
}

#[test]
fn a_listener_that_is_slow_slows_down_and_loses_nothing() {
    const ALL: usize = 64 * 1024 * 1024;
    let (written, was_written) = std::sync::mpsc::channel();
    let address = serve(move |mut socket| {
        let _ = socket.read(&mut [0]);
        socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let (piece, mut count) = (vec![b'x'; 64 * 1024], 0);
        let mut stalled = false;
        while count < ALL {
            match socket.write(&piece[..piece.len().min(ALL - count)]) {
                Ok(length) => count += length,
                Err(_) if !stalled => {
                    stalled = true;
                    written.send(count).unwrap();
                }
                Err(_) => {}
            }
        }
    });
    let proxy = Proxy::bind(options(address)).unwrap();
    let at = proxy.address();
    let reading = std::thread::Builder::new().spawn(move || {
        let mut client = TcpStream::connect(at).unwrap();
        client.write_all(b"x").unwrap();
        std::io::copy(&mut client, &mut std::io::sink()).unwrap()
    });
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (mut stop, mut told, mut before) = (Some(stop), 0, None);
    let listener = |happening: chatdev_inspect::model::Happening<'_>| {
        use chatdev_inspect::model::Happening;
        match happening {
            Happening::Octets { side: Side::Answerer, octets, .. } => {
                // The first piece is held until the server can write no more.
                before.get_or_insert_with(|| was_written.recv_timeout(Duration::from_secs(60)).unwrap());
                told += octets.len();
            }
            Happening::Ended { how: Ending::Finished(Side::Dialler), .. } => drop(stop.take()),
            _ => {}
        }
    };
    let stopped = async move {
        let _ = stopped.await;
    };
    let report = proxy.run(listener, stopped).unwrap();
    assert!(before.unwrap() < ALL / 2, "{before:?} octets were taken while nobody listened");
    assert_eq!((told, report.octets[1]), (ALL, ALL as u64));
    assert_eq!(reading.unwrap().join().unwrap(), ALL as u64);
}
