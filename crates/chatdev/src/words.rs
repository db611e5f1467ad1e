//! What a person types at the prompt: one line, one wish.
//!
//! A line that begins with a command's word is that command; any other goes to the current conversation. A message that must
//! begin with such a word is sent with `msg`, or with a blank before it.

use chatdev_directory::{Fingerprint, Show};

/// The menu, as `help` shows it: what to type, and what it does.
pub(crate) const MENU: [(&str, &str); 11] = [
    ("who", "who is online"),
    ("msg WHOM TEXT", "write to a nick or an address; it becomes the current conversation"),
    ("TEXT", "write on in the current conversation"),
    ("status SHOW [TEXT]", "available, chat, away, dnd or xa, and a line about it"),
    ("nick NAME", "the name that others see"),
    ("trust", "whose keys are remembered"),
    ("accept JID FINGERPRINT", "trust a new key of somebody"),
    ("refuse JID FINGERPRINT", "stop trusting a key"),
    ("clear JID on|off", "allow clear text through the server to somebody who has a key"),
    ("help", "this list"),
    ("quit", "leave (also Ctrl-D)"),
];

/// One wish of the person at the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// An empty line.
    Nothing,
    Who,
    Message {
        whom: String,
        text: String,
    },
    Say(String),
    Status {
        show: Show,
        text: Option<String>,
    },
    Nick(String),
    Trust,
    Accept {
        whom: String,
        fingerprint: Fingerprint,
    },
    Refuse {
        whom: String,
        fingerprint: Fingerprint,
    },
    ClearText {
        whom: String,
        allowed: bool,
    },
    Help,
    Quit,
}

/// Reads one line.
///
/// # Errors
/// A command without what it needs: what was expected, as text for the person.
pub(crate) fn read(line: &str) -> Result<Wish, String> {
    if line.trim().is_empty() {
        return Ok(Wish::Nothing);
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match word.strip_prefix('/').unwrap_or(word) {
        "who" if rest.is_empty() => Ok(Wish::Who),
        "msg" | "m" => message(rest),
        "status" => status(rest),
        "nick" if !rest.is_empty() => Ok(Wish::Nick(rest.to_owned())),
        "nick" => Err("expected nick NAME".to_owned()),
        "trust" if rest.is_empty() => Ok(Wish::Trust),
        "accept" => key(rest, "accept").map(|(whom, fingerprint)| Wish::Accept { whom, fingerprint }),
        "refuse" => key(rest, "refuse").map(|(whom, fingerprint)| Wish::Refuse { whom, fingerprint }),
        "clear" => clear_text(rest),
        "help" | "?" if rest.is_empty() => Ok(Wish::Help),
        "quit" | "exit" if rest.is_empty() => Ok(Wish::Quit),
        unknown if word.starts_with('/') => {
            Err(format!("there is no command \"{unknown}\"; `help` lists them"))
        }
        _ => Ok(Wish::Say(line.trim_end().to_owned())),
    }
}

fn message(rest: &str) -> Result<Wish, String> {
    match rest.split_once(char::is_whitespace) {
        Some((whom, text)) if !text.trim().is_empty() => {
            Ok(Wish::Message { whom: whom.to_owned(), text: text.trim().to_owned() })
        }
        _ => Err("expected msg WHOM TEXT, such as: msg bob@example.net hello".to_owned()),
    }
}

fn status(rest: &str) -> Result<Wish, String> {
    let (show, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let show = match show {
        "available" | "online" => Show::Available,
        other => other
            .parse()
            .map_err(|_| format!("expected status available|chat|away|dnd|xa [TEXT]; found \"{other}\""))?,
    };
    let text = text.trim();
    Ok(Wish::Status { show, text: (!text.is_empty()).then(|| text.to_owned()) })
}

fn key(rest: &str, word: &str) -> Result<(String, Fingerprint), String> {
    let expected = || format!("expected {word} JID FINGERPRINT, as it was shown");
    let (whom, fingerprint) = rest.split_once(char::is_whitespace).ok_or_else(expected)?;
    Ok((whom.to_owned(), fingerprint.trim().parse().map_err(|_| expected())?))
}

fn clear_text(rest: &str) -> Result<Wish, String> {
    match rest.split_once(char::is_whitespace) {
        Some((whom, "on")) => Ok(Wish::ClearText { whom: whom.to_owned(), allowed: true }),
        Some((whom, "off")) => Ok(Wish::ClearText { whom: whom.to_owned(), allowed: false }),
        _ => Err("expected clear JID on|off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_command_goes_to_the_current_conversation() {
        assert_eq!(read("hello there"), Ok(Wish::Say("hello there".into())));
        assert_eq!(read("who knows?"), Ok(Wish::Say("who knows?".into())));
        assert_eq!(read(" quit"), Ok(Wish::Say(" quit".into())));
        assert_eq!(read("   "), Ok(Wish::Nothing));
    }

    #[test]
    fn commands_are_read_with_and_without_a_slash() {
        assert_eq!(read("who"), Ok(Wish::Who));
        assert_eq!(read("/quit"), Ok(Wish::Quit));
        let message = Wish::Message { whom: "bob@b.example".into(), text: "hello  there".into() };
        assert_eq!(read("msg bob@b.example hello  there "), Ok(message));
        let status = Wish::Status { show: Show::Away, text: Some("at lunch".into()) };
        assert_eq!(read("status away at lunch"), Ok(status));
        assert_eq!(read("status available"), Ok(Wish::Status { show: Show::Available, text: None }));
    }

    #[test]
    fn what_a_command_lacks_is_said() {
        for (line, expected) in [
            ("msg bob@b.example", "msg WHOM TEXT"),
            ("status busy", "\"busy\""),
            ("nick", "nick NAME"),
            ("accept bob@b.example 12:34", "FINGERPRINT"),
            ("clear bob@b.example", "on|off"),
            ("/whois bob", "whois"),
        ] {
            assert!(read(line).is_err_and(|error| error.contains(expected)), "{line}");
        }
    }
}
