//! Events as JSON lines, for scripts and bots: one object per line, `event` says what it is.
//!
//! The lines are an interface: names stay, new ones may come. Text from others is passed on unchanged (JSON escapes what could
//! act on a terminal, other than what Unicode hides; a program that prints it has to make it visible itself).
//!
//! | `event` | further members |
//! |---|---|
//! | `signed-in` | `jid` |
//! | `signed-out` | `reason`, `retry_ms` (absent: stays out) |
//! | `directory-complete`, `no-directory`, `registered`, `ended` | |
//! | `online`, `changed` | `jid`, `nick`, `show`, `status`, `since`, `fingerprint` |
//! | `gone` | `jid`, `reason` (`left`, `closed`, `reaped`, `unlisted`), `last` |
//! | `message` | `from`, `nick`, `text`, `path` (`direct`, `server`), `sealed`, `id`, `at` |
//! | `message-state` | `message`, `state` (`queued`, `sent`, `delivered`, `failed`), `sealed`, `reason`, `may_have_arrived` |
//! | `peer-opened`, `peer-closed` | `jid`, `fingerprint`; `reason` |
//! | `device-trusted`, `strange-device`, `impostor` | `jid`, `fingerprint`, `expected` |
//! | `server-unknown`, `server-changed` | `domain`, `fingerprint`, `known` |
//! | `refused`, `error` | `text` |

use chatdev_client::{Event, MessageState, Person, Reach, Received, RefusedEndpoint, Way};
use chatdev_directory::{Departure, Entry, Profile, Show, Update};
use serde_json::{Value, json};

use crate::people::People;

/// Turns events into lines; keeps who is online, to put nicks beside addresses.
#[derive(Debug, Default)]
pub(crate) struct JsonLines {
    people: People,
}

impl JsonLines {
    /// The lines of one event: none, one, or one for each person that changed.
    pub(crate) fn lines(&mut self, event: Event) -> Vec<Value> {
        match event {
            Event::DirectoryChanged(updates) => {
                self.people.apply(&updates);
                updates.iter().map(update).collect()
            }
            Event::Message(received) => {
                let nick = self.people.nick(&received.from).map(str::to_owned);
                vec![message(&received, nick.as_deref())]
            }
            Event::Online(people) => people.iter().map(person).collect(),
            other => line(&other).into_iter().collect(),
        }
    }
}

/// One line of `who --json`.
pub(crate) fn person(person: &Person) -> Value {
    let reachable = match person.reach {
        Reach::Oneself => "oneself",
        Reach::Open | Reach::Direct => "direct",
        Reach::NoEndpoint => "no-endpoint",
        Reach::NotAccepted => "not-accepted",
        Reach::ViaServer => "server",
    };
    let mut value = profile(&person.profile);
    value["jid"] = json!(person.jid.as_str());
    value["since"] = json!(person.since.to_string());
    value["reachable"] = json!(reachable);
    if person.unconfirmed {
        value["unconfirmed"] = json!(true);
    }
    value
}

fn profile(profile: &Profile) -> Value {
    json!({
        "nick": profile.nick.as_deref(),
        "show": show_name(profile.show),
        "status": profile.status.as_deref(),
    })
}

/// Endpoints that the server refused, each with why.
pub(crate) fn refused_endpoints(refused: &[RefusedEndpoint]) -> String {
    let each = refused.iter().map(|RefusedEndpoint { host, port, reason }| match reason {
        Some(reason) => format!("{host} port {port} ({reason})"),
        None => format!("{host} port {port}"),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The word for an availability.
pub(crate) fn show_name(show: Show) -> &'static str {
    show.as_str().unwrap_or("available")
}

fn entry(event: &str, entry: &Entry) -> Value {
    let mut value = profile(&entry.profile);
    value["event"] = json!(event);
    value["jid"] = json!(entry.jid.as_str());
    value["since"] = json!(entry.since.to_string());
    value["fingerprint"] = json!(entry.fingerprint.map(|fingerprint| fingerprint.to_string()));
    value
}

fn update(update: &Update) -> Value {
    match update {
        Update::Came(came) => entry("online", came),
        Update::Changed { after, .. } => entry("changed", after),
        Update::Went { before, departure: Some(Departure { last, reason, .. }) } => {
            json!({"event": "gone", "jid": before.jid.as_str(), "reason": reason.as_str(), "last": last.to_string()})
        }
        Update::Went { before, departure: None } => {
            json!({"event": "gone", "jid": before.jid.as_str(), "reason": "unlisted"})
        }
    }
}

fn message(received: &Received, nick: Option<&str>) -> Value {
    let sealed = matches!(received.way, Way::Sealed(_));
    let mut value = json!({
        "event": "message", "from": received.from.as_str(), "nick": nick, "text": received.body,
        "path": if sealed { "direct" } else { "server" }, "sealed": sealed,
        "id": received.id, "at": received.at.to_string(),
    });
    if received.way == (Way::ViaServer { unexpected: true }) {
        value["unexpected"] = json!(true);
    }
    value
}

fn message_state(message: u64, state: &MessageState) -> Value {
    let mut value = json!({"event": "message-state", "message": message});
    value["state"] = json!(match state {
        MessageState::Queued => "queued",
        MessageState::Sent { .. } => "sent",
        MessageState::Delivered => "delivered",
        MessageState::Failed { .. } => "failed",
    });
    match state {
        MessageState::Sent { sealed } => value["sealed"] = json!(sealed),
        MessageState::Failed { reason, may_have_arrived } => {
            value["reason"] = json!(reason.to_string());
            value["may_have_arrived"] = json!(may_have_arrived);
        }
        MessageState::Queued | MessageState::Delivered => {}
    }
    value
}

/// The line of an event that is one line.
fn line(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Registered => json!({"event": "registered"}),
        Event::SignedIn { jid } => json!({"event": "signed-in", "jid": jid.as_str()}),
        Event::SignedOut { reason, retry_in } => {
            let mut value = json!({"event": "signed-out", "reason": reason.to_string()});
            if let Some(wait) = retry_in {
                value["retry_ms"] = json!(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            }
            value
        }
        Event::ServerUnknown { domain, shown } => {
            json!({"event": "server-unknown", "domain": domain, "fingerprint": shown.to_string()})
        }
        Event::ServerChanged { domain, known, shown } => json!({
            "event": "server-changed", "domain": domain, "fingerprint": shown.to_string(), "known": known.to_string()
        }),
        Event::NoDirectory => json!({"event": "no-directory"}),
        Event::EndpointsRefused(endpoints) => {
            json!({"event": "refused", "text": format!("not shown to others: {}", refused_endpoints(endpoints))})
        }
        Event::CheckInRefused { error } => json!({"event": "refused", "text": error}),
        Event::DeviceTrusted { jid, fingerprint } => {
            json!({"event": "device-trusted", "jid": jid.as_str(), "fingerprint": fingerprint.to_string()})
        }
        Event::StrangeDevice { jid, fingerprint } => {
            json!({"event": "strange-device", "jid": jid.as_str(), "fingerprint": fingerprint.to_string()})
        }
        Event::Impostor { claimed, shown, expected } => json!({
            "event": "impostor", "jid": claimed.as_str(), "fingerprint": shown.to_string(),
            "expected": expected.map(|fingerprint| fingerprint.to_string())
        }),
        Event::PeerOpened { jid, fingerprint } => {
            json!({"event": "peer-opened", "jid": jid.as_str(), "fingerprint": fingerprint.to_string()})
        }
        Event::PeerClosed { jid, reason } => {
            json!({"event": "peer-closed", "jid": jid.as_str(), "reason": reason})
        }
        Event::MessageState { message, state, .. } => message_state(message.0, state),
        Event::StorageFailed { error } => json!({"event": "error", "text": error}),
        Event::Ended => json!({"event": "ended"}),
        Event::DirectoryComplete => json!({"event": "directory-complete"}),
        Event::DirectoryChanged(_) | Event::Message(_) | Event::Online(_) => return None,
    })
}
