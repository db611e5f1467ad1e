//! Nothing but XML: what `tcpflow` or a browser saves, or what people paste without saying who said it.
//!
//! All is one side's: the server's if the first header has an `id` (RFC 6120 §4.7.3), else the client's. If there are headers of both
//! kinds, both sides were pasted into each other, and who says what is guessed from what only one of them can say: negotiation by the
//! elements' names, stanzas by their `from`, which servers stamp and clients leave out (RFC 6120 §8.1.2). A remark says so.

use super::balance::Balance;
use super::sessions::Sessions;
use super::{ELEMENT_OCTETS_MAX, reading::Counts};
use crate::model::{At, Happening, Listener, Side};

/// What only a client says before its stream is bound.
const OF_CLIENTS: [&str; 8] =
    ["starttls", "auth", "authenticate", "response", "abort", "enable", "resume", "handshake"];
/// What only a server says.
const OF_SERVERS: [&str; 12] = [
    "features",
    "stream:features",
    "proceed",
    "challenge",
    "success",
    "failure",
    "continue",
    "enabled",
    "resumed",
    "failed",
    "compressed",
    "stream:error",
];

/// Takes lines of XML.
#[derive(Debug, Default)]
pub(super) struct Stream {
    item: String,
    balance: Balance,
    /// Whose stream it is, once there was something.
    side: Option<Side>,
    headers: [bool; 2],
    mixed: bool,
}

impl Stream {
    pub(super) fn line(
        &mut self,
        line: &str,
        sessions: &mut Sessions,
        counts: &mut Counts,
        listener: &mut impl Listener,
    ) {
        let mut rest = line;
        while let Some(end) = self.balance.next_end(rest) {
            self.item.push_str(&rest[..end]);
            rest = &rest[end..];
            self.say(sessions, counts, listener);
        }
        self.item.push_str(rest);
        if self.balance.is_open() {
            self.item.push('\n');
            self.balance.push("\n");
            if self.item.len() > ELEMENT_OCTETS_MAX {
                self.say(sessions, counts, listener);
                self.balance = Balance::default();
            }
        } else if !self.item.trim().is_empty() && !is_declaration(&self.item) {
            // Text between elements is no stream.
            counts.passed_over += 1;
            self.item.clear();
        }
    }

    /// The end: what is there of an item is told.
    pub(super) fn finish(
        &mut self,
        sessions: &mut Sessions,
        counts: &mut Counts,
        listener: &mut impl Listener,
    ) {
        if self.balance.is_open() {
            self.say(sessions, counts, listener);
        }
    }

    fn say(&mut self, sessions: &mut Sessions, counts: &mut Counts, listener: &mut impl Listener) {
        let item = std::mem::take(&mut self.item);
        let said = item.trim_start();
        if is_declaration(&item) {
            // It belongs to the header behind it.
            self.item = item;
            return;
        }
        let tag = match said.strip_prefix("<?").and_then(|_| said.split_once("?>")) {
            Some((_, behind)) => behind.trim_start(),
            None => said,
        };
        let side = self.side_of(tag, listener);
        counts.told += 1;
        sessions.say(listener, None, (side, None), At(0), &item);
        self.item = item;
        self.item.clear();
    }

    /// Whose stream it is, as far as is known.
    pub(super) fn side(&self) -> Side {
        self.side.unwrap_or(Side::Dialler)
    }

    fn side_of(&mut self, tag: &str, listener: &mut impl Listener) -> Side {
        let start = &tag[..tag.find('>').unwrap_or(tag.len())];
        if start.starts_with("<stream:stream") {
            let side = if has(start, "id") { Side::Answerer } else { Side::Dialler };
            self.headers[side.index()] = true;
            if self.headers == [true; 2] && !self.mixed {
                self.mixed = true;
                let text =
                    "both sides' stream headers stand in one text: who says what is guessed from what it is";
                listener.take(Happening::Remark { at: At(0), id: None, text });
            }
            self.side = Some(side);
            return side;
        }
        if self.mixed {
            return self.guess(start);
        }
        *self.side.get_or_insert(Side::Dialler)
    }

    fn guess(&mut self, start: &str) -> Side {
        let name = start
            .trim_start_matches('<')
            .split(|char: char| char.is_whitespace() || char == '/')
            .next()
            .unwrap_or("");
        let side = match name {
            _ if OF_CLIENTS.contains(&name) => Side::Dialler,
            _ if OF_SERVERS.contains(&name) => Side::Answerer,
            "message" | "presence" if has(start, "from") => Side::Answerer,
            // The server may answer in its own name, without a `from` (RFC 6120 §8.1.2.1).
            "iq" if has(start, "from") || start.contains("'result'") || start.contains("\"result\"") => {
                Side::Answerer
            }
            "message" | "presence" | "iq" => Side::Dialler,
            _ => self.side.unwrap_or(Side::Dialler),
        };
        self.side = Some(side);
        side
    }
}

/// Whether it is the XML declaration alone.
fn is_declaration(item: &str) -> bool {
    let item = item.trim();
    item.starts_with("<?xml") && item.ends_with("?>")
}

/// Whether a start tag has an attribute of this name.
fn has(start: &str, name: &str) -> bool {
    start.match_indices(name).any(|(place, _)| {
        let before = start[..place].chars().next_back();
        let behind = start[place + name.len()..].trim_start();
        before.is_some_and(char::is_whitespace) && behind.starts_with('=')
    })
}
