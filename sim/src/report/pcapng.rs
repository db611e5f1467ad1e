//! A run as a capture that Wireshark, tshark and other inspectors open: pcapng, made of packets that never were.
//!
//! It shows what the ends of each connection said to each other, in the clear and within the simulation's TLS, as
//! if there were no TLS: every octet as it was said, acknowledged when the other end had read it. What was never
//! read is never acknowledged, and its packet has a comment that says so.
//!
//! - Each stanza is a packet of its own, at the time when its last octet was written, or several if it is long: an
//!   inspector that takes a `>` at a packet's end for a stanza's end is right.
//! - The part before STARTTLS and the part within TLS are two TCP conversations, of two ports of the dialler's:
//!   dissectors take what follows `<proceed/>` on the same one for TLS.
//! - All connections are shown as to port 5222, those between two people too, so that dissectors know them.
//! - An operation of the schedule, and a violation, is a comment on the first packet after it.
//!
//! Format: draft-ietf-opsawg-pcapng.

mod blocks;
mod packets;
mod sides;

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc, time::Duration};

use crate::{
    events::{Entry, Event},
    report::conversation::{Conversation, Layer},
    run::Outcome,
    schedule::{Act, Ending, Manner, SERVER, Schedule},
    world::Settings,
};
use blocks::Blocks;
use packets::{ACK, FIN, PSH, RST, SYN, Segment, packet};
use sides::{Sides, pair};

/// The most text that one packet carries.
const SEGMENT_OCTETS_MAX: usize = 1400;

const ABOUT: &str = "Synthesised from a run of ChatDev's simulation. What was said within TLS is shown as if there \
     were no TLS; before STARTTLS and within TLS are two conversations. All connections are shown as to port \
     5222, those between people too.";

/// The capture of a run.
#[must_use]
pub fn pcapng(schedule: &Schedule, outcome: &Outcome) -> Vec<u8> {
    let mut capture = Capture::new(schedule, outcome);
    for entry in outcome.log.entries() {
        capture.see(entry);
    }
    capture.blocks.finish()
}

/// What one end said in one layer, and has not been shown yet.
struct Waiting {
    /// So many octets were said.
    said: usize,
    /// Where its pieces end, the first of those that were not shown last.
    ends: Vec<usize>,
}

/// Everything that is known while the log is gone through.
struct Capture<'a> {
    schedule: &'a Schedule,
    conversation: Conversation,
    epoch: Duration,
    addresses: BTreeMap<&'a str, Ipv4Addr>,
    sides: BTreeMap<(u64, Layer), Sides>,
    waiting: BTreeMap<(u64, Layer, bool), Waiting>,
    /// Processes without power, which take no leave.
    dark: Vec<&'a str>,
    /// Violations that are still to come, the last first.
    violations: Vec<(Duration, String)>,
    blocks: Blocks,
}

impl<'a> Capture<'a> {
    fn new(schedule: &'a Schedule, outcome: &Outcome) -> Self {
        let names = [SERVER].into_iter().chain(schedule.actors.iter().map(|actor| actor.name.as_str()));
        let addresses: BTreeMap<_, _> = (0_u32..).zip(names).map(|(n, name)| (name, address(n))).collect();
        let epoch = Settings::quiet(schedule.seed).epoch.as_millisecond();
        let violations = outcome.verdict.violations.iter().rev().map(|violation| {
            let (invariant, found) = (violation.invariant, &violation.found);
            (violation.at, format!("VIOLATED: {invariant}. Found: {found}"))
        });
        let named = addresses.iter().map(|(name, address)| (*address, *name));
        Self {
            schedule,
            conversation: Conversation::of(&outcome.log),
            epoch: Duration::from_millis(u64::try_from(epoch).unwrap_or_default()),
            sides: BTreeMap::new(),
            waiting: BTreeMap::new(),
            dark: Vec::new(),
            violations: violations.collect(),
            blocks: Blocks::new(ABOUT, &format!("{} seed {}", schedule.scenario, schedule.seed), named),
            addresses,
        }
    }

    fn see(&mut self, entry: &Entry) {
        let at = entry.at;
        while let Some((_, text)) = self.violations.pop_if(|(found, _)| *found <= at) {
            self.blocks.remark(text);
        }
        match &entry.event {
            Event::Opened { connection, dialled } => self.opened(at, *connection, *dialled),
            Event::Said { connection, by_dialler, sealed, text } => {
                self.said(at, (*connection, Layer::of(*sealed)), *by_dialler, text.len());
            }
            Event::Heard { connection, by_dialler, sealed, octets } => {
                let key = (*connection, Layer::of(*sealed));
                if self.sides.get_mut(&key).is_some_and(|sides| sides.read(*by_dialler, *octets)) {
                    self.send(at, key, !*by_dialler, ACK, &[]);
                }
            }
            Event::Closed { connection } => self.closed(at, *connection, &entry.process),
            Event::CutOff { connection } => self.reset(at, *connection),
            Event::Fault { op, over: false } => self.begins(at, *op),
            Event::Started => self.dark.retain(|dark| *dark != &*entry.process),
            _ => {}
        }
    }

    /// The layer in which a connection begins.
    fn first_layer(&self, connection: u64) -> Layer {
        let known = self.conversation.connections().get(&connection);
        let sealed = known.is_some_and(|known| !known.uses(Layer::Clear) && known.uses(Layer::Sealed));
        Layer::of(sealed)
    }

    fn opened(&mut self, at: Duration, connection: u64, dialled: bool) {
        let key = (connection, self.first_layer(connection));
        self.sides.entry(key).or_insert_with(|| Sides::new(connection));
        self.shake_hands(at, key, dialled);
    }

    /// Whatever of the three packets at the beginning was not yet; the third if `wholly`.
    fn shake_hands(&mut self, at: Duration, key: (u64, Layer), wholly: bool) {
        let Some(sides) = self.sides.get_mut(&key) else { return };
        let asked = std::mem::replace(&mut sides.asked, true);
        let answered = wholly && !std::mem::replace(&mut sides.opened, true);
        if !asked {
            self.blocks.remark(self.title(key));
            self.send(at, key, true, SYN, &[]);
            self.send(at, key, false, SYN | ACK, &[]);
        }
        if answered {
            self.send(at, key, true, ACK, &[]);
        }
    }

    fn title(&self, (connection, layer): (u64, Layer)) -> String {
        let known = self.conversation.connections().get(&connection);
        let name = |end: Option<&Arc<str>>| end.map_or("nobody", |end| end).to_owned();
        let dialler = name(known.and_then(|known| known.dialler.as_ref()));
        let answerer = name(known.and_then(|known| known.answerer.as_ref()));
        let how = match layer {
            Layer::Clear => "in the clear",
            Layer::Sealed => "sealed in TLS in the simulation",
        };
        format!("connection #{connection}, {dialler} to {answerer}: {how}")
    }

    fn said(&mut self, at: Duration, key: (u64, Layer), by_dialler: bool, octets: usize) {
        if key.1 == Layer::Sealed && !self.sides.contains_key(&key) {
            // TLS took over: the conversation in the clear is over.
            self.end_both(at, (key.0, Layer::Clear));
            self.sides.insert(key, Sides::new(key.0));
        }
        self.shake_hands(at, key, true);
        let Some(known) = self.conversation.connections().get(&key.0) else { return };
        let way = known.way(key.1, by_dialler);
        let waiting = self
            .waiting
            .entry((key.0, key.1, by_dialler))
            .or_insert_with(|| Waiting { said: 0, ends: way.ends().into_iter().rev().collect() });
        waiting.said += octets;
        let (mut whole, mut from) =
            (Vec::new(), self.sides.get(&key).map_or(0, |sides| sides.written(by_dialler)));
        while let Some(end) = waiting.ends.pop_if(|end| *end <= waiting.said) {
            whole.push((end, way.text[from..end].to_vec()));
            from = end;
        }
        let read = way.octets_read();
        for (end, piece) in whole {
            if end > read {
                self.blocks.remark("the other end never read all of this".to_owned());
            }
            for part in parts(&piece) {
                self.send(at, key, by_dialler, PSH | ACK, part);
            }
        }
    }

    fn closed(&mut self, at: Duration, connection: u64, process: &str) {
        if self.dark.contains(&process) {
            return;
        }
        let Some(known) = self.conversation.connections().get(&connection) else { return };
        let by_dialler = known.dialler.as_deref() == Some(process);
        for layer in Layer::BOTH {
            self.end(at, (connection, layer), by_dialler);
        }
    }

    fn end(&mut self, at: Duration, key: (u64, Layer), by_dialler: bool) {
        let may_end = self.sides.get(&key).is_some_and(|sides| sides.may_end(by_dialler));
        if may_end {
            self.send(at, key, by_dialler, FIN | ACK, &[]);
        }
    }

    fn end_both(&mut self, at: Duration, key: (u64, Layer)) {
        self.end(at, key, true);
        self.end(at, key, false);
        if self.sides.get_mut(&key).is_some_and(|sides| sides.read(false, 0)) {
            self.send(at, key, true, ACK, &[]);
        }
    }

    fn reset(&mut self, at: Duration, connection: u64) {
        for layer in Layer::BOTH {
            let key = (connection, layer);
            if self.sides.get(&key).is_some_and(Sides::is_open) {
                self.send(at, key, false, RST | ACK, &[]);
            }
        }
    }

    /// An operation begins.
    fn begins(&mut self, at: Duration, op: usize) {
        let schedule = self.schedule;
        let Some(op) = schedule.ops.get(op) else { return };
        self.blocks.remark(format!("{} ms: {}", op.at_ms, op.act));
        match &op.act {
            Act::End { who, how: Ending::PowerCut, .. } => self.dark.push(who),
            Act::Cut { who, how: Manner::Rst } => {
                let open = self.sides.iter().filter(|(_, sides)| sides.is_open());
                let open: Vec<u64> = open.map(|((connection, _), _)| *connection).collect();
                for connection in open {
                    let known = self.conversation.connections().get(&connection);
                    let ends = known.into_iter().flat_map(|known| [&known.dialler, &known.answerer]);
                    if ends.flatten().any(|end| **end == **who) {
                        self.reset(at, connection);
                    }
                }
            }
            _ => {}
        }
    }

    fn send(&mut self, at: Duration, key: (u64, Layer), by_dialler: bool, flags: u8, text: &[u8]) {
        let (connection, layer) = key;
        let Some(known) = self.conversation.connections().get(&connection) else { return };
        let address = |end: &Option<Arc<str>>| {
            let known = end.as_deref().and_then(|name| self.addresses.get(name));
            known.copied().unwrap_or(Ipv4Addr::new(10, 0, 255, 254))
        };
        let ends = (address(&known.dialler), address(&known.answerer));
        let Some(sides) = self.sides.get_mut(&key) else { return };
        let (sequence, acknowledged) = sides.send(by_dialler, flags, text.len());
        let ports = pair(by_dialler, (sides::port(connection, layer), sides::PORT_SHOWN));
        let (from, to) = pair(by_dialler, ends);
        let segment = Segment { from, to, ports, sequence, acknowledged, flags, text };
        self.blocks.packet(self.epoch + at, &packet(&segment));
    }
}

/// A piece in as many parts as it takes. None but the last ends like a stanza.
fn parts(piece: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let mut octets = rest.len().min(SEGMENT_OCTETS_MAX);
        while octets < rest.len() && octets > 1 && rest[octets - 1] == b'>' {
            octets -= 1;
        }
        let (part, after) = rest.split_at(octets);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// The address of the `n`th process.
fn address(n: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 1)) + n / 250 * 256 + n % 250)
}
