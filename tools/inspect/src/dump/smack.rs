//! Smack with debugging switched on, on a console or in Android's log.
//!
//! Seen in igniterealtime/Smack `smack-core/…/debugger/AbstractDebugger.java` (`SENT (0): …`, `RECV (0): …`; the number is that of the
//! connection), in a report on it (#554: with the XML in lines of its own below) and one on yaxim-org/yaxim (#152: `RCV  (…): …`).

use regex_lite::Regex;

use super::mark::{Extent, Mark, Pattern, constant};
use crate::model::Side;

pub(super) struct Smack {
    line: Regex,
}

impl Smack {
    pub(super) fn new() -> Self {
        Self { line: constant(r"^(.*?)\b(SENT|RECV|RCV)\s+\((\d+)\):\s*(|<.*)$") }
    }
}

impl Pattern for Smack {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        let found = self.line.captures(line)?;
        Some(Mark {
            side: if &found[2] == "SENT" { Side::Dialler } else { Side::Answerer },
            session: Some(found.get(3)?.as_str().into()),
            layer: None,
            time: found.get(1)?.as_str(),
            xml: found.get(4)?.as_str(),
            extent: Extent::Lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_parentheses_is_the_connection() {
        let smack = Smack::new();
        let mark = smack.mark("2023-12-11 12:25:33.548 5470-5636/org.example D/SMACK: RECV (0): ").unwrap();
        assert_eq!((mark.side, mark.session.as_deref(), mark.xml), (Side::Answerer, Some("0"), ""));
        let mark = smack.mark("D/SMACK   (28371): 04:44:51 SENT (1122240984): <starttls/>").unwrap();
        assert_eq!(
            (mark.side, mark.session.as_deref(), mark.xml),
            (Side::Dialler, Some("1122240984"), "<starttls/>")
        );
        assert_eq!(smack.mark("SENT (0): nothing"), None);
    }
}
