//! slixmpp with its logging at `DEBUG`, and whatever else writes `SEND:` or `SENT:`, and `RECV:`.
//!
//! Seen in poezio/slixmpp `slixmpp/xmlstream/xmlstream.py` (`SEND: %s`, `RECV: %s`; a body may go over several lines), with the prefix of
//! its examples (`DEBUG    `) and of others (caronc/apprise #1541: `2026-03-10 20:47:03,330 - DEBUG - `). Strophe.js has no form of its
//! own; the functions `rawInput` and `rawOutput` of its examples write `RECV: ` and `SENT: `. Prosody's and libstrophe's logs have more to
//! them, and are read by `prosody` and `profanity`.

use regex_lite::Regex;

use super::mark::{Mark, Pattern, constant};

pub(super) struct Slixmpp {
    line: Regex,
}

impl Slixmpp {
    pub(super) fn new() -> Self {
        Self { line: constant(r"^(|[^<>]*?[^<>\w])(?:(SEND|SENT)|RECV|RECEIVED):\s*(|<.*)$") }
    }
}

impl Pattern for Slixmpp {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        Some(Mark::by_sides(&self.line.captures(line)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;

    #[test]
    fn any_prefix_without_markup_will_do() {
        let slixmpp = Slixmpp::new();
        let mark = slixmpp.mark("DEBUG    SEND: <presence id=\"1\" />").unwrap();
        assert_eq!((mark.side, mark.xml), (Side::Dialler, "<presence id=\"1\" />"));
        let mark = slixmpp.mark("2026-03-10 20:47:03,346 - DEBUG - RECV: <presence/>").unwrap();
        assert_eq!((mark.side, mark.time), (Side::Answerer, "2026-03-10 20:47:03,346 - DEBUG - "));
        assert_eq!(slixmpp.mark("SENT: <body/>").map(|mark| mark.side), Some(Side::Dialler));
        assert_eq!(slixmpp.mark("<body>I write RECV: <b/></body>"), None);
        assert_eq!(slixmpp.mark("DEBUG    Event triggered: presence"), None);
    }
}
