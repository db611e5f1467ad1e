//! The stream header, RFC 6120 §4.7: the start tag of a document that ends when the stream does.
//!
//! Whether names, namespaces and versions in it are acceptable is decided in the stream room.

use std::borrow::Cow;

use crate::escape::Sink;
use crate::{Element, NS_CLIENT, NS_STREAMS, attribute};

/// Ends a stream (RFC 6120 §4.4).
pub const STREAM_CLOSE: &str = "</stream:stream>";

/// The header of the other side's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The start tag as an element of its own.
    tag: Element,
    prefix: Box<str>,
    content_namespace: Box<str>,
}

impl Header {
    pub(crate) fn new(tag: Element, prefix: &str, content_namespace: &str) -> Self {
        Self { tag, prefix: prefix.into(), content_namespace: content_namespace.into() }
    }

    /// Its name without a prefix; `stream` if all is well.
    pub fn name(&self) -> &str {
        self.tag.name()
    }

    /// The name of its namespace; [`NS_STREAMS`] if all is well.
    pub fn namespace(&self) -> &str {
        self.tag.namespace()
    }

    /// Its prefix; `stream` from nearly everybody, empty for none (RFC 6120 §4.8.5).
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The default namespace that it declares, empty for none: that of the stanzas (RFC 6120 §4.8.2).
    pub fn content_namespace(&self) -> &str {
        &self.content_namespace
    }

    /// The value of an attribute that is in no namespace: `to`, `from`, `id`, `version`.
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.tag.attribute(name)
    }

    /// Its `xml:lang`, the default for all stanzas of the stream (RFC 6120 §4.7.4).
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        self.tag.lang()
    }
}

/// Writes the XML declaration and a header with these attributes (those that have a value). Names are plain or
/// begin with `xml:`.
pub fn write_header(out: &mut Vec<u8>, attributes: &[(&str, Option<&str>)]) {
    out.put("<?xml version='1.0'?><stream:stream");
    attribute::write(out, "xmlns", NS_CLIENT);
    attribute::write(out, "xmlns:stream", NS_STREAMS);
    for (name, value) in attributes {
        if let Some(value) = value {
            attribute::write(out, name, value);
        }
    }
    out.put(">");
}
