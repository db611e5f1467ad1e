//! [`Framer`]: bytes as they come → whole stanzas, without looking into them.
//!
//! A full reader would check what a server writes, which the client's own reader does in every test of this project; a
//! load generator has to be cheaper than what it measures. So it only counts tags: it knows quotes in tags, empty
//! elements, CDATA, and nothing of names or namespaces.

use memchr::{memchr, memchr3, memmem};

use super::Stanza;

/// The longest stanza that is taken: 1 MiB.
const STANZA_BYTES_MAX: usize = 1024 * 1024;

/// What a stream consists of, once its header is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A top-level element.
    Stanza(Stanza<'a>),
    /// The end tag of the stream.
    Close,
}

/// What came is no stream of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Text, or an end tag, where an element should begin.
    #[error("expected a stanza, found something else between two of them")]
    NoElement,
    /// A stanza that does not end.
    #[error("a stanza is longer than {STANZA_BYTES_MAX} octets")]
    TooLong,
}

/// See the file's documentation. Holds nothing while no stanza is unfinished.
#[derive(Debug, Default)]
pub struct Framer {
    /// An unfinished stanza.
    kept: Vec<u8>,
    place: Place,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Everything before is seen; of what begins here the end is not there yet.
    at: usize,
    /// Elements that are open.
    depth: usize,
}

/// What a step of the search found.
enum Step {
    /// The end has not come.
    Unfinished,
    /// A tag or text; the element goes on.
    On(Place),
    /// The end of the top-level element.
    Whole(usize),
    /// The end tag of the stream.
    Close(usize),
}

impl Framer {
    /// Takes what came, and gives each whole stanza to `each`.
    ///
    /// # Errors
    /// It is no stream of elements. What was whole before is given all the same.
    pub fn feed(&mut self, bytes: &[u8], each: impl FnMut(Frame<'_>)) -> Result<(), Broken> {
        if self.kept.is_empty() {
            let (taken, place) = frames(bytes, Place::default(), each)?;
            self.kept.extend_from_slice(&bytes[taken..]);
            self.place = place;
        } else {
            self.kept.extend_from_slice(bytes);
            let (taken, place) = frames(&self.kept, self.place, each)?;
            self.kept.drain(..taken);
            self.place = place;
        }
        if self.kept.is_empty() {
            // Given back: most sessions are idle.
            self.kept = Vec::new();
        }
        if self.kept.len() > STANZA_BYTES_MAX { Err(Broken::TooLong) } else { Ok(()) }
    }
}

/// Finds the stanzas in `bytes`. Returns how much they take, and how far the search in the rest has come.
fn frames(bytes: &[u8], mut place: Place, mut each: impl FnMut(Frame<'_>)) -> Result<(usize, Place), Broken> {
    let mut begin = 0;
    loop {
        if place.depth == 0 && begin == place.at {
            let blank = bytes[begin..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            begin += blank;
            place.at = begin;
            if bytes.get(begin).is_some_and(|&byte| byte != b'<') {
                return Err(Broken::NoElement);
            }
        }
        match step(bytes, place)? {
            Step::Unfinished => {
                let rest = Place { at: place.at - begin, depth: place.depth };
                return Ok((begin, rest));
            }
            Step::On(further) => place = further,
            Step::Whole(end) => {
                each(Frame::Stanza(Stanza::new(&bytes[begin..end])));
                begin = end;
                place = Place { at: end, depth: 0 };
            }
            Step::Close(end) => {
                each(Frame::Close);
                begin = end;
                place = Place { at: end, depth: 0 };
            }
        }
    }
}

/// The next tag, or piece of text.
fn step(bytes: &[u8], place: Place) -> Result<Step, Broken> {
    let Place { at, depth } = place;
    let Some(tag) = memchr(b'<', &bytes[at..]).map(|offset| at + offset) else {
        // Text: it need not be searched again.
        let at = bytes.len();
        return Ok(if depth == 0 || place.at == at {
            Step::Unfinished
        } else {
            Step::On(Place { at, depth })
        });
    };
    let found = |end: Option<usize>| end.map(|end| tag + end);
    Ok(match bytes.get(tag + 1) {
        None => Step::Unfinished,
        Some(b'/') => match found(memchr(b'>', &bytes[tag..])) {
            None => Step::Unfinished,
            Some(end) if depth == 0 => Step::Close(end + 1),
            Some(end) if depth == 1 => Step::Whole(end + 1),
            Some(end) => Step::On(Place { at: end + 1, depth: depth - 1 }),
        },
        // CDATA: nothing else of this kind may stand in a stream (RFC 6120 §11.1).
        Some(b'!') => match found(memmem::find(&bytes[tag..], b"]]>")) {
            _ if depth == 0 => return Err(Broken::NoElement),
            None => Step::Unfinished,
            Some(end) => Step::On(Place { at: end + 3, depth }),
        },
        Some(_) => match found(end_of_start_tag(&bytes[tag..])) {
            None => Step::Unfinished,
            Some(end) if bytes[end - 1] != b'/' => Step::On(Place { at: end + 1, depth: depth + 1 }),
            Some(end) if depth == 0 => Step::Whole(end + 1),
            Some(end) => Step::On(Place { at: end + 1, depth }),
        },
    })
}

/// Where the `>` of a start tag is that no quotes surround.
fn end_of_start_tag(tag: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr3(b'>', b'\'', b'"', &tag[at..])?;
        if tag[at] == b'>' {
            return Some(at);
        }
        at += 1 + memchr(tag[at], &tag[at + 1..])? + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(pieces: &[&[u8]]) -> Result<Vec<String>, Broken> {
        let (mut framer, mut found) = (Framer::default(), Vec::new());
        for piece in pieces {
            framer.feed(piece, |frame| {
                found.push(match frame {
                    Frame::Stanza(stanza) => String::from_utf8(stanza.bytes().to_vec()).unwrap(),
                    Frame::Close => "close".to_owned(),
                });
            })?;
        }
        Ok(found)
    }

    const STREAM: &str = "<message id='1'><body>a &lt; b</body></message> \n<iq type=\"get\" id='>'/>\
        <presence a='\"' b=\"'/>\"><x/><y><x>/></x></y></presence><message><body><![CDATA[</message>]]></body></message>\
        </stream:stream>";

    fn whole() -> Vec<&'static str> {
        vec![
            "<message id='1'><body>a &lt; b</body></message>",
            "<iq type=\"get\" id='>'/>",
            "<presence a='\"' b=\"'/>\"><x/><y><x>/></x></y></presence>",
            "<message><body><![CDATA[</message>]]></body></message>",
            "close",
        ]
    }

    #[test]
    fn elements_are_found_wherever_the_stream_is_cut() {
        let bytes = STREAM.as_bytes();
        assert_eq!(framed(&[bytes]).unwrap(), whole());
        for cut in 1..bytes.len() {
            assert_eq!(framed(&[&bytes[..cut], &bytes[cut..]]).unwrap(), whole(), "cut at {cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(framed(&single).unwrap(), whole());
    }

    #[test]
    fn nothing_is_held_between_stanzas() {
        let mut framer = Framer::default();
        framer.feed(STREAM.as_bytes(), |_| {}).unwrap();
        assert_eq!(framer.kept.capacity(), 0);
    }

    #[test]
    fn text_between_stanzas_is_no_stream() {
        assert_eq!(framed(&[b"<a/>b<c/>"]), Err(Broken::NoElement));
        assert_eq!(framed(&[b"<![CDATA[x]]>"]), Err(Broken::NoElement));
    }

    #[test]
    fn what_does_not_end_is_given_up() {
        let endless = vec![b'x'; STANZA_BYTES_MAX + 1];
        assert_eq!(framed(&[b"<a>", &endless]), Err(Broken::TooLong));
    }

    fn element() -> impl Strategy<Value = String> {
        let attribute = "( [a-z]{1,3}=('[a-z<&;/\"]{0,4}'|\"[a-z/']{0,4}\")){0,2}";
        let leaf = (attribute, "[a-z &;]{0,6}")
            .prop_map(|(attribute, text)| format!("<e{}>{text}</e>", attribute.replace('<', "&lt;")));
        leaf.prop_recursive(3, 8, 3, |inner| {
            proptest::collection::vec(inner, 0..3).prop_map(|children| match children.len() {
                0 => "<f/>".to_owned(),
                _ => format!("<g>{}</g>", children.concat()),
            })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_comes_out_whole_however_it_is_cut(
            elements in proptest::collection::vec(element(), 0..6),
            sizes in proptest::collection::vec(1..9_usize, 1..6),
        ) {
            let stream = elements.concat();
            let (mut rest, mut pieces) = (stream.as_bytes(), Vec::new());
            for size in sizes.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, behind) = rest.split_at((*size).min(rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            prop_assert_eq!(framed(&pieces).unwrap(), elements);
        }
    }
}
