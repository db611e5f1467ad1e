//! Who is online, as far as this program needs it: to put a nick beside a JID, and to find out whom a person means.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, bail};
use chatdev_directory::{Entry, Update};
use jid::{FullJid, Jid};

#[derive(Debug, Default)]
pub(crate) struct People {
    online: BTreeMap<Arc<FullJid>, Arc<Entry>>,
}

impl People {
    /// Takes in what changed.
    pub(crate) fn apply(&mut self, updates: &[Update]) {
        for update in updates {
            match update {
                Update::Came(entry) | Update::Changed { after: entry, .. } => {
                    self.online.insert(Arc::clone(&entry.jid), Arc::clone(entry));
                }
                Update::Went { before, .. } => drop(self.online.remove(&before.jid)),
            }
        }
    }

    /// The nick of a session, where it has one that says something.
    pub(crate) fn nick(&self, jid: &Jid) -> Option<&str> {
        let full = jid.try_as_full().ok()?;
        let nick = self.online.get(full).map(|entry| entry.profile.nick.as_deref())?;
        nick.filter(|nick| !nick.trim().is_empty())
    }

    /// Whom the person means: an address, or the nick of exactly one person who is online.
    ///
    /// # Errors
    /// Nobody or several have that nick.
    pub(crate) fn resolve(&self, whom: &str) -> Result<Jid> {
        if whom.contains('@') {
            return match Jid::new(whom) {
                Ok(jid) => Ok(jid),
                Err(error) => {
                    bail!("expected an address such as bob@example.net; found \"{whom}\" ({error})")
                }
            };
        }
        let mut named: Vec<_> = self
            .online
            .values()
            .filter(|entry| entry.profile.nick.as_deref().is_some_and(|nick| nick.eq_ignore_ascii_case(whom)))
            .map(|entry| entry.jid.to_bare())
            .collect();
        named.dedup();
        match named.as_slice() {
            [one] => Ok(one.clone().into()),
            [] => bail!("nobody with the nick \"{whom}\" is online: use an address, such as bob@example.net"),
            several => {
                let several: Vec<_> = several.iter().map(ToString::to_string).collect();
                bail!("several people have the nick \"{whom}\": {}: use the address", several.join(", "))
            }
        }
    }

    /// Names that complete `start`: bare JIDs, and nicks of one word.
    pub(crate) fn completions(&self, start: &str) -> Vec<String> {
        let nicks =
            self.online.values().filter_map(|entry| entry.profile.nick.clone()).filter(|nick| {
                !nick.is_empty() && !nick.contains(|c: char| c.is_whitespace() || c.is_control())
            });
        let jids = self.online.keys().map(|jid| jid.to_bare().to_string());
        let mut names: Vec<_> =
            nicks.map(|nick| nick.to_string()).chain(jids).filter(|name| name.starts_with(start)).collect();
        names.sort();
        names.dedup();
        names
    }
}
