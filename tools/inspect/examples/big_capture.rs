//! Writes a plain capture of any size, to measure with: `cargo run --release -p chatdev-inspect --example big_capture -- 2000 OUT.pcap`
//! (megabytes, file; the same octets every time).
//!
//! It is what tcpdump writes (classic pcap, Ethernet, IPv4) of a server and 200 clients who sign in and then talk: messages to the server and on
//! to the reader with receipts, pings, presence, now and then several stanzas in one segment or one stanza in two, and an acknowledgement
//! without data for each second segment. About two of three packets carry stanzas.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use etherparse::PacketBuilder;

const CLIENTS: usize = 200;
const SERVER: [u8; 4] = [192, 0, 2, 1];
/// 2026-11-26T10:00:00Z.
const BEGIN_MICROSECONDS: u64 = 1_795_687_200_000_000;

struct Capture<W> {
    out: W,
    octets: u64,
    microseconds: u64,
    segments: u64,
    scratch: Vec<u8>,
}

struct Client {
    number: usize,
    /// What the client has said, and what the server has.
    said: [u32; 2],
}

impl<W: Write> Capture<W> {
    fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0])?;
        Ok(Self { out, octets: 24, microseconds: BEGIN_MICROSECONDS, segments: 0, scratch: Vec::new() })
    }

    fn packet(&mut self, client: &Client, by_client: bool, syn: bool, payload: &[u8]) -> io::Result<()> {
        let n = u16::try_from(client.number).expect("few clients");
        let address = [192, 0, 2, 2 + u8::try_from(n % 250).expect("below 250")];
        let (from, to, ports) = if by_client {
            (address, SERVER, (40_000 + n, 5222))
        } else {
            (SERVER, address, (5222, 40_000 + n))
        };
        let mut builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4(from, to, 64)
            .tcp(ports.0, ports.1, client.said[usize::from(!by_client)], 64_240);
        if syn {
            builder = builder.syn();
        }
        if !syn || !by_client {
            builder = builder.ack(client.said[usize::from(by_client)]);
        }
        self.scratch.clear();
        builder.write(&mut self.scratch, payload).map_err(io::Error::other)?;
        self.microseconds += 7;
        let length = u32::try_from(self.scratch.len()).expect("a small packet");
        let seconds = u32::try_from(self.microseconds / 1_000_000).expect("before 2106");
        let fraction = u32::try_from(self.microseconds % 1_000_000).expect("below a million");
        for field in [seconds, fraction, length, length] {
            self.out.write_all(&field.to_le_bytes())?;
        }
        self.out.write_all(&self.scratch)?;
        self.octets += 16 + u64::from(length);
        Ok(())
    }

    fn say(&mut self, client: &mut Client, by_client: bool, text: &str) -> io::Result<()> {
        self.packet(client, by_client, false, text.as_bytes())?;
        let said = &mut client.said[usize::from(!by_client)];
        *said = said.wrapping_add(u32::try_from(text.len()).expect("a short text"));
        self.segments += 1;
        if self.segments.is_multiple_of(2) { self.packet(client, !by_client, false, b"") } else { Ok(()) }
    }
}

const C_HEADER: &str = "<?xml version='1.0'?><stream:stream to='example.net' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const S_HEADER: &str = "<?xml version='1.0'?><stream:stream from='example.net' id='s1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

fn sign_in<W: Write>(capture: &mut Capture<W>, client: &mut Client) -> io::Result<()> {
    capture.packet(client, true, true, b"")?;
    client.said[0] = client.said[0].wrapping_add(1);
    capture.packet(client, false, true, b"")?;
    client.said[1] = client.said[1].wrapping_add(1);
    let n = client.number;
    for (by_client, text) in [
        (true, C_HEADER.to_owned()),
        (false, format!("{S_HEADER}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>")),
        (true, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>biwsbj1sb2FkLHI9eA==</auth>".to_owned()),
        (false, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned()),
        (true, C_HEADER.to_owned()),
        (false, format!("{S_HEADER}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>")),
        (true, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>".to_owned()),
        (false, format!("<iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>load{n}@example.net/load</jid></bind></iq>")),
    ] {
        capture.say(client, by_client, &text)?;
    }
    Ok(())
}

fn round<W: Write>(capture: &mut Capture<W>, clients: &mut [Client], n: usize) -> io::Result<()> {
    let (a, b) = (n * 7 % CLIENTS, (n * 7 + 1) % CLIENTS);
    let body = "sixty-four octets of text, as people write it, more or less. ok?";
    let message = |side: &str| {
        format!(
            "<message {side} type='chat' id='m{n}'><body>{body}</body><request xmlns='urn:xmpp:receipts'/></message>"
        )
    };
    let to = format!("to='load{b}@example.net/load'");
    let from = format!("from='load{a}@example.net/load' {to}");
    if n.is_multiple_of(10) {
        // In two segments.
        let text = message(&to);
        let (first, second) = text.split_at(text.len() / 2);
        capture.say(&mut clients[a], true, first)?;
        capture.say(&mut clients[a], true, second)?;
    } else {
        capture.say(&mut clients[a], true, &message(&to))?;
    }
    let presence = if n.is_multiple_of(8) {
        format!("<presence {from}><show>away</show></presence>")
    } else {
        String::new()
    };
    capture.say(&mut clients[b], false, &(message(&from) + &presence))?;
    let receipt = |side: &str| {
        format!("<message {side} id='r{n}'><received xmlns='urn:xmpp:receipts' id='m{n}'/></message>")
    };
    capture.say(&mut clients[b], true, &receipt(&format!("to='load{a}@example.net/load'")))?;
    capture.say(
        &mut clients[a],
        false,
        &receipt(&format!("from='load{b}@example.net/load' to='load{a}@example.net/load'")),
    )?;
    if n.is_multiple_of(4) {
        capture.say(
            &mut clients[a],
            true,
            &format!("<iq type='get' id='p{n}' to='example.net'><ping xmlns='urn:xmpp:ping'/></iq>"),
        )?;
        capture.say(
            &mut clients[a],
            false,
            &format!("<iq type='result' id='p{n}' from='example.net' to='load{a}@example.net/load'/>"),
        )?;
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(megabytes), Some(path)) =
        (arguments.next().and_then(|text| text.parse::<u64>().ok()), arguments.next())
    else {
        return Err(io::Error::other("expected a number of megabytes and the name of a file"));
    };
    let mut capture = Capture::begin(BufWriter::with_capacity(1 << 20, File::create(path)?))?;
    let client = |number: usize| Client { number, said: [u32::MAX - 50_000, 7] };
    let mut clients: Vec<Client> = (0..CLIENTS).map(client).collect();
    for client in &mut clients {
        sign_in(&mut capture, client)?;
    }
    for n in 0.. {
        if capture.octets >= megabytes * 1_000_000 {
            break;
        }
        round(&mut capture, &mut clients, n)?;
    }
    capture.out.flush()
}
