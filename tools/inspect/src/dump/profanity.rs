//! Profanity's log and console, and other programs with libstrophe.
//!
//! Seen in profanity-im/profanity `src/log.c` and `src/ui/xmlwin.c` (on the console `SENT:` and `RECV:` in lines of their own, the XML
//! below, each with the time in front), in strophe/libstrophe `src/ctx.c`, `src/conn.c` and `src/event.c` (`conn DEBUG SENT: …`,
//! `xmpp DEBUG RECV: …`), and in reports (profanity-im/profanity #22, #608: `xmpp: DBG: RECV: …`).
//!
//! What a narrow terminal has wrapped is not put together again without its line ends.

use regex_lite::Regex;

use super::mark::{Mark, Pattern, constant};

pub(super) struct Profanity {
    log: Regex,
    console: Regex,
    stamp: Regex,
}

impl Profanity {
    pub(super) fn new() -> Self {
        Self {
            log: constant(r"^(.*?)\b(?:xmpp|conn):? (?:DBG|DEBUG):? (?:(SENT)|RECV): ?(<.*)$"),
            console: constant(r"^(\d\d:\d\d(?::\d\d)? )?- (?:(SENT)|RECV):\s*()$"),
            stamp: constant(r"^\d\d:\d\d(?::\d\d)? - "),
        }
    }
}

impl Pattern for Profanity {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        let found = self.log.captures(line).or_else(|| self.console.captures(line))?;
        Some(Mark::by_sides(&found))
    }

    fn continued<'a>(&self, line: &'a str) -> &'a str {
        self.stamp.find(line).map_or(line, |stamp| &line[stamp.end()..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;

    #[test]
    fn log_and_console_are_read() {
        let profanity = Profanity::new();
        let mark = profanity.mark("2026-11-26T10:00:00.123456+01: 00012345: xmpp: DBG: RECV: <a/>").unwrap();
        assert_eq!((mark.side, mark.xml), (Side::Answerer, "<a/>"));
        let mark = profanity.mark("conn DEBUG SENT: <?xml version=\"1.0\"?><stream:stream>").unwrap();
        assert_eq!((mark.side, mark.time), (Side::Dialler, ""));
        let mark = profanity.mark("10:00:01 - SENT:").unwrap();
        assert_eq!((mark.side, mark.time, mark.xml), (Side::Dialler, "10:00:01 ", ""));
        assert_eq!(profanity.continued("10:00:01 - <iq/>"), "<iq/>");
        assert_eq!(profanity.mark("xmpp DEBUG SRV lookup failed."), None);
    }
}
