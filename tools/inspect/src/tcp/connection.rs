//! A connection: its two sides, and how it ends.
//!
//! RFC 9293 §3.10.7 as far as it shows from outside: SYN, FIN and RST of either side, in any order, some of them never seen.

use super::Holding;
use super::direction::Direction;
use super::ends::{Ends, is_from_dialler};
use super::voice::{Shared, Voice};
use crate::model::{At, ConnectionId, End, Ending, Happening, Listener, Side};
use crate::packet::Segment;

/// A SYN that comes so few octets before the first that was seen came late; it is none of a new connection.
const LATE_SYN_OCTETS: i64 = 65_536;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) key: Ends,
    pub(super) ends: [End; 2],
    /// Whether the lower of [`Ends`] opened it.
    low_dialled: bool,
    directions: [Direction; 2],
    /// How many segments it had; only differences count.
    segments: u32,
    /// Nobody wants to hear what is said on it.
    ignored: bool,
    /// When it ended for good.
    pub(super) ended: Option<At>,
    /// Whether it waits for the end of a grace.
    pub(super) queued: bool,
}

/// Whether a segment belongs to the connection that has its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// It does.
    Same,
    /// It opens another one with the same ends.
    Anew,
    /// It contradicts what was seen.
    Odd,
}

impl Connection {
    /// A connection of which this is the first segment, sent by the lower end or not.
    pub(super) fn new(
        id: ConnectionId,
        key: Ends,
        from_low: bool,
        segment: &Segment<'_>,
        name: impl Fn(std::net::IpAddr) -> Option<std::sync::Arc<str>>,
    ) -> Self {
        let from_dialler = is_from_dialler(segment);
        let end = |address: std::net::SocketAddr| End { address: Some(address), name: name(address.ip()) };
        let ends = if from_dialler {
            [end(segment.from), end(segment.to)]
        } else {
            [end(segment.to), end(segment.from)]
        };
        Self {
            id,
            key,
            ends,
            low_dialled: from_low == from_dialler,
            directions: [Direction::default(), Direction::default()],
            segments: 0,
            ignored: false,
            ended: None,
            queued: false,
        }
    }

    /// Who sends, if the lower end does or not.
    fn side(&self, from_low: bool) -> Side {
        if from_low == self.low_dialled { Side::Dialler } else { Side::Answerer }
    }

    /// Whether a segment belongs to it.
    pub(super) fn relation(&self, segment: &Segment<'_>, from_low: bool) -> Relation {
        if !segment.flags.syn {
            return Relation::Same;
        }
        let side = self.side(from_low);
        let (own, other) = (&self.directions[side.index()], &self.directions[side.other().index()]);
        let Some(base) = own.base() else {
            return if self.ended.is_some() { Relation::Anew } else { Relation::Same };
        };
        let first = segment.seq.wrapping_add(1);
        let is_late = || own.place(first).is_some_and(|offset| (-LATE_SYN_OCTETS..0).contains(&offset));
        if first == base || (!own.is_from_start() && self.ended.is_none() && is_late()) {
            Relation::Same
        } else if segment.flags.ack && other.base() == Some(segment.ack) {
            Relation::Odd
        } else {
            Relation::Anew
        }
    }

    /// Takes a segment that belongs to it.
    pub(super) fn take<L: Listener>(
        &mut self,
        now: At,
        segment: &Segment<'_>,
        from_low: bool,
        shared: &mut Shared,
        listener: &mut L,
    ) {
        let side = self.side(from_low);
        self.segments = self.segments.wrapping_add(1);
        if self.ignored {
            return self.pass_over(now, segment, side, listener);
        }
        self.learn(segment, side);
        if segment.flags.ack && !self.directions[side.other().index()].acknowledge(segment.ack) {
            shared.oddities.absurd += 1;
        }
        // What the other side said before comes before what this one answers.
        self.settle(now, side.other(), shared, listener);
        if segment.flags.rst {
            return self.reset(now, segment, side, shared, listener);
        }
        let first = segment.seq.wrapping_add(u32::from(segment.flags.syn));
        let own = &mut self.directions[side.index()];
        let mut voice = Voice { id: self.id, side, now, listener };
        if segment.payload_octets_on_wire > 0 {
            own.say(first, segment.payload, segment.payload_octets_on_wire, shared, &mut voice);
        }
        if segment.flags.fin && !own.finish(first.wrapping_add(segment.payload_octets_on_wire), shared) {
            shared.oddities.absurd += 1;
        }
        own.tell_end(&mut voice);
        self.settle(now, side, shared, listener);
        self.end_if_finished(now);
    }

    /// Learns where the sides' streams begin.
    fn learn(&mut self, segment: &Segment<'_>, side: Side) {
        let [own, other] = [side, side.other()].map(Side::index);
        if segment.flags.syn {
            self.directions[own].begin(segment.seq.wrapping_add(1), true);
            if segment.flags.ack {
                self.directions[other].begin(segment.ack, true);
            }
        } else if segment.payload_octets_on_wire > 0 || segment.flags.fin {
            self.directions[own].begin(segment.seq, false);
        }
        // The beginning of this side was seen, and it has said nothing yet; then what it acknowledges is the other
        // one's SYN, which was not.
        let opening = &self.directions[own];
        if segment.flags.ack
            && !segment.flags.rst
            && opening.is_from_start()
            && opening.is_untouched()
            && opening.place(segment.seq) == Some(0)
        {
            self.directions[other].begin(segment.ack, true);
        }
    }

    fn reset<L: Listener>(
        &mut self,
        now: At,
        segment: &Segment<'_>,
        side: Side,
        shared: &mut Shared,
        listener: &mut L,
    ) {
        let [own, other] = [side, side.other()].map(|side| &self.directions[side.index()]);
        let is_valid = match (own.base(), other.base()) {
            (Some(_), _) => own.takes_reset(segment.seq),
            // Refused: it has said nothing, and proves itself by acknowledging SYN (RFC 9293 §3.10.7.3).
            (None, Some(_)) => segment.flags.ack && other.takes_reset(segment.ack),
            (None, None) => true,
        };
        if !is_valid {
            shared.oddities.resets_ignored += 1;
            return;
        }
        self.close(now, Ending::Reset(side), shared, listener);
    }

    /// Gives up waiting where the grace is over, on both sides.
    pub(super) fn settle_both<L: Listener>(&mut self, now: At, shared: &mut Shared, listener: &mut L) {
        if self.ignored {
            return;
        }
        for side in Side::BOTH {
            self.settle(now, side, shared, listener);
        }
        self.end_if_finished(now);
    }

    fn settle<L: Listener>(&mut self, now: At, side: Side, shared: &mut Shared, listener: &mut L) {
        let direction = &mut self.directions[side.index()];
        let mut voice = Voice { id: self.id, side, now, listener };
        direction.settle(self.segments, shared, &mut voice);
        direction.tell_end(&mut voice);
    }

    /// Whether it will give up waiting once the grace is over.
    pub(super) fn is_settling(&self) -> bool {
        !self.ignored && self.ended.is_none() && self.directions.iter().any(Direction::is_settling)
    }

    /// Nothing more comes of it: tells everything that it held, and that it was abandoned unless it has ended.
    pub(super) fn abandon<L: Listener>(&mut self, now: At, shared: &mut Shared, listener: &mut L) {
        self.close(now, Ending::Abandoned, shared, listener);
    }

    /// Tells everything that it held, and how it ended, unless both sides turn out to have finished.
    fn close<L: Listener>(&mut self, now: At, how: Ending, shared: &mut Shared, listener: &mut L) {
        self.flush(now, shared, listener);
        self.end_if_finished(now);
        if self.ended.is_none() {
            self.end(now, how, listener);
        }
    }

    fn flush<L: Listener>(&mut self, now: At, shared: &mut Shared, listener: &mut L) {
        for side in Side::BOTH {
            if !self.ignored {
                self.directions[side.index()].flush(shared, &mut Voice { id: self.id, side, now, listener });
            }
        }
    }

    fn end<L: Listener>(&mut self, now: At, how: Ending, listener: &mut L) {
        self.ended = Some(now);
        listener.take(Happening::Ended { at: now, id: self.id, how });
    }

    fn end_if_finished(&mut self, now: At) {
        if self.directions.iter().all(Direction::is_finished) {
            self.ended.get_or_insert(now);
        }
    }

    /// From here on nothing is told of it but its end.
    pub(super) fn ignore(&mut self, holding: &mut Holding) {
        self.ignored = true;
        for direction in &mut self.directions {
            direction.clear(holding);
        }
    }

    /// An ignored connection ends with any FIN or RST: where they stand is no longer known, and nothing that is told
    /// depends on it.
    fn pass_over<L: Listener>(&mut self, now: At, segment: &Segment<'_>, side: Side, listener: &mut L) {
        if segment.flags.rst {
            self.end(now, Ending::Reset(side), listener);
        } else if segment.flags.fin {
            self.directions[side.index()].tell_end_anyway(&mut Voice { id: self.id, side, now, listener });
            self.end_if_finished(now);
        }
    }
}
