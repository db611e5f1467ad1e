//! `chatdev pipe`: commands as JSON lines on standard input, events as JSON lines on standard output. For bots, and for whoever
//! wants to drive a real client from outside.
//!
//! | command | members |
//! |---|---|
//! | `{"do":"send"}` | `to`, `text`, and optionally `message` (a number of your own, used in `message-state`) |
//! | `{"do":"status"}` | `show` (`available`, `chat`, `away`, `dnd`, `xa`), optionally `status` and `nick` |
//! | `{"do":"who"}` | – ; answered with one line per person, without `event` |
//! | `{"do":"accept"}`, `{"do":"refuse"}` | `jid`, `fingerprint` |
//! | `{"do":"clear-text"}` | `jid`, `allowed` |
//! | `{"do":"quit"}` | – ; so does the end of the input |
//!
//! A line that is no command is answered with an `error` event; the client goes on.

use anyhow::{Context as _, Result, bail};
use chatdev_client::{Command, Event, MessageId};
use chatdev_directory::{Fingerprint, Show};
use jid::{BareJid, Jid};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::cli::Options;
use crate::json::JsonLines;
use crate::oneshot::say;
use crate::session::{Beginning, Session, interrupted};

#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    Send { to: String, text: String, message: Option<u64> },
    Status { show: String, status: Option<String>, nick: Option<String> },
    Who,
    Accept { jid: String, fingerprint: String },
    Refuse { jid: String, fingerprint: String },
    ClearText { jid: String, allowed: bool },
    Quit,
}

/// Runs until the input ends, `quit`, a signal, or the end of the session for good.
///
/// # Errors
/// Sign-in failed, or the session ended for good.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let mut session = Session::begin(options, Beginning::default()).await?;
    let talked = talk(&mut session).await;
    session.end().await;
    talked
}

async fn talk(session: &mut Session) -> Result<()> {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let mut output = JsonLines::default();
    let mut messages = 0;
    for line in output.lines(Event::SignedIn { jid: session.jid().clone() }) {
        say(&line.to_string())?;
    }
    loop {
        tokio::select! {
            biased;
            () = interrupted() => return Ok(()),
            event = session.next() => {
                let event = event.context("the client ended")?;
                let lost = session.lost(&event);
                for line in output.lines(event) {
                    say(&line.to_string())?;
                }
                if let Some(reason) = lost {
                    bail!("signed out: {reason}");
                }
            }
            line = input.next_line() => {
                let Some(line) = line.context("cannot read commands")? else { return Ok(()) };
                match command(&line, &mut messages) {
                    Ok(Some(command)) => session.command(command).await,
                    Ok(None) => return Ok(()),
                    Err(error) => say(&json!({"event": "error", "text": format!("{error:#}")}).to_string())?,
                }
            }
        }
    }
}

/// The wish of one line; `None` to quit.
fn command(line: &str, messages: &mut u64) -> Result<Option<Command>> {
    let line: Line = serde_json::from_str(line).context("expected a command such as {\"do\":\"who\"}")?;
    Ok(Some(match line {
        Line::Send { to, text, message } => {
            *messages = message.unwrap_or(*messages + 1);
            let to =
                Jid::new(&to).with_context(|| format!("expected an address in \"to\"; found \"{to}\""))?;
            Command::Send { message: MessageId(*messages), to, body: text }
        }
        Line::Status { show, status, nick } => {
            let show = if show == "available" { Show::Available } else { show.parse()? };
            Command::SetStatus { show, status, nick }
        }
        Line::Who => Command::ListOnline,
        Line::Accept { jid, fingerprint } => {
            let (jid, fingerprint) = device(&jid, &fingerprint)?;
            Command::AcceptDevice { jid, fingerprint }
        }
        Line::Refuse { jid, fingerprint } => {
            let (jid, fingerprint) = device(&jid, &fingerprint)?;
            Command::RejectDevice { jid, fingerprint }
        }
        Line::ClearText { jid, allowed } => Command::AllowClearText { jid: bare(&jid)?, allowed },
        Line::Quit => return Ok(None),
    }))
}

fn device(jid: &str, fingerprint: &str) -> Result<(BareJid, Fingerprint)> {
    let fingerprint = fingerprint.parse().with_context(|| {
        format!("expected a SHA-256 fingerprint such as 9F:21:…; found \"{fingerprint}\"")
    })?;
    Ok((bare(jid)?, fingerprint))
}

fn bare(jid: &str) -> Result<BareJid> {
    BareJid::new(jid).with_context(|| format!("expected an address such as bob@example.net; found \"{jid}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_numbered_where_the_bot_does_not() {
        let mut messages = 0;
        let mut number = |line| match command(line, &mut messages).unwrap() {
            Some(Command::Send { message, .. }) => message.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(number(r#"{"do":"send","to":"bob@b.example","text":"one"}"#), 1);
        assert_eq!(number(r#"{"do":"send","to":"bob@b.example","text":"two","message":41}"#), 41);
        assert_eq!(number(r#"{"do":"send","to":"bob@b.example","text":"three"}"#), 42);
    }

    #[test]
    fn a_wrong_line_is_told_what_was_expected() {
        for (line, expected) in [
            ("hello", "expected a command"),
            (r#"{"do":"dance"}"#, "expected a command"),
            (r#"{"do":"send","to":"@","text":"x"}"#, "\"@\""),
            (r#"{"do":"accept","jid":"bob@b.example","fingerprint":"12"}"#, "SHA-256"),
        ] {
            let error = format!("{:#}", command(line, &mut 0).unwrap_err());
            assert!(error.contains(expected), "{line}: {error}");
        }
        assert!(command(r#"{"do":"quit"}"#, &mut 0).unwrap().is_none());
    }
}
