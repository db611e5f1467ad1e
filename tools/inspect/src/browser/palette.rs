//! Colours. Without them (`NO_COLOR`) weight and reversal remain, and nothing is told by colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::entry::{Kind, Severity};
use crate::markup;

#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    pub(super) colour: bool,
}

impl Palette {
    fn of(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    pub(super) fn kind(self, kind: Kind) -> Style {
        match kind {
            Kind::Message => self.of(Color::Green),
            Kind::Presence => self.of(Color::Blue),
            Kind::Iq => self.of(Color::Cyan),
            Kind::Stream | Kind::Sasl | Kind::Tls => self.of(Color::Magenta),
            Kind::Nonza | Kind::Remark => self.of(Color::Yellow),
            Kind::Sm | Kind::Connection | Kind::KeepAlive => self.faint(),
            Kind::Missing | Kind::Broken => self.error(),
        }
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Note => self.of(Color::Cyan),
            Severity::Warning => self.of(Color::Yellow),
            Severity::Error => self.error(),
        }
    }

    pub(super) fn markup(self, style: markup::Style) -> Style {
        match style {
            markup::Style::Punctuation | markup::Style::Space | markup::Style::Aside => self.faint(),
            markup::Style::Tag => self.of(Color::Blue).add_modifier(Modifier::BOLD),
            markup::Style::AttributeName => self.of(Color::Cyan),
            markup::Style::AttributeValue => self.of(Color::Green),
            markup::Style::Namespace => self.of(Color::Magenta),
            markup::Style::Text => Style::new(),
            markup::Style::Entity => self.of(Color::Yellow),
            markup::Style::Broken => self.error(),
        }
    }

    pub(super) fn error(self) -> Style {
        self.of(Color::Red).add_modifier(Modifier::BOLD)
    }

    pub(super) fn faint(self) -> Style {
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    pub(super) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
