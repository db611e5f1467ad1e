//! Commands that do one thing and end: `register`, `who`, `send`, `listen`. Made for scripts: data on standard output, the
//! rest on standard error, and an exit code that means what it says.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use chatdev_client::{Command, Event, MessageId, MessageState};
use jid::{BareJid, Jid};
use jiff::Timestamp;

use crate::account::PasswordFrom;
use crate::cli::Options;
use crate::json::{self, JsonLines};
use crate::narrate::Narrator;
use crate::session::{Beginning, Role, Session, interrupted};
use crate::table;

/// How long the list of who is online may take.
const LIST_WAIT: Duration = Duration::from_secs(20);

/// How long a message may take to be acknowledged: longer than every wait inside the client, so that its reason is told.
const SEND_WAIT: Duration = Duration::from_secs(60);

/// How long the receipt of a message through the server is waited for; an error comes sooner, and no receipt is no error.
const RECEIPT_WAIT: Duration = Duration::from_secs(2);

/// `chatdev register JID`.
///
/// # Errors
/// The server did not make the account, with its words.
pub(crate) async fn register(options: &Options, jid: &BareJid, remember: bool) -> Result<()> {
    let beginning = Beginning {
        named: Some(jid),
        register: true,
        remember,
        role: Role::Reader,
        password: PasswordFrom::NewAccount,
    };
    let session = Session::begin(options, beginning).await?;
    say(&format!("{jid} is registered; sign in with: chatdev login {jid}"))?;
    session.end().await;
    Ok(())
}

/// `chatdev who`.
///
/// # Errors
/// Sign-in failed, or the server has no directory.
pub(crate) async fn who(options: &Options, as_json: bool) -> Result<()> {
    let mut session =
        Session::begin(options, Beginning { role: Role::Reader, ..Beginning::default() }).await?;
    let listed = tokio::time::timeout(LIST_WAIT, list(&mut session)).await;
    session.end().await;
    let people = listed.context("the server did not send the list in time")??;
    if as_json {
        for person in &people {
            say(&json::person(person).to_string())?;
        }
    } else {
        for line in table::lines(&people, Timestamp::now()) {
            say(&line)?;
        }
    }
    Ok(())
}

async fn list(session: &mut Session) -> Result<Vec<chatdev_client::Person>> {
    loop {
        match session.next_or_lost().await? {
            Event::DirectoryComplete => session.command(Command::ListOnline).await,
            Event::NoDirectory => bail!("this server has no directory of who is online"),
            Event::Online(people) => return Ok(people),
            _ => {}
        }
    }
}

/// `chatdev send JID TEXT`.
///
/// # Errors
/// The message was not acknowledged, with the reason.
pub(crate) async fn send(options: &Options, to: &Jid, text: &str, clear_text: bool) -> Result<()> {
    let mut session = Session::begin(options, Beginning::default()).await?;
    if clear_text {
        session.command(Command::AllowClearText { jid: to.to_bare(), allowed: true }).await;
    }
    let message = Command::Send { message: MessageId(1), to: to.clone(), body: text.to_owned() };
    session.command(message).await;
    let sent = tokio::time::timeout(SEND_WAIT, delivery(&mut session)).await;
    // Also where it failed: a key that was shown for the first time is remembered before the program ends.
    session.end().await;
    say(&sent.context("no acknowledgement in time: it may have arrived, or not")??)
}

/// Waits for the end of the message; gives what to tell about it.
async fn delivery(session: &mut Session) -> Result<String> {
    let mut narrator = Narrator::default();
    loop {
        let event = session.next_or_lost().await?;
        let Event::MessageState { state, .. } = event else {
            for line in narrator.lines(&event) {
                eprintln!("{line}");
            }
            continue;
        };
        match state {
            MessageState::Queued | MessageState::Sent { sealed: true } => {}
            MessageState::Delivered => return Ok("delivered".to_owned()),
            MessageState::Failed { reason, may_have_arrived: false } => bail!("not sent: {reason}"),
            MessageState::Failed { reason, may_have_arrived: true } => {
                bail!("no acknowledgement (it may have arrived): {reason}")
            }
            MessageState::Sent { sealed: false } => {
                return match tokio::time::timeout(RECEIPT_WAIT, receipt(session)).await {
                    Ok(received) => {
                        received.map(|()| "delivered, through the server and not sealed".to_owned())
                    }
                    Err(_) => Ok("handed to the server, not sealed; no receipt came".to_owned()),
                };
            }
        }
    }
}

async fn receipt(session: &mut Session) -> Result<()> {
    loop {
        match session.next_or_lost().await? {
            Event::MessageState { state: MessageState::Delivered, .. } => return Ok(()),
            Event::MessageState { state: MessageState::Failed { reason, .. }, .. } => {
                bail!("not delivered: {reason}")
            }
            _ => {}
        }
    }
}

/// `chatdev listen`: until interrupted, or until the session ends for good.
///
/// # Errors
/// Sign-in failed, or the session ended for good.
pub(crate) async fn listen(options: &Options, as_json: bool) -> Result<()> {
    let mut session = Session::begin(options, Beginning::default()).await?;
    let (mut lines, mut narrator) = (JsonLines::default(), Narrator::default());
    let mut tell = |event: Event| -> Result<()> {
        if as_json {
            lines.lines(event).iter().try_for_each(|line| say(&line.to_string()))
        } else {
            narrator.lines(&event).iter().try_for_each(|line| say(line))
        }
    };
    tell(Event::SignedIn { jid: session.jid().clone() })?;
    let told = loop {
        let event = tokio::select! {
            biased;
            () = interrupted() => break Ok(()),
            event = session.next() => event.context("the client ended")?,
        };
        let lost = session.lost(&event);
        if let Err(error) = tell(event) {
            break Err(error);
        }
        if let Some(reason) = lost {
            break Err(anyhow!("signed out: {reason}"));
        }
    };
    session.end().await;
    told
}

/// One line of data, at once. A reader that went away ends the program quietly; see `main`.
pub(crate) fn say(line: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    Ok(output.flush()?)
}
