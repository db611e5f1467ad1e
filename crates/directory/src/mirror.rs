//! A client's copy of the directory, kept by applying the server's answers in order (PROTOCOL section 2, "List and delta
//! are one mechanism", and "What people see"). Asking, and asking again while there is more, is the client's.
//!
//! A reset says that the list begins anew. The entries held until then are not thrown away at once, or a person would
//! see everybody go and come again: they are marked as not confirmed, and those that the new list does not name go when
//! it is complete. If the reset comes from a restart of the server (another EPOCH), people are still on their way back:
//! then the unnamed stay, marked, for one limit.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use jid::{BareJid, FullJid};

use crate::{Change, Departure, Entry, Page, Version};

/// The default of [`Mirror::new`]'s `entries_max`.
pub const MIRROR_ENTRIES_MAX: usize = 100_000;

/// The directory as a client knows it, in the order of JIDs as octets.
#[derive(Debug)]
pub struct Mirror {
    entries: BTreeMap<ByText, Held>,
    entries_max: usize,
    version: Option<Version>,
    /// Entries that are not confirmed.
    unconfirmed: usize,
    /// No unconfirmed entry goes by time before this.
    next_timeout: Option<Duration>,
    left_out: u64,
}

#[derive(Debug)]
struct Held {
    entry: Arc<Entry>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Confirmed,
    /// Not named by the new list yet; goes when that is complete.
    UntilComplete,
    /// Not named since the server restarted; goes at this time (monotonic).
    Until(Duration),
}

/// An entry of a [`Mirror`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The entry as it was last told.
    pub entry: &'a Arc<Entry>,
    /// The server as it runs now has named it. If not, it may be gone: say so to the person.
    pub confirmed: bool,
}

/// What became of one full JID by a page or by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// Somebody who was not listed is.
    Came(Arc<Entry>),
    /// Somebody who was listed is now listed like this.
    Changed {
        /// What was listed.
        before: Arc<Entry>,
        /// What is listed.
        after: Arc<Entry>,
    },
    /// Somebody is no longer listed.
    Went {
        /// What was listed.
        before: Arc<Entry>,
        /// How and when they went; `None` if a new list no longer names them.
        departure: Option<Departure>,
    },
}

impl Mirror {
    /// An empty copy that holds at most `entries_max` entries ([`MIRROR_ENTRIES_MAX`] by default); further ones are
    /// left out and counted.
    #[must_use]
    pub const fn new(entries_max: usize) -> Self {
        let entries = BTreeMap::new();
        Self { entries, entries_max, version: None, unconfirmed: 0, next_timeout: None, left_out: 0 }
    }

    /// What to ask the server for next: the version of the last page, none before the first.
    #[must_use]
    pub const fn since(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Applies an answer, the one to [`Mirror::since`]; `limit` is the one that came with it. Returns what changed for
    /// the person, in order. Cost: O(log n) for each change; a page that resets or completes a list looks at all
    /// entries.
    pub fn apply(&mut self, now: Duration, limit: Duration, page: Page) -> Vec<Update> {
        let mut updates = Vec::new();
        if page.reset && !planted(Canary::ResetKeepsList) {
            let restarted = self.version.as_ref().is_some_and(|known| known.epoch() != page.version.epoch());
            self.doubt_all(restarted.then(|| now.saturating_add(limit)));
            self.left_out = 0;
        }
        for change in page.changes {
            match change {
                Change::Online(entry) => self.online(entry, &mut updates),
                Change::Gone(departure) => self.gone(departure, &mut updates),
            }
        }
        if !page.more {
            self.drop_where(|standing| standing == Standing::UntilComplete, &mut updates);
        }
        self.version = Some(page.version);
        updates
    }

    /// Time passed: entries that the restarted server did not name within one limit go. Returns them.
    pub fn handle_timeout(&mut self, now: Duration) -> Vec<Update> {
        let mut updates = Vec::new();
        if self.next_timeout.is_some_and(|next| next <= now) {
            self.drop_where(
                |standing| matches!(standing, Standing::Until(until) if until <= now),
                &mut updates,
            );
            let until = |held: &Held| match held.standing {
                Standing::Until(until) => Some(until),
                Standing::Confirmed | Standing::UntilComplete => None,
            };
            self.next_timeout = self.entries.values().filter_map(until).min();
        }
        updates
    }

    /// When [`Mirror::handle_timeout`] is wanted next (monotonic).
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Duration> {
        self.next_timeout
    }

    /// Everybody listed, in the order of JIDs.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Listed<'_>> {
        self.entries.values().map(Held::listed)
    }

    /// The entry of a full JID.
    #[must_use]
    pub fn lookup(&self, jid: &FullJid) -> Option<Listed<'_>> {
        self.entries.get(jid.as_str()).map(Held::listed)
    }

    /// The entries of an account: all that is online under a bare JID.
    pub fn lookup_bare(&self, jid: &BareJid) -> impl Iterator<Item = Listed<'_>> {
        let prefix = format!("{jid}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let range = self.entries.range::<str, _>(from);
        range.take_while(move |(jid, _)| jid.0.as_str().starts_with(&prefix)).map(|(_, held)| held.listed())
    }

    /// How many are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Nobody is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many of those listed are not confirmed.
    #[must_use]
    pub const fn unconfirmed(&self) -> usize {
        self.unconfirmed
    }

    /// Entries told since the last reset that found no room: if any, this copy is not complete.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    fn doubt_all(&mut self, until: Option<Duration>) {
        let doubt = until.map_or(Standing::UntilComplete, Standing::Until);
        for held in self.entries.values_mut() {
            // A second restart within the limit gives no second limit.
            if !matches!(held.standing, Standing::Until(_)) {
                held.standing = doubt;
            }
        }
        self.unconfirmed = self.entries.len();
        if self.unconfirmed > 0 {
            self.next_timeout = [self.next_timeout, until].into_iter().flatten().min();
        }
    }

    fn online(&mut self, entry: Arc<Entry>, updates: &mut Vec<Update>) {
        if let Some(held) = self.entries.get_mut(entry.jid.as_str()) {
            if held.standing != Standing::Confirmed {
                held.standing = Standing::Confirmed;
                self.unconfirmed -= 1;
            }
            if held.entry != entry {
                let before = std::mem::replace(&mut held.entry, entry.clone());
                updates.push(Update::Changed { before, after: entry });
            }
            return;
        }
        if self.entries.len() >= self.entries_max {
            self.drop_where(|standing| standing != Standing::Confirmed, updates);
        }
        if self.entries.len() >= self.entries_max {
            self.left_out += 1;
            return;
        }
        let held = Held { entry: entry.clone(), standing: Standing::Confirmed };
        self.entries.insert(ByText(entry.jid.clone()), held);
        updates.push(Update::Came(entry));
    }

    fn gone(&mut self, departure: Departure, updates: &mut Vec<Update>) {
        let Some(held) = self.entries.remove(departure.jid.as_str()) else { return };
        self.unconfirmed -= usize::from(held.standing != Standing::Confirmed);
        updates.push(Update::Went { before: held.entry, departure: Some(departure) });
    }

    fn drop_where(&mut self, goes: impl Fn(Standing) -> bool, updates: &mut Vec<Update>) {
        if self.unconfirmed == 0 {
            return;
        }
        for (_, held) in self.entries.extract_if(.., |_, held| goes(held.standing)) {
            self.unconfirmed -= usize::from(held.standing != Standing::Confirmed);
            updates.push(Update::Went { before: held.entry, departure: None });
        }
    }
}

impl Default for Mirror {
    fn default() -> Self {
        Self::new(MIRROR_ENTRIES_MAX)
    }
}

impl Held {
    fn listed(&self) -> Listed<'_> {
        Listed { entry: &self.entry, confirmed: self.standing == Standing::Confirmed }
    }
}

/// A full JID that can be looked up by its text, and so by the beginning of it: the order of JIDs is that of their
/// octets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ByText(Arc<FullJid>);

impl Borrow<str> for ByText {
    fn borrow(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Profile, Reason, SessionId};

    const LIMIT: Duration = Duration::from_secs(60);

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn jid(text: &str) -> Arc<FullJid> {
        Arc::new(FullJid::new(text).unwrap())
    }

    fn online(text: &str) -> Change {
        Change::Online(Arc::new(Entry {
            jid: jid(text),
            session: SessionId(1).tag(),
            profile: Profile::default(),
            endpoints: Box::new([]),
            fingerprint: None,
            since: Timestamp::UNIX_EPOCH,
        }))
    }

    fn gone(text: &str) -> Change {
        Change::Gone(Departure { jid: jid(text), last: Timestamp::UNIX_EPOCH, reason: Reason::Closed })
    }

    fn page(version: &str, changes: Vec<Change>) -> Page {
        Page { reset: false, changes, version: version.parse().unwrap(), more: false }
    }

    fn list(version: &str, changes: Vec<Change>) -> Page {
        Page { reset: true, ..page(version, changes) }
    }

    /// Who is listed, with a question mark behind those who are not confirmed.
    fn shown(mirror: &Mirror) -> Vec<String> {
        let text =
            |listed: Listed<'_>| format!("{}{}", listed.entry.jid, if listed.confirmed { "" } else { "?" });
        assert_eq!(mirror.unconfirmed(), mirror.entries().filter(|listed| !listed.confirmed).count());
        mirror.entries().map(text).collect()
    }

    /// `+jid`, `~jid`, `-jid`; two minus signs for one whose departure was told.
    fn news(updates: &[Update]) -> Vec<String> {
        let text = |update: &Update| match update {
            Update::Came(entry) => format!("+{}", entry.jid),
            Update::Changed { after, .. } => format!("~{}", after.jid),
            Update::Went { before, departure: None } => format!("-{}", before.jid),
            Update::Went { before, departure: Some(_) } => format!("--{}", before.jid),
        };
        updates.iter().map(text).collect()
    }

    #[test]
    fn deltas_are_applied_in_order() {
        let mut mirror = Mirror::default();
        assert_eq!(mirror.since(), None);
        let updates = mirror.apply(s(0), LIMIT, list("e.p.2", vec![online("b@x/1"), online("a@x/1")]));
        assert_eq!(news(&updates), ["+b@x/1", "+a@x/1"]);
        assert_eq!(shown(&mirror), ["a@x/1", "b@x/1"]);
        assert_eq!(mirror.since().unwrap().as_str(), "e.p.2");
        let updates =
            mirror.apply(s(1), LIMIT, page("e.p.5", vec![gone("b@x/1"), gone("c@x/1"), online("a@x/1")]));
        assert_eq!(news(&updates), ["--b@x/1"], "an unknown departure and an unchanged entry are no news");
        assert_eq!(shown(&mirror), ["a@x/1"]);
    }

    #[test]
    fn a_new_list_drops_whom_it_does_not_name_once_it_is_complete() {
        let mut mirror = Mirror::default();
        mirror.apply(s(0), LIMIT, list("e.p.3", vec![online("a@x/1"), online("b@x/1"), online("c@x/1")]));
        let first = Page { more: true, ..list("e.p.8-9", vec![online("b@x/1")]) };
        assert_eq!(news(&mirror.apply(s(1), LIMIT, first)), [""; 0]);
        assert_eq!(shown(&mirror), ["a@x/1?", "b@x/1", "c@x/1?"]);
        let updates = mirror.apply(s(2), LIMIT, page("e.p.9", vec![online("d@x/1"), gone("c@x/1")]));
        assert_eq!(news(&updates), ["+d@x/1", "--c@x/1", "-a@x/1"]);
        assert_eq!(shown(&mirror), ["b@x/1", "d@x/1"]);
        assert_eq!(mirror.poll_timeout(), None);
    }

    #[test]
    fn after_a_restart_the_unnamed_stay_marked_for_one_limit() {
        let mut mirror = Mirror::default();
        mirror.apply(s(0), LIMIT, list("e.p.3", vec![online("a@x/1"), online("b@x/1"), online("c@x/1")]));
        assert_eq!(news(&mirror.apply(s(10), LIMIT, list("f.p.1", vec![online("b@x/1")]))), [""; 0]);
        assert_eq!(shown(&mirror), ["a@x/1?", "b@x/1", "c@x/1?"]);
        assert_eq!(mirror.poll_timeout(), Some(s(70)));
        mirror.apply(s(20), LIMIT, page("f.p.2", vec![online("c@x/1")]));
        assert_eq!(mirror.handle_timeout(s(69)), []);
        assert_eq!(news(&mirror.handle_timeout(s(70))), ["-a@x/1"]);
        assert_eq!(shown(&mirror), ["b@x/1", "c@x/1"]);
        assert_eq!(mirror.poll_timeout(), None);
    }

    #[test]
    fn restarting_again_gives_the_unnamed_no_second_limit() {
        let mut mirror = Mirror::default();
        mirror.apply(s(0), LIMIT, list("e.p.2", vec![online("a@x/1"), online("b@x/1")]));
        mirror.apply(s(10), LIMIT, list("f.p.1", vec![online("b@x/1")]));
        mirror.apply(s(50), LIMIT, list("g.p.0", vec![]));
        assert_eq!(shown(&mirror), ["a@x/1?", "b@x/1?"]);
        assert_eq!(news(&mirror.handle_timeout(s(70))), ["-a@x/1"]);
        assert_eq!(mirror.poll_timeout(), Some(s(110)));
        assert_eq!(news(&mirror.handle_timeout(s(110))), ["-b@x/1"]);
    }

    #[test]
    fn a_restart_while_nobody_is_listed_leaves_nothing_to_wait_for() {
        let mut mirror = Mirror::default();
        mirror.apply(s(0), LIMIT, list("e.p.0", vec![]));
        assert!(mirror.is_empty());
        mirror.apply(s(10), LIMIT, list("f.p.1", vec![online("a@x/1")]));
        assert!(!mirror.is_empty());
        assert_eq!(mirror.poll_timeout(), None);
    }

    #[test]
    fn an_account_is_found_by_its_bare_jid_alone() {
        let mut mirror = Mirror::default();
        let near = ["bob@x-y/1", "bob@x.y/1", "bob@x/1", "bob@x/2", "bob@x0/1", "bo@x/1", "bobby@x/1"];
        mirror.apply(s(0), LIMIT, list("e.p.7", near.map(online).into()));
        let found: Vec<_> =
            mirror.lookup_bare(&"bob@x".parse().unwrap()).map(|l| l.entry.jid.to_string()).collect();
        assert_eq!(found, ["bob@x/1", "bob@x/2"]);
        assert!(mirror.lookup(&jid("bob@x/2")).unwrap().confirmed);
        assert_eq!(mirror.lookup(&jid("bob@x/3")), None);
    }

    #[test]
    fn a_full_mirror_leaves_out_and_says_so() {
        let mut mirror = Mirror::new(2);
        let three = || vec![online("a@x/1"), online("b@x/1"), online("c@x/1")];
        mirror.apply(s(0), LIMIT, list("e.p.3", three()));
        assert_eq!((shown(&mirror), mirror.left_out()), (vec!["a@x/1".into(), "b@x/1".into()], 1));
        mirror.apply(s(1), LIMIT, page("e.p.4", vec![gone("c@x/1"), gone("a@x/1"), online("d@x/1")]));
        assert_eq!((mirror.len(), mirror.left_out()), (2, 1));
        let updates = mirror.apply(s(2), LIMIT, list("f.p.2", vec![online("e@x/1"), online("d@x/1")]));
        assert_eq!(news(&updates), ["-b@x/1", "-d@x/1", "+e@x/1", "+d@x/1"]);
        assert_eq!((shown(&mirror), mirror.left_out()), (vec!["d@x/1".into(), "e@x/1".into()], 0));
    }
}
