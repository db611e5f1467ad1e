//! Messages: each is shown at most once to a client, unaltered, only to the account it was addressed to, as
//! from the account that sent it, and in the order of sending between two clients. Only a client that died between
//! showing a message and noting that it did may show it once more, in its next life.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;
use jid::BareJid;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::Schedule,
};

/// See the file's documentation.
pub(super) struct Messages {
    sent: BTreeMap<String, Sent>,
    /// (receiving client, id) of what was shown in its present life, or noted on its disk in any.
    shown: BTreeSet<(String, String)>,
    stored: BTreeSet<(String, String)>,
    storing: BTreeSet<(String, String)>,
    /// Number of the last message shown, by (sending client, receiving client), in its present life.
    order: BTreeMap<(String, String), u64>,
    accounts: BTreeMap<String, String>,
}

struct Sent {
    number: u64,
    by: String,
    to: BareJid,
    text: String,
}

impl Messages {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let account = |actor: &crate::schedule::Actor| format!("{}@{}", actor.account, crate::actors::DOMAIN);
        Self {
            sent: BTreeMap::new(),
            shown: BTreeSet::new(),
            stored: BTreeSet::new(),
            storing: BTreeSet::new(),
            order: BTreeMap::new(),
            accounts: schedule.actors.iter().map(|actor| (actor.name.clone(), account(actor))).collect(),
        }
    }

    fn see_shown(&mut self, entry: &Entry, from: &BareJid, id: &str, text: &str, found: &mut Findings) {
        let receiver = entry.process.to_string();
        let Some(sent) = self.sent.get(id) else {
            return found.check(false, || format!("{entry}: nobody sent it"));
        };
        found.check(sent.text == text, || format!("{entry}: it read {:?}", sent.text));
        let account = self.accounts.get(&receiver).map(String::as_str);
        found.check(account == Some(sent.to.as_str()), || format!("{entry}: it was for {}", sent.to));
        let sender = self.accounts.get(&sent.by).map(String::as_str);
        found.check(sender == Some(from.as_str()), || format!("{entry}: it was sent by {}", sent.by));
        let key = (receiver.clone(), id.to_owned());
        found.check(!self.shown.contains(&key), || format!("{entry}: shown again"));
        found.check(!self.stored.contains(&key), || format!("{entry}: shown again after it was stored"));
        self.shown.insert(key);
        let last = self.order.entry((sent.by.clone(), receiver)).or_default();
        found.check(*last < sent.number, || format!("{entry}: number {} after {last}", sent.number));
        *last = (*last).max(sent.number);
    }
}

impl Checker for Messages {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn invariant(&self) -> &'static str {
        "a message is shown once, unaltered, to whom it is for, as from whom it is, in order"
    }

    fn see(&mut self, entry: &Entry, _: &Model, found: &mut Findings) {
        let me = || entry.process.to_string();
        match &entry.event {
            // Whoever dies between showing a message and noting that it did shows it again.
            Event::Started => {
                self.shown.retain(|(receiver, _)| *receiver != me());
                self.order.retain(|(_, receiver), _| *receiver != me());
            }
            // By then it is shown, or about to be; only another life may not show it again.
            Event::Killed => {
                let mine = self.storing.iter().filter(|(receiver, _)| *receiver == me());
                self.stored.extend(mine.cloned());
            }
            Event::Note(Note::Remark { kind: "stored", text }) => {
                self.storing.insert((me(), text.clone()));
            }
            Event::Note(Note::Sent { to, id, text }) => {
                let number = self.sent.len() as u64 + 1;
                let sent = Sent { number, by: entry.process.to_string(), to: to.clone(), text: text.clone() };
                let before = self.sent.insert(id.clone(), sent);
                found.check(before.is_none(), || format!("{entry}: the id was used before"));
            }
            Event::Note(Note::Shown { from, id, text }) => {
                let id = id.as_deref().unwrap_or_default();
                self.see_shown(entry, &from.to_bare(), id, text, found);
            }
            _ => {}
        }
    }
}
