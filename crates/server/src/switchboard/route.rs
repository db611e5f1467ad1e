//! Whom a stanza reaches (RFC 6120 §10, RFC 6121 §8.5). What is meant for the server or the sender's own
//! account never comes here as an iq: the connection has answered it.
//!
//! | to | message | iq | presence |
//! |---|---|---|---|
//! | full JID of a session | delivered | delivered | delivered |
//! | full JID of none | chat: as to the bare JID; else `<service-unavailable/>` | `<service-unavailable/>` | dropped |
//! | bare JID | every available session whose priority is not negative (RFC 6121 §8.5.2.1.1); if none, `<service-unavailable/>`, a headline is dropped | `<service-unavailable/>`: the server answers, and has nothing to say of others (§8.5.2.1.3) | every available session |
//! | no such account | as an account without sessions: nobody learns who exists | the same | dropped |
//!
//! Errors and results are never answered (RFC 6120 §8.3.1). A groupchat message to a bare JID is refused (RFC
//! 6121 §8.5.2.1.1).

use std::slice;

use chatdev_stanza::{IqType, Kind, MessageType, PresenceType, Stanza, StanzaCondition, StanzaError};

use super::{Seat, Switchboard, part};
use crate::outbound::Undelivered;

/// A stanza on its way to somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passing<'a> {
    /// As its sender wrote it.
    pub(crate) stanza: &'a Stanza,
    /// As its recipients read it (RFC 6120 §8.1.2.1).
    pub(crate) stamped: &'a [u8],
}

impl Switchboard {
    /// Routes a stanza of `from`. Its `to` is of the served domain, or absent, which means the sender's own
    /// account (RFC 6120 §10.3).
    pub(crate) fn route(&mut self, from: &Seat, passing: &Passing<'_>) {
        let stanza = passing.stanza;
        let to = stanza.to_str();
        let (bare, resource) = part(to.unwrap_or(from.account()));
        match stanza.kind() {
            Kind::Message(type_) => self.route_message(from, passing, type_, bare, resource),
            Kind::Iq(type_) => self.route_iq(from, passing, type_, bare, resource),
            Kind::Presence(type_) => self.route_presence(from, passing, type_, bare, resource),
        }
    }

    /// Gives an error back to the sender of a stanza that cannot be delivered.
    pub(crate) fn refuse(&mut self, sender: &Seat, stanza: &Stanza, error: &StanzaError) {
        if let Some(reply) = stanza.error_reply(Some(&sender.jid), error) {
            self.counters.bounced += 1;
            self.answer(sender.session, &reply);
        }
    }

    /// Gives an error back to the sender of a stanza that was accepted, stamped and queued, and then never
    /// written.
    pub(crate) fn bounce(&mut self, stanza: &Stanza, queued_before: Option<u64>) {
        if let (Some(before), Some(to)) = (queued_before, stanza.to_str())
            && self.sessions.has_eligible_before(part(to).0, before)
        {
            return; // another session of the account got a copy
        }
        let error = StanzaError::new(StanzaCondition::RecipientUnavailable)
            .with_text("the recipient's connection ended before this was sent on");
        let (Ok(Some(sender)), Some(reply)) = (stanza.from(), stanza.error_reply(None, &error)) else {
            return;
        };
        self.counters.bounced += 1;
        let (bare, resource) = part(sender.as_str());
        if let Some(session) = resource.and_then(|resource| self.sessions.find(bare, resource)) {
            self.answer(session, &reply);
        }
    }

    fn route_message(
        &mut self,
        from: &Seat,
        passing: &Passing<'_>,
        type_: MessageType,
        bare: &str,
        resource: Option<&str>,
    ) {
        let recipient = resource.and_then(|resource| self.sessions.find(bare, resource));
        let eligible;
        let recipients = match &recipient {
            Some(session) => slice::from_ref(session),
            None if resource.is_some() && type_ != MessageType::Chat => &[],
            None if matches!(type_, MessageType::Groupchat | MessageType::Error) => &[],
            None => {
                eligible = self.sessions.eligible(bare);
                &eligible
            }
        };
        if recipients.is_empty() {
            if resource.is_some() || type_ != MessageType::Headline {
                self.refuse(from, passing.stanza, &StanzaCondition::ServiceUnavailable.into());
            }
            return;
        }
        let undelivered = match (type_, recipients.len()) {
            (MessageType::Error, _) => Undelivered::Dropped,
            (_, 1) => Undelivered::Bounced,
            _ => Undelivered::Shared { before: self.next_ordinal },
        };
        let mut delivered = 0;
        for session in recipients {
            delivered += u64::from(self.pass_on(passing, *session, undelivered));
        }
        self.counters.messages_routed += delivered;
        if delivered == 0 {
            self.refuse(from, passing.stanza, &StanzaCondition::RecipientUnavailable.into());
        }
    }

    fn route_iq(
        &mut self,
        from: &Seat,
        passing: &Passing<'_>,
        type_: IqType,
        bare: &str,
        resource: Option<&str>,
    ) {
        let undelivered = match type_ {
            IqType::Get | IqType::Set => Undelivered::Bounced,
            IqType::Result | IqType::Error => Undelivered::Dropped,
        };
        let recipient = resource.and_then(|resource| self.sessions.find(bare, resource));
        if !recipient.is_some_and(|session| self.pass_on(passing, session, undelivered)) {
            self.refuse(from, passing.stanza, &StanzaCondition::ServiceUnavailable.into());
        }
    }

    /// Presence to somebody (RFC 6121 §4.6), and what would be subscriptions (§3).
    fn route_presence(
        &mut self,
        from: &Seat,
        passing: &Passing<'_>,
        type_: PresenceType,
        bare: &str,
        resource: Option<&str>,
    ) {
        match type_ {
            PresenceType::Available | PresenceType::Unavailable => {
                self.direct_presence(from, passing, type_, bare, resource);
            }
            PresenceType::Error => {
                if let Some(session) = resource.and_then(|resource| self.sessions.find(bare, resource)) {
                    self.pass_on(passing, session, Undelivered::Dropped);
                }
            }
            // There are no rosters to keep a subscription in. It is said, for anybody alike, rather than
            // swallowed.
            PresenceType::Subscribe => {
                let text = "this server keeps no contact lists";
                self.refuse(
                    from,
                    passing.stanza,
                    &StanzaError::new(StanzaCondition::ServiceUnavailable).with_text(text),
                );
            }
            // Nothing was ever granted that could be taken back, and a client has no business with probes
            // (RFC 6121 §4.3).
            PresenceType::Subscribed
            | PresenceType::Unsubscribe
            | PresenceType::Unsubscribed
            | PresenceType::Probe => {}
        }
    }

    /// Delivers a stanza. Returns whether it is in the queue.
    pub(super) fn pass_on(
        &mut self,
        passing: &Passing<'_>,
        session: chatdev_directory::SessionId,
        undelivered: Undelivered,
    ) -> bool {
        self.deliver(session, undelivered, |out| out.extend_from_slice(passing.stamped))
    }
}
