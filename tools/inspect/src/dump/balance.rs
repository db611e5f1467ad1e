//! Whether XML is whole: what is open, and where a top-level item ends. It reads tags, not names: whether the XML is any good is for
//! others to say.

/// Octets of a tag's name that are looked at.
const NAME_OCTETS_MAX: usize = 64;

/// How far a piece of XML has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Balance {
    place: Place,
    depth: usize,
    name: Vec<u8>,
    /// The last octets, to see `-->`, `]]>` and `/>`.
    last: [u8; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// Behind `<`.
    Begun,
    /// In a start or end tag; the name is over if the flag is set.
    Tag {
        named: bool,
    },
    /// In a value, until this.
    Value(u8),
    /// `<?…?>`
    Instruction,
    /// `<!…`, which may yet be a comment.
    Declaration,
    Comment,
    CData,
}

impl Balance {
    /// Whether something has begun and not ended.
    pub(super) fn is_open(&self) -> bool {
        self.depth > 0 || self.place != Place::Text
    }

    /// Takes all of `xml`.
    pub(super) fn push(&mut self, xml: &str) {
        let mut rest = xml;
        while let Some(end) = self.next_end(rest) {
            rest = &rest[end..];
        }
    }

    /// Takes from `xml` until a top-level item ends, and says where; `None` if it took all.
    pub(super) fn next_end(&mut self, xml: &str) -> Option<usize> {
        for (place, octet) in xml.bytes().enumerate() {
            let ended = self.take(octet);
            self.last = [self.last[1], octet];
            if ended {
                return Some(place + 1);
            }
        }
        None
    }

    /// Whether a top-level item ends with `octet`.
    fn take(&mut self, octet: u8) -> bool {
        match self.place {
            Place::Text if octet == b'<' => self.place = Place::Begun,
            Place::Text => {}
            Place::Begun => {
                self.name.clear();
                self.place = match octet {
                    b'?' => Place::Instruction,
                    b'!' => Place::Declaration,
                    _ => {
                        self.name.push(octet);
                        Place::Tag { named: false }
                    }
                };
            }
            Place::Tag { .. } if octet == b'>' => return self.end_of_tag(),
            Place::Tag { named: true } if octet == b'\'' || octet == b'"' => self.place = Place::Value(octet),
            Place::Tag { named: false } if octet.is_ascii_whitespace() => {
                self.place = Place::Tag { named: true }
            }
            Place::Tag { named: false } if self.name.len() < NAME_OCTETS_MAX => self.name.push(octet),
            Place::Tag { .. } => {}
            Place::Value(quote) if octet == quote => self.place = Place::Tag { named: true },
            Place::Value(_) => {}
            Place::Instruction => return self.end_of(octet == b'>' && self.last[1] == b'?'),
            Place::Declaration => {
                self.name.push(octet);
                match self.name.as_slice() {
                    b"--" => self.place = Place::Comment,
                    b"[CDATA[" => self.place = Place::CData,
                    _ if octet == b'>' => return self.end_of(true),
                    _ => self.name.truncate(NAME_OCTETS_MAX),
                }
            }
            Place::Comment => return self.end_of(octet == b'>' && self.last == *b"--"),
            Place::CData if octet == b'>' && self.last == *b"]]" => self.place = Place::Text,
            Place::CData => {}
        }
        false
    }

    fn end_of(&mut self, ended: bool) -> bool {
        if ended {
            self.place = Place::Text;
        }
        ended && self.depth == 0
    }

    fn end_of_tag(&mut self) -> bool {
        self.place = Place::Text;
        let closing = self.name.first() == Some(&b'/');
        let name = if closing { &self.name[1..] } else { self.name.as_slice() };
        let name = name.strip_suffix(b"/").unwrap_or(name);
        // What is in a stream stands behind its header, not in it.
        if self.depth == 0 && (name == b"stream:stream" || name == b"stream") {
            return true;
        }
        if closing {
            self.depth = self.depth.saturating_sub(1);
        } else if self.last[1] != b'/' {
            self.depth += 1;
        }
        self.depth == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(xml: &str) -> (Vec<&str>, bool) {
        let (mut balance, mut rest, mut items) = (Balance::default(), xml, Vec::new());
        while let Some(end) = balance.next_end(rest) {
            items.push(&rest[..end]);
            rest = &rest[end..];
        }
        (items, balance.is_open())
    }

    #[test]
    fn top_level_items_end_where_they_end() {
        let parts = [
            "<?xml version='1.0'?>",
            "<stream:stream to='a>b' xmlns='c'>",
            "<a b='/>'><c/><d>e</d></a>",
            " <f/>",
            "<!-- <g> -- -->",
            "<h><![CDATA[</h>]]]></h>",
            "<i/>",
            "</stream:stream>",
        ];
        let whole = parts.concat();
        assert_eq!(items(&whole), (parts.to_vec(), false));
    }

    #[test]
    fn what_has_begun_is_open() {
        for begun in [
            "<",
            "<a",
            "<a b='",
            "<a>",
            "<a><b/>",
            "<a>text",
            "<!-",
            "<!-- x --",
            "<?xml ?",
            "<a><![CDATA[</a>",
        ] {
            assert!(items(begun).1, "{begun}");
        }
        for whole in ["", "text", "<a/>", "<a></a>", "</a>", "<a/>\n"] {
            assert!(!items(whole).1, "{whole}");
        }
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(xml in "[<>/ab'\"!\\[\\]CDATA?-]{0,40}", at in 0_usize..40) {
            let mut whole = Balance::default();
            whole.push(&xml);
            let (first, second) = xml.split_at(at.min(xml.len()));
            let mut pieces = Balance::default();
            pieces.push(first);
            pieces.push(second);
            prop_assert_eq!((whole.place, whole.depth), (pieces.place, pieces.depth));
        }
    }
}
