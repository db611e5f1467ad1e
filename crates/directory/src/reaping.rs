//! What the passing of time does to the directory (PROTOCOL section 2, "Time"). Who is silent is kept in `silence.rs`;
//! here it is decided what becomes of them.
//!
//! Time-outs are two steps, so that input which is already waiting goes before them: [`Directory::expire`] says that a
//! session is due, or what it inherited; its connection is read once more; and [`Directory::reap`] or
//! [`Directory::disinherit`] looks again at the moment of removal.

use std::time::Duration;

use chatdev_canary::{Canary, planted};
use jiff::SignedDuration;

use crate::directory::Directory;
use crate::silence::Expired;
use crate::standing::Standing;
use crate::{Moment, Reason, SessionId};

impl Directory {
    /// The next session whose silence asks for something at this moment, or that has not made the entry which it
    /// inherited its own within [`Config::limit`](crate::Config::limit); call it until there is none. Takes nothing
    /// away. Cost: nothing for each live session (see `silence.rs`).
    pub fn expire(&mut self, at: Moment) -> Option<Expired> {
        let clock = self.silence.clock(at.mono);
        if let Some(earliest @ (until, heir)) = self.heirs.first().copied()
            && until <= clock
        {
            self.heirs.remove(&earliest);
            return Some(Expired::Unclaimed(heir));
        }
        let expired = self.silence.expire(at.mono);
        if planted(Canary::ReapByJid)
            && let Some(Expired::Due(session)) = expired
        {
            self.reap_by_jid(at, session);
        }
        expired
    }

    /// A planted bug: a session that is superseded and has ended is still timed, and its expiry takes away the entry
    /// of whoever has its JID by now.
    fn reap_by_jid(&mut self, at: Moment, session: SessionId) {
        if self.is_superseded(session)
            && let Some((_, ended)) = self.sessions.remove(session)
            && let Some(owner) = self.owner(&ended.jid)
        {
            self.depart(owner, at.wall_second(), Reason::Reaped);
        }
    }

    /// Removes `session` if it has been silent for its limit at this very moment: out of the directory by
    /// [`Reason::Reaped`] and closed, in one step. Its stream is then to be closed with `<connection-timeout/>`.
    /// Returns whether it was removed; if not, it is timed on. It is the session that is named, never the JID: a newer
    /// session of the same full JID is not touched.
    pub fn reap(&mut self, at: Moment, session: SessionId) -> bool {
        let Some(key) = self.sessions.key(session) else { return false };
        let Some(silent) = self.silence.overdue(at.mono, key) else { return false };
        let silent = SignedDuration::try_from(silent).unwrap_or(SignedDuration::MAX);
        let last_seen = Moment { wall: at.wall.checked_sub(silent).unwrap_or(at.wall), ..at };
        self.end(session, last_seen.wall_second(), Reason::Reaped)
    }

    /// Takes the entry that `heir` inherited away if it is still not its own, and the time for that is over at this very
    /// moment: by [`Reason::Closed`], for the stream that announced it has ended. Returns whether an entry went; if
    /// not, and there is one that is inherited, it is timed on. `heir` itself stays, whatever its own silence comes to.
    pub fn disinherit(&mut self, at: Moment, heir: SessionId) -> bool {
        let Some(Standing::Heir(inheritance)) = self.sessions.get(heir).map(|heir| &heir.standing) else {
            return false;
        };
        let until = inheritance.until;
        if until > self.silence.clock(at.mono) {
            self.heirs.insert((until, heir));
            return false;
        }
        self.depart(heir, at.wall_second(), Reason::Closed)
    }

    /// The server stood still for `length`, and the time must count against nobody: every deadline moves by it. O(1).
    /// To be said before anything that was waiting meanwhile is handled.
    pub fn stalled(&mut self, length: Duration) {
        if !planted(Canary::StallIgnored) {
            self.silence.stalled(length);
        }
    }

    /// When [`Directory::expire`] is wanted next (monotonic), if nothing comes in before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let heirs = self.heirs.first().map(|(until, _)| self.silence.at(*until));
        match (self.silence.next(), heirs) {
            (Some(silence), Some(heirs)) => Some(silence.min(heirs)),
            (silence, heirs) => silence.or(heirs),
        }
    }
}
