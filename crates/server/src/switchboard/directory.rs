//! What the directory is asked (PROTOCOL section 2): a check-in, or a look at it. One transition each; the
//! answer is written after the hold, because its XML is the one thing here whose length depends on how many
//! people are online.

use chatdev_directory::{Moment, Page};
use chatdev_stanza::directory::{CheckIn, Look, Online, RefusedEndpoint, octets_max};
use chatdev_stanza::{Stanza, StanzaCondition, StanzaError};

use super::{Seat, Switchboard};
use crate::What;

/// What a request to the directory came to; it becomes the answer to `request`.
#[derive(Debug)]
pub(crate) struct DirectoryAnswer {
    pub(crate) request: Stanza,
    pub(crate) answer: Result<Online, StanzaError>,
}

/// Room for the stanza around the changes, beside the texts that its length depends on.
const ENVELOPE_OCTETS: usize = 512;
/// Room for one `<refused/>`: two texts of at most 64 characters of four octets each, the reason, the tags.
const REFUSED_OCTETS: usize = 768;

impl Switchboard {
    /// A session checks in, and hears what changed.
    pub(crate) fn check_in(
        &mut self,
        at: Moment,
        from: &Seat,
        request: Stanza,
        asked: CheckIn,
    ) -> DirectoryAnswer {
        let answer = self.try_check_in(at, from, &request, asked);
        DirectoryAnswer { request, answer }
    }

    /// A session hears what changed, without entering.
    pub(crate) fn look(&mut self, from: &Seat, request: Stanza, asked: &Look) -> DirectoryAnswer {
        let online = self.tell(from, &request, asked, Vec::new(), 0);
        DirectoryAnswer { request, answer: Ok(online) }
    }

    fn try_check_in(
        &mut self,
        at: Moment,
        from: &Seat,
        request: &Stanza,
        asked: CheckIn,
    ) -> Result<Online, StanzaError> {
        let before = self.directory.counter();
        let refused = self
            .directory
            .check_in(at, from.session, asked.announcement)
            .map_err(|error| StanzaError::new(StanzaCondition::NotAcceptable).with_text(error.to_string()))?;
        if self.directory.counter() != before {
            self.record(from.session, &from.jid, What::Entered);
        }
        self.counters.check_ins += 1;
        self.checked_in(from.session);
        let refused = refused.iter().map(RefusedEndpoint::from).chain(asked.unreadable).collect();
        let look = Look { since: asked.since, max: asked.max };
        Ok(self.tell(from, request, &look, refused, asked.surplus))
    }

    fn tell(
        &mut self,
        from: &Seat,
        request: &Stanza,
        asked: &Look,
        refused: Vec<RefusedEndpoint>,
        surplus: usize,
    ) -> Online {
        let page = self.page(from, request, asked, refused.len());
        let (interval, limit) = (self.config.directory.interval, self.config.directory.limit);
        // The silence is timed by the limit that the session knows of.
        self.directory.told(from.session, limit);
        Online { page, interval, limit, refused, surplus }
    }

    /// As many changes as were asked for, are told at once, and fit into an answer; at least one, so that
    /// every answer gets further.
    fn page(&self, from: &Seat, request: &Stanza, asked: &Look, refused: usize) -> Page {
        let mut changes = self
            .directory
            .changes(from.session, asked.since.as_ref())
            .expect("whoever asks is a session, and every session is open in the directory");
        let texts =
            request.id().map_or(0, |id| id.len()) + from.jid.as_str().len() + self.server.as_str().len();
        // Each of a text's octets is six when it is written, at most.
        let envelope = ENVELOPE_OCTETS + 6 * texts + REFUSED_OCTETS * refused;
        let mut room = self.config.limits.answer_bytes_max.saturating_sub(envelope);
        let asked_max = asked.max.map_or(usize::MAX, |max| usize::try_from(max.get()).unwrap_or(usize::MAX));
        let changes_max = self.config.directory.page_max.min(asked_max);
        let mut taken = Vec::new();
        while taken.len() < changes_max
            && let Some(change) = changes.peek()
        {
            let octets = octets_max(&change);
            if octets > room && !taken.is_empty() {
                break;
            }
            room = room.saturating_sub(octets);
            taken.push(change);
            changes.next();
        }
        Page { reset: changes.reset(), changes: taken, version: changes.version(), more: changes.more() }
    }
}
