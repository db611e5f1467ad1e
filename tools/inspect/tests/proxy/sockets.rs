//! Sockets that misbehave, hang up, cut off, wait, or are too many.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use chatdev_inspect::model::{Ending, Side};
use chatdev_inspect::proxy::Proxy;

use crate::caller::{Caller, Way};
use crate::seen::{Seen, endings, options, remarks, start, start_with};

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
