//! Lines of a file or of a pipe that grows, bounded: what the sources of text read.

use std::io::{self, BufRead};

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// What it says, without `\n` or `\r\n`.
    pub(crate) octets: &'a [u8],
    /// Whether its end came; the last one of a file that is being written may have none.
    pub(crate) complete: bool,
    /// So many octets beyond the limit were dropped.
    pub(crate) dropped: u64,
}

/// Reads lines of up to `octets_max`; what is beyond that is dropped and counted.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    octets_max: usize,
    number: u64,
    line: Vec<u8>,
    /// All that had come is used up: whoever reads along sees it before more is waited for.
    used_up: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R, octets_max: usize) -> Self {
        Self { reader, octets_max, number: 0, line: Vec::new(), used_up: false }
    }

    /// Number of the line that was given last.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The next line; `None` at the end. `idle` is called whenever all that had come is used up, before more is waited for.
    pub(crate) fn next(&mut self, mut idle: impl FnMut()) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let (mut dropped, mut begun) = (0, false);
        let complete = loop {
            if std::mem::take(&mut self.used_up) {
                idle();
            }
            let piece = match self.reader.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if piece.is_empty() {
                break false;
            }
            begun = true;
            let end = memchr::memchr(b'\n', piece);
            let taken = &piece[..end.unwrap_or(piece.len())];
            // One octet more than allowed, for the `\r` that is no part of the line.
            let room = (self.octets_max + 1).saturating_sub(self.line.len()).min(taken.len());
            self.line.extend_from_slice(&taken[..room]);
            dropped += (taken.len() - room) as u64;
            let used = end.map_or(piece.len(), |end| end + 1);
            self.used_up = used == piece.len();
            self.reader.consume(used);
            if end.is_some() {
                break true;
            }
        };
        if !begun {
            return Ok(None);
        }
        self.number += 1;
        if complete && dropped == 0 && self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        if self.line.len() > self.octets_max {
            self.line.truncate(self.octets_max);
            dropped += 1;
        }
        Ok(Some(Line { number: self.number, octets: &self.line, complete, dropped }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::Lines;

    fn read(text: &[u8], octets_max: usize, piece: usize) -> Vec<(u64, String, bool, u64)> {
        let mut lines = Lines::new(BufReader::with_capacity(piece, text), octets_max);
        let mut read = Vec::new();
        while let Some(line) = lines.next(|| ()).unwrap() {
            let text = String::from_utf8(line.octets.to_vec()).unwrap();
            read.push((line.number, text, line.complete, line.dropped));
        }
        read
    }

    #[test]
    fn lines_are_the_same_in_pieces_of_any_size() {
        let whole = read(b"one\r\n\ntwo\nthree", 10, 100);
        let expected = [(1, "one", true), (2, "", true), (3, "two", true), (4, "three", false)];
        assert_eq!(whole, expected.map(|(number, text, complete)| (number, text.to_owned(), complete, 0)));
        for piece in 1..8 {
            assert_eq!(read(b"one\r\n\ntwo\nthree", 10, piece), whole);
        }
    }

    #[test]
    fn what_is_beyond_the_limit_is_dropped_and_counted() {
        for piece in [1, 3, 100] {
            let lines = read(b"12345\n1234567\n12345\r\nx", 5, piece);
            let expected = [("12345", true, 0), ("12345", true, 2), ("12345", true, 0), ("x", false, 0)];
            let lines: Vec<_> = lines.iter().map(|line| (line.1.as_str(), line.2, line.3)).collect();
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn idle_is_told_after_a_line_and_before_more_is_waited_for() {
        let mut lines = Lines::new(BufReader::with_capacity(4, &b"one\ntwo\n"[..]), 10);
        let mut idle = 0;
        lines.next(|| idle += 1).unwrap();
        assert_eq!(idle, 0);
        lines.next(|| idle += 1).unwrap();
        assert_eq!(idle, 1);
        assert_eq!(lines.next(|| idle += 1).unwrap(), None);
        assert_eq!((idle, lines.number()), (2, 2));
    }
}
