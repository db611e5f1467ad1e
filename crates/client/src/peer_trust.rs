//! Remembered fingerprints: which devices may speak for a person (PROTOCOL section 3, "Remembered fingerprints").
//!
//! A set per *bare* JID. The first device that is used is trusted and remembered; any other, whatever its resource, gets
//! nothing until the person accepts it, and the accepted ones go on working. So a server that lies is noticed, be it
//! with a new key or with an invented device. A JID that ever showed a fingerprint is never sent clear text, unless
//! the person says so for that conversation. What it does *not* do: compare certificates with the directory (`identity.rs`).

use std::collections::{BTreeMap, BTreeSet};

use chatdev_canary::{Canary, planted};
use chatdev_directory::Fingerprint;
use jid::BareJid;

/// What the person thinks of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Messages go to it and come from it.
    Accepted,
    /// It was shown to the person, who has not accepted it (or took it back).
    Shown,
}

/// Bounds of what is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustLimits {
    /// Fingerprints remembered for one bare JID. Default 16. One more is not accepted and not shown: a server that
    /// invents devices must not fill the person's screen or disk.
    pub fingerprints_per_jid_max: usize,
    /// Bare JIDs remembered. Default 100,000. One more is not accepted.
    pub jids_max: usize,
}

impl Default for TrustLimits {
    fn default() -> Self {
        Self { fingerprints_per_jid_max: 16, jids_max: 100_000 }
    }
}

/// What meeting a device means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// The first device of this JID: accepted now. To be stored.
    FirstUse,
    /// Accepted before.
    Accepted,
    /// Not accepted, and told to the person before.
    NotAccepted,
    /// Not accepted, and new: to be stored as shown, and told to the person.
    Stranger,
    /// Not accepted, and there is no room to remember it.
    NoRoom,
}

impl Meeting {
    pub(crate) fn is_accepted(self) -> bool {
        matches!(self, Self::FirstUse | Self::Accepted)
    }
}

#[derive(Debug)]
pub(crate) struct PeerTrust {
    limits: TrustLimits,
    known: BTreeMap<BareJid, BTreeMap<Fingerprint, Trust>>,
    /// JIDs that showed a fingerprint in this run, used or not.
    sealing: BTreeSet<BareJid>,
    clear_text_allowed: BTreeSet<BareJid>,
}

impl PeerTrust {
    pub(crate) fn new(limits: TrustLimits, known: BTreeMap<BareJid, BTreeMap<Fingerprint, Trust>>) -> Self {
        Self { limits, known, sealing: BTreeSet::new(), clear_text_allowed: BTreeSet::new() }
    }

    /// A device is about to be used: a message for it, or a stream from it.
    pub(crate) fn meet(&mut self, jid: &BareJid, device: Fingerprint) -> Meeting {
        self.notice(jid);
        match self.known.get(jid).map(|devices| (devices.get(&device), devices.len())) {
            Some((Some(Trust::Accepted), _)) => Meeting::Accepted,
            Some((Some(Trust::Shown), _)) => Meeting::NotAccepted,
            Some((None, 1..)) if !planted(Canary::ChangedKeyAccepted) => self.remember_stranger(jid, device),
            Some((None, _)) | None => self.remember_first(jid, device),
        }
    }

    /// A device appeared in the directory. Nobody is trusted for being seen; a stranger beside remembered devices is told.
    pub(crate) fn see(&mut self, jid: &BareJid, device: Fingerprint) -> Meeting {
        if self.known.contains_key(jid) {
            return self.meet(jid, device);
        }
        self.notice(jid);
        Meeting::NotAccepted
    }

    /// What is remembered of this device.
    pub(crate) fn standing(&self, jid: &BareJid, device: Fingerprint) -> Option<Trust> {
        self.known.get(jid)?.get(&device).copied()
    }

    /// Whether messages may go to this device and come from it.
    pub(crate) fn is_accepted(&self, jid: &BareJid, device: Fingerprint) -> bool {
        self.standing(jid, device) == Some(Trust::Accepted)
    }

    /// Whether it is accepted, or would be on first use.
    pub(crate) fn would_accept(&self, jid: &BareJid, device: Fingerprint) -> bool {
        !self.known.contains_key(jid) || self.is_accepted(jid, device)
    }

    /// The person's word on a device. `false` where it is not news, or there is no room.
    pub(crate) fn decide(&mut self, jid: &BareJid, device: Fingerprint, trust: Trust) -> bool {
        if !self.known.contains_key(jid) && self.known.len() >= self.limits.jids_max {
            return false;
        }
        let devices = self.known.entry(jid.clone()).or_default();
        if !devices.contains_key(&device) && devices.len() >= self.limits.fingerprints_per_jid_max {
            return false;
        }
        devices.insert(device, trust) != Some(trust)
    }

    /// Whether clear text to this JID needs the person's word: it showed a fingerprint, now or ever.
    pub(crate) fn is_sealing(&self, jid: &BareJid) -> bool {
        self.known.contains_key(jid) || self.sealing.contains(jid)
    }

    pub(crate) fn allow_clear_text(&mut self, jid: &BareJid, allowed: bool) {
        if !allowed {
            self.clear_text_allowed.remove(jid);
        } else if self.clear_text_allowed.len() < self.limits.jids_max {
            self.clear_text_allowed.insert(jid.clone());
        }
    }

    pub(crate) fn is_clear_text_allowed(&self, jid: &BareJid) -> bool {
        self.clear_text_allowed.contains(jid)
    }

    fn notice(&mut self, jid: &BareJid) {
        if self.sealing.len() < self.limits.jids_max && !self.sealing.contains(jid) {
            self.sealing.insert(jid.clone());
        }
    }

    fn remember_first(&mut self, jid: &BareJid, device: Fingerprint) -> Meeting {
        if self.decide(jid, device, Trust::Accepted) { Meeting::FirstUse } else { Meeting::NoRoom }
    }

    fn remember_stranger(&mut self, jid: &BareJid, device: Fingerprint) -> Meeting {
        if self.decide(jid, device, Trust::Shown) { Meeting::Stranger } else { Meeting::NoRoom }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Fingerprint = Fingerprint([1; 32]);
    const INVENTED: Fingerprint = Fingerprint([2; 32]);

    fn bob() -> BareJid {
        BareJid::new("bob@example.net").unwrap()
    }

    fn empty() -> PeerTrust {
        PeerTrust::new(TrustLimits::default(), BTreeMap::new())
    }

    #[test]
    fn the_first_device_is_trusted_on_first_use_and_then_known() {
        let mut trust = empty();
        assert_eq!(trust.meet(&bob(), DESK), Meeting::FirstUse);
        assert_eq!(trust.meet(&bob(), DESK), Meeting::Accepted);
    }

    #[test]
    fn being_seen_in_the_directory_makes_nobody_trusted() {
        let mut trust = empty();
        assert_eq!(trust.see(&bob(), INVENTED), Meeting::NotAccepted);
        assert_eq!(trust.standing(&bob(), INVENTED), None);
        assert_eq!(trust.meet(&bob(), DESK), Meeting::FirstUse);
    }

    #[test]
    fn an_invented_device_is_told_once_and_gets_nothing_while_the_known_one_goes_on() {
        let mut trust = empty();
        trust.meet(&bob(), DESK);
        assert_eq!(trust.see(&bob(), INVENTED), Meeting::Stranger);
        assert_eq!(trust.meet(&bob(), INVENTED), Meeting::NotAccepted);
        assert!(trust.is_accepted(&bob(), DESK));
        assert!(!trust.is_accepted(&bob(), INVENTED));
    }

    #[test]
    fn the_persons_word_accepts_a_device_and_takes_it_back() {
        let mut trust = empty();
        trust.meet(&bob(), DESK);
        trust.meet(&bob(), INVENTED);
        assert!(trust.decide(&bob(), INVENTED, Trust::Accepted));
        assert!(trust.is_accepted(&bob(), INVENTED));
        assert!(!trust.decide(&bob(), INVENTED, Trust::Accepted));
        assert!(trust.decide(&bob(), INVENTED, Trust::Shown));
        assert!(!trust.is_accepted(&bob(), INVENTED));
    }

    #[test]
    fn taking_back_the_only_device_does_not_make_the_next_one_first() {
        let mut trust = empty();
        trust.meet(&bob(), DESK);
        trust.decide(&bob(), DESK, Trust::Shown);
        assert_eq!(trust.meet(&bob(), INVENTED), Meeting::Stranger);
    }

    #[test]
    fn a_jid_that_once_showed_a_fingerprint_stays_sealing() {
        let mut trust = empty();
        assert!(!trust.is_sealing(&bob()));
        trust.see(&bob(), DESK);
        assert!(trust.is_sealing(&bob()));
        let remembered = BTreeMap::from([(bob(), BTreeMap::from([(DESK, Trust::Shown)]))]);
        assert!(PeerTrust::new(TrustLimits::default(), remembered).is_sealing(&bob()));
    }

    #[test]
    fn a_server_that_invents_devices_does_not_fill_the_memory() {
        let mut trust = empty();
        for octet in 0..16 {
            trust.meet(&bob(), Fingerprint([octet; 32]));
        }
        assert_eq!(trust.meet(&bob(), Fingerprint([99; 32])), Meeting::NoRoom);
        assert_eq!(trust.standing(&bob(), Fingerprint([99; 32])), None);
    }
}
