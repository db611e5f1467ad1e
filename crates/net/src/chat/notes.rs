//! What a simulation is told of a client: its events, as [`Note`]s. Nothing in production.

use chatdev_client::{Event, MessageState, Received};
use chatdev_directory::Update;
use jid::BareJid;

use crate::{Env, Note};

/// A message as it was given, until its id is known.
pub(super) struct Given {
    pub(super) to: BareJid,
    pub(super) text: String,
}

/// Notes what an event tells. `given`: the message that the event may be the first about.
pub(super) fn note<E: Env>(env: &E, event: &Event, given: &mut Option<Given>) {
    match event {
        Event::SignedIn { jid } => env.note(|| Note::SignedIn { jid: jid.clone() }),
        Event::SignedOut { reason, .. } => env.note(|| Note::SignedOut { reason: reason.to_string() }),
        Event::DirectoryChanged(updates) => updates.iter().for_each(|update| note_update(env, update)),
        Event::Message(received) => note_shown(env, received),
        Event::MessageState { origin_id, state, .. } => {
            if let Some(Given { to, text }) = given.take() {
                env.note(|| Note::Sent { to, id: origin_id.clone(), text });
            }
            env.note(|| Note::MessageState { id: origin_id.clone(), state: state_name(state) });
        }
        Event::Impostor { claimed, .. } => remark(env, "impostor", || claimed.to_string()),
        Event::DeviceTrusted { jid, fingerprint } => {
            remark(env, "device trusted", || format!("{jid} {fingerprint}"));
        }
        Event::StrangeDevice { jid, .. } => remark(env, "strange device", || jid.to_string()),
        Event::PeerOpened { jid, .. } => remark(env, "peer opened", || jid.to_string()),
        Event::PeerClosed { jid, reason } => remark(env, "peer closed", || format!("{jid}: {reason}")),
        Event::StorageFailed { error } => remark(env, "storage failed", || error.clone()),
        _ => {}
    }
}

fn note_update<E: Env>(env: &E, update: &Update) {
    match update {
        Update::Came(entry) | Update::Changed { after: entry, .. } => env.note(|| Note::SawOnline {
            jid: entry.jid.as_ref().clone(),
            session: entry.session.to_string(),
            status: entry.profile.status.as_deref().map(ToOwned::to_owned),
        }),
        Update::Went { before, departure } => env.note(|| Note::SawGone {
            jid: before.jid.as_ref().clone(),
            reason: departure.as_ref().map(|departure| departure.reason),
        }),
    }
}

fn note_shown<E: Env>(env: &E, received: &Received) {
    if let Ok(from) = received.from.try_as_full() {
        env.note(|| Note::Shown { from: from.clone(), id: received.id.clone(), text: received.body.clone() });
    }
}

fn remark<E: Env>(env: &E, kind: &'static str, text: impl FnOnce() -> String) {
    env.note(|| Note::Remark { kind, text: text() });
}

fn state_name(state: &MessageState) -> &'static str {
    match state {
        MessageState::Queued => "queued",
        MessageState::Sent { .. } => "sent",
        MessageState::Delivered => "delivered",
        MessageState::Failed { .. } => "failed",
    }
}
