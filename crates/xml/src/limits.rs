//! How much one top-level element may cost, checked while it is being read.
//!
//! The numbers answer SECURITY's rules for before and after sign-in. What the peer is told when a limit is
//! reached (a stream error) is decided above.

use std::fmt;

/// Limits on one top-level element of a stream, and in the same way on its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, from its `<` to its last `>`, as received and again in canonical form (which may be longer:
    /// what was taken in must fit into the stream that it is forwarded on). For the header: everything before
    /// it, too.
    pub element_bytes_max: usize,
    /// Elements open at once; the top-level element is at depth 1.
    pub depth_max: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes_max: usize,
    /// Elements in one top-level element, itself included.
    pub elements_max: usize,
    /// Namespace declarations in one top-level element.
    pub namespaces_max: usize,
    /// Prefixes bound at one time, the header's included. Each prefixed name is looked up among them.
    pub prefixes_max: usize,
}

impl Limits {
    /// Before anybody has signed in: 8 KiB, 32 elements.
    pub const BEFORE_SIGN_IN: Self = Self {
        element_bytes_max: 8 * 1024,
        depth_max: 16,
        attributes_max: 32,
        elements_max: 32,
        namespaces_max: 32,
        prefixes_max: 16,
    };

    /// For a stream whose other side has signed in: 64 KiB, 2,048 elements.
    pub const AFTER_SIGN_IN: Self = Self {
        element_bytes_max: 64 * 1024,
        depth_max: 64,
        attributes_max: 64,
        elements_max: 2048,
        namespaces_max: 2048,
        prefixes_max: 32,
    };

    /// For what a client reads from its server: 512 KiB, 8,192 elements. Servers take stanzas of up to 256 KiB from others (a
    /// common default) and stamp them: whoever sends the largest must not be able to end the recipient's stream.
    pub const FROM_SERVER: Self = Self {
        element_bytes_max: 512 * 1024,
        depth_max: 128,
        attributes_max: 128,
        elements_max: 8192,
        namespaces_max: 8192,
        prefixes_max: 64,
    };

    /// For text that this program stored itself or that a person wrote: [`Element::parse`](crate::Element::parse).
    pub const WRITTEN_BY_US: Self = Self {
        element_bytes_max: 16 * 1024 * 1024,
        depth_max: 256,
        attributes_max: 256,
        elements_max: 1 << 20,
        namespaces_max: 1 << 20,
        prefixes_max: 64,
    };
}

/// Which of the [`Limits`] was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::element_bytes_max`]
    Bytes,
    /// [`Limits::depth_max`]
    Depth,
    /// [`Limits::attributes_max`]
    Attributes,
    /// [`Limits::elements_max`]
    Elements,
    /// [`Limits::namespaces_max`]
    Namespaces,
    /// [`Limits::prefixes_max`]
    Prefixes,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes in one element",
            Self::Depth => "elements inside each other",
            Self::Attributes => "attributes of one element",
            Self::Elements => "elements inside one element",
            Self::Namespaces => "namespace declarations in one element",
            Self::Prefixes => "namespace prefixes at one time",
        })
    }
}
