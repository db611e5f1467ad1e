//! What was said lately, on all connections together: to see whether octets that are sent again are those that were
//! sent before. The memory is one ring, so that its size is known, and so that a quiet connection costs nothing.

use std::collections::VecDeque;

/// How many pieces of one side are looked through at most.
const PIECES_SEARCHED_MAX: usize = 64;

/// One piece in the ring is taken to have so many octets on average: that bounds how many there are.
const OCTETS_PER_PIECE: usize = 64;

/// The newest piece of one side; those before it hang on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Newest(u64);

#[derive(Debug)]
struct Piece {
    /// The piece of the same side before it.
    previous: Newest,
    /// Of its first octet in the stream.
    offset: u64,
    /// Where it is: counted from the beginning of everything ever written.
    begin: u64,
    length: usize,
}

#[derive(Debug)]
pub(super) struct Lately {
    /// The ring; it grows until it has the size that it may have.
    octets: Vec<u8>,
    size: usize,
    written: u64,
    pieces: VecDeque<Piece>,
    /// Number of the first of `pieces`; from 1.
    first: u64,
}

impl Lately {
    pub(super) fn new(size: usize) -> Self {
        Self { octets: Vec::new(), size, written: 0, pieces: VecDeque::new(), first: 1 }
    }

    /// Remembers a piece that follows the newest of its side, and returns itself as the newest.
    pub(super) fn keep(&mut self, previous: Newest, offset: u64, octets: &[u8]) -> Newest {
        let length = octets.len();
        if length == 0 || length > self.size {
            return previous;
        }
        let size = self.size as u64;
        // A piece is not split: one that does not fit before the end of the ring goes to its beginning.
        let at = self.written % size;
        let begin = if at + length as u64 > size { self.written + (size - at) } else { self.written };
        self.written = begin + length as u64;
        while self.pieces.front().is_some_and(|piece| piece.begin + size < self.written)
            || self.pieces.len() > self.size / OCTETS_PER_PIECE
        {
            self.pieces.pop_front();
            self.first += 1;
        }
        let place = (begin % size) as usize;
        if self.octets.len() < place + length {
            self.octets.resize(place + length, 0);
        }
        self.octets[place..place + length].copy_from_slice(octets);
        self.pieces.push_back(Piece { previous, offset, begin, length });
        Newest(self.first + self.pieces.len() as u64 - 1)
    }

    /// The offset of the first octet that is remembered otherwise, searching from the newest piece of this side.
    pub(super) fn difference(&self, newest: Newest, offset: u64, octets: &[u8]) -> Option<u64> {
        let end = offset + octets.len() as u64;
        let mut next = newest;
        let mut found = None;
        for _ in 0..PIECES_SEARCHED_MAX {
            let Some(piece) =
                next.0.checked_sub(self.first).and_then(|index| self.pieces.get(index as usize))
            else {
                break;
            };
            let (from, to) = (piece.offset.max(offset), (piece.offset + piece.length as u64).min(end));
            if from < to {
                let place = (piece.begin % self.size as u64) as usize + (from - piece.offset) as usize;
                let remembered = &self.octets[place..place + (to - from) as usize];
                let again = &octets[(from - offset) as usize..(to - offset) as usize];
                found = first_difference(remembered, again).map(|at| from + at as u64).or(found);
            }
            if piece.offset <= offset {
                break;
            }
            next = piece.previous;
        }
        found
    }
}

/// Where two slices first differ, as far as both go.
pub(super) fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let length = one.len().min(other.len());
    if one[..length] == other[..length] {
        return None;
    }
    one.iter().zip(other).position(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_found_across_pieces() {
        let mut lately = Lately::new(1024);
        let newest = lately.keep(Newest::default(), 0, b"abc");
        lately.keep(Newest::default(), 0, b"xyz");
        let newest = lately.keep(newest, 3, b"def");
        assert_eq!(lately.difference(newest, 0, b"abcdef"), None);
        assert_eq!(lately.difference(newest, 1, b"bcd!f"), Some(4));
        assert_eq!(lately.difference(newest, 0, b"a?c?ef"), Some(1));
        assert_eq!(lately.difference(newest, 6, b"ghi"), None);
    }

    #[test]
    fn what_was_written_over_is_forgotten_and_never_compared() {
        let mut lately = Lately::new(10);
        let mut newest = Newest::default();
        for (index, octets) in [b"abcd", b"efgh", b"ijkl"].iter().enumerate() {
            newest = lately.keep(newest, index as u64 * 4, *octets);
        }
        assert!(lately.octets.len() <= 10);
        assert_eq!(lately.difference(newest, 0, b"????"), None);
        assert_eq!(lately.difference(newest, 8, b"ij?l"), Some(10));
        assert_eq!(lately.keep(newest, 12, b"longer than it"), newest);
    }

    #[test]
    fn tiny_pieces_are_forgotten_by_number() {
        let mut lately = Lately::new(640);
        let newest = (0..1000).fold(Newest::default(), |newest, offset| lately.keep(newest, offset, b"."));
        assert!(lately.pieces.len() <= 11, "{}", lately.pieces.len());
        assert_eq!(lately.difference(newest, 995, b"....!"), Some(999));
    }
}
