//! What the passing of time does to the directory (PROTOCOL section 2, "Time"). Who is silent is kept in `silence.rs`;
//! here it is decided what becomes of them.
//!
//! Time-outs are two steps, so that input which is already waiting goes before them: [`Directory::expire`] says that a
//! session is due, its connection is read once more, and [`Directory::reap`] looks again at the moment of removal.

use std::time::Duration;

use jiff::SignedDuration;

use crate::directory::Directory;
use crate::silence::Expired;
use crate::{Moment, Reason, SessionId};

impl Directory {
    /// The next session whose silence asks for something at this moment; call it until there is none. Cost: nothing
    /// for each live session (see `silence.rs`).
    ///
    /// Entries whose session was superseded, and which the newer session has not made its own within
    /// [`Config::limit`](crate::Config::limit), go here as well, by [`Reason::Closed`]: their stream has ended.
    pub fn expire(&mut self, at: Moment) -> Option<Expired> {
        let clock = self.silence.clock(at.mono);
        while let Some((until, heir)) = self.heirs.first().copied()
            && until <= clock
        {
            self.depart(heir, at.wall_second(), Reason::Closed);
        }
        self.silence.expire(at.mono)
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

    /// The server stood still for `length`, and the time must count against nobody: every deadline moves by it. O(1).
    /// To be said before anything that was waiting meanwhile is handled.
    pub fn stalled(&mut self, length: Duration) {
        self.silence.stalled(length);
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
