//! What went over the wire, written down so that a person can read it: one side per mark, XML indented, SASL decoded.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A conversation.
#[derive(Default)]
pub(crate) struct Transcript {
    entries: Vec<Entry>,
}

enum Entry {
    Said { who: &'static str, text: String },
    Note(String),
}

impl Transcript {
    /// `who` has sent these octets. What one side says in a row is one entry, however it was cut.
    pub(crate) fn say(&mut self, who: &'static str, octets: &[u8]) {
        let more = String::from_utf8_lossy(octets);
        match self.entries.last_mut() {
            _ if more.is_empty() => {}
            Some(Entry::Said { who: last, text }) if *last == who => text.push_str(&more),
            _ => self.entries.push(Entry::Said { who, text: more.into_owned() }),
        }
    }

    /// Something happened that is not on the wire.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.entries.push(Entry::Note(note.into()));
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            match entry {
                Entry::Note(note) => writeln!(f, "-- {note}")?,
                Entry::Said { who, text } => {
                    for line in indent(text).iter().flat_map(|line| line.lines()) {
                        writeln!(f, "{who}: {line}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Tags and the text between them.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let end = match text.strip_prefix('<') {
            Some(_) => text.find('>').map_or(text.len(), |end| end + 1),
            None => text.find('<').unwrap_or(text.len()),
        };
        pieces.push(&text[..end]);
        text = &text[end..];
    }
    pieces
}

fn indent(text: &str) -> Vec<String> {
    let pieces: Vec<&str> = pieces(text).into_iter().filter(|piece| !is_layout(piece)).collect();
    let mut lines = Vec::new();
    let (mut depth, mut at) = (0usize, 0);
    while at < pieces.len() {
        let piece = pieces[at];
        let space = |depth: usize| "  ".repeat(depth);
        if piece.starts_with("</stream:stream")
            || piece.starts_with("<stream:stream")
            || piece.starts_with("<?")
        {
            lines.extend(fold(piece, 0));
        } else if piece.starts_with("</") {
            depth = depth.saturating_sub(1);
            lines.push(space(depth) + piece);
        } else if !piece.starts_with('<') {
            lines.push(space(depth) + &format!("{piece:?}"));
        } else if piece.ends_with("/>") {
            lines.extend(fold(piece, depth));
        } else if let [inner, end, ..] = pieces[at + 1..]
            && end.starts_with("</")
            && !inner.starts_with('<')
        {
            lines.extend(fold(&[piece, &shorten(inner), end].concat(), depth));
            lines.extend(decoded(inner).map(|message| space(depth + 1) + &message));
            at += 2;
        } else if let [end, ..] = pieces[at + 1..]
            && end.starts_with("</")
        {
            lines.extend(fold(&[piece, end].concat(), depth));
            at += 1;
        } else {
            lines.extend(fold(piece, depth));
            depth += 1;
        }
        at += 1;
    }
    lines
}

/// White space that somebody put between tags to make them look nice.
fn is_layout(piece: &str) -> bool {
    piece.contains('\n') && piece.trim().is_empty()
}

/// Leaves out the middle of what nobody wants to read.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(400) {
        Some((at, _)) => format!("{}… ({} octets)", &text[..at / 10], text.len()),
        None => text.to_owned(),
    }
}

/// Breaks a long tag between its attributes.
fn fold(tag: &str, depth: usize) -> Vec<String> {
    let space = "  ".repeat(depth);
    if tag.len() + space.len() <= 110 {
        return vec![space + tag];
    }
    let mut lines = Vec::new();
    for attribute in tag.split_inclusive("' ") {
        let indent = if lines.is_empty() { "" } else { "    " };
        lines.push(format!("{space}{indent}{}", attribute.trim()));
    }
    lines
}

/// The SASL message inside base64, if that is what it is.
fn decoded(text: &str) -> Option<String> {
    let message = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    message.contains('=').then(|| format!("[{message}]"))
}
