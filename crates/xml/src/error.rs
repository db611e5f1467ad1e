//! What is wrong with bytes that are not XML as XMPP restricts it. Every error ends the stream.
//!
//! The stream condition for each is named here and encoded in the stanza room. The error is the same however
//! the bytes were split.

use std::fmt;

use crate::Limit;

/// Why a stream can't be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Breaks XML 1.0 or Namespaces in XML: `<not-well-formed/>` (RFC 6120 §4.9.3.13, §11.3).
    #[error("not well-formed: {0}")]
    NotWellFormed(Flaw),
    /// XML, but of a kind that XMPP forbids: `<restricted-xml/>` (RFC 6120 §11.1).
    #[error("forbidden in XMPP: {0}")]
    Restricted(Restriction),
    /// The declaration names an encoding other than UTF-8, or the first byte is of UTF-16:
    /// `<unsupported-encoding/>` (RFC 6120 §11.6).
    #[error("an encoding other than UTF-8")]
    UnsupportedEncoding,
    /// Characters other than white space between the elements of a stream: `<bad-format/>`
    /// (RFC 6120 §4.9.3.1, §11.7).
    #[error("text between the elements of a stream")]
    StrayText,
    /// Too much of something: `<policy-violation/>` (RFC 6120 §4.9.3.14).
    #[error("over the limit of {0}")]
    Limit(Limit),
}

/// What breaks well-formedness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Bytes that are not UTF-8 (RFC 3629): overlong, truncated, surrogates.
    InvalidUtf8,
    /// A character that XML forbids, as itself or by reference: C0 but tab, LF and CR; U+FFFE; U+FFFF.
    ForbiddenCharacter,
    /// A name that is none: empty, wrong first character, two colons.
    Name,
    /// A tag that does not follow the grammar: no white space between attributes, no quotes, no `=`.
    Tag,
    /// `<` inside an attribute value.
    LessThanInValue,
    /// The same attribute twice, as written or after its prefix was resolved.
    DuplicateAttribute,
    /// An end tag that does not match the element which is open, or with none open.
    MismatchedEnd,
    /// `<!` followed by what is no comment, CDATA section or document type.
    Markup,
    /// `&` that begins no reference.
    Reference,
    /// `]]>` in text.
    CDataEnd,
    /// A prefix that is not declared.
    UnboundPrefix,
    /// `xml` or `xmlns`, or their namespaces, declared or used as something else.
    ReservedNamespace,
    /// `xmlns:a=''`: a prefix can't be undeclared in Namespaces 1.0.
    EmptyPrefixDeclaration,
    /// An XML declaration that does not follow the grammar, or of another version than 1.0.
    Declaration,
    /// Characters before the root. A byte order mark is one: RFC 6120 §11.6 has U+FEFF read as a character
    /// wherever it stands.
    TextBeforeRoot,
    /// Something behind the end of the stream or of the element.
    Trailing,
    /// The text ended inside the element ([`Element::parse`](crate::Element::parse) alone says this).
    Unfinished,
}

/// What RFC 6120 §11.1 forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restriction {
    /// `<!-- … -->`
    Comment,
    /// `<? … ?>`, and an XML declaration anywhere but at the very start.
    ProcessingInstruction,
    /// `<!DOCTYPE … >`
    DocumentType,
    /// A reference to an entity other than `amp`, `lt`, `gt`, `apos` and `quot`.
    Entity,
}

impl From<Flaw> for Error {
    fn from(flaw: Flaw) -> Self {
        Self::NotWellFormed(flaw)
    }
}

impl From<Restriction> for Error {
    fn from(restriction: Restriction) -> Self {
        Self::Restricted(restriction)
    }
}

impl From<Limit> for Error {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidUtf8 => "bytes that are not UTF-8",
            Self::ForbiddenCharacter => "a character that XML forbids",
            Self::Name => "a name that is none",
            Self::Tag => "a malformed tag",
            Self::LessThanInValue => "'<' inside an attribute value",
            Self::DuplicateAttribute => "an attribute given twice",
            Self::MismatchedEnd => "an end tag that does not match",
            Self::Markup => "'<!' that begins nothing known",
            Self::Reference => "'&' that begins no reference",
            Self::CDataEnd => "']]>' in text",
            Self::UnboundPrefix => "a prefix that is not declared",
            Self::ReservedNamespace => "a reserved prefix or namespace misused",
            Self::EmptyPrefixDeclaration => "a prefix declared as nothing",
            Self::Declaration => "a malformed XML declaration",
            Self::TextBeforeRoot => "text before the root element",
            Self::Trailing => "something behind the end",
            Self::Unfinished => "the end is missing",
        })
    }
}

impl fmt::Display for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comment => "a comment",
            Self::ProcessingInstruction => "a processing instruction",
            Self::DocumentType => "a document type declaration",
            Self::Entity => "a reference to an entity",
        })
    }
}
