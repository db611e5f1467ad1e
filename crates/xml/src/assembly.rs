//! The canonical writer: the one place where canonical bytes and their table of spans come into being.
//!
//! The reader and the builder drive it. It trusts its callers for order (start, attributes, content, end) and
//! for names; what it writes is canonical by construction.

use crate::element::{Element, Namespace, Span};
use crate::escape::escape_attribute;
use crate::{NS_CLIENT, NS_STREAMS};

/// An element being written.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    text: String,
    spans: Vec<Span>,
    /// Namespace names that `text` holds in escaped form only.
    escaped: String,
    open: Vec<Level>,
    /// The default namespace in scope here.
    default: Namespace,
}

/// An element that has not ended.
#[derive(Debug, Clone, Copy)]
struct Level {
    span: u32,
    /// The default namespace in scope outside it.
    outside: Namespace,
}

/// Room for an ordinary stanza, so that it costs one allocation.
const TEXT_BYTES_MIN: usize = 256;
/// The same for its table.
const SPANS_MIN: usize = 4;

impl Assembly {
    /// Bytes written so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Elements that have not ended.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Elements begun so far.
    pub(crate) fn elements(&self) -> usize {
        self.spans.len()
    }

    /// The name of the default namespace in scope here; empty for none.
    pub(crate) fn default_namespace(&self) -> &str {
        self.default.name(&self.text, &self.escaped)
    }

    /// The name, without a prefix, of the innermost open element; empty if none is open.
    pub(crate) fn open_local_name(&self) -> &str {
        let name =
            self.open.last().map_or("", |level| self.spans[level.span as usize].qualified_name(&self.text));
        name.strip_prefix("stream:").unwrap_or(name)
    }

    /// Begins a start tag: its name, and its namespace where it differs from the one in scope.
    pub(crate) fn start(&mut self, namespace: &str, name: &str) {
        let is_root = self.spans.is_empty();
        let start = self.begin();
        let outside = self.default;
        let prefixed = is_root && namespace == NS_STREAMS;
        if prefixed {
            self.text.push_str("stream:");
        }
        self.text.push_str(name);
        let name_end = offset(self.text.len());
        if !prefixed && namespace != self.default_namespace() {
            self.declare_default(namespace);
        }
        let own = if prefixed { Namespace::Streams } else { self.default };
        self.open_span(start, name_end, own, outside);
    }

    fn declare_default(&mut self, namespace: &str) {
        self.text.push_str(" xmlns='");
        let at = self.text.len();
        escape_attribute(&mut self.text, namespace);
        self.default = if namespace.is_empty() {
            Namespace::None
        } else if namespace == NS_CLIENT {
            Namespace::Client
        } else if self.text.len() - at == namespace.len() {
            Namespace::Written { start: offset(at), len: offset(namespace.len()) }
        } else {
            let start = offset(self.escaped.len());
            self.escaped.push_str(namespace);
            Namespace::Escaped { start, len: offset(namespace.len()) }
        };
        self.text.push('\'');
    }

    /// Takes a whole start tag as it is: `tag` is what stands between `<` and `>` (or `/>`), is canonical here,
    /// and `declares` is where in it the name of the default namespace stands that it declares.
    pub(crate) fn start_canonical(&mut self, tag: &str, name_len: usize, declares: Option<(u32, u32)>) {
        let start = self.begin();
        let outside = self.default;
        if let Some((at, len)) = declares {
            self.default = if &tag[at as usize..(at + len) as usize] == NS_CLIENT {
                Namespace::Client
            } else {
                Namespace::Written { start: start + 1 + at, len }
            };
        }
        self.text.push_str(tag);
        self.open_span(start, start + 1 + offset(name_len), self.default, outside);
        self.start_done();
    }

    fn begin(&mut self) -> u32 {
        if self.spans.is_empty() {
            self.text.reserve(TEXT_BYTES_MIN);
            self.spans.reserve(SPANS_MIN);
        }
        let start = offset(self.text.len());
        self.text.push('<');
        start
    }

    fn open_span(&mut self, start: u32, name_end: u32, namespace: Namespace, outside: Namespace) {
        self.open.push(Level { span: offset(self.spans.len()), outside });
        self.spans.push(Span { start, name_end, content: 0, end: 0, next: 0, namespace });
    }

    /// Adds an attribute to the start tag begun last. `name` is a plain name or one of `xml:`.
    pub(crate) fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("='");
        escape_attribute(&mut self.text, value);
        self.text.push('\'');
    }

    /// Ends the start tag.
    pub(crate) fn start_done(&mut self) {
        self.text.push('>');
        let content = offset(self.text.len());
        if let Some(span) = self.spans.last_mut() {
            span.content = content;
        }
    }

    /// Adds text, already escaped, to the innermost open element; or attributes, already canonical, to the
    /// start tag begun last.
    pub(crate) fn raw(&mut self, canonical: &str) {
        self.text.push_str(canonical);
    }

    /// The buffer, for escaping straight into it.
    pub(crate) fn text_mut(&mut self) -> &mut String {
        &mut self.text
    }

    /// Ends the innermost open element.
    pub(crate) fn end(&mut self) {
        let level = self.open.pop().expect("only an open element is ended");
        self.default = level.outside;
        let next = offset(self.spans.len());
        let span = &mut self.spans[level.span as usize];
        if span.content as usize == self.text.len() {
            self.text.pop();
            self.text.push_str("/>");
            span.content += 1;
        } else {
            self.text.push_str("</");
            self.text.extend_from_within(span.start as usize + 1..span.name_end as usize);
            self.text.push('>');
        }
        span.end = offset(self.text.len());
        span.next = next;
    }

    /// The finished element. The assembly is ready for the next one.
    pub(crate) fn take(&mut self) -> Element {
        debug_assert!(self.open.is_empty() && !self.spans.is_empty(), "one whole element");
        self.default = Namespace::Client;
        let len = offset(self.text.len());
        let mut text = std::mem::take(&mut self.text);
        if !self.escaped.is_empty() {
            text.push_str(&self.escaped);
            self.escaped.clear();
        }
        Element::assembled(text, len, std::mem::take(&mut self.spans))
    }

    /// Bytes on the heap.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.text.capacity()
            + self.escaped.capacity()
            + self.spans.capacity() * size_of::<Span>()
            + self.open.capacity() * size_of::<Level>()
    }

    /// Gives all memory back.
    pub(crate) fn release(&mut self) {
        *self = Self::default();
    }
}

/// A place in an element. The table counts in `u32`, so an element ends below 4 GiB.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("elements are bounded by Limits or made by this program, far below 4 GiB")
}
