//! A whole screenplay: lines with their numbers, comments left out, continued lines joined.

use thiserror::Error;

use crate::Cue;

/// A screenplay.
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    /// Its cues in order.
    pub lines: Vec<Line>,
}

/// A cue, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The number of its first line in the file, from 1.
    pub number: usize,
    /// What it says.
    pub cue: Cue,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {number}: {reason}")]
pub struct PlayError {
    number: usize,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Reason {
    #[error("expected a cue as testdata/README.md lists them")]
    Unknown,
    #[error("expected a full JID")]
    Jid,
    #[error("expected an IP address after “from”")]
    Address,
    #[error("expected a time such as 250ms, 30s or 5min")]
    Duration,
    #[error("an indented line continues the one above, and there is none")]
    Continuation,
}

impl Play {
    /// Reads a screenplay.
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn read(text: &str) -> Result<Self, PlayError> {
        let mut joined: Vec<(usize, String)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let continued = line.starts_with([' ', '\t']);
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if !continued {
                joined.push((number, line.to_owned()));
            } else if let Some((_, above)) = joined.last_mut() {
                // Indentation is for the reader: elements follow each other without white space.
                if !above.ends_with(['>', ':']) {
                    above.push(' ');
                }
                above.push_str(line);
            } else {
                return Err(PlayError { number, reason: Reason::Continuation });
            }
        }
        let read = |(number, text): (usize, String)| match Cue::read(&text) {
            Ok(cue) => Ok(Line { number, cue }),
            Err(reason) => Err(PlayError { number, reason }),
        };
        Ok(Self { lines: joined.into_iter().map(read).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Closing;

    fn cues(text: &str) -> Vec<Cue> {
        Play::read(text).unwrap().lines.into_iter().map(|line| line.cue).collect()
    }

    #[test]
    fn every_cue_is_read() {
        let text = "
# Two people.
alice is alice@example.net/desk
bob is bob@example.net/tui from 2001:db8::7

alice signs in
alice sends: <message to='bob@example.net'>
    <body>Hi</body>
  </message>
bob receives: <a/>
bob receives nothing
wait 250ms
wait 5min
bob disconnects
alice signs out
bob is closed
alice is closed: conflict
";
        let name = |name: &str| name.to_owned();
        let jid = |jid: &str| FullJid::new(jid).unwrap();
        use jid::FullJid;
        let expected = [
            Cue::Cast {
                name: name("alice"),
                jid: jid("alice@example.net/desk"),
                address: "192.0.2.1".parse().unwrap(),
            },
            Cue::Cast {
                name: name("bob"),
                jid: jid("bob@example.net/tui"),
                address: "2001:db8::7".parse().unwrap(),
            },
            Cue::SignsIn { name: name("alice") },
            Cue::Sends {
                name: name("alice"),
                text: "<message to='bob@example.net'><body>Hi</body></message>".into(),
            },
            Cue::Receives { name: name("bob"), text: "<a/>".into() },
            Cue::ReceivesNothing { name: name("bob") },
            Cue::Wait(Duration::from_millis(250)),
            Cue::Wait(Duration::from_secs(300)),
            Cue::Disconnects { name: name("bob") },
            Cue::SignsOut { name: name("alice") },
            Cue::IsClosed { name: name("bob"), closing: Closing::Orderly },
            Cue::IsClosed { name: name("alice"), closing: Closing::Error("conflict".into()) },
        ];
        assert_eq!(cues(text), expected);
    }

    #[test]
    fn a_line_that_means_nothing_is_named() {
        let table = [
            ("alice dances", 1, Reason::Unknown),
            ("# fine\nalice is somebody", 2, Reason::Jid),
            ("alice is a@b/c from nowhere", 1, Reason::Address),
            ("wait long", 1, Reason::Duration),
            ("wait 5", 1, Reason::Duration),
            ("  <body/>", 1, Reason::Continuation),
        ];
        for (text, number, reason) in table {
            assert_eq!(Play::read(text), Err(PlayError { number, reason }), "{text}");
        }
    }
}
