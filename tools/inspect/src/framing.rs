//! [`Framer`]: the octets of one side, in any pieces → headers, whole elements, and what is neither, as they stood on the wire.
//!
//! It finds where elements end by counting tags (quotes, CDATA, comments, processing instructions known), and remembers where the
//! children of an element begin; nothing is changed, so that people see what was really sent. Whether it is well-formed XML is
//! found out by [`crate::exact`], for those who ask. After a gap it looks for the next thing that looks like a stanza.
//!
//! Elements that come whole in one piece are not copied. Of an unfinished one at most [`ELEMENT_OCTETS_MAX`] are held.

mod outline;
mod scan;
mod tag;
#[cfg(test)]
mod tests;

pub use outline::Outline;
pub use tag::{Tag, unescape};

use scan::{Step, step};

/// The longest element that is put together: 4 MiB. Of a longer one the beginning is given as [`Frame::Odd`].
pub const ELEMENT_OCTETS_MAX: usize = 4 * 1024 * 1024;

/// Children of an element whose places are remembered.
pub const CHILDREN_MAX: usize = 12;

/// A piece of a stream.
#[derive(Clone, Copy, Debug)]
pub enum Frame<'a> {
    /// A stream header, and the XML declaration before it if there is one (RFC 6120 §4.7).
    Header(&'a str),
    /// A whole top-level element.
    Element(Outline<'a>),
    /// The end tag of the stream (RFC 6120 §4.4).
    Close(&'a [u8]),
    /// White space between elements.
    Space(&'a [u8]),
    /// What has no place in a stream.
    Odd(&'a [u8], Oddity),
}

/// What is wrong with octets that are neither header, element nor end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Text between elements.
    Text,
    /// An end tag that ends nothing, and not the stream.
    EndTag,
    /// A comment, document type or CDATA section between elements.
    Markup,
    /// The middle of an element whose beginning is not there.
    Torn,
    /// The beginning of an element whose end is not there.
    Unfinished,
    /// An element of more than [`ELEMENT_OCTETS_MAX`] octets.
    TooLong,
    /// An element or header that is not UTF-8 (RFC 6120 §11.6).
    Encoding,
}

/// How much of a piece was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// All of it.
    All,
    /// Up to here; what follows is TLS: its first octet (22, a handshake record) stands where only XML may.
    UntilTls(usize),
}

/// See the file's documentation.
#[derive(Debug, Default)]
pub struct Framer {
    /// What has begun and not ended.
    kept: Vec<u8>,
    search: Search,
    /// Whether the beginning of an element is being looked for.
    is_seeking: bool,
}

/// How far the search for the end of what has begun has come. Places are from its beginning.
#[derive(Clone, Copy, Debug, Default)]
struct Search {
    /// Everything before is seen.
    at: usize,
    /// Of the piece of markup that begins there, so many octets are searched for its end.
    seen: usize,
    /// The quote that is open where the search stands; 0 for none.
    quote: u8,
    /// Elements that are open.
    depth: usize,
    /// Behind the start tag of the root.
    head_end: usize,
    children: [u32; CHILDREN_MAX],
    children_len: usize,
}

impl Search {
    /// Everything before `at` is seen.
    fn move_to(&mut self, at: usize) {
        (self.at, self.seen, self.quote) = (at, 0, 0);
    }

    /// What follows is another element. (Places of children are left as they are: only their number counts.)
    fn begin(&mut self) {
        self.move_to(0);
        (self.depth, self.head_end, self.children_len) = (0, 0, 0);
    }
}

impl Framer {
    /// A framer that begins in the middle of a stream.
    #[must_use]
    pub fn in_the_middle() -> Self {
        Self { is_seeking: true, ..Self::default() }
    }

    /// Whether nothing has begun that has not ended.
    #[must_use]
    pub fn is_at_boundary(&self) -> bool {
        self.kept.is_empty()
    }

    /// Takes a piece, and gives every frame that is complete with it to `each`.
    pub fn feed(&mut self, octets: &[u8], mut each: impl FnMut(Frame<'_>)) -> Fed {
        if self.kept.is_empty() {
            let (begun, fed) = self.frames(octets, &mut each);
            self.kept.extend_from_slice(&octets[begun..fed.unwrap_or(octets.len())]);
            return fed.map_or(Fed::All, Fed::UntilTls);
        }
        let before = self.kept.len();
        let mut kept = std::mem::take(&mut self.kept);
        kept.extend_from_slice(octets);
        let (begun, fed) = self.frames(&kept, &mut each);
        let whole = fed.unwrap_or(kept.len());
        kept.truncate(whole);
        kept.drain(..begun);
        // Given back when it is not needed: most connections are idle.
        self.kept = if kept.is_empty() { Vec::new() } else { kept };
        fed.map_or(Fed::All, |whole| Fed::UntilTls(whole.saturating_sub(before)))
    }

    /// Octets are missing from here on: what has begun will not end.
    pub fn lost(&mut self, mut each: impl FnMut(Frame<'_>)) {
        self.give_up(&mut each);
        self.is_seeking = true;
    }

    /// Nothing more comes.
    pub fn finish(&mut self, mut each: impl FnMut(Frame<'_>)) {
        self.give_up(&mut each);
    }

    fn give_up(&mut self, each: &mut impl FnMut(Frame<'_>)) {
        let kept = std::mem::take(&mut self.kept);
        if !kept.is_empty() {
            let oddity = if self.is_seeking { Oddity::Torn } else { Oddity::Unfinished };
            each(Frame::Odd(&kept, oddity));
        }
        self.search = Search::default();
    }

    /// Finds the frames in `octets`, which begin with what has begun. Returns where the first unfinished one begins, and where TLS does.
    fn frames(&mut self, octets: &[u8], each: &mut impl FnMut(Frame<'_>)) -> (usize, Option<usize>) {
        let mut begin = 0;
        while begin < octets.len() {
            let rest = &octets[begin..];
            if self.is_seeking {
                let found = scan::seek(rest);
                if found.skipped > 0 {
                    each(Frame::Odd(&rest[..found.skipped], Oddity::Torn));
                }
                begin += found.skipped;
                if !found.is_certain {
                    return (begin, None);
                }
                self.is_seeking = false;
                continue;
            }
            if self.search.at == 0 {
                match scan::between(rest) {
                    scan::Between::Element => {}
                    scan::Between::Space(len) => {
                        each(Frame::Space(&rest[..len]));
                        begin += len;
                        continue;
                    }
                    scan::Between::Text(len) => {
                        each(Frame::Odd(&rest[..len], Oddity::Text));
                        begin += len;
                        continue;
                    }
                    scan::Between::Tls => return (begin, Some(begin)),
                }
            }
            match self.frame(rest, each) {
                Some(len) => begin += len,
                None if rest.len() > ELEMENT_OCTETS_MAX => {
                    each(Frame::Odd(rest, Oddity::TooLong));
                    self.search = Search::default();
                    self.is_seeking = true;
                    begin = octets.len();
                }
                None => return (begin, None),
            }
        }
        (begin, None)
    }

    /// The frame at the beginning of `rest`, if it is whole: its length.
    fn frame(&mut self, rest: &[u8], each: &mut impl FnMut(Frame<'_>)) -> Option<usize> {
        loop {
            match step(rest, &mut self.search) {
                Step::Unfinished => return None,
                Step::On => {}
                Step::Header(len) => {
                    let octets = &rest[..len];
                    let odd = Frame::Odd(octets, Oddity::Encoding);
                    return Some(self.done(
                        len,
                        each,
                        std::str::from_utf8(octets).map_or(odd, Frame::Header),
                    ));
                }
                Step::Close(len) => return Some(self.done(len, each, Frame::Close(&rest[..len]))),
                Step::Odd(len, oddity) => {
                    let len = self.done(len, each, Frame::Odd(&rest[..len], oddity));
                    self.is_seeking = oddity == Oddity::EndTag;
                    return Some(len);
                }
                Step::Whole(len) => {
                    let octets = &rest[..len];
                    match std::str::from_utf8(octets) {
                        Ok(text) => {
                            let Search { head_end, children, children_len, .. } = &self.search;
                            each(Frame::Element(Outline::new(text, *head_end, &children[..*children_len])));
                        }
                        Err(_) => each(Frame::Odd(octets, Oddity::Encoding)),
                    }
                    self.search.begin();
                    return Some(len);
                }
            }
        }
    }

    fn done<'a>(&mut self, len: usize, each: &mut impl FnMut(Frame<'_>), frame: Frame<'a>) -> usize {
        self.search.begin();
        each(frame);
        len
    }
}
