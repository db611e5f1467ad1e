//! [`Session`]: one connection's TLS, both sides' octets in, what they say out.
//!
//! Here: the order in which octets become records, what is held, and what is given up. What a record means is in `records`, what a
//! handshake message changes is in `flights`.

mod flights;
mod records;

use super::direction::{Alignment, Direction, Gap, Lacking, Protection};
use super::negotiation::Negotiation;
use super::record::{Header, NoHeader, first_candidate};
use super::{Keys, Told, Why};
use crate::model::Side;

/// Octets of one side that are held while a key, or the other side's hello, has not come. Beyond it that side is given up.
pub const HELD_OCTETS_MAX: usize = 256 * 1024;

/// Places where octets are missing among those that are held. Beyond it that side is given up.
pub const GAPS_HELD_MAX: usize = 64;

/// The TLS of one connection.
#[derive(Debug, Default)]
pub struct Session {
    negotiation: Negotiation,
    directions: [Direction; 2],
    /// The record that is being opened; kept for its memory only.
    scratch: Vec<u8>,
}

/// What a reading is given.
struct Outside<'o> {
    keys: &'o mut dyn Keys,
    each: &'o mut dyn FnMut(Side, Told<'_>),
}

impl Outside<'_> {
    fn tell(&mut self, side: Side, told: Told<'_>) {
        (self.each)(side, told);
    }
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is read, or passed over.
    Done,
    /// It has to wait.
    Wait(Lacking),
    /// It does not open, and may be none: it was found behind missing octets.
    NoRecord,
}

impl Session {
    /// Before the first octet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what `side` sent next, in pieces of any size, and gives what can be told by now; also of the other side, if this is what it
    /// waited for.
    pub fn read(
        &mut self,
        keys: &mut impl Keys,
        side: Side,
        octets: &[u8],
        each: &mut impl FnMut(Side, Told<'_>),
    ) {
        let outside = &mut Outside { keys, each };
        self.take_cut(outside, side.other());
        let direction = &mut self.directions[side.index()];
        if direction.is_empty() {
            let taken = self.take(outside, side, octets);
            self.directions[side.index()].held.extend_from_slice(&octets[taken..]);
        } else {
            direction.held.extend_from_slice(octets);
            self.resume(outside, side);
        }
        self.unblock(outside, side.other());
        let direction = &self.directions[side.index()];
        if direction.lacking.is_some()
            && (direction.held.len() > HELD_OCTETS_MAX || direction.gaps.len() > GAPS_HELD_MAX)
        {
            self.stop_waiting(outside, side);
        }
    }

    /// Octets of `side` are missing before what it is read next; how many, if that is known. It is told once something behind them is read.
    pub fn missing(&mut self, side: Side, octets: Option<u64>) {
        let direction = &mut self.directions[side.index()];
        if octets == Some(0) {
            return;
        }
        if direction.lacking.is_none() && direction.gaps.is_empty() {
            let partial = std::mem::take(&mut direction.held);
            direction.lose(&partial, octets);
            return;
        }
        let position = direction.held.len();
        match direction.gaps.back_mut() {
            Some(last) if last.position == position => {
                last.octets = last.octets.zip(octets).map(|(before, more)| before.saturating_add(more));
            }
            _ => direction.gaps.push_back(Gap { position, octets }),
        }
    }

    /// Nothing more comes: what is held is tried for the last time, then given up.
    pub fn finish(&mut self, keys: &mut impl Keys, each: &mut impl FnMut(Side, Told<'_>)) {
        let outside = &mut Outside { keys, each };
        for side in Side::BOTH {
            self.take_cut(outside, side);
            self.unblock(outside, side);
        }
        for side in Side::BOTH {
            if self.directions[side.index()].lacking.is_some() {
                self.stop_waiting(outside, side);
            }
        }
        self.tell_agreed(outside);
        for side in Side::BOTH {
            // A record whose end never came.
            let direction = &mut self.directions[side.index()];
            let octets = std::mem::take(&mut direction.held).len();
            direction.gaps.clear();
            if octets > 0 {
                outside.tell(side, Told::Sealed { octets });
            }
        }
    }

    /// Tries again what waits: this side, then as long as that brings news, the other.
    fn unblock(&mut self, outside: &mut Outside<'_>, mut side: Side) {
        while self.directions[side.index()].lacking.is_some() && self.resume(outside, side) {
            side = side.other();
        }
    }

    /// Gives up what waits, and passes over what is held.
    fn stop_waiting(&mut self, outside: &mut Outside<'_>, side: Side) {
        let Some(lacking) = self.directions[side.index()].lacking else { return };
        let why = lacking.why(self.negotiation.agreed.as_ref().map(|agreed| &agreed.client_random));
        self.give_up(outside, side, why);
        self.resume(outside, side);
    }

    /// Reads on in what is held. Whether any of it was taken.
    fn resume(&mut self, outside: &mut Outside<'_>, side: Side) -> bool {
        let mut has_moved = false;
        loop {
            let mut held = std::mem::take(&mut self.directions[side.index()].held);
            let end = self.directions[side.index()].gaps.front().map_or(held.len(), |gap| gap.position);
            let mut taken = self.take(outside, side, &held[..end]);
            let direction = &mut self.directions[side.index()];
            has_moved |= taken > 0;
            let mut has_passed_gap = false;
            if direction.lacking.is_none()
                && let Some(gap) = direction.gaps.pop_front()
            {
                direction.lose(&held[taken..end], gap.octets);
                taken = end;
                (has_passed_gap, has_moved) = (true, true);
            }
            held.drain(..taken);
            direction.gaps.iter_mut().for_each(|gap| gap.position -= taken);
            direction.held = held;
            if !has_passed_gap {
                return has_moved;
            }
        }
    }

    /// Reads records, as many as there are, and gives how many octets were taken; the rest is to be held.
    fn take(&mut self, outside: &mut Outside<'_>, side: Side, octets: &[u8]) -> usize {
        self.directions[side.index()].lacking = None;
        self.take_cut(outside, side);
        let mut at = 0;
        loop {
            let rest = &octets[at..];
            match &mut self.directions[side.index()].alignment {
                Alignment::Boundary => {}
                Alignment::Within(left) => {
                    let passed = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= passed as u64;
                    at += passed;
                    if *left > 0 {
                        return at;
                    }
                    self.directions[side.index()].alignment = Alignment::Boundary;
                }
                Alignment::Unknown => at += first_candidate(rest),
                Alignment::None => {
                    if !rest.is_empty() {
                        outside.tell(side, Told::Sealed { octets: rest.len() });
                    }
                    return octets.len();
                }
            }
            let rest = &octets[at..];
            let header = match Header::read(rest) {
                Ok(Some(header)) if header.record_octets() <= rest.len() => header,
                Ok(_) => return at,
                Err(NoHeader) => {
                    self.find_no_record(outside, side);
                    continue;
                }
            };
            let fragment = &rest[super::record::HEADER_OCTETS..header.record_octets()];
            match self.record(outside, side, header, fragment) {
                Step::Done => {
                    at += header.record_octets();
                    let direction = &mut self.directions[side.index()];
                    direction.has_begun = true;
                    if direction.alignment == Alignment::Unknown {
                        direction.alignment = Alignment::Boundary;
                    }
                }
                Step::NoRecord => at += 1,
                Step::Wait(lacking) => {
                    self.directions[side.index()].lacking = Some(lacking);
                    return at;
                }
            }
        }
    }

    /// Takes what there is of a handshake record whose rest is missing. Behind it, messages may be cut.
    fn take_cut(&mut self, outside: &mut Outside<'_>, side: Side) {
        if let Some(cut) = self.directions[side.index()].cut.take() {
            self.handshake(outside, side, &cut);
            self.directions[side.index()].messages.begin_anew();
            self.directions[side.index()].is_broken = true;
        }
    }

    /// Where a record has to begin, there is none.
    fn find_no_record(&mut self, outside: &mut Outside<'_>, side: Side) {
        let direction = &mut self.directions[side.index()];
        direction.alignment = Alignment::None;
        let why = if direction.has_begun { Why::Malformed("a TLS record") } else { Why::NotTls };
        self.give_up(outside, side, why);
    }

    /// From here on nothing of this side can be read. What was agreed on is told before, if it waited for what cannot come.
    fn give_up(&mut self, outside: &mut Outside<'_>, side: Side, why: Why) {
        if self.directions[side.index()].is_given_up() {
            return;
        }
        if self.negotiation.is_server(side) {
            self.tell_agreed(outside);
        }
        self.directions[side.index()].protection = Protection::GivenUp;
        self.directions[side.index()].messages.begin_anew();
        outside.tell(side, Told::Unreadable { why });
    }

    fn give_up_both(&mut self, outside: &mut Outside<'_>, why: Why) {
        Side::BOTH.into_iter().for_each(|side| self.give_up(outside, side, why));
    }

    /// Tells what was agreed on, once.
    fn tell_agreed(&mut self, outside: &mut Outside<'_>) {
        if let (Some((client, _)), Some(agreed)) = (&self.negotiation.hello, &mut self.negotiation.agreed)
            && !agreed.is_told
        {
            agreed.is_told = true;
            outside.tell(client.other(), agreed.told());
        }
    }
}
