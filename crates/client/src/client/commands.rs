//! What the person asks for.

use chatdev_directory::{Fingerprint, Moment, Profile, Show};
use chatdev_stanza::{Envelope, PresenceType};
use jid::BareJid;

use super::{Client, Ending};
use crate::command::Command;
use crate::event::{Event, SignedOutReason};
use crate::lane::Device;
use crate::peer_trust::Trust;
use crate::storage::Record;

use super::stored::Awaited;

impl Client {
    /// Carries out a command; the answers are events.
    pub fn handle_command(&mut self, at: Moment, command: Command) {
        if self.ending == Ending::Over {
            return;
        }
        match command {
            Command::Send { message, to, body } => self.send_message(at, message, to, body),
            Command::SetStatus { show, status, nick } => self.set_status(at, show, status, nick),
            Command::ListOnline => {
                let people = self.people();
                self.tell(Event::Online(people));
            }
            Command::AcceptServer { fingerprint } => self.accept_server(at, fingerprint),
            Command::AcceptDevice { jid, fingerprint } => {
                self.decide_device(at, &jid, fingerprint, Trust::Accepted);
            }
            Command::RejectDevice { jid, fingerprint } => {
                self.decide_device(at, &jid, fingerprint, Trust::Shown);
            }
            Command::AllowClearText { jid, allowed } => self.trust.allow_clear_text(&jid, allowed),
            Command::GoOffline => self.leave_server(at, SignedOutReason::ByWish),
            Command::GoOnline => self.go_online(at),
            Command::Quit => self.begin_ending(at),
        }
    }

    fn set_status(&mut self, at: Moment, show: Show, status: Option<String>, nick: Option<String>) {
        let nick = nick.map(String::into_boxed_str).or_else(|| self.config.profile.nick.take());
        self.config.profile = Profile { nick, show, status: status.map(String::into_boxed_str) };
        self.announce_profile(at);
    }

    fn decide_device(&mut self, at: Moment, jid: &BareJid, fingerprint: Fingerprint, trust: Trust) {
        if !self.trust.decide(jid, fingerprint, trust) {
            return;
        }
        self.store(Record::Device { jid: jid.clone(), fingerprint, trust }, Awaited::Nothing("a device"));
        let device = Device { jid: jid.clone(), fingerprint };
        match trust {
            Trust::Accepted => self.pump_device(at, &device),
            Trust::Shown => self.abandon_device(at, &device),
        }
    }

    /// Says goodbye to the server: unavailable presence, then the close handshake.
    pub(super) fn leave_server(&mut self, at: Moment, reason: SignedOutReason) {
        if self.server.is_bound() {
            self.send_to_server(&Envelope::default().presence(PresenceType::Unavailable, &[]));
        }
        self.close_server(at, reason);
    }

    /// The beginning of the end: what is queued gets a last chance.
    fn begin_ending(&mut self, at: Moment) {
        if self.ending == Ending::No {
            self.ending = Ending::Draining { until: at.mono + self.config.limits.quit_wait };
            self.handle_ending(at);
        }
    }

    /// Takes the next step to the end, if its time has come. Called after whatever may have brought it.
    pub(super) fn handle_ending(&mut self, at: Moment) {
        if let Ending::Draining { until } = self.ending
            && (self.messages.is_drained() || at.mono >= until)
        {
            self.ending = Ending::Closing { until: at.mono + self.config.limits.quit_wait };
            self.leave_server(at, SignedOutReason::ByWish);
            self.close_all_peers(at);
        }
        if let Ending::Closing { until } = self.ending
            && ((self.links.is_empty() && self.server.is_gone()) || at.mono >= until)
        {
            self.ending = Ending::Over;
            self.fail_all_messages();
            for id in std::mem::take(&mut self.links).into_keys() {
                self.close_connection(id);
            }
            self.drop_server();
            self.tell(Event::Ended);
        }
    }
}
