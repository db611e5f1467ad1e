//! `chatdev login`: sign in, then a prompt at which a person chats while events appear above the line they type.

use std::io::IsTerminal as _;

use anyhow::Result;
use chatdev_client::display::line;
use chatdev_client::{Command, Event, MessageId};
use chatdev_directory::Show;
use jid::{BareJid, Jid};
use jiff::Timestamp;

use crate::account::PasswordFrom;
use crate::cli::Options;
use crate::narrate::Narrator;
use crate::session::{Beginning, Session};
use crate::terminal::{Names, Terminal};
use crate::words::{self, MENU, Wish};
use crate::{table, trust};

/// Signs in and chats until the person leaves or the server sends them away for good.
///
/// # Errors
/// Sign-in failed, or the session ended in a way that no reconnecting mends.
pub(crate) async fn chat(options: &Options, named: Option<&BareJid>, remember: bool) -> Result<()> {
    let session = Session::begin(options, Beginning { named, remember, ..Beginning::default() }).await?;
    Prompt::open(session)?.run().await
}

/// Makes the account first.
///
/// # Errors
/// As [`chat`].
pub(crate) async fn register_and_chat(options: &Options, jid: &BareJid, password: &str) -> Result<()> {
    let password = PasswordFrom::Program(password);
    let beginning = Beginning { named: Some(jid), register: true, password, ..Beginning::default() };
    Prompt::open(Session::begin(options, beginning).await?)?.run().await
}

struct Prompt {
    session: Session,
    terminal: Terminal,
    names: Names,
    narrator: Narrator,
    /// Whom plain text goes to.
    conversation: Option<Jid>,
    messages: u64,
    show: Show,
    status: Option<String>,
    /// `quit` was typed, or the keyboard is gone.
    leaving: bool,
    /// Why the session ended for good.
    lost: Option<String>,
}

impl Prompt {
    fn open(session: Session) -> Result<Self> {
        let names = Names::default();
        Ok(Self {
            session,
            terminal: Terminal::open(names.clone())?,
            names,
            narrator: Narrator::default(),
            conversation: None,
            messages: 0,
            show: Show::Available,
            status: None,
            leaving: false,
            lost: None,
        })
    }

    async fn run(mut self) -> Result<()> {
        self.greet();
        loop {
            tokio::select! {
                biased;
                event = self.session.next() => match event {
                    Some(Event::Ended) | None => break,
                    Some(event) => self.tell(&event).await,
                },
                line = self.terminal.next_line(), if !self.leaving => match line {
                    Some(line) => self.obey(&line).await,
                    None => self.leave().await,
                },
            }
        }
        match self.lost {
            Some(reason) => Err(anyhow::anyhow!("signed out: {reason}")),
            None => Ok(()),
        }
    }

    fn greet(&mut self) {
        let mut lines = vec![format!("Signed in as {}.", line(self.session.jid().as_str()))];
        if std::io::stdin().is_terminal() {
            lines.extend(menu());
        }
        self.terminal.print(&lines);
    }

    async fn tell(&mut self, event: &Event) {
        let lines = match event {
            Event::Online(people) => table::lines(people, Timestamp::now()),
            other => self.narrator.lines(other),
        };
        self.terminal.print(&lines);
        self.names.set(self.narrator.people.completions(""));
        match event {
            Event::Message(received) if self.conversation.is_none() => {
                self.conversation = Some(received.from.to_bare().into());
            }
            Event::SignedOut { reason, retry_in: None } if !self.leaving => {
                self.lost = Some(reason.to_string());
                self.leave().await;
            }
            _ => {}
        }
    }

    async fn leave(&mut self) {
        self.leaving = true;
        self.session.command(Command::Quit).await;
    }

    async fn obey(&mut self, typed: &str) {
        let wish = match words::read(typed) {
            Ok(wish) => wish,
            Err(expected) => return self.terminal.print(&[format!("! {expected}")]),
        };
        if let Err(error) = self.fulfil(wish).await {
            self.terminal.print(&[format!("! {}", line(&format!("{error:#}")))]);
        }
    }

    async fn fulfil(&mut self, wish: Wish) -> Result<()> {
        match wish {
            Wish::Nothing => {}
            Wish::Who => self.session.command(Command::ListOnline).await,
            Wish::Message { whom, text } => {
                let to = self.narrator.people.resolve(&whom)?;
                if self.conversation.as_ref() != Some(&to) {
                    self.terminal.print(&[format!("Now talking to {}.", self.narrator.name(&to))]);
                }
                self.conversation = Some(to.clone());
                self.say(to, text).await;
            }
            Wish::Say(text) => match self.conversation.clone() {
                Some(to) => self.say(to, text).await,
                None => anyhow::bail!(
                    "nobody to say that to yet: msg WHOM TEXT begins a conversation; `help` lists all"
                ),
            },
            Wish::Status { show, text } => {
                (self.show, self.status) = (show, text);
                self.set_status(None).await;
            }
            Wish::Nick(name) => self.set_status(Some(name)).await,
            Wish::Trust => {
                let lines = trust::listing(self.session.options())?;
                self.terminal.print(&lines);
            }
            Wish::Accept { whom, fingerprint } => {
                let jid = self.narrator.people.resolve(&whom)?.to_bare();
                self.session.command(Command::AcceptDevice { jid, fingerprint }).await;
            }
            Wish::Refuse { whom, fingerprint } => {
                let jid = self.narrator.people.resolve(&whom)?.to_bare();
                self.session.command(Command::RejectDevice { jid, fingerprint }).await;
            }
            Wish::ClearText { whom, allowed } => {
                let jid = self.narrator.people.resolve(&whom)?.to_bare();
                self.session.command(Command::AllowClearText { jid, allowed }).await;
            }
            Wish::Help => self.terminal.print(&menu()),
            Wish::Quit => self.leave().await,
        }
        Ok(())
    }

    async fn set_status(&mut self, nick: Option<String>) {
        let (show, status) = (self.show, self.status.clone());
        self.session.command(Command::SetStatus { show, status, nick }).await;
    }

    async fn say(&mut self, to: Jid, body: String) {
        self.messages += 1;
        self.session.command(Command::Send { message: MessageId(self.messages), to, body }).await;
    }
}

fn menu() -> Vec<String> {
    let width = MENU.iter().map(|(typed, _)| typed.len()).max().unwrap_or(0);
    MENU.iter().map(|(typed, does)| format!("  {typed:<width$}  {does}")).collect()
}
