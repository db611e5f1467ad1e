//! `C:` and `S:`, as in the examples of RFC 6120 §9, and `I:` and `R:` (initiating and receiving entity), as in its §5 and §6; also
//! what people write by hand.

use regex_lite::Regex;

use super::mark::{Mark, Pattern, constant};

pub(super) struct Rfc {
    line: Regex,
}

impl Rfc {
    pub(super) fn new() -> Self {
        Self {
            line: constant(r"^(\s*(?:[\d:.,TZ/ -]+\s)?)(?:(C|I|Client|CLIENT)|S|R|Server|SERVER):\s*(|<.*)$"),
        }
    }
}

impl Pattern for Rfc {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        Some(Mark::by_sides(&self.line.captures(line)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;

    #[test]
    fn letters_are_marks_only_at_the_beginning() {
        let rfc = Rfc::new();
        assert_eq!(rfc.mark("   C: <stream:stream").map(|mark| mark.side), Some(Side::Dialler));
        assert_eq!(
            rfc.mark("R: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").map(|mark| mark.side),
            Some(Side::Answerer)
        );
        assert_eq!(rfc.mark("10:00:00 S: <a/>").map(|mark| mark.time.len()), Some(9));
        assert_eq!(rfc.mark("C: the client opens a stream"), None);
        assert_eq!(rfc.mark("ABC: <a/>"), None);
    }
}
