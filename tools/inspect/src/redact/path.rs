//! [`Path`]: the elements that are open, and the namespaces that they are in (Namespaces in XML 1.0), as far as the text tells.
//!
//! A text may be the middle of something: what stands outside of all elements that it opens is [`Space::Unknown`], unless it says itself
//! what it is.

use chatdev_xml::NS_STREAMS;

use super::secrets::NS_DIALBACK;
use super::words;

/// Namespaces that are remembered at one time; inside of further ones none is known.
const DECLARATIONS_MAX: usize = 128;

/// The namespace of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space<'a> {
    /// That of the stream: `jabber:client`, or whatever its header says.
    Stream,
    /// As written where it is declared.
    Named(&'a str),
    /// Nobody knows.
    Unknown,
}

/// Whether an element is, or is in, a field of a form (XEP-0004).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    No,
    Open,
    /// One that asks for a secret.
    Secret,
}

/// An element that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open<'a> {
    /// As written.
    pub(super) name: &'a str,
    pub(super) space: Space<'a>,
    pub(super) field: Field,
}

impl<'a> Open<'a> {
    pub(super) fn local_name(&self) -> &'a str {
        local_name(self.name)
    }
}

/// A name without its prefix.
pub(super) fn local_name(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, name)| name)
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Path<'a> {
    open: Vec<Open<'a>>,
    /// Prefixes, empty for none, with their namespaces and the depth that they hold from.
    declared: Vec<(usize, &'a str, &'a str)>,
    /// From this depth on some are not remembered.
    forgotten: Option<usize>,
    /// The namespace of what stands outside of all.
    outside: Space<'a>,
}

impl<'a> Path<'a> {
    pub(super) fn new(outside: Space<'a>) -> Self {
        Self { open: Vec::new(), declared: Vec::new(), forgotten: None, outside }
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn last(&self) -> Option<&Open<'a>> {
        self.open.last()
    }

    /// Takes what the next element declares; it holds until the element is closed, or [`Path::pass`]ed.
    pub(super) fn declare(&mut self, attributes: impl Iterator<Item = (&'a str, &'a str)>) {
        let depth = self.open.len();
        for (name, value) in attributes {
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            match prefix {
                Some(_) if self.declared.len() >= DECLARATIONS_MAX => {
                    self.forgotten.get_or_insert(depth);
                }
                Some(prefix) => self.declared.push((depth, prefix, value)),
                None => {}
            }
        }
    }

    /// The namespace of an element of this name, where it stands now.
    pub(super) fn space_of(&self, name: &str) -> Space<'a> {
        if self.forgotten.is_some() {
            return Space::Unknown;
        }
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let known = self.declared.iter().rev().find(|(_, own, _)| *own == prefix);
        match (known, prefix) {
            // What is spelled with references is not worth to be understood.
            (Some((_, _, value)), _) if value.contains('&') => Space::Unknown,
            // Where anything may be around it, what nobody knows may be within what is secret.
            (Some((_, _, value)), _) if self.outside == Space::Unknown && !words::is_namespace(value) => {
                Space::Unknown
            }
            (Some((_, _, "jabber:client" | "jabber:server" | "jabber:component:accept")), _) => Space::Stream,
            (Some((_, _, value)), _) => Space::Named(value),
            (None, "") => self.outside,
            // By convention; the header has them.
            (None, "stream") => Space::Named(NS_STREAMS),
            (None, "db") => Space::Named(NS_DIALBACK),
            (None, _) => Space::Unknown,
        }
    }

    /// The element is open.
    pub(super) fn enter(&mut self, element: Open<'a>) {
        self.open.push(element);
    }

    /// The innermost element ends.
    pub(super) fn leave(&mut self) -> Option<Open<'a>> {
        let left = self.open.pop();
        self.pass();
        left
    }

    /// What an element declared that ends where it begins holds no longer.
    pub(super) fn pass(&mut self) {
        let depth = self.open.len();
        let kept = self.declared.iter().rposition(|(from, ..)| *from < depth).map_or(0, |last| last + 1);
        self.declared.truncate(kept);
        self.forgotten = self.forgotten.filter(|from| *from < depth);
    }
}
