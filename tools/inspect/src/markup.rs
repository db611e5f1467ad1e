//! XML as it was written, in pieces: for those who colour it, indent it, or look for a namespace in it.
//!
//! Together the pieces are the text, octet for octet: prefixes, quotes and entities are as they came. It allocates nothing. What
//! it does *not* do: check. Text that is cut off ends in the middle of a piece; behind what is no markup all the rest is one
//! piece, [`Style::Broken`]. Whether XMPP allows it is `chatdev_xml`'s to say.

/// What a piece is, for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `<`, `>`, `=`, quotes.
    Punctuation,
    /// Name of an element, with its prefix.
    Tag,
    /// Name of an attribute.
    AttributeName,
    /// Value of an attribute, without its quotes.
    AttributeValue,
    /// Value of `xmlns` or `xmlns:…`, without its quotes.
    Namespace,
    /// What stands between tags.
    Text,
    /// `&amp;` and the like.
    Entity,
    /// White space in a tag, or nothing but white space between tags.
    Space,
    /// Comments, processing instructions, declarations.
    Aside,
    /// What is no markup, and all behind it.
    Broken,
}

/// What a piece does to the structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Nothing.
    None,
    /// `<`: a tag begins.
    Start,
    /// `</`: an end tag begins.
    End,
    /// `>`: the tag ends.
    Close,
    /// `/>`: the tag ends, and so does its element.
    CloseEmpty,
}

/// A piece of XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it is, for the eye.
    pub style: Style,
    /// What it does to the structure.
    pub edge: Edge,
    /// The piece, as it was written. Never empty.
    pub text: &'a str,
}

/// The pieces of `text`.
#[must_use]
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { rest: text, inside: Inside::Content }
}

/// See [`pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    rest: &'a str,
    inside: Inside,
}

#[derive(Clone, Copy, Debug)]
enum Inside {
    Content,
    TagName,
    Tag,
    AfterName { namespace: bool },
    AfterEquals { namespace: bool },
    Value { namespace: bool, quote: char },
    Broken,
}

/// White space of XML 1.0 §2.3.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn ends_name(character: char) -> bool {
    is_space(character) || matches!(character, '<' | '>' | '/' | '=' | '"' | '\'' | '&')
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        Some(match self.inside {
            Inside::Content => self.content(),
            Inside::TagName => self.name(Style::Tag, Inside::Tag),
            Inside::Tag => self.tag(),
            Inside::AfterName { namespace } => self.after_name(namespace),
            Inside::AfterEquals { namespace } => self.after_equals(namespace),
            Inside::Value { namespace, quote } => self.value(namespace, quote),
            Inside::Broken => self.broken(),
        })
    }
}

impl<'a> Pieces<'a> {
    /// The next so many octets.
    fn piece(&mut self, style: Style, edge: Edge, octets: usize) -> Piece<'a> {
        let (text, rest) = self.rest.split_at(octets);
        self.rest = rest;
        Piece { style, edge, text }
    }

    fn broken(&mut self) -> Piece<'a> {
        self.inside = Inside::Broken;
        self.piece(Style::Broken, Edge::None, self.rest.len())
    }

    /// Up to and with `end`, or all if that does not come.
    fn through(&mut self, style: Style, end: &str) -> Piece<'a> {
        let octets = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.piece(style, Edge::None, octets)
    }

    fn space(&mut self) -> Option<Piece<'a>> {
        let octets = self.rest.find(|character| !is_space(character)).unwrap_or(self.rest.len());
        (octets > 0).then(|| self.piece(Style::Space, Edge::None, octets))
    }

    fn name(&mut self, style: Style, then: Inside) -> Piece<'a> {
        match self.rest.find(ends_name).unwrap_or(self.rest.len()) {
            0 => self.broken(),
            octets => {
                self.inside = then;
                self.piece(style, Edge::None, octets)
            }
        }
    }

    fn content(&mut self) -> Piece<'a> {
        let rest = self.rest;
        if rest.starts_with("<!--") {
            self.through(Style::Aside, "-->")
        } else if rest.starts_with("<![CDATA[") {
            self.through(Style::Text, "]]>")
        } else if rest.starts_with("<?") {
            self.through(Style::Aside, "?>")
        } else if rest.starts_with("<!") {
            self.through(Style::Aside, ">")
        } else if rest.starts_with('<') {
            self.inside = Inside::TagName;
            let end = rest.starts_with("</");
            self.piece(Style::Punctuation, if end { Edge::End } else { Edge::Start }, if end { 2 } else { 1 })
        } else if rest.starts_with('&') {
            self.entity()
        } else {
            let octets = rest.find(['<', '&']).unwrap_or(rest.len());
            let style = if rest[..octets].chars().all(is_space) { Style::Space } else { Style::Text };
            self.piece(style, Edge::None, octets)
        }
    }

    /// At `&`.
    fn entity(&mut self) -> Piece<'a> {
        let behind = &self.rest[1..];
        let end = behind.find(|character: char| !character.is_ascii_alphanumeric() && character != '#');
        match end {
            Some(octets) if octets > 0 && behind[octets..].starts_with(';') => {
                self.piece(Style::Entity, Edge::None, octets + 2)
            }
            // A lone ampersand is wrong, and harmless for what follows.
            _ => self.piece(Style::Broken, Edge::None, 1),
        }
    }

    fn tag(&mut self) -> Piece<'a> {
        if let Some(space) = self.space() {
            return space;
        }
        let (edge, octets) = match self.rest.as_bytes() {
            [b'>', ..] => (Edge::Close, 1),
            [b'/', b'>', ..] => (Edge::CloseEmpty, 2),
            _ => {
                let namespace = self.rest.split(ends_name).next().is_some_and(declares);
                return self.name(Style::AttributeName, Inside::AfterName { namespace });
            }
        };
        self.inside = Inside::Content;
        self.piece(Style::Punctuation, edge, octets)
    }

    fn after_name(&mut self, namespace: bool) -> Piece<'a> {
        if let Some(space) = self.space() {
            return space;
        }
        if !self.rest.starts_with('=') {
            return self.broken();
        }
        self.inside = Inside::AfterEquals { namespace };
        self.piece(Style::Punctuation, Edge::None, 1)
    }

    fn after_equals(&mut self, namespace: bool) -> Piece<'a> {
        if let Some(space) = self.space() {
            return space;
        }
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                self.inside = Inside::Value { namespace, quote };
                self.piece(Style::Punctuation, Edge::None, 1)
            }
            _ => self.broken(),
        }
    }

    fn value(&mut self, namespace: bool, quote: char) -> Piece<'a> {
        match self.rest.find([quote, '&', '<']).unwrap_or(self.rest.len()) {
            0 if self.rest.starts_with(quote) => {
                self.inside = Inside::Tag;
                self.piece(Style::Punctuation, Edge::None, 1)
            }
            0 if self.rest.starts_with('&') => self.entity(),
            0 => self.broken(),
            octets => {
                let style = if namespace { Style::Namespace } else { Style::AttributeValue };
                self.piece(style, Edge::None, octets)
            }
        }
    }
}

/// Whether an attribute of that name declares a namespace.
fn declares(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn styled(text: &str) -> Vec<(Style, &str)> {
        pieces(text).map(|piece| (piece.style, piece.text)).collect()
    }

    #[test]
    fn every_part_of_an_element_has_its_style() {
        use Style::*;
        assert_eq!(
            styled("<x:a b='c&amp;' xmlns:x=\"urn:x\">hi &lt; there</x:a>"),
            [
                (Punctuation, "<"),
                (Tag, "x:a"),
                (Space, " "),
                (AttributeName, "b"),
                (Punctuation, "="),
                (Punctuation, "'"),
                (AttributeValue, "c"),
                (Entity, "&amp;"),
                (Punctuation, "'"),
                (Space, " "),
                (AttributeName, "xmlns:x"),
                (Punctuation, "="),
                (Punctuation, "\""),
                (Namespace, "urn:x"),
                (Punctuation, "\""),
                (Punctuation, ">"),
                (Text, "hi "),
                (Entity, "&lt;"),
                (Text, " there"),
                (Punctuation, "</"),
                (Tag, "x:a"),
                (Punctuation, ">"),
            ]
        );
    }

    #[test]
    fn what_looks_like_markup_in_text_or_a_value_is_not_taken_for_it() {
        let declared = |text| {
            let is_namespace = |piece: &Piece<'_>| piece.style == Style::Namespace;
            pieces(text).filter(is_namespace).map(|piece| piece.text).collect::<Vec<_>>()
        };
        assert_eq!(declared("<a>xmlns='urn:a'</a>"), [""; 0]);
        assert_eq!(declared("<a b=\"xmlns='urn:a'\"/>"), [""; 0]);
        assert_eq!(declared("<!-- <a xmlns='urn:a'/> --><b xmlns = 'urn:b'/>"), ["urn:b"]);
        assert_eq!(declared("<![CDATA[<a xmlns='urn:a'/>]]>"), [""; 0]);
    }

    #[test]
    fn behind_what_is_no_markup_the_rest_is_one_piece() {
        use Style::*;
        assert_eq!(styled("<a b>c</a>").last(), Some(&(Broken, ">c</a>")));
        assert_eq!(styled("<a b=c/>").last(), Some(&(Broken, "c/>")));
        assert_eq!(styled("<a b='<'/>").last(), Some(&(Broken, "<'/>")));
        assert_eq!(styled("< a/>").last(), Some(&(Broken, " a/>")));
        assert_eq!(styled("a & b"), [(Text, "a "), (Broken, "&"), (Text, " b")]);
    }

    #[test]
    fn what_is_cut_off_ends_in_the_middle_of_a_piece() {
        use Style::*;
        assert_eq!(styled("<a b='c").last(), Some(&(AttributeValue, "c")));
        assert_eq!(styled("<a>text").last(), Some(&(Text, "text")));
        assert_eq!(styled("<!-- a").last(), Some(&(Aside, "<!-- a")));
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in "([<>/=&;'\"! ?\\-a-c]|<a b='c'|</a>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|xmlns=|\\PC){0,40}") {
            prop_assert_eq!(pieces(&text).map(|piece| piece.text).collect::<String>(), text.as_str());
            prop_assert!(pieces(&text).all(|piece| !piece.text.is_empty()));
        }
    }
}
