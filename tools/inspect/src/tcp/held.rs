//! Octets that wait for others to come before them, in the order of the stream, without overlap: of two copies, the
//! first counts.

use std::collections::VecDeque;

use super::lately::first_difference;
use super::{Holding, Limits};
use crate::model::At;

/// Octets of a segment on their way: some place in the stream, maybe cut by the capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) at: At,
    pub(super) begin: u64,
    /// What the capture kept of them.
    pub(super) octets: &'a [u8],
    /// How many there were; never less than `octets` has.
    pub(super) on_wire: u64,
}

impl Piece<'_> {
    pub(super) fn end(&self) -> u64 {
        self.begin + self.on_wire
    }

    /// Takes so many octets away from its front, and returns them.
    pub(super) fn split_front(&mut self, octets: u64) -> Self {
        let octets = octets.min(self.on_wire);
        let (front, rest) = self.octets.split_at((octets as usize).min(self.octets.len()));
        let front = Self { octets: front, on_wire: octets, ..*self };
        *self = Self { octets: rest, on_wire: self.on_wire - octets, begin: self.begin + octets, ..*self };
        front
    }
}

/// A piece that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    at: At,
    begin: u64,
    octets: Box<[u8]>,
    on_wire: u64,
}

impl Waiting {
    pub(super) fn piece(&self) -> Piece<'_> {
        Piece { at: self.at, begin: self.begin, octets: &self.octets, on_wire: self.on_wire }
    }

    fn end(&self) -> u64 {
        self.begin + self.on_wire
    }
}

#[derive(Debug, Default)]
pub(super) struct Held {
    pieces: VecDeque<Waiting>,
    octets: usize,
}

impl Held {
    /// Where the first piece begins.
    pub(super) fn begin(&self) -> Option<u64> {
        self.pieces.front().map(|piece| piece.begin)
    }

    /// Where the last piece ends.
    pub(super) fn end(&self) -> Option<u64> {
        self.pieces.back().map(Waiting::end)
    }

    /// Whether a piece may be held too. It may become several: one more than it overlaps with.
    pub(super) fn has_room(&self, piece: Piece<'_>, limits: &Limits, holding: Holding) -> bool {
        let octets = piece.octets.len();
        let more = match self.pieces.back() {
            Some(last) if last.end() > piece.begin => {
                let first = self.pieces.partition_point(|held| held.end() <= piece.begin);
                1 + self.pieces.iter().skip(first).take_while(|held| held.begin < piece.end()).count()
            }
            _ => 1,
        };
        self.octets + octets <= limits.octets_per_side
            && self.pieces.len() + more <= limits.segments_per_side
            && holding.octets + octets <= limits.octets
            && holding.segments + more <= limits.segments
    }

    /// Holds what is not held yet of a piece. Returns where it differs from what is held already, if it does.
    pub(super) fn insert(&mut self, mut piece: Piece<'_>, holding: &mut Holding) -> Option<u64> {
        let mut difference = None;
        while piece.on_wire > 0 {
            let index = match self.pieces.back() {
                Some(last) if last.end() > piece.begin => {
                    self.pieces.partition_point(|held| held.end() <= piece.begin)
                }
                _ => self.pieces.len(),
            };
            match self.pieces.get(index) {
                Some(held) if held.begin <= piece.begin => {
                    let again = piece.split_front(held.end() - piece.begin);
                    difference = difference.or(differs(held.piece(), again));
                }
                later => {
                    let room = later.map_or(u64::MAX, |held| held.begin - piece.begin);
                    let Piece { at, begin, octets, on_wire } = piece.split_front(room);
                    self.octets += octets.len();
                    holding.octets += octets.len();
                    holding.segments += 1;
                    self.pieces.insert(index, Waiting { at, begin, octets: octets.into(), on_wire });
                }
            }
        }
        difference
    }

    /// Takes the first piece out.
    pub(super) fn pop(&mut self, holding: &mut Holding) -> Option<Waiting> {
        let first = self.pieces.pop_front()?;
        self.release(first.octets.len(), holding);
        if self.pieces.is_empty() {
            // Loss is rare: what it took is given back.
            self.pieces = VecDeque::new();
        }
        Some(first)
    }

    /// Lets go of everything from an offset on, and returns how many octets those were on the wire.
    pub(super) fn truncate(&mut self, end: u64, holding: &mut Holding) -> u64 {
        let mut cut = 0;
        while let Some(mut last) = self.pieces.pop_back() {
            if last.end() <= end {
                self.pieces.push_back(last);
                break;
            }
            self.release(last.octets.len(), holding);
            cut += last.end() - end.max(last.begin);
            if last.begin < end {
                let rest = last.piece().split_front(end - last.begin);
                (last.octets, last.on_wire) = (rest.octets.into(), rest.on_wire);
                self.octets += last.octets.len();
                holding.octets += last.octets.len();
                holding.segments += 1;
                self.pieces.push_back(last);
                break;
            }
        }
        cut
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self, holding: &mut Holding) {
        while self.pop(holding).is_some() {}
    }

    fn release(&mut self, octets: usize, holding: &mut Holding) {
        self.octets -= octets;
        holding.octets -= octets;
        holding.segments -= 1;
    }
}

/// The offset of the first octet in which two pieces differ, where both have octets.
pub(super) fn differs(one: Piece<'_>, other: Piece<'_>) -> Option<u64> {
    let begin = one.begin.max(other.begin);
    let part = |piece: Piece<'_>| piece.begin.max(begin) - piece.begin;
    let (one, other) = (one.octets.get(part(one) as usize..)?, other.octets.get(part(other) as usize..)?);
    first_difference(one, other).map(|at| begin + at as u64)
}
