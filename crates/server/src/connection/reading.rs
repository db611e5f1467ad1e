//! What the stream tells, and what a stanza is: whom it is from (RFC 6120 §8.1.2.1), whom it is for (§10),
//! and who answers it.

use chatdev_canary::{Canary, planted};
use chatdev_directory::Moment;
use chatdev_stanza::presence::Availability;
use chatdev_stanza::{Answer, IqType, Kind, PresenceType, Stanza, StanzaCondition};
use chatdev_stream::receiving::Event;
use chatdev_xml::Element;
use jid::{BareJid, Jid, ResourcePart};
use rand_core::Rng as _;

use super::step::Step;
use super::waiting::{Purpose, Storing};
use super::{Connection, Effect};
use crate::StorageRequest;
use crate::switchboard::{Seat, part};

/// Whom a stanza is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The server itself.
    Server,
    /// The sender's own account: its bare JID, or no `to` (RFC 6120 §10.3).
    Account,
    /// Somebody of the served domain, or nobody.
    Local,
    /// Somebody elsewhere; there are no connections to other servers.
    Remote,
}

impl Connection {
    /// Takes the stream's events until there is none, or one has to wait.
    pub(super) fn handle_events(&mut self, at: Moment) {
        while self.waiting.is_none()
            && let Some(event) = self.receiving.poll_event()
        {
            match event {
                Event::StartTls => self.effects.push_back(Effect::StartTls),
                Event::Credentials { account } => {
                    self.begin_attempt();
                    self.begin_request(Storing::Credentials, StorageRequest::Credentials { account });
                }
                Event::Stretch(stretching) => self.begin_stretching(Purpose::SignIn, stretching),
                Event::SignedIn { .. } => {
                    self.tally.attempt = false;
                    self.steps.push(Step::SignedIn);
                }
                Event::PreAuth(element) => self.register_before_sign_in(element),
                Event::Bind { account, resource } => {
                    let resource = resource.unwrap_or_else(|| self.made_up_resource());
                    self.steps.push(Step::Bind { account, resource });
                }
                Event::Element(_) | Event::KeepAlive if self.failed => {}
                Event::Element(element) => {
                    self.heard = true;
                    self.handle_element(at, element);
                }
                Event::KeepAlive => self.heard = true,
                Event::Closed(_) => self.end(),
            }
        }
    }

    /// An attempt to sign in that is followed by another one, or by the end of the stream, has failed.
    fn begin_attempt(&mut self) {
        self.tally.sign_in_failures += u64::from(self.tally.attempt);
        self.tally.attempt = true;
    }

    fn end(&mut self) {
        self.tally.sign_in_failures += u64::from(std::mem::take(&mut self.tally.attempt));
        self.over = true;
        self.steps.push(Step::End);
        self.effects.push_back(Effect::Close);
    }

    /// RFC 6120 §7.6: what the server makes up is random, so that nobody can guess it.
    fn made_up_resource(&mut self) -> ResourcePart {
        let text = format!("{:016x}", self.rng.draw(|rng| rng.next_u64()));
        ResourcePart::new(&text).expect("hexadecimal digits are a resource").into_owned()
    }

    fn handle_element(&mut self, at: Moment, element: Element) {
        let Some(seat) = self.seat.clone() else { return };
        let checked = Stanza::after(&mut self.last_to, element);
        let claimed = match &checked {
            Ok(stanza) => stanza.claimed_from(),
            Err(rejected) => rejected.element().attribute("from"),
        };
        // Before all else that may be wrong with it.
        if !claimed.is_none_or(|claimed| is_own(&seat, &claimed)) && !planted(Canary::FromNotStamped) {
            return self.invalid_from(at);
        }
        match checked {
            Ok(stanza) => self.handle_stanza(&seat, stanza),
            Err(rejected) => match rejected.answer() {
                Answer::Stream(error) => self.fail(at, error.clone()),
                Answer::Stanza(_) => {
                    if let Some(reply) = rejected.reply(Some(&seat.jid)) {
                        self.answer(reply);
                    }
                }
                Answer::Nothing => {}
            },
        }
    }

    fn handle_stanza(&mut self, seat: &Seat, stanza: Stanza) {
        let target = self.target(seat, &stanza);
        match stanza.kind() {
            Kind::Iq(IqType::Get | IqType::Set) => self.tally.iqs += 1,
            Kind::Presence(_) => self.tally.presences += 1,
            _ => {}
        }
        match (stanza.kind(), target) {
            (_, Target::Remote) => {
                self.steps.push(Step::Refuse(stanza, StanzaCondition::RemoteServerNotFound.into()));
            }
            (Kind::Iq(type_ @ (IqType::Get | IqType::Set)), Target::Server | Target::Account) => {
                self.answer_request(seat, stanza, type_, target);
            }
            // The answer to a ping of ours: that it came is all that it says.
            (Kind::Iq(_), Target::Server | Target::Account) => {}
            (Kind::Presence(type_), _) if stanza.to_str().is_none() => {
                self.handle_presence(seat, stanza, type_);
            }
            _ => self.pass_on(seat, stanza),
        }
    }

    /// A stanza for somebody else. It is stamped here, so that in the hold it is only copied.
    fn pass_on(&mut self, seat: &Seat, stanza: Stanza) {
        let claimed = if planted(Canary::FromNotStamped) { stanza.from().ok().flatten() } else { None };
        let from = claimed.as_ref().map_or(seat.jid.as_str(), |claimed| claimed.as_str());
        let begin = self.stamped.len();
        stanza.write_stamped(&mut self.stamped, from, seat.lang.as_deref());
        self.steps.push(Step::Route(stanza, begin..self.stamped.len()));
    }

    /// Presence to nobody in particular. Subscriptions and probes are to somebody, or they mean nothing.
    fn handle_presence(&mut self, seat: &Seat, stanza: Stanza, type_: PresenceType) {
        match type_ {
            PresenceType::Available => match Availability::from_node(stanza.root()) {
                Ok(said) => self.steps.push(Step::Available(stanza, said)),
                Err(malformed) => {
                    if let Some(reply) = stanza.error_reply(Some(&seat.jid), &malformed.into()) {
                        self.answer(reply);
                    }
                }
            },
            PresenceType::Unavailable => self.steps.push(Step::Unavailable(stanza)),
            _ => {}
        }
    }

    fn target(&self, seat: &Seat, stanza: &Stanza) -> Target {
        let Some(to) = stanza.to_str() else { return Target::Account };
        let (bare, resource) = part(to);
        let domain = bare.split_once('@').map_or(bare, |(_, domain)| domain);
        if domain != self.config.domain.as_str() {
            Target::Remote
        } else if resource.is_some() {
            Target::Local
        } else if bare == domain {
            Target::Server
        } else if bare == seat.account() {
            Target::Account
        } else {
            Target::Local
        }
    }

    /// The account's bare JID.
    pub(super) fn account(seat: &Seat) -> BareJid {
        seat.jid.to_bare()
    }
}

/// RFC 6120 §8.1.2.1: a client may say who it is, in full or bare; nothing else. The server stamps it anyway.
fn is_own(seat: &Seat, from: &str) -> bool {
    from == seat.jid.as_str()
        || from == seat.account()
        || Jid::new(from)
            .is_ok_and(|from| from.as_str() == seat.jid.as_str() || from.as_str() == seat.account())
}
