//! What a session says of itself (PROTOCOL section 2, "Being in it", "What is sent"): check-in and presence write to one
//! state, whichever comes last. What says nothing new takes no COUNTER, and nobody is told of it.

use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use crate::acceptance::{Refused, accept};
use crate::directory::Directory;
use crate::records::Live;
use crate::standing::Standing;
use crate::{Announcement, Endpoint, Entry, Fingerprint, Moment, Profile, Reason, SessionId, Show};

/// What an entry says beside its JID, session and time.
#[derive(Default)]
struct Content {
    profile: Profile,
    endpoints: Box<[Endpoint]>,
    fingerprint: Option<Fingerprint>,
}

impl Content {
    fn of(entry: &Entry) -> Self {
        let Entry { profile, endpoints, fingerprint, .. } = entry.clone();
        Self { profile, endpoints, fingerprint }
    }

    fn is_that_of(&self, entry: &Entry) -> bool {
        self.profile == entry.profile
            && self.endpoints == entry.endpoints
            && self.fingerprint == entry.fingerprint
    }
}

impl Directory {
    /// `session` checks in, and is thereby seen. With an announcement, profile, endpoints and fingerprint are all
    /// replaced by it; without one nothing is, and a session that was not in the directory comes in with nothing
    /// said of it. Returns the endpoints that were not accepted, each with the reason.
    ///
    /// Cost: O(1) if nothing changes, O(log n) if something does.
    ///
    /// # Errors
    /// The session is not open or has lost its JID to a newer one, or nick or status is too long. The entry stays as
    /// it is; the session is seen all the same.
    pub fn check_in(
        &mut self,
        at: Moment,
        session: SessionId,
        announcement: Option<Announcement>,
    ) -> Result<Vec<Refused>, CheckInError> {
        self.counters.check_ins += 1;
        self.seen(at.mono, session);
        let open = self.sessions.get(session).ok_or(CheckInError::NotOpen)?;
        let Some(Announcement { profile, endpoints, fingerprint }) = announcement else {
            if !matches!(open.standing, Standing::In { .. }) {
                self.say(at, session, Content::default())?;
            }
            return Ok(Vec::new());
        };
        let (endpoints, refused) = accept(&self.config, open.address, &endpoints);
        self.say(at, session, Content { profile, endpoints, fingerprint })?;
        self.counters.endpoints_refused += refused.len() as u64;
        Ok(refused)
    }

    /// Available presence (RFC 6121 §4.2, §4.4): `show` and `status` replace what was there, `nick` (XEP-0172) only
    /// if there is one. Brings the session into the directory if it was not; endpoints and fingerprint stay.
    ///
    /// # Errors
    /// As for [`Directory::check_in`].
    pub fn set_presence(
        &mut self,
        at: Moment,
        session: SessionId,
        show: Show,
        status: Option<Box<str>>,
        nick: Option<Box<str>>,
    ) -> Result<(), CheckInError> {
        self.seen(at.mono, session);
        let mut content = self.entry(session).map_or_else(Content::default, |entry| Content::of(entry));
        content.profile.show = show;
        content.profile.status = status;
        if nick.is_some() {
            content.profile.nick = nick;
        }
        self.say(at, session, content)
    }

    /// Unavailable presence (RFC 6121 §4.5): out of the directory, at once. The session stays open. Returns whether
    /// an entry went by it.
    pub fn leave(&mut self, at: Moment, session: SessionId) -> bool {
        self.seen(at.mono, session);
        self.depart(session, at.wall_second(), Reason::Left)
    }

    /// Makes the entry of `session` say `content`, bringing the session in if it was not.
    fn say(&mut self, at: Moment, session: SessionId, content: Content) -> Result<(), CheckInError> {
        self.check_lengths(&content.profile)?;
        let key = self.sessions.key(session).ok_or(CheckInError::NotOpen)?;
        let speaker = self.sessions.at_mut(key);
        let live = |content: Content, since: Timestamp| {
            let Content { profile, endpoints, fingerprint } = content;
            let (jid, session) = (speaker.jid.clone(), session.tag());
            let entry = Entry { jid, session, profile, endpoints, fingerprint, since };
            Live { entry: Arc::new(entry), owner: key }
        };
        let counter = match &speaker.standing {
            Standing::Superseded => return Err(CheckInError::Superseded),
            Standing::In { counter } => {
                let entry = &self.records.live(*counter).entry;
                if content.is_that_of(entry) {
                    return Ok(());
                }
                let since = entry.since;
                self.counters.changed += 1;
                self.records.replace(*counter, live(content, since))
            }
            Standing::Heir(inheritance) => {
                self.heirs.remove(&(inheritance.until, session));
                self.counters.changed += 1;
                self.records.replace(inheritance.counter, live(content, at.wall_second()))
            }
            Standing::Out => {
                self.counters.entered += 1;
                self.records.arrive(live(content, at.wall_second()))
            }
        };
        speaker.standing = Standing::In { counter };
        Ok(())
    }

    fn check_lengths(&self, profile: &Profile) -> Result<(), CheckInError> {
        let octets = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
        let (found, max) = (octets(&profile.nick), self.config.nick_octets_max);
        if found > max {
            return Err(CheckInError::NickTooLong { found, max });
        }
        let (found, max) = (octets(&profile.status), self.config.status_octets_max);
        if found > max {
            return Err(CheckInError::StatusTooLong { found, max });
        }
        Ok(())
    }
}

/// A check-in or presence that changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CheckInError {
    /// There is no such session, or none any more.
    #[error("the session is not open")]
    NotOpen,
    /// A newer session has the JID; this one is about to be closed.
    #[error("a newer session has this JID")]
    Superseded,
    /// See [`Config::nick_octets_max`](crate::Config::nick_octets_max).
    #[error("the nick has {found} octets; at most {max} are taken")]
    NickTooLong {
        /// Octets of the nick.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// See [`Config::status_octets_max`](crate::Config::status_octets_max).
    #[error("the status has {found} octets; at most {max} are taken")]
    StatusTooLong {
        /// Octets of the status.
        found: usize,
        /// The limit.
        max: usize,
    },
}
