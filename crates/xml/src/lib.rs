//! XML as XMPP restricts it: bytes in any pieces become elements, elements become canonical bytes.
//!
//! Implements RFC 6120 §11 on XML 1.0 (fifth edition) and Namespaces in XML 1.0 (third edition).
//! [`Reader`] takes what a socket gives and returns [`Event`]s; an [`Element`] is one buffer of canonical
//! bytes and a table of spans; [`Node`] reads it; [`Builder`] makes one.
//!
//! **Canonical form.** What is kept, compared, stored and forwarded is always this one form:
//! - A root in `jabber:client` has no `xmlns`: every stream here declares it as content namespace. A root in
//!   the streams namespace is written with the prefix `stream:` that every header declares. Any other element
//!   has its namespace as default namespace, declared (first in the tag) only where it differs from the one
//!   in scope. So nothing needs a declaration that stands outside the element, but for those two.
//! - Attributes in the order they came, one space before each, in apostrophes. An attribute in a namespace
//!   other than that of `xml:` declares its prefix (`ns0`, `ns1`, …) in the same tag, before its first use.
//! - `&amp; &lt; &gt;` in text and values, `&apos;` in values, `&#13;` in both, `&#9; &#10;` in values;
//!   everything else as itself in UTF-8. CDATA sections become text. Empty elements are `<a/>`.
//!
//! Reading canonical bytes gives the same bytes again. Prefixes do not survive, so names with prefixes inside
//! text or values (as in XML Schema) lose their meaning; no XMPP extension has such names.
//!
//! It does *not* know XMPP: no stanzas, no stream negotiation, and no opinion on which namespaces a stream
//! header should have.

mod assembly;
mod attribute;
mod builder;
mod chars;
mod element;
mod error;
mod escape;
mod header;
mod limits;
mod node;
mod reader;

pub use attribute::Attribute;
pub use builder::Builder;
pub use element::Element;
pub use error::{Error, Flaw, Restriction};
pub use header::{Header, STREAM_CLOSE, write_header};
pub use limits::{Limit, Limits};
pub use node::{Content, Node};
pub use reader::{Event, Reader};

/// The content namespace of every stream spoken here (RFC 6120 §4.8.2).
pub const NS_CLIENT: &str = "jabber:client";
/// The namespace of the stream header, `<stream:features/>` and `<stream:error/>` (RFC 6120 §4.8.1).
pub const NS_STREAMS: &str = "http://etherx.jabber.org/streams";
/// The namespace that the prefix `xml` is always bound to.
pub const NS_XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace that the prefix `xmlns` is always bound to; nothing may be declared to be in it.
pub(crate) const NS_XMLNS: &str = "http://www.w3.org/2000/xmlns/";
