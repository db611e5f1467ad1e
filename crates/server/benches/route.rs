//! What one read costs the server's brain, from the bytes that came to the bytes in the recipients' queues: messages that
//! are passed on, alone and many at a time, and requests that the server answers. Sockets, locks and tasks are not in it.

#[path = "../../xml/benches/measure/mod.rs"]
mod measure;
mod room;

use std::hint::black_box;

use criterion::Throughput::Elements;
use measure::Case;
use room::Room;

/// Enough for tables to have depth.
const SESSIONS: usize = 100;

const CASES: [Case; 5] = [
    Case { name: "server/route 1 message", handles: Elements(1), prepare: || route(SESSIONS, 1) },
    Case { name: "server/route 32 messages", handles: Elements(32), prepare: || route(SESSIONS, 32) },
    Case {
        name: "server/route 1 message, 5,000 sessions",
        handles: Elements(1),
        prepare: || route(5_000, 1),
    },
    Case { name: "server/answer a ping", handles: Elements(1), prepare: || ask(PING) },
    Case { name: "server/answer a check-in", handles: Elements(1), prepare: check_in },
];

const PING: &str = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>";

fn main() {
    measure::run(&CASES);
}

/// Messages from the first session to the second: those of one read.
fn route(sessions: usize, messages: usize) -> Box<dyn FnMut()> {
    let mut room = Room::new(sessions);
    let body = "x".repeat(64);
    let message = format!("<message to='u0001@example.net/x' id='m0000000001'><body>{body}</body></message>");
    let read = message.repeat(messages);
    let mut written = Vec::new();
    Box::new(move || {
        let touched = room.handle(0, read.as_bytes());
        assert_eq!(touched, 1);
        room.take_written(1, &mut written);
        assert!(black_box(written.len()) > read.len());
    })
}

/// A request of the first session to the server.
fn ask(request: &'static str) -> Box<dyn FnMut()> {
    let mut room = Room::new(SESSIONS);
    let mut written = Vec::new();
    Box::new(move || {
        room.handle(0, request.as_bytes());
        room.take_written(0, &mut written);
        assert!(black_box(written.len()) > 20);
    })
}

/// The usual one: nothing changed since the last one.
fn check_in() -> Box<dyn FnMut()> {
    let mut room = Room::new(SESSIONS);
    let mut written = Vec::new();
    room.handle(0, b"<iq type='set' id='c0'><check-in xmlns='urn:chatdev:directory:1'><profile nick='Me'/></check-in></iq>");
    room.take_written(0, &mut written);
    let answer = str::from_utf8(&written).expect("UTF-8");
    let (_, since) = answer.split_once("version='").expect("an answer has a version");
    let (since, _) = since.split_once('\'').expect("a value ends");
    let heartbeat =
        format!("<iq type='set' id='c1'><check-in xmlns='urn:chatdev:directory:1' since='{since}'/></iq>");
    Box::new(move || {
        room.handle(0, heartbeat.as_bytes());
        room.take_written(0, &mut written);
        assert!(black_box(written.len()) < 250, "nothing changed");
    })
}
