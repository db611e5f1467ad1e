//! Which namespaces are declared where the reader is (Namespaces in XML 1.0 §6).
//!
//! The header of an ordinary stream is remembered without any memory of its own.

use crate::assembly::offset;
use crate::{Error, Flaw, NS_CLIENT, NS_STREAMS, NS_XML, NS_XMLNS};

/// Part of a text, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Part {
    pub(super) fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// A namespace that is declared here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Declared {
    #[default]
    None,
    Client,
    Streams,
    Xml,
    /// Its name is in [`Scope::names`].
    Named(Part),
}

#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Prefixes and namespaces, one behind the other.
    names: String,
    /// Innermost last.
    bindings: Vec<Binding>,
    /// The elements that are open.
    frames: Vec<Frame>,
    default: Declared,
    /// The header bound `stream` to the streams namespace.
    stream_is_bound: bool,
    /// Declarations in the top-level element so far.
    declarations: usize,
}

#[derive(Debug, Clone, Copy)]
struct Binding {
    prefix: Part,
    namespace: Declared,
}

/// An open element: its own prefix, and what to return to when it ends.
#[derive(Debug, Clone, Copy)]
struct Frame {
    prefix: Prefix,
    default_outside: Declared,
    bindings_outside: u32,
    names_outside: u32,
}

#[derive(Debug, Clone, Copy)]
enum Prefix {
    None,
    Stream,
    Named(Part),
}

impl Scope {
    /// What the header of an ordinary stream declares.
    pub(super) fn set_usual_header(&mut self) {
        self.default = Declared::Client;
        self.stream_is_bound = true;
    }

    /// Makes what the header declared the outermost scope.
    pub(super) fn set_header(&mut self) {
        self.frames.clear();
        self.declarations = 0;
        if let [Binding { prefix, namespace: Declared::Streams }] = self.bindings[..]
            && prefix.of(&self.names) == "stream"
            && !matches!(self.default, Declared::Named(_))
        {
            self.bindings.clear();
            self.names.clear();
            self.stream_is_bound = true;
        }
    }

    /// Gives back the memory that only open elements need.
    pub(super) fn release(&mut self) {
        self.frames = Vec::new();
        self.bindings.shrink_to_fit();
        self.names.shrink_to_fit();
    }

    /// Bytes on the heap.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.names.capacity()
            + self.bindings.capacity() * size_of::<Binding>()
            + self.frames.capacity() * size_of::<Frame>()
    }

    /// Begins an element.
    pub(super) fn enter(&mut self) {
        if self.frames.is_empty() {
            self.declarations = 0;
        }
        self.frames.push(Frame {
            prefix: Prefix::None,
            default_outside: self.default,
            bindings_outside: offset(self.bindings.len()),
            names_outside: offset(self.names.len()),
        });
    }

    /// Ends the innermost element.
    pub(super) fn leave(&mut self) {
        let frame = self.frames.pop().expect("only an element that was entered is left");
        self.default = frame.default_outside;
        self.bindings.truncate(frame.bindings_outside as usize);
        self.names.truncate(frame.names_outside as usize);
    }

    /// Declares a namespace in the innermost element, the default one if `prefix` is empty.
    pub(super) fn declare(&mut self, prefix: &str, namespace: &str) -> Result<(), Error> {
        self.declarations += 1;
        match (prefix, namespace) {
            ("xml", NS_XML) => return Ok(()),
            ("xml" | "xmlns", _) | (_, NS_XML | NS_XMLNS) => return Err(Flaw::ReservedNamespace.into()),
            ("", _) => {}
            (_, "") => return Err(Flaw::EmptyPrefixDeclaration.into()),
            _ => {}
        }
        let declared = match namespace {
            "" => Declared::None,
            NS_CLIENT => Declared::Client,
            NS_STREAMS => Declared::Streams,
            other => Declared::Named(self.keep(other)),
        };
        if prefix.is_empty() {
            self.default = declared;
        } else {
            let prefix = self.keep(prefix);
            self.bindings.push(Binding { prefix, namespace: declared });
        }
        Ok(())
    }

    fn keep(&mut self, name: &str) -> Part {
        let start = offset(self.names.len());
        self.names.push_str(name);
        Part { start, end: offset(self.names.len()) }
    }

    /// Declarations in the top-level element so far.
    pub(super) fn declarations(&self) -> usize {
        self.declarations
    }

    /// Prefixes bound here.
    pub(super) fn prefixes(&self) -> usize {
        self.bindings.len() + usize::from(self.stream_is_bound)
    }

    /// The namespace of the innermost element, which has this prefix.
    pub(super) fn open(&mut self, prefix: &str) -> Result<Declared, Error> {
        let (own, namespace) = match prefix {
            "" => (Prefix::None, self.default),
            "xml" | "xmlns" => return Err(Flaw::ReservedNamespace.into()),
            _ => match self.binding(prefix) {
                Some(binding) => (Prefix::Named(binding.prefix), binding.namespace),
                None => (Prefix::Stream, self.resolve(prefix)?),
            },
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.prefix = own;
        }
        Ok(namespace)
    }

    /// The prefix of the innermost element; empty for none.
    pub(super) fn open_prefix(&self) -> &str {
        match self.frames.last().map_or(Prefix::None, |frame| frame.prefix) {
            Prefix::None => "",
            Prefix::Stream => "stream",
            Prefix::Named(part) => part.of(&self.names),
        }
    }

    /// The namespace that a prefix is bound to.
    pub(super) fn resolve(&self, prefix: &str) -> Result<Declared, Error> {
        match (prefix, self.binding(prefix)) {
            ("xml", _) => Ok(Declared::Xml),
            ("xmlns", _) => Err(Flaw::ReservedNamespace.into()),
            (_, Some(binding)) => Ok(binding.namespace),
            ("stream", None) if self.stream_is_bound => Ok(Declared::Streams),
            _ => Err(Flaw::UnboundPrefix.into()),
        }
    }

    fn binding(&self, prefix: &str) -> Option<Binding> {
        self.bindings.iter().rev().find(|binding| binding.prefix.of(&self.names) == prefix).copied()
    }

    /// The name of the default namespace; empty for none.
    pub(super) fn default_name(&self) -> &str {
        self.name(self.default)
    }

    /// The name of a namespace; empty for none.
    pub(super) fn name(&self, declared: Declared) -> &str {
        match declared {
            Declared::None => "",
            Declared::Client => NS_CLIENT,
            Declared::Streams => NS_STREAMS,
            Declared::Xml => NS_XML,
            Declared::Named(part) => part.of(&self.names),
        }
    }
}
