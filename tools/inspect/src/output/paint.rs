//! Colours of a terminal (ECMA-48 SGR); none where they are not wanted.

use crate::entry::{Entry, Kind, Severity};

/// Whether output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint(pub bool);

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// As it comes.
    Plain,
    /// What is less important.
    Faint,
    /// What is more so.
    Bold,
    /// Messages.
    Green,
    /// Presence.
    Magenta,
    /// Iqs.
    Blue,
    /// Streams, TLS, SASL.
    Cyan,
    /// Warnings, gaps.
    Yellow,
    /// Errors.
    Red,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Faint => "\x1b[2m",
            Self::Bold => "\x1b[1m",
            Self::Green => "\x1b[32m",
            Self::Magenta => "\x1b[35m",
            Self::Blue => "\x1b[34m",
            Self::Cyan => "\x1b[36m",
            Self::Yellow => "\x1b[33m",
            Self::Red => "\x1b[31m",
        }
    }

    /// The colour of an entry.
    #[must_use]
    pub fn of(entry: &Entry<'_>) -> Self {
        let is_error = entry.stanza_type.as_deref() == Some("error") || entry.title == "stream error";
        match entry.kind {
            _ if is_error => Self::Red,
            Kind::Message => Self::Green,
            Kind::Presence => Self::Magenta,
            Kind::Iq => Self::Blue,
            Kind::Stream | Kind::Tls | Kind::Sasl => Self::Cyan,
            Kind::Missing => Self::Yellow,
            Kind::Broken => Self::Red,
            Kind::Sm | Kind::Nonza | Kind::KeepAlive | Kind::Connection => Self::Faint,
            Kind::Remark => Self::Bold,
        }
    }

    /// The colour of a finding.
    #[must_use]
    pub fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Cyan,
            Severity::Warning => Self::Yellow,
            Severity::Error => Self::Red,
        }
    }
}

impl Paint {
    /// Begins a colour.
    pub fn on(self, ink: Ink, out: &mut String) {
        if self.0 {
            out.push_str(ink.code());
        }
    }

    /// Ends it.
    pub fn off(self, ink: Ink, out: &mut String) {
        if self.0 && ink != Ink::Plain {
            out.push_str("\x1b[0m");
        }
    }

    /// Appends `text` in a colour.
    pub fn put(self, ink: Ink, text: &str, out: &mut String) {
        self.on(ink, out);
        out.push_str(text);
        self.off(ink, out);
    }
}
