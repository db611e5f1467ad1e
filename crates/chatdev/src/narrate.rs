//! Events in words, for a person at a terminal. Everything that came over the network passes through
//! [`chatdev_client::display`]; a JID always stands beside a nick (PROTOCOL, "What people see").
//!
//! Meaning never hangs on colour; there is none. What this does *not* do: print, or ask questions.

use chatdev_client::display::{body, line};
use chatdev_client::{Event, MessageState, Received, SignedOutReason, Way};
use chatdev_directory::{Departure, Entry, Reason, Update};
use jid::Jid;
use jiff::tz::TimeZone;

use crate::json::{refused_endpoints, show_name};
use crate::people::People;

/// Tells what happens; keeps who is online, to put nicks beside addresses.
#[derive(Debug, Default)]
pub(crate) struct Narrator {
    pub(crate) people: People,
    /// The list is there: from now on, who comes and goes is news.
    complete: bool,
}

impl Narrator {
    /// The lines to print for an event; none, if it says nothing to a person.
    pub(crate) fn lines(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::DirectoryChanged(updates) => {
                self.people.apply(updates);
                if self.complete { updates.iter().filter_map(tell_update).collect() } else { Vec::new() }
            }
            Event::DirectoryComplete => {
                self.complete = true;
                Vec::new()
            }
            Event::Message(received) => self.message(received),
            Event::MessageState { state, .. } => message_state(state).into_iter().collect(),
            other => other_lines(other),
        }
    }

    /// A nick with its JID, or the JID alone.
    pub(crate) fn name(&self, jid: &Jid) -> String {
        match self.people.nick(jid) {
            Some(nick) => format!("{} <{}>", line(nick), line(jid.as_str())),
            None => line(jid.as_str()).into_owned(),
        }
    }

    fn message(&self, received: &Received) -> Vec<String> {
        let time = received.at.to_zoned(TimeZone::system()).strftime("%H:%M");
        let note = match received.way {
            Way::Sealed(_) => "",
            Way::ViaServer { unexpected: false } => " (through the server, not sealed)",
            Way::ViaServer { unexpected: true } => {
                " (NOT SEALED, though they have a key: this may not be them)"
            }
        };
        // Further lines are indented, so that none of them can pass for a line of the program.
        let text = body(&received.body).replace('\n', "\n      ");
        vec![format!("{time} {}{note}: {text}", self.name(&received.from))]
    }
}

/// News of somebody; `None` where nothing changed that a person sees.
fn tell_update(update: &Update) -> Option<String> {
    Some(match update {
        Update::Came(entry) => format!("+ {} is online{}", person(entry), saying(entry)),
        Update::Changed { before, after } if before.profile == after.profile => return None,
        Update::Changed { after, .. } => {
            format!("~ {} is {}{}", person(after), show_name(after.profile.show), saying(after))
        }
        Update::Went { before, departure: Some(Departure { reason, .. }) } => {
            format!("- {} {}", person(before), departure_words(*reason))
        }
        Update::Went { before, departure: None } => format!("- {} is no longer online", person(before)),
    })
}

/// How somebody went, in words that keep the wire's term.
fn departure_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Left => "left",
        Reason::Closed => "is gone (closed: the connection ended)",
        Reason::Reaped => "is gone (reaped: not seen in time)",
    }
}

fn person(entry: &Entry) -> String {
    match entry.profile.nick.as_deref() {
        Some(nick) if !nick.trim().is_empty() => format!("{} <{}>", line(nick), line(entry.jid.as_str())),
        _ => line(entry.jid.as_str()).into_owned(),
    }
}

fn saying(entry: &Entry) -> String {
    entry.profile.status.as_deref().map(|status| format!(": {}", line(status))).unwrap_or_default()
}

/// What becomes of an own message: only its end is worth a line.
fn message_state(state: &MessageState) -> Option<String> {
    match state {
        MessageState::Queued | MessageState::Sent { sealed: true } => None,
        MessageState::Sent { sealed: false } => {
            Some("      → sent through the server, not sealed".to_owned())
        }
        MessageState::Delivered => Some("      ✓ delivered".to_owned()),
        MessageState::Failed { reason, may_have_arrived: false } => {
            Some(format!("      ✗ not sent: {}", line(&reason.to_string())))
        }
        MessageState::Failed { reason, may_have_arrived: true } => {
            Some(format!("      ✗ no acknowledgement (it may have arrived): {}", line(&reason.to_string())))
        }
    }
}

fn other_lines(event: &Event) -> Vec<String> {
    match event {
        Event::Registered => vec!["The account was created.".to_owned()],
        Event::SignedIn { jid } => vec![format!("Signed in as {}.", line(jid.as_str()))],
        Event::SignedOut { reason: SignedOutReason::ByWish, .. } => Vec::new(),
        Event::SignedOut { reason, retry_in } => {
            let next = match retry_in {
                Some(wait) => format!("; trying again in {:.0} s", wait.as_secs_f32().ceil()),
                None => String::new(),
            };
            vec![format!("! Signed out: {}{next}", line(&reason.to_string()))]
        }
        Event::ServerUnknown { domain, shown } => vec![
            format!(
                "! The server of {} shows a certificate that nobody vouches for and that was not seen before.",
                line(domain)
            ),
            format!("  SHA-256 {shown}"),
        ],
        Event::ServerChanged { domain, known, shown } => vec![
            format!("! THE CERTIFICATE OF {} HAS CHANGED. Nothing was sent to it.", line(domain)),
            format!("  remembered {known}"),
            format!("  shown now  {shown}"),
            "  Somebody may be in between, or the server has a new certificate: ask its operator.".to_owned(),
            format!("  If it is right: chatdev trust forget-server {}", line(domain)),
        ],
        Event::NoDirectory => {
            vec![
                "This server has no directory of who is online; messages go through it and are not sealed."
                    .to_owned(),
            ]
        }
        Event::EndpointsRefused(endpoints) => {
            vec![format!(
                "! The server does not show these addresses of ours to others: {}",
                line(&refused_endpoints(endpoints))
            )]
        }
        Event::CheckInRefused { error } => {
            vec![format!("! The server refused our check-in: {}", line(error))]
        }
        Event::StrangeDevice { jid, fingerprint } => {
            let bare = jid.to_bare();
            vec![
                format!("! {} is online with a key that was not seen before:", line(jid.as_str())),
                format!("  {fingerprint}"),
                format!(
                    "  It gets nothing until you accept it: accept {} {fingerprint}",
                    line(bare.as_str())
                ),
            ]
        }
        Event::Impostor { claimed, .. } => vec![format!(
            "! Somebody claimed to be {} without their key. Refused; nothing was shown or sent.",
            line(claimed.as_str())
        )],
        Event::StorageFailed { error } => vec![format!("! Could not be stored: {}", line(error))],
        _ => Vec::new(),
    }
}
