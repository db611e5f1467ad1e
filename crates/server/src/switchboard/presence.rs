//! Being available (RFC 6121 §4). Without rosters, presence is seen by one's own sessions and by those whom
//! it was directed to; everybody else looks into the directory, which is told of it here.
//!
//! A session that is only checked in is available too, with priority 0 and without a presence for others to
//! see.

use chatdev_directory::{Moment, SessionId};
use chatdev_stanza::presence::Availability as Said;
use chatdev_stanza::{Envelope, PresenceType, Stanza, StanzaCondition, StanzaError};
use chatdev_xml::Element;

use super::sessions::{Availability, Session};
use super::{Passing, Seat, Switchboard, part};
use crate::What;
use crate::outbound::Undelivered;

impl Switchboard {
    /// Available presence, to nobody in particular (RFC 6121 §4.2, §4.4).
    pub(crate) fn available(&mut self, at: Moment, from: &Seat, stanza: &Stanza, said: Said) {
        let presence = stamped(from, stanza);
        let initial = self.make_available(from.session, Some(said.priority), Some(presence.clone()));
        self.enter_by_presence(at, from, said);
        for session in self.sessions.available(from.account()) {
            self.answer(session, &presence);
        }
        if initial {
            self.show_own_sessions(from);
        }
    }

    /// Unavailable presence, to nobody in particular (RFC 6121 §4.5). Who saw the session sees it go, and
    /// itself as well.
    pub(crate) fn unavailable(&mut self, at: Moment, from: &Seat, stanza: &Stanza) {
        let before = self.directory.counter();
        self.directory.leave(at, from.session);
        if self.directory.counter() != before {
            self.record(from.session, &from.jid, What::Departed(chatdev_directory::Reason::Left));
        }
        let mut audience = self.sessions.available(from.account());
        let Some(session) = self.sessions.get_mut(from.session) else { return };
        session.availability = None;
        for address in std::mem::take(&mut session.directed) {
            audience.extend(self.audience(&address));
        }
        audience.sort_unstable();
        audience.dedup();
        let presence = stamped(from, stanza);
        for session in audience {
            self.answer(session, &presence);
        }
    }

    /// A session checked in: it is available from now on, if it was not.
    pub(super) fn checked_in(&mut self, session: SessionId) {
        self.make_available(session, None, None);
    }

    /// Presence to somebody (RFC 6121 §4.6). Who saw the session come is remembered, and sees it go.
    pub(super) fn direct_presence(
        &mut self,
        from: &Seat,
        passing: &Passing<'_>,
        type_: PresenceType,
        bare: &str,
        resource: Option<&str>,
    ) {
        let to = passing.stanza.to_str();
        let address = to.unwrap_or(bare);
        let directed_max = self.config.limits.directed_presences_max;
        let Some(session) = self.sessions.get_mut(from.session) else { return };
        if type_ == PresenceType::Unavailable {
            session.directed.remove(address);
        } else if !session.directed.contains(address) && session.directed.len() >= directed_max {
            let text = format!("presence is directed to {directed_max} addresses, which is the limit");
            let error = StanzaError::new(StanzaCondition::ResourceConstraint).with_text(text);
            return self.refuse(from, passing.stanza, &error);
        }
        let recipients = match resource {
            Some(resource) => self.sessions.find(bare, resource).into_iter().collect(),
            None => self.sessions.available(bare),
        };
        let mut delivered = false;
        for recipient in recipients {
            delivered |= self.pass_on(passing, recipient, Undelivered::Dropped);
        }
        if delivered
            && type_ == PresenceType::Available
            && let Some(session) = self.sessions.get_mut(from.session)
        {
            session.directed.insert(address.into());
        }
    }

    /// Tells those who saw a session that it is gone; it is out of the table already (RFC 6121 §4.5.2,
    /// §4.6.4).
    pub(super) fn farewell(&mut self, ended: &Session) {
        if self.admission.is_shutting_down() {
            return; // everybody goes
        }
        let mut audience = Vec::new();
        if ended.availability.as_ref().is_some_and(|availability| availability.presence.is_some()) {
            audience = self.sessions.available(ended.account());
        }
        for address in &ended.directed {
            audience.extend(self.audience(address));
        }
        if audience.is_empty() {
            return;
        }
        audience.sort_unstable();
        audience.dedup();
        let presence = Envelope::default().from(&ended.jid).presence(PresenceType::Unavailable, &[]);
        for session in audience {
            self.answer(session, &presence);
        }
    }

    /// The sessions that an address which presence was directed to stands for now.
    fn audience(&self, address: &str) -> Vec<SessionId> {
        match part(address) {
            (bare, Some(resource)) => self.sessions.find(bare, resource).into_iter().collect(),
            (bare, None) => self.sessions.available(bare),
        }
    }

    /// Returns whether the session was not available before. `None` leaves what was said earlier.
    fn make_available(
        &mut self,
        session: SessionId,
        priority: Option<i8>,
        presence: Option<Element>,
    ) -> bool {
        let ordinal = self.next_ordinal;
        let Some(session) = self.sessions.get_mut(session) else { return false };
        let before = session.availability.take();
        let initial = before.is_none();
        let mut now = before.unwrap_or(Availability { priority: -1, presence: None, ordinal });
        let was_eligible = !initial && now.priority >= 0;
        now.priority = priority.unwrap_or(if initial { 0 } else { now.priority });
        if now.priority >= 0 && !was_eligible {
            now.ordinal = ordinal;
            self.next_ordinal += 1;
        }
        now.presence = presence.or(now.presence);
        session.availability = Some(now);
        initial
    }

    fn enter_by_presence(&mut self, at: Moment, from: &Seat, said: Said) {
        if !self.config.has_directory() {
            return;
        }
        // A client of other make knows nothing of the directory's limits. What is over them is cut
        // off in the directory rather than its presence refused; those whom the presence itself goes to see
        // all of it.
        let status = said.profile.status.map(|text| clip(text, self.config.directory.status_octets_max));
        let nick = said.profile.nick.map(|text| clip(text, self.config.directory.nick_octets_max));
        let before = self.directory.counter();
        let entered = self.directory.set_presence(at, from.session, said.profile.show, status, nick);
        debug_assert_eq!(entered, Ok(()), "the session is open, and what it says was cut to length");
        if self.directory.counter() != before {
            self.record(from.session, &from.jid, What::Entered);
        }
    }

    /// A session that becomes available sees those of the same account that are (RFC 6121 §4.2.2).
    fn show_own_sessions(&mut self, from: &Seat) {
        for other in self.sessions.available(from.account()) {
            if other == from.session {
                continue;
            }
            let availability = self.sessions.get(other).and_then(|other| other.availability.as_ref());
            if let Some(presence) = availability.and_then(|availability| availability.presence.clone()) {
                self.answer(from.session, &presence);
            }
        }
    }
}

/// A stanza as others see it.
fn stamped(from: &Seat, stanza: &Stanza) -> Element {
    let by = ("from", Some(from.jid.as_str()));
    match from.lang.as_deref().filter(|_| stanza.lang().is_none()) {
        Some(lang) => stanza.element().with(&[by, ("xml:lang", Some(lang))]),
        None => stanza.element().with(&[by]),
    }
}

/// The longest beginning of whole characters that fits.
fn clip(text: Box<str>, octets_max: usize) -> Box<str> {
    if text.len() <= octets_max {
        return text;
    }
    text[..text.floor_char_boundary(octets_max)].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_cut_between_characters() {
        assert_eq!(&*clip("grün".into(), 4), "grü");
        assert_eq!(&*clip("grün".into(), 3), "gr");
        assert_eq!(&*clip("grün".into(), 5), "grün");
    }
}
