//! XML with values, texts and names replaced; everything else stays as it was written, broken or not.

use super::names;
use super::path::{Open, Path, Space, local_name};
use super::secrets::{self, Secrecy};
use super::stand_ins::StandIns;
use super::tokens::{Part, Tag, Token, Tokens};
use crate::entry::Kind;
use crate::framing::unescape;

/// Stands in the place of a secret.
pub(crate) const HIDDEN: &str = "…";

/// What is known of a text before it is read, and what is to be hidden of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// What it is.
    pub(super) kind: Kind,
    /// Nobody is authenticating here.
    pub(super) is_established: bool,
    /// Not secrets alone, but names and text too.
    pub(super) hides_names: bool,
}

/// The text as it may be shown.
pub(super) fn rewritten(text: &str, about: About, stand_ins: &mut StandIns) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    // Text of two octets for each character (UTF-16), in which nothing would be found.
    if text.contains('\0') {
        out.push_str(HIDDEN);
        return out;
    }
    let torn = secrets::end_of_torn(text);
    if torn > 0 {
        out.push_str(HIDDEN);
    }
    let text = &text[torn..];
    let outside = if knows_outside(text, about.kind) { Space::Stream } else { Space::Unknown };
    let mut rewriter = Rewriter { about, stand_ins, path: Path::new(outside), inside: None, out };
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next() {
        match (&rewriter.inside, token) {
            (Some(_), token) => rewriter.hide(&token),
            (None, Token::Content(content)) => rewriter.content(content, tokens.rest()),
            (None, Token::Aside(aside)) => rewriter.aside(aside),
            (None, Token::Tag(tag)) if tag.is_end => rewriter.end_tag(&tag),
            (None, Token::Tag(tag)) => rewriter.start_tag(&tag),
        }
    }
    rewriter.out
}

/// Whether what stands outside of all elements is the stream. Else it may be anything, of which the beginning is missing.
fn knows_outside(text: &str, kind: Kind) -> bool {
    if !matches!(kind, Kind::Nonza | Kind::Broken) {
        return true;
    }
    let Some(Token::Tag(tag)) = Tokens::new(text).next() else { return false };
    let name = tag.name();
    let is_of_stream = matches!(name, "message" | "presence" | "iq") || name.starts_with("stream:");
    let declares = || tag.attributes().any(|(name, _)| name == "xmlns" || name.starts_with("xmlns:"));
    !tag.is_end && (is_of_stream || (kind == Kind::Nonza && declares()))
}

struct Rewriter<'s, 'a> {
    about: About,
    stand_ins: &'s mut StandIns,
    path: Path<'a>,
    /// The secret that is being left out.
    inside: Option<Inside<'a>>,
    out: String,
}

/// A secret element that is open.
struct Inside<'a> {
    name: &'a str,
    /// Elements that are open within it.
    depth: usize,
    is_empty: bool,
}

impl<'a> Rewriter<'_, 'a> {
    /// All inside of a secret element goes, until its end. What is broken within may hide more than that.
    fn hide(&mut self, token: &Token<'a>) {
        let Some(inside) = &mut self.inside else { return };
        let is_something = match token {
            Token::Content(content) => !content.trim().is_empty(),
            Token::Tag(tag) if tag.is_end => {
                if inside.depth == 0 && tag.name() == inside.name {
                    self.inside = None;
                    return self.end_tag(tag);
                }
                inside.depth = inside.depth.saturating_sub(1);
                true
            }
            Token::Tag(tag) => {
                inside.depth += usize::from(tag.opens());
                true
            }
            Token::Aside(_) => true,
        };
        if is_something && std::mem::take(&mut inside.is_empty) {
            self.out.push_str(HIDDEN);
        }
    }

    fn content(&mut self, content: &str, rest: &str) {
        let secrecy = secrets::of_text(content, self.path.last(), rest, self.about.is_established);
        if secrecy == Secrecy::All && !self.about.hides_names {
            self.out.push_str(HIDDEN);
        } else if content.trim().is_empty() {
            self.out.push_str(content);
        } else if self.about.hides_names {
            let element = self.path.last().filter(|_| secrecy != Secrecy::All);
            let shown = names::of_text(content, element, self.stand_ins);
            self.out.push_str(&shown);
        } else if self.path.depth() == 0 {
            // Its first word may be the end of a parameter's value.
            let (_, behind) = content.split_at(content.find(char::is_whitespace).unwrap_or(content.len()));
            self.out.push_str(HIDDEN);
            self.push_without_parameters(behind);
        } else {
            self.push_without_parameters(content);
        }
    }

    /// Comments and the like have no place in XMPP; but a header has a declaration before it.
    fn aside(&mut self, aside: &str) {
        self.out.push_str(if names::is_declaration(aside) { aside } else { "<!--…-->" });
    }

    fn start_tag(&mut self, tag: &Tag<'a>) {
        self.path.declare(tag.attributes());
        let name = tag.name();
        let element = Open {
            name,
            space: self.path.space_of(name),
            field: secrets::field(tag, self.path.space_of(name), self.path.last()),
        };
        let is_secret = secrets::is_within(self.about.kind, tag, element.space, self.path.last());
        self.parts(tag, &element);
        if !tag.opens() {
            self.path.pass();
            return;
        }
        self.path.enter(element);
        self.inside = is_secret.then_some(Inside { name, depth: 0, is_empty: true });
    }

    fn end_tag(&mut self, tag: &Tag<'a>) {
        let name = tag.name();
        let space = match self.path.last() {
            Some(open) if open.name == name => open.space,
            // It ends nothing that was begun here.
            _ => Space::Unknown,
        };
        let element = Open { name, space, field: secrets::field(tag, space, None) };
        self.parts(tag, &element);
        self.path.leave();
    }

    fn parts(&mut self, tag: &Tag<'a>, element: &Open<'a>) {
        let mut attribute = "";
        for part in &tag.parts {
            match *part {
                Part::Mark(mark) => self.out.push_str(mark),
                Part::Name(name) if self.about.hides_names => {
                    let shown = names::of_element(name, element.space, self.stand_ins);
                    self.out.push_str(&shown);
                }
                Part::Name(name) => self.out.push_str(name),
                Part::Attribute(name) => {
                    attribute = name;
                    if self.about.hides_names {
                        let shown = names::of_attribute(name, self.stand_ins);
                        self.out.push_str(&shown);
                    } else {
                        self.out.push_str(name);
                    }
                }
                // An end tag has no attributes.
                Part::Value(_) if tag.is_end => self.out.push_str(HIDDEN),
                Part::Value(value) => self.value(element, attribute, value),
                Part::Broken(_) => self.out.push_str(HIDDEN),
            }
        }
    }

    fn value(&mut self, element: &Open<'a>, attribute: &str, value: &str) {
        if attribute == "xmlns" || attribute.starts_with("xmlns:") {
            if self.about.hides_names {
                let plain = unescape(value);
                let shown = names::of_namespace(&plain, self.stand_ins);
                self.out.push_str(&shown);
            } else {
                self.out.push_str(value);
            }
            return;
        }
        match secrets::of_attribute(element.name, element.space, attribute) {
            Secrecy::All => self.out.push_str(HIDDEN),
            Secrecy::Session => self.out.push_str(&self.stand_ins.value("session", &unescape(value))),
            _ if self.about.hides_names => {
                let plain = unescape(value);
                let shown = names::of_value(element, local_name(attribute), &plain, self.stand_ins);
                self.out.push_str(shown.as_deref().unwrap_or(value));
            }
            Secrecy::Address => {
                self.out.push_str(secrets::host_of(value));
                self.out.push_str(HIDDEN);
            }
            Secrecy::Parameters => self.push_without_parameters(value),
        }
    }

    fn push_without_parameters(&mut self, text: &str) {
        match secrets::without_parameters(text, HIDDEN) {
            Some(shown) => self.out.push_str(&shown),
            None => self.out.push_str(text),
        }
    }
}
