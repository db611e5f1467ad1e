//! The load: in each pair one connection sends, the other receives, and for each message that arrived the next
//! one is sent. Every message that arrives is checked.
//!
//! It runs in a process and on a thread of its own, so that its cost is not the server's.

#![expect(clippy::disallowed_methods, reason = "a measurement on real sockets and clocks")]

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{BODY_BYTES, Error, PAIRS, address, lines};

/// Before the measurement begins.
const WARM_UP: Duration = Duration::from_millis(300);
/// Of the measurement.
const LENGTH: Duration = Duration::from_millis(2_000);
/// Of everything: a message that never comes must not hold up the whole.
const LENGTH_MAX: Duration = Duration::from_secs(10);
/// Where the number of a message stands in it, and how long it is.
const ID_AT: usize = "<message to='u0000@bench.local/r' id='m".len();
const ID_DIGITS: usize = 10;

/// What all pairs know: one of the three below.
type Phase = Arc<AtomicUsize>;
const WARMING_UP: usize = 0;
const MEASURING: usize = 1;
const OVER: usize = 2;

/// Makes the load. Prints `begin` when the measurement begins, then how many messages there were, in how many
/// µs, and the 50th and 99th percentile of their latencies in µs.
pub(crate) fn run(port: &str, in_flight: &str, stamped: &str) -> Result<(), Error> {
    let (port, in_flight, stamped) = (port.parse()?, in_flight.parse()?, stamped.parse()?);
    let load = async {
        let phase = Phase::new(AtomicUsize::new(WARMING_UP));
        let mut pairs = tokio::task::JoinSet::new();
        for number in 0..PAIRS {
            let pair = Pair::connect(port, number, in_flight, stamped).await?;
            pairs.spawn(pair.run(Arc::clone(&phase)));
        }
        tokio::time::sleep(WARM_UP).await;
        let begin = Instant::now();
        phase.store(MEASURING, Ordering::Relaxed);
        println!("begin");
        std::io::stdout().flush()?;
        tokio::time::sleep(LENGTH).await;
        phase.store(OVER, Ordering::Relaxed);
        let took = begin.elapsed();
        let mut latencies = Vec::new();
        while let Some(pair) = pairs.join_next().await {
            latencies.append(&mut pair??);
        }
        latencies.sort_unstable();
        let percentile =
            |percent: usize| latencies.get(latencies.len() * percent / 100).copied().unwrap_or(0);
        println!("{} {} {} {}", latencies.len(), took.as_micros(), percentile(50), percentile(99));
        Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { tokio::time::timeout(LENGTH_MAX, load).await? })
}

/// Two connections, and what is under way from the first to the second.
struct Pair {
    sender: TcpStream,
    receiver: TcpStream,
    in_flight: usize,
    to: String,
    /// What the server adds behind the attributes.
    stamp: String,
    /// When each message under way was sent.
    sent: VecDeque<Instant>,
    next_id: u64,
    next_arrival: u64,
}

impl Pair {
    async fn connect(port: u16, number: usize, in_flight: usize, stamped: bool) -> Result<Self, Error> {
        let [from, to] = [2 * number, 2 * number + 1];
        let mut sender = connect(port, from).await?;
        let mut receiver = connect(port, to).await?;
        lines::read_ready(&mut sender).await?;
        lines::read_ready(&mut receiver).await?;
        if stamped {
            let mut header = Vec::new();
            chatdev_xml::write_header(&mut header, &[("to", Some("bench.local")), ("version", Some("1.0"))]);
            sender.write_all(&header).await?;
        }
        let stamp = if stamped { format!(" from='{}'", address(from)) } else { String::new() };
        let (to, sent) = (address(to), VecDeque::with_capacity(in_flight));
        Ok(Self { sender, receiver, in_flight, to, stamp, sent, next_id: 0, next_arrival: 0 })
    }

    /// Sends and receives until the measurement is over; the latencies in it, in µs.
    async fn run(mut self, phase: Phase) -> Result<Vec<u32>, Error> {
        let body = "x".repeat(BODY_BYTES);
        let end = format!("'{}><body>{body}</body></message>", self.stamp);
        let message_bytes = ID_AT + ID_DIGITS + end.len();
        let mut latencies = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut filled = 0;
        self.send(self.in_flight, &body).await?;
        loop {
            let len = self.receiver.read(&mut buffer[filled..]).await?;
            if len == 0 {
                return Err("the server closed a connection".into());
            }
            filled += len;
            let arrived = Instant::now();
            let whole = filled / message_bytes;
            for message in buffer[..whole * message_bytes].chunks(message_bytes) {
                self.check(message, &end)?;
                let sent = self.sent.pop_front().ok_or("more messages than were sent")?;
                if phase.load(Ordering::Relaxed) == MEASURING {
                    latencies.push(u32::try_from((arrived - sent).as_micros())?);
                }
            }
            buffer.copy_within(whole * message_bytes..filled, 0);
            filled -= whole * message_bytes;
            if phase.load(Ordering::Relaxed) == OVER {
                return Ok(latencies);
            }
            self.send(whole, &body).await?;
        }
    }

    async fn send(&mut self, count: usize, body: &str) -> Result<(), Error> {
        let mut batch = Vec::with_capacity(count * 160);
        for _ in 0..count {
            let (to, id) = (&self.to, self.next_id);
            write!(batch, "<message to='{to}' id='m{id:010}'><body>{body}</body></message>")?;
            self.next_id += 1;
        }
        self.sent.extend(std::iter::repeat_n(Instant::now(), count));
        self.sender.write_all(&batch).await?;
        Ok(())
    }

    /// The next message, nothing but it, stamped as it should be.
    fn check(&mut self, message: &[u8], end: &str) -> Result<(), Error> {
        let id = format!("{:010}", self.next_arrival);
        self.next_arrival += 1;
        let (begin, rest) = message.split_at(ID_AT);
        let is_right = begin.starts_with(b"<message to='") && rest.starts_with(id.as_bytes());
        if is_right && &rest[ID_DIGITS..] == end.as_bytes() {
            return Ok(());
        }
        Err(format!("not the message expected: {}", String::from_utf8_lossy(message)).into())
    }
}

async fn connect(port: u16, number: usize) -> Result<TcpStream, Error> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    lines::write_number(&mut stream, number).await?;
    Ok(stream)
}
