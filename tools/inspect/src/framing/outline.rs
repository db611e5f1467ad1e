//! [`Outline`]: a whole element as it stood on the wire, and where its children begin.

use memchr::{memchr, memmem};

use super::tag::Tag;

/// See the file's documentation.
#[derive(Clone, Copy, Debug)]
pub struct Outline<'a> {
    text: &'a str,
    head_end: usize,
    children: &'a [u32],
}

impl<'a> Outline<'a> {
    pub(crate) fn new(text: &'a str, head_end: usize, children: &'a [u32]) -> Self {
        Self { text, head_end, children }
    }

    /// Where the start tag ends and the children begin: with the text, all that [`Outline::new`] needs.
    pub(crate) fn places(&self) -> (usize, &'a [u32]) {
        (self.head_end, self.children)
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Its start tag.
    #[must_use]
    pub fn root(&self) -> Tag<'a> {
        Tag::at(self.text)
    }

    /// The start tags of its first [`CHILDREN_MAX`](super::CHILDREN_MAX) children.
    pub fn children(&self) -> impl ExactSizeIterator<Item = Tag<'a>> + use<'a> {
        let (text, children) = (self.text, self.children);
        children.iter().map(move |&place| Tag::at(&text[place as usize..]))
    }

    /// The first child of this name (without a prefix).
    #[must_use]
    pub fn child(&self, local_name: &str) -> Option<Tag<'a>> {
        self.children().find(|child| child.local_name() == local_name)
    }

    /// The first child of this name, and what stands behind it.
    #[must_use]
    pub fn from_child(&self, local_name: &str) -> Option<&'a str> {
        let is_it = |place: &&u32| Tag::at(&self.text[**place as usize..]).local_name() == local_name;
        self.children.iter().find(is_it).map(|&place| &self.text[place as usize..])
    }

    /// The text at the beginning of the first child of this name, escapes and all.
    #[must_use]
    pub fn raw_text_of(&self, local_name: &str) -> Option<&'a str> {
        let child = self.from_child(local_name)?;
        let begin = memchr(b'>', child.as_bytes())? + 1;
        if child.as_bytes()[begin - 2] == b'/' {
            return Some("");
        }
        let end = begin + memchr(b'<', &child.as_bytes()[begin..])?;
        Some(&child[begin..end])
    }

    /// The text at the beginning of the first element of this name as written, at any depth, escapes and all.
    #[must_use]
    pub fn raw_text_within(&self, name: &str) -> Option<&'a str> {
        let octets = self.text.as_bytes();
        let mut from = self.head_end;
        loop {
            let at = from + memmem::find(&octets[from..], name.as_bytes())?;
            let end = at + name.len();
            from = end;
            if octets[at - 1] == b'<' && matches!(octets.get(end), Some(b'>' | b' ')) {
                let begin = end + memchr(b'>', &octets[end..])? + 1;
                let len = memchr(b'<', &octets[begin..])?;
                return Some(&self.text[begin..begin + len]);
            }
        }
    }

    /// The text between its start tag and what follows, escapes and all.
    #[must_use]
    pub fn raw_text(&self) -> &'a str {
        let inside = &self.text[self.head_end..];
        &inside[..memchr(b'<', inside.as_bytes()).unwrap_or(0)]
    }
}
