//! The relay over loopback, in clear and with TLS: what is sent arrives, whoever comes first and however much it is.

use std::net::SocketAddr;

use chatdev_net::tls::{self, Connector};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::carry::Connection;
use super::{Pairing, Waiting, run, throw_away_tls};

/// A client's side of a connection.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

struct Relay {
    address: SocketAddr,
    tls: bool,
}

impl Relay {
    async fn start(tls: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(run(listener, tls.then(|| throw_away_tls("bench.local").unwrap())));
        Self { address, tls }
    }

    async fn connect(&self, first: &str) -> Box<dyn Stream> {
        let socket = TcpStream::connect(self.address).await.unwrap();
        let mut stream: Box<dyn Stream> = if self.tls {
            let connector = Connector::to_server("bench.local").unwrap();
            Box::new(tls::connect(socket, &connector, jiff::Timestamp::UNIX_EPOCH).await.unwrap().stream)
        } else {
            Box::new(socket)
        };
        stream.write_all(first.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        stream
    }
}

async fn expect(stream: &mut Box<dyn Stream>, expected: &[u8]) {
    let mut octets = vec![0; expected.len()];
    stream.read_exact(&mut octets).await.unwrap();
    assert!(octets == expected, "{} octets, not those that were sent", octets.len());
}

#[tokio::test]
async fn whoever_comes_first_waits_for_the_partner_and_what_it_said_meanwhile_is_kept() {
    for tls in [false, true] {
        let relay = Relay::start(tls).await;
        let mut one = relay.connect("7 12\nsaid early").await;
        let mut other = relay.connect("12 7\n").await;
        expect(&mut other, b".said early").await;
        other.write_all(b"answer").await.unwrap();
        other.flush().await.unwrap();
        expect(&mut one, b".answer").await;
        drop(one);
        assert_eq!(other.read(&mut [0; 8]).await.unwrap_or(0), 0, "the end of one is told to the other");
    }
}

#[tokio::test]
async fn a_connection_that_names_itself_hears_itself() {
    for tls in [false, true] {
        let relay = Relay::start(tls).await;
        let mut alone = relay.connect("3 3\nanybody?").await;
        expect(&mut alone, b".anybody?").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_holds_up_who_writes_and_gets_all_of_it_in_the_end() {
    const OCTETS: usize = 24 * 1024 * 1024;
    for tls in [false, true] {
        let relay = Relay::start(tls).await;
        let mut writer = relay.connect("0 1\n").await;
        let mut reader = relay.connect("1 0\n").await;
        expect(&mut reader, b".").await;
        // Two more than a multiple of nothing that anything is read in: a piece out of its place is noticed.
        let sent: Vec<u8> = (0..OCTETS).map(|at| (at % 251) as u8).collect();
        let received = sent.clone();
        let write = tokio::spawn(async move {
            writer.write_all(&sent).await.unwrap();
            writer.flush().await.unwrap();
            writer
        });
        // Until it reads, the sockets between them are full: far fewer octets than these.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!write.is_finished());
        expect(&mut reader, &received).await;
        drop(write.await.unwrap());
    }
}

#[tokio::test]
async fn a_partner_that_named_somebody_else_is_refused_and_the_other_goes_on_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let waiting = Waiting::default();
    let mut results = Vec::new();
    for (number, partner) in [(1, 2), (3, 1), (2, 1)] {
        let newcomer = Connection::clear(TcpStream::connect(address).await.unwrap());
        results.push(waiting.meet(Pairing { number, partner }, newcomer).map(|pair| pair.is_some()));
    }
    let refusal = "3 named 1 as its partner, which named 2: each has to name the other";
    assert!(matches!(results[0], Ok(false)), "1 waits");
    assert_eq!(results[1].as_ref().unwrap_err().to_string(), refusal);
    assert!(matches!(results[2], Ok(true)), "2 has found 1");
}

#[test]
fn a_first_line_is_two_numbers() {
    assert_eq!(Pairing::parse(b"0 18446744073709551615"), Some(Pairing { number: 0, partner: u64::MAX }));
    for wrong in ["", "1", "1 ", " 1", "1 2 3", "1  2", "a b", "1 -2", "18446744073709551616 0"] {
        assert_eq!(Pairing::parse(wrong.as_bytes()), None, "{wrong:?}");
    }
}
