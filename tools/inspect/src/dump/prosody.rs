//! Prosody with `log = { debug = … }`, to a file or to syslog.
//!
//! Seen in bjc/prosody: `core/loggingmanager.lua` (time, source, level, message, with tabs), `plugins/mod_stanza_debug.lua` (`SEND: …`,
//! `RECV: …`), `core/sessionmanager.lua` and `core/stanza_router.lua` (`Sending[c2s]: …`, `Received[c2s]: …`, with the start tag alone);
//! in a report on iNPUTmice/Conversations (#2661: mod_rawdebug's `SEND(194): …`) and one on NixOS/nixpkgs (#227588: by syslog).
//!
//! A log without those modules has start tags alone: they become empty elements. Where the elements stand there whole, the start tags
//! before or behind them drop out. Stream headers are in the log with mod_rawdebug alone.

use regex_lite::Regex;

use super::mark::{Extent, Mark, Pattern, constant};
use crate::model::Side;

pub(super) struct Prosody {
    line: Regex,
}

impl Prosody {
    pub(super) fn new() -> Self {
        Self {
            line: constant(
                r"^(.*?)\b((?:c2s|s2sin|s2sout|s2s|component|jcp)[0-9a-f]{5,})(?:\s+\w+\s+|:\s+)(?:(SEND|RECV)(?:\(\d+\))?|(Sending|Received)\[\w+\]):\s*(.*)$",
            ),
        }
    }
}

impl Pattern for Prosody {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        let found = self.line.captures(line)?;
        let session = found.get(2)?.as_str();
        let (word, extent) = match (found.get(3), found.get(4)) {
            (Some(word), _) => (word.as_str(), Extent::Lines),
            (None, word) => (word?.as_str(), Extent::StartTag),
        };
        let sent = word.starts_with("SEND") || word == "Sending";
        // To other servers it is Prosody that connects.
        let own = if session.starts_with("s2sout") { Side::Dialler } else { Side::Answerer };
        Some(Mark {
            side: if sent { own } else { own.other() },
            session: Some(session.into()),
            layer: None,
            time: found.get(1)?.as_str(),
            xml: found.get(5)?.as_str(),
            extent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_syslog_have_whole_elements_or_start_tags() {
        let prosody = Prosody::new();
        let mark = prosody
            .mark("Oct 07 04:09:50 c2s55ed533db830\tdebug\tRECV(45): <enable xmlns=\"urn:xmpp:sm:3\"/>")
            .unwrap();
        assert_eq!((mark.side, mark.extent, mark.time), (Side::Dialler, Extent::Lines, "Oct 07 04:09:50 "));
        let mark = prosody
            .mark("Nov 04 00:32:52 host prosody[2526]: c2s2304d390: Sending[c2s]: <presence to='a@b'>")
            .unwrap();
        assert_eq!(
            (mark.side, mark.extent, mark.session.as_deref()),
            (Side::Answerer, Extent::StartTag, Some("c2s2304d390"))
        );
        let mark = prosody.mark("s2sout55ed533db830  debug   SEND: <a/>").unwrap();
        assert_eq!((mark.side, mark.extent, mark.xml), (Side::Dialler, Extent::Lines, "<a/>"));
        assert_eq!(prosody.mark("Oct 07 04:09:50 c2s55ed533db830\tdebug\tHandled 1 incoming stanzas"), None);
        assert_eq!(prosody.mark("Oct 07 04:09:50 example.org:tls\tdebug\tRECV: <a/>"), None);
    }
}
