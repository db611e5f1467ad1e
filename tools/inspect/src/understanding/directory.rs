//! [`View`]: what one client has been told of ChatDev's directory (`urn:chatdev:directory:1`), so that each answer can be shown as what it
//! changed: who came, who went, whose profile is another now.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chatdev_directory::{Change, Entry, MIRROR_ENTRIES_MAX, Page};
use chatdev_stanza::directory::{CheckIn, Online};
use chatdev_xml::Node;
use jid::FullJid;

/// Changes that are told one by one; of more, the count is told.
const CHANGES_TOLD_MAX: usize = 6;

/// The longest profile that is remembered, in octets; PROTOCOL allows 64 and 512.
const PROFILE_OCTETS_MAX: usize = 2048;

/// Everybody that the client was told of, at most [`MIRROR_ENTRIES_MAX`].
#[derive(Debug, Default)]
pub(super) struct View {
    entries: BTreeMap<Arc<FullJid>, Arc<Entry>>,
}

impl View {
    /// Takes an answer, and writes what it changed: `+bob@x/tui (Bob)`, `-eve@x/old (reaped)`, `~carol@x/desk show away`.
    pub(super) fn answer(&mut self, node: Node<'_>, out: &mut String) {
        match Online::from_node(node) {
            Err(malformed) => {
                let _ = write!(out, "cannot be read: {malformed}");
            }
            Ok(online) => {
                let (interval, limit) = (online.interval.as_secs(), online.limit.as_secs());
                self.page(&online.page, out);
                for refused in &online.refused {
                    let _ = write!(out, ", refused {}:{}", refused.host, refused.port);
                }
                let _ = write!(out, "; next within {interval} s, reaped after {limit} s");
            }
        }
    }

    fn page(&mut self, page: &Page, out: &mut String) {
        if page.reset {
            self.entries.clear();
            out.push_str("all anew: ");
        }
        if page.changes.is_empty() {
            out.push_str(if page.reset { "nobody" } else { "nothing changed" });
        }
        let (mut came, mut went, mut changed) = (0, 0, 0);
        for (n, change) in page.changes.iter().enumerate() {
            let told = (n < CHANGES_TOLD_MAX).then_some(&mut *out);
            match self.change(change, told, n > 0) {
                '+' => came += 1,
                '-' => went += 1,
                _ => changed += 1,
            }
        }
        if page.changes.len() > CHANGES_TOLD_MAX {
            let _ = write!(out, " … in all +{came} ~{changed} -{went}");
        }
        if page.more {
            out.push_str(", more to come");
        }
    }

    /// One change: its sign, and its words if they are wanted.
    fn change(&mut self, change: &Change, told: Option<&mut String>, is_later: bool) -> char {
        let space = if is_later { " " } else { "" };
        match change {
            Change::Gone(departure) => {
                self.entries.remove(&departure.jid);
                if let Some(out) = told {
                    let _ = write!(out, "{space}-{} ({})", departure.jid, departure.reason.as_str());
                }
                '-'
            }
            Change::Online(entry) => {
                let before = self.entries.get(&entry.jid).cloned();
                let octets = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
                let is_short =
                    octets(&entry.profile.nick) + octets(&entry.profile.status) <= PROFILE_OCTETS_MAX;
                if is_short && (before.is_some() || self.entries.len() < MIRROR_ENTRIES_MAX) {
                    self.entries.insert(Arc::clone(&entry.jid), Arc::clone(entry));
                }
                let sign = if before.is_some() { '~' } else { '+' };
                if let Some(out) = told {
                    let _ = write!(out, "{space}{sign}{}", entry.jid);
                    match before {
                        None => write_newcomer(entry, out),
                        Some(before) => write_difference(&before, entry, out),
                    }
                }
                sign
            }
        }
    }
}

fn write_newcomer(entry: &Entry, out: &mut String) {
    if let Some(nick) = &entry.profile.nick {
        let _ = write!(out, " ({nick})");
    }
    if let Some(show) = entry.profile.show.as_str() {
        let _ = write!(out, " {show}");
    }
    if entry.fingerprint.is_some() {
        let _ = write!(out, " sealed");
    }
}

fn write_difference(before: &Entry, now: &Entry, out: &mut String) {
    let begin = out.len();
    if before.session != now.session {
        let _ = write!(out, " session {}", now.session);
    }
    if before.profile.nick != now.profile.nick {
        let _ = write!(out, " nick {:?}", now.profile.nick.as_deref().unwrap_or(""));
    }
    if before.profile.show != now.profile.show {
        let _ = write!(out, " show {}", now.profile.show.as_str().unwrap_or("available"));
    }
    if before.profile.status != now.profile.status {
        let _ = write!(out, " status {:?}", now.profile.status.as_deref().unwrap_or(""));
    }
    if before.endpoints != now.endpoints {
        out.push_str(" endpoints");
    }
    if before.fingerprint != now.fingerprint {
        out.push_str(" FINGERPRINT");
    }
    if out.len() == begin {
        out.push_str(" as before");
    }
}

/// What a check-in says of its client.
pub(super) fn check_in(node: Node<'_>, out: &mut String) {
    match CheckIn::from_node(node) {
        Err(malformed) => {
            let _ = write!(out, "cannot be read: {malformed}");
        }
        Ok(check_in) => {
            match &check_in.announcement {
                None => out.push_str("still here"),
                Some(said) => {
                    let nick = said.profile.nick.as_deref().unwrap_or("no nick");
                    let show = said.profile.show.as_str().unwrap_or("available");
                    let _ = write!(out, "{nick}, {show}");
                    if let Some(status) = &said.profile.status {
                        let _ = write!(out, ", {status:?}");
                    }
                    for endpoint in &said.endpoints {
                        let _ = write!(out, ", at {}:{}", endpoint.address, endpoint.port);
                    }
                    if said.fingerprint.is_some() {
                        out.push_str(", sealed");
                    }
                }
            }
            match check_in.since {
                None => out.push_str("; asks for all"),
                Some(since) => {
                    let _ = write!(out, "; since {since}");
                }
            }
        }
    }
}
