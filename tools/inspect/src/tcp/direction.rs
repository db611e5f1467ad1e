//! What one side says: sequence numbers become offsets in its stream, octets are told in order, each once.
//!
//! RFC 9293 §3.4 (sequence numbers), §3.10.7.4 (segments arriving). A capture is no receiver: what is missing may never
//! come, since it was delivered without being captured. So it is given up once the other side has acknowledged it, some
//! grace later.

use super::held::{Held, Piece, differs};
use super::lately::Newest;
use super::voice::{Shared, Voice};
use super::{Holding, Limits};
use crate::model::{At, Listener};

/// The largest window that TCP can have (RFC 7323 §2.3), in octets: numbers further away are nobody's.
const WINDOW_OCTETS_MAX: i32 = 1 << 30;

/// How far a reset may be from what is expected next, in octets: an ordinary receive window.
const RESET_WINDOW_OCTETS: i64 = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Direction {
    /// Sequence number of the octet with offset 0, once it is known.
    base: Option<u32>,
    /// Whether it is known from SYN, so that offset 0 is the beginning.
    from_start: bool,
    /// Offset of the octet that is to be told next.
    next: u64,
    /// Up to where the other side has everything.
    acked: u64,
    /// The same, as it was some grace ago.
    settled: u64,
    settling: Option<Settling>,
    /// Where the side has said everything.
    fin: Option<u64>,
    finished: bool,
    /// Whether it was told that a repetition differs: once is enough.
    differed: bool,
    held: Held,
    newest: Newest,
}

/// An acknowledgement whose grace runs.
#[derive(Clone, Copy, Debug)]
struct Settling {
    acked: u64,
    /// Number of the segment of the connection when it came.
    segment: u32,
    at: At,
}

impl Direction {
    /// The sequence number of the first octet, if known.
    pub(super) fn base(&self) -> Option<u32> {
        self.base
    }

    /// Whether its beginning is known.
    pub(super) fn is_from_start(&self) -> bool {
        self.from_start
    }

    /// Whether everything that it had to say was told, FIN included.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Nothing of it was told yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.next == 0
    }

    /// Learns where it begins, unless that is known.
    pub(super) fn begin(&mut self, base: u32, from_start: bool) {
        if self.base.is_none() {
            self.base = Some(base);
            self.from_start = from_start;
        }
    }

    /// The offset of a sequence number; `None` if it is far from any window, or nothing is known.
    pub(super) fn place(&self, seq: u32) -> Option<i64> {
        let base = self.base?;
        // After much was lost only what was acknowledged is near.
        [self.next, self.acked].into_iter().find_map(|reference| {
            let distance = seq.wrapping_sub(base.wrapping_add(reference as u32)) as i32;
            (-WINDOW_OCTETS_MAX..=WINDOW_OCTETS_MAX)
                .contains(&distance)
                .then(|| reference as i64 + i64::from(distance))
        })
    }

    /// Whether a receiver would take a reset with this number (RFC 5961 §3.2, as far as a capture shows the window).
    pub(super) fn takes_reset(&self, seq: u32) -> bool {
        let latest = self
            .next
            .max(self.acked)
            .max(self.held.end().unwrap_or(0))
            .max(self.fin.map_or(0, |fin| fin + 1));
        let earliest = self.next.min(self.acked) as i64;
        self.place(seq)
            .is_some_and(|offset| (earliest..=latest as i64 + RESET_WINDOW_OCTETS).contains(&offset))
    }

    /// The other side has everything before this number. Whether that can be.
    pub(super) fn acknowledge(&mut self, ack: u32) -> bool {
        match (self.place(ack), self.base) {
            (Some(offset), _) => {
                self.acked = self.acked.max(offset.max(0) as u64);
                true
            }
            (None, base) => base.is_none(),
        }
    }

    /// Takes octets from a sequence number on, of which the capture may have cut the last.
    pub(super) fn say<L: Listener>(
        &mut self,
        seq: u32,
        octets: &[u8],
        on_wire: u32,
        shared: &mut Shared,
        voice: &mut Voice<'_, L>,
    ) {
        let Some(offset) = self.place(seq) else {
            shared.oddities.absurd += 1;
            return;
        };
        let before = offset.min(0).unsigned_abs().min(u64::from(on_wire));
        shared.oddities.octets_before_start += before;
        let octets = &octets[(before as usize).min(octets.len())..];
        let mut piece = Piece {
            at: voice.now,
            begin: offset.max(0) as u64,
            octets,
            on_wire: u64::from(on_wire) - before,
        };
        if let Some(fin) = self.fin.filter(|fin| *fin < piece.end()) {
            shared.oddities.octets_after_end += piece.end() - fin.max(piece.begin);
            piece = piece.split_front(fin.saturating_sub(piece.begin));
        }
        while piece.on_wire > 0 {
            if piece.begin < self.next {
                self.repeat(&mut piece, shared, voice);
            } else if piece.begin == self.next {
                return self.follow(piece, shared, voice);
            } else if self.held.has_room(piece, &shared.limits, shared.holding) {
                let difference = self.held.insert(piece, &mut shared.holding);
                return self.differ(difference, voice);
            } else {
                shared.oddities.gaps_forced += 1;
                let until = self.held.begin().map_or(piece.begin, |begin| begin.min(piece.begin));
                self.skip_to(until, shared, voice);
            }
        }
    }

    /// It will say nothing beyond this number. Whether that can be.
    pub(super) fn finish(&mut self, seq: u32, shared: &mut Shared) -> bool {
        let Some(end) = self.place(seq).and_then(|offset| u64::try_from(offset).ok()) else { return false };
        if let Some(fin) = self.fin {
            return fin == end;
        }
        if end < self.next {
            return false;
        }
        self.fin = Some(end);
        shared.oddities.octets_after_end += self.held.truncate(end, &mut shared.holding);
        true
    }

    /// Tells its end, once it has come to it.
    pub(super) fn tell_end<L: Listener>(&mut self, voice: &mut Voice<'_, L>) {
        if self.fin == Some(self.next) && !self.finished {
            self.finished = true;
            voice.finished();
        }
    }

    /// Tells its end, come to it or not.
    pub(super) fn tell_end_anyway<L: Listener>(&mut self, voice: &mut Voice<'_, L>) {
        if !self.finished {
            self.finished = true;
            voice.finished();
        }
    }

    /// Time has passed, or segments: gives up waiting for what was acknowledged long enough ago. `segment` numbers
    /// those of the connection.
    pub(super) fn settle<L: Listener>(
        &mut self,
        segment: u32,
        shared: &mut Shared,
        voice: &mut Voice<'_, L>,
    ) {
        if self.acked <= self.next {
            (self.settled, self.settling) = (self.acked, None);
            return;
        }
        let fresh = Settling { acked: self.acked, segment, at: voice.now };
        match self.settling {
            Some(old) if has_grown_old(old, fresh, &shared.limits) => {
                self.settled = old.acked;
                self.settling = (self.acked > old.acked).then_some(fresh);
            }
            None if self.acked > self.settled => self.settling = Some(fresh),
            Some(_) | None => {}
        }
        while let Some(until) = self.awaited().filter(|until| *until <= self.settled) {
            self.skip_to(until, shared, voice);
        }
    }

    /// Whether it will give up waiting once the grace is over.
    pub(super) fn is_settling(&self) -> bool {
        self.awaited().is_some_and(|until| until <= self.acked)
    }

    /// Tells everything that there will be: nothing more comes.
    pub(super) fn flush<L: Listener>(&mut self, shared: &mut Shared, voice: &mut Voice<'_, L>) {
        while let Some(until) = self.awaited() {
            self.skip_to(until, shared, voice);
        }
        // One more than was seen may be FIN's number, which is no octet.
        if self.fin.is_none() && self.acked > self.next + 1 {
            self.skip_to(self.acked, shared, voice);
        }
        self.tell_end(voice);
    }

    /// Lets go of what is held.
    pub(super) fn clear(&mut self, holding: &mut Holding) {
        self.held.clear(holding);
    }

    /// The end of the first gap: what comes next and is known already, octets or the end.
    fn awaited(&self) -> Option<u64> {
        self.held.begin().or(self.fin).filter(|until| *until > self.next)
    }

    /// Octets that were told before: only a look whether they are the same.
    fn repeat<L: Listener>(&mut self, piece: &mut Piece<'_>, shared: &mut Shared, voice: &mut Voice<'_, L>) {
        let again = piece.split_front(self.next - piece.begin);
        shared.oddities.repeated_octets += again.on_wire;
        // A keep-alive repeats one octet, with any content (RFC 9293 §3.8.4).
        let is_keep_alive = again.on_wire == 1 && piece.on_wire == 0 && again.end() == self.next;
        if !self.differed && !is_keep_alive {
            self.differ(shared.lately.difference(self.newest, again.begin, again.octets), voice);
        }
    }

    /// Octets that are the next: told at once, as they are; then what waited for them.
    fn follow<L: Listener>(&mut self, mut piece: Piece<'_>, shared: &mut Shared, voice: &mut Voice<'_, L>) {
        let at = piece.at;
        while let Some(begin) = self.held.begin().filter(|begin| *begin < piece.end()) {
            let front = piece.split_front(begin - piece.begin);
            self.tell(front, front.at, shared, voice);
            let Some(first) = self.held.pop(&mut shared.holding) else { break };
            let again = piece.split_front(first.piece().on_wire);
            self.differ(differs(first.piece(), again), voice);
            self.tell(first.piece(), first.piece().at.max(at), shared, voice);
        }
        self.tell(piece, at, shared, voice);
        self.drain(Some(at), shared, voice);
    }

    /// Gives up what is missing before an offset.
    fn skip_to<L: Listener>(&mut self, offset: u64, shared: &mut Shared, voice: &mut Voice<'_, L>) {
        voice.missing(offset - self.next);
        self.next = offset;
        self.drain(None, shared, voice);
    }

    /// Tells what waited and is the next now. It was complete `at` this time; else it had been on its own, only the
    /// capture lacks what was before.
    fn drain<L: Listener>(&mut self, at: Option<At>, shared: &mut Shared, voice: &mut Voice<'_, L>) {
        while self.held.begin() == Some(self.next) {
            let Some(first) = self.held.pop(&mut shared.holding) else { break };
            let own = first.piece().at;
            self.tell(first.piece(), at.map_or(own, |at| own.max(at)), shared, voice);
        }
    }

    fn tell<L: Listener>(&mut self, piece: Piece<'_>, at: At, shared: &mut Shared, voice: &mut Voice<'_, L>) {
        if !piece.octets.is_empty() {
            self.newest = shared.lately.keep(self.newest, piece.begin, piece.octets);
            voice.octets(at, piece.octets);
        }
        let cut = piece.on_wire - piece.octets.len() as u64;
        if cut > 0 {
            voice.missing(cut);
        }
        self.next += piece.on_wire;
    }

    fn differ<L: Listener>(&mut self, difference: Option<u64>, voice: &mut Voice<'_, L>) {
        if let Some(offset) = difference.filter(|_| !self.differed) {
            self.differed = true;
            voice.differs(offset);
        }
    }
}

fn has_grown_old(old: Settling, now: Settling, limits: &Limits) -> bool {
    now.segment.wrapping_sub(old.segment) >= limits.grace_segments || now.at.since(old.at) >= limits.grace_ns
}
