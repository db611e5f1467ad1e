//! The table of bound sessions (RFC 6120 §7), found by number, by full JID and by bare JID. Lookups take the
//! prepared text of an address as it stands in a stanza, so that routing makes no copies.
//!
//! It knows who there is, not what is sent to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chatdev_directory::SessionId;
use chatdev_xml::Element;
use jid::FullJid;

use crate::outbound::Outbound;

/// A bound session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) jid: Arc<FullJid>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) availability: Option<Availability>,
    /// To whom it directed its presence (RFC 6121 §4.6), as prepared text. Bounded by the limits of the
    /// Switchboard.
    pub(crate) directed: BTreeSet<Box<str>>,
    /// When something last came from it (monotonic).
    pub(crate) last_seen: Duration,
}

/// What a session that is available has said of it.
#[derive(Debug)]
pub(crate) struct Availability {
    /// Whether messages to the bare JID come here: not if negative (RFC 6121 §4.7.2.3).
    pub(crate) priority: i8,
    /// Its last presence as others see it; none if it is only checked in.
    pub(crate) presence: Option<Element>,
    /// When it came to get messages to the bare JID, among all sessions; a later one has a greater number.
    pub(crate) ordinal: u64,
}

/// All bound sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    /// No account stands here without a session.
    accounts: BTreeMap<Box<str>, Account>,
}

/// The sessions of an account in the order of their resources; nearly always one, and few at most.
#[derive(Debug, Default)]
struct Account(Vec<(Box<str>, SessionId)>);

impl Account {
    fn place(&self, resource: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| (**other).cmp(resource))
    }

    fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.0.iter().map(|(_, id)| *id)
    }
}

/// Parts the prepared text of an address into bare JID and resource (RFC 7622 §3.2: the first slash).
pub(crate) fn part(address: &str) -> (&str, Option<&str>) {
    match address.split_once('/') {
        Some((bare, resource)) => (bare, Some(resource)),
        None => (address, None),
    }
}

impl Session {
    pub(crate) fn new(jid: Arc<FullJid>, outbound: Arc<Outbound>, now: Duration) -> Self {
        Self { jid, outbound, availability: None, directed: BTreeSet::new(), last_seen: now }
    }

    /// Its bare JID.
    pub(crate) fn account(&self) -> &str {
        part(self.jid.as_str()).0
    }

    /// Whether messages to the bare JID come here, and since when.
    fn eligible(&self) -> Option<u64> {
        self.availability
            .as_ref()
            .filter(|availability| availability.priority >= 0)
            .map(|found| found.ordinal)
    }
}

impl Sessions {
    /// Adds a session under an unused full JID.
    pub(crate) fn insert(&mut self, id: SessionId, session: Session) {
        let (account, resource) = part(session.jid.as_str());
        let resource = resource.expect("a full JID has a resource");
        let of_account = match self.accounts.get_mut(account) {
            Some(of_account) => of_account,
            None => self.accounts.entry(account.into()).or_default(),
        };
        let place = of_account.place(resource).expect_err("the older session of a full JID goes first");
        of_account.0.reserve_exact(1);
        of_account.0.insert(place, (resource.into(), id));
        self.by_id.insert(id, session);
    }

    pub(crate) fn remove(&mut self, id: SessionId) -> Option<Session> {
        let session = self.by_id.remove(&id)?;
        let (account, resource) = part(session.jid.as_str());
        if let (Some(of_account), Some(resource)) = (self.accounts.get_mut(account), resource) {
            if let Ok(place) = of_account.place(resource) {
                of_account.0.remove(place);
            }
            if of_account.0.is_empty() {
                self.accounts.remove(account);
            }
        }
        Some(session)
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.by_id.get_mut(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The session of a full JID.
    pub(crate) fn find(&self, bare: &str, resource: &str) -> Option<SessionId> {
        let of_account = self.accounts.get(bare)?;
        of_account.place(resource).ok().map(|place| of_account.0[place].1)
    }

    /// How many sessions an account has.
    pub(crate) fn count(&self, bare: &str) -> usize {
        self.accounts.get(bare).map_or(0, |of_account| of_account.0.len())
    }

    /// All sessions of an account, in the order of their resources.
    pub(crate) fn of_account(&self, bare: &str) -> Vec<SessionId> {
        self.accounts.get(bare).into_iter().flat_map(Account::sessions).collect()
    }

    /// The available sessions of an account.
    pub(crate) fn available(&self, bare: &str) -> Vec<SessionId> {
        self.select(bare, |session| session.availability.is_some())
    }

    /// The sessions that messages to the bare JID go to: those that are available with a priority that is not
    /// negative.
    pub(crate) fn eligible(&self, bare: &str) -> Vec<SessionId> {
        self.select(bare, |session| session.eligible().is_some())
    }

    /// Whether there is a session that got messages to the bare JID before `ordinal` was given out, and still
    /// does.
    pub(crate) fn has_eligible_before(&self, bare: &str, ordinal: u64) -> bool {
        !self.select(bare, |session| session.eligible().is_some_and(|since| since < ordinal)).is_empty()
    }

    fn select(&self, bare: &str, which: impl Fn(&Session) -> bool) -> Vec<SessionId> {
        let ids = self.accounts.get(bare).into_iter().flat_map(Account::sessions);
        ids.filter(|id| self.by_id.get(id).is_some_and(&which)).collect()
    }
}
