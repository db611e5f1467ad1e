//! Gajim: its debug console, as it is copied, and its log with `-l nbxmpp=INFO`.
//!
//! Seen in gajim/gajim `gajim/gtk/debug_console.py` (`<!-- Incoming {time} ({account}) -->`, the stanza in many lines below; versions
//! before wrote `In` and `Out`), whose time is in the words of the person's language, and in gajim/python-nbxmpp `nbxmpp/connection.py`
//! (`::::: DATA RECEIVED ::::`, an empty line, the XML).

use regex_lite::Regex;

use super::mark::{Extent, Mark, Pattern, constant};
use crate::model::Side;

pub(super) struct Gajim {
    console: Regex,
    log: Regex,
}

impl Gajim {
    pub(super) fn new() -> Self {
        Self {
            console: constant(
                r"(?i)^\s*<!--\s*(?:(in|incoming)|out|outgoing)\s+(.*?)\s*(?:\(([^()]*)\))?\s*-->\s*(.*)$",
            ),
            log: constant(r"^(.*?)(?:\(([^()]*)\)\s*)?:{4,5} DATA (?:(RECEIVED)|SENT) :{4,5}\s*(.*)$"),
        }
    }
}

impl Pattern for Gajim {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        let (found, [received, time, session, xml]) = match self.console.captures(line) {
            Some(found) => (found, [1, 2, 3, 4]),
            None => (self.log.captures(line)?, [3, 1, 2, 4]),
        };
        Some(Mark {
            side: if found.get(received).is_some() { Side::Answerer } else { Side::Dialler },
            session: found.get(session).map(|session| session.as_str().into()),
            layer: None,
            time: found.get(time)?.as_str(),
            xml: found.get(xml)?.as_str(),
            extent: Extent::Lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_and_the_log_are_read() {
        let gajim = Gajim::new();
        let mark = gajim.mark("<!-- Incoming Thu 26 Nov 2026 10:00:00 AM UTC (Alice at home) -->").unwrap();
        assert_eq!(
            (mark.side, mark.session.as_deref(), mark.xml),
            (Side::Answerer, Some("Alice at home"), "")
        );
        let mark = gajim.mark("<!-- Out Thu Nov 26 10:00:00 2026 -->").unwrap();
        assert_eq!((mark.side, mark.session, mark.time), (Side::Dialler, None, "Thu Nov 26 10:00:00 2026"));
        let mark = gajim.mark("2026-11-26 10:00:00 (I) nbxmpp.stream | (work) ::::: DATA SENT ::::").unwrap();
        assert_eq!((mark.side, mark.session.as_deref()), (Side::Dialler, Some("work")));
        assert_eq!(gajim.mark("<!-- Inside of a comment"), None);
    }
}
