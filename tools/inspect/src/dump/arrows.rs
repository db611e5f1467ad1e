//! `>>>` and `<<<` as many programs and people write, from the client's side; and node-xmpp's `OUT` and `IN`.
//!
//! Seen in reports (node-xmpp/client #170: `IN <…>`, `OUT <…>`); xmpp.js writes the words in lines of their own, the XML below.

use regex_lite::Regex;

use super::mark::{Mark, Pattern, constant};

pub(super) struct Arrows {
    line: Regex,
}

impl Arrows {
    pub(super) fn new() -> Self {
        Self { line: constant(r"^((?:[^<>]*\s)?)(?:(>>>|>>|-->|OUT)|<<<|<<|<--|IN):?(?:\s+(<.*)|\s*)$") }
    }
}

impl Pattern for Arrows {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        let found = self.line.captures(line)?;
        // A word that ends a sentence is none.
        if found.get(3).is_none() && !found[1].trim().is_empty() {
            return None;
        }
        Some(Mark::by_sides(&found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;

    #[test]
    fn arrows_point_from_the_client_to_the_server() {
        let arrows = Arrows::new();
        assert_eq!(arrows.mark(">>> <a/>").map(|mark| (mark.side, mark.xml)), Some((Side::Dialler, "<a/>")));
        assert_eq!(
            arrows.mark("10:00:00 <<< <a/>").map(|mark| (mark.side, mark.time)),
            Some((Side::Answerer, "10:00:00 "))
        );
        assert_eq!(arrows.mark("IN").map(|mark| (mark.side, mark.xml)), Some((Side::Answerer, "")));
        assert_eq!(arrows.mark("OUT: <a/>").map(|mark| mark.side), Some(Side::Dialler));
        assert_eq!(arrows.mark("where I LOG IN"), None);
        assert_eq!(arrows.mark("> <a/>"), None);
        assert_eq!(arrows.mark("<<<<<<< HEAD"), None);
    }
}
