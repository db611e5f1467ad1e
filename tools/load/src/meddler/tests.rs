//! The meddler, octet by octet and over loopback.

use std::sync::mpsc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A whole stream as a server may send it, up to the first message.
const OPENING: &str = concat!(
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1'>",
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>",
    "</stream:features><success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='2'>",
    "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
);
const FIRST: &str = "<message from='a@b/c'><body>1 one &amp; half</body></message>";
const SECOND: &str = "<message from='a@b/c'><body>2 > z&quot;</body><thread>t</thread></message>";
const THIRD: &str =
    "<message from=\"a@b/c\"><composing xmlns='http://jabber.org/protocol/chatstates'/></message>";
const BETWEEN: &str =
    "\n <iq type='result' id='x'><query xmlns='q'><message xmlns='jabber:client'/></query></iq> ";
const CLOSE: &str = "</stream:stream>";

fn plan(fault: Fault, at: u64) -> (Plan, mpsc::Receiver<String>) {
    let (sender, told) = mpsc::channel();
    let tell = move |meddled: &Meddled| sender.send(meddled.to_string()).unwrap();
    (Plan { fault, at, seen: AtomicU64::new(0), tell: Box::new(tell) }, told)
}

/// What a client gets of `parts`, cut into pieces of any size, and what was told.
fn through(fault: Fault, at: u64, parts: &[&str], piece_bytes: usize) -> (String, Vec<String>) {
    let (plan, told) = plan(fault, at);
    let mut passage = Passage::new(7);
    let mut output = Vec::new();
    for piece in parts.concat().as_bytes().chunks(piece_bytes) {
        passage.pass(piece, &plan, &mut output);
    }
    passage.end(&mut output);
    (String::from_utf8(output).unwrap(), told.try_iter().collect())
}

#[test]
fn one_message_is_harmed_and_all_else_passes_octet_by_octet() {
    let sent = [OPENING, FIRST, BETWEEN, SECOND, THIRD, CLOSE];
    let altered_first = FIRST.replace("half", "halg");
    let altered_second = SECOND.replace('z', "y");
    let cases: [(Fault, u64, &[&str], &str); 9] = [
        (Fault::Drop, 1, &[OPENING, BETWEEN, SECOND, THIRD, CLOSE], "dropped message 1"),
        (Fault::Drop, 3, &[OPENING, FIRST, BETWEEN, SECOND, CLOSE], "dropped message 3"),
        (Fault::Double, 2, &[OPENING, FIRST, BETWEEN, SECOND, SECOND, THIRD, CLOSE], "doubled message 2"),
        (Fault::Reorder, 1, &[OPENING, BETWEEN, SECOND, FIRST, THIRD, CLOSE], "held back message 1"),
        (Fault::Reorder, 3, &sent, "held back message 3"),
        (Fault::Alter, 1, &[OPENING, &altered_first, BETWEEN, SECOND, THIRD, CLOSE], "altered message 1"),
        (Fault::Alter, 2, &[OPENING, FIRST, BETWEEN, &altered_second, THIRD, CLOSE], "altered message 2"),
        (Fault::Alter, 3, &sent, "found nothing to alter in message 3"),
        (Fault::Drop, 4, &sent, ""),
    ];
    for (fault, at, expected, told) in cases {
        for piece_bytes in [1, 7, 100, usize::MAX] {
            let (got, said) = through(fault, at, &sent, piece_bytes);
            assert_eq!(got, expected.concat(), "{fault:?} {at}, {piece_bytes} octets at a time");
            assert_eq!(said.len(), usize::from(!told.is_empty()), "{said:?}");
            assert!(said.iter().all(|line| line.starts_with(&format!("{told}, on connection 7: <message"))));
        }
    }
}

#[test]
fn what_is_no_stream_passes_as_it_is() {
    let record = "\u{16}\u{3}\u{1}<message>hidden</message>";
    assert_eq!(through(Fault::Drop, 1, &[record, record], 5).0, [record, record].concat());
    let starttls = [
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        record,
    ];
    assert_eq!(through(Fault::Drop, 1, &starttls, 9).0, starttls.concat());
}

#[test]
fn an_unfinished_stanza_passes_with_the_end() {
    let unfinished = [OPENING, FIRST, "<message><body>half of"];
    assert_eq!(through(Fault::Drop, 2, &unfinished, 11).0, unfinished.concat());
}

#[tokio::test]
async fn messages_are_counted_over_all_connections() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (server_address, address) = (server.local_addr().unwrap(), proxy.local_addr().unwrap());
    let (sender, told) = mpsc::channel();
    let tell = move |meddled: &Meddled| sender.send(meddled.clone()).unwrap();
    tokio::spawn(run(proxy, server_address, Fault::Drop, 3, tell));
    for number in 1..=3 {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"<anything that a client says").await.unwrap();
        let (mut at_server, _) = server.accept().await.unwrap();
        let mut heard = [0; 28];
        at_server.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"<anything that a client says");
        at_server.write_all([OPENING, FIRST, SECOND, CLOSE].concat().as_bytes()).await.unwrap();
        drop(at_server);
        let mut got = String::new();
        client.read_to_string(&mut got).await.unwrap();
        let expected =
            if number == 2 { [OPENING, "", SECOND, CLOSE] } else { [OPENING, FIRST, SECOND, CLOSE] };
        assert_eq!(got, expected.concat(), "connection {number}");
    }
    let expected = Meddled {
        fault: Fault::Drop,
        message: 3,
        connection: 2,
        stanza: FIRST.as_bytes().to_vec(),
        done: true,
    };
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [expected]);
}
