//! Whether two cores carry what two cores should: `cargo run --release -p chatdev-server --example scaling`.
//!
//! As in the real server, what all sessions share stands behind one lock, and everything else belongs to a connection.
//! Each thread passes on messages between pairs of its own, from the bytes of a read to the bytes that would be written:
//! with one message in a read the lock is taken as often as it ever is, with 32 as a busy server does. Sockets, which
//! cost several times as much and are nobody's in common, are not in it: the real server scales better than this.

#![expect(clippy::disallowed_methods, reason = "a measurement on real clocks and threads")]

#[path = "../benches/room/mod.rs"]
mod room;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chatdev_directory::Moment;
use chatdev_server::{Connection, Switchboard};
use room::Room;

/// Sessions of each thread; the even ones write to the odd ones.
const SESSIONS_EACH: usize = 100;
const LENGTH: Duration = Duration::from_secs(2);
/// One after another of each kind, so that whatever else the machine does hits both alike.
const ROUNDS: usize = 3;

fn main() {
    println!("| messages in a read | 1 thread, messages/s | 2 threads, messages/s | ratio |");
    println!("|---|---|---|---|");
    for messages in [1, 32] {
        let mut best = [0.0_f64; 2];
        for _ in 0..ROUNDS {
            for threads in [1, 2] {
                best[threads - 1] = best[threads - 1].max(per_second(threads, messages));
            }
        }
        let [one, two] = best;
        println!("| {messages} | {one:.0} | {two:.0} | {:.2} |", two / one);
    }
}

fn per_second(threads: usize, messages: usize) -> f64 {
    let (switchboard, mut connections, at) = Room::new(SESSIONS_EACH * threads).into_parts();
    let (switchboard, over) = (Mutex::new(switchboard), AtomicBool::new(false));
    let mut shares = Vec::new();
    while !connections.is_empty() {
        shares.push(connections.split_off(connections.len() - SESSIONS_EACH));
    }
    // The last share came first.
    shares.reverse();
    let begin = Instant::now();
    let passed_on: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = shares
            .into_iter()
            .enumerate()
            .map(|(index, share)| {
                let (switchboard, over) = (&switchboard, &over);
                scope.spawn(move || work(share, index * SESSIONS_EACH, messages, at, switchboard, over))
            })
            .collect();
        std::thread::sleep(LENGTH);
        over.store(true, Ordering::Relaxed);
        workers.into_iter().map(|worker| worker.join().expect("a worker ends well")).sum()
    });
    passed_on as f64 / begin.elapsed().as_secs_f64()
}

/// Passes on messages until it is over; how many.
fn work(
    mut share: Vec<Connection>,
    first: usize,
    messages: usize,
    at: Moment,
    switchboard: &Mutex<Switchboard>,
    over: &AtomicBool,
) -> usize {
    let reads: Vec<String> = (0..share.len() / 2)
        .map(|pair| {
            let to = first + 2 * pair + 1;
            let body = "x".repeat(64);
            format!("<message to='u{to:04}@example.net/x' id='m0000000001'><body>{body}</body></message>")
                .repeat(messages)
        })
        .collect();
    let (mut written, mut passed_on) = (Vec::new(), 0);
    while !over.load(Ordering::Relaxed) {
        for (pair, read) in reads.iter().enumerate() {
            let writer = &mut share[2 * pair];
            writer.handle_bytes(at, read.as_bytes());
            while writer.needs_commit() {
                let mut held = switchboard.lock().expect("nobody panics");
                writer.commit(&mut held, at);
                let touched = held.take_touched();
                drop(held);
                drop(touched);
                writer.handle_committed(at);
            }
            let outbound = share[2 * pair + 1].outbound();
            written.clear();
            outbound.front(16 * 1024, |front| written.extend_from_slice(front));
            outbound.advance(written.len());
            passed_on += messages;
        }
    }
    passed_on
}
