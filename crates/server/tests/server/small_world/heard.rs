//! What a client read, from the text on the wire. It goes from tag to tag and looks no closer than this world needs:
//! no body here has a tag in it.

use chatdev_directory::Reason;

use super::actions::{Change, Heard, Name};

pub(super) fn heard(text: &str) -> Vec<Heard> {
    let mut all = Vec::new();
    for tag in text.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap_or_default();
        match name {
            _ if tag.starts_with('/') && name != "stream:stream" => {}
            "stream:stream" if tag.starts_with('/') => all.push(Heard::Closed),
            "message" => all.push(message(tag)),
            "iq" => all.push(iq(tag)),
            "presence" if attribute(tag, "type") == Some("unavailable") => all.push(Heard::Unavailable),
            "presence" => all.push(Heard::Other(tag.to_owned())),
            "stream:error" => all.push(Heard::Failed(String::new())),
            _ => {
                if let Some(last) = all.last_mut() {
                    inside(last, name, tag);
                }
            }
        }
    }
    all
}

fn message(tag: &str) -> Heard {
    let number = attribute(tag, "id").and_then(|id| id.strip_prefix('m')).and_then(|id| id.parse().ok());
    match (number, attribute(tag, "type")) {
        (None, None) if attribute(tag, "id") == Some("g1") => Heard::Greeting,
        (Some(number), None) => Heard::Message(number),
        (Some(number), Some("error")) => Heard::Bounced(number, String::new()),
        _ => Heard::Other(tag.to_owned()),
    }
}

fn iq(tag: &str) -> Heard {
    match (attribute(tag, "type"), attribute(tag, "id")) {
        (Some("result"), Some("b1")) => Heard::Bound,
        (Some("result"), Some("c1")) => Heard::Online { reset: false, changes: Vec::new() },
        (Some("get"), Some(id)) if id.starts_with("ping-") => Heard::Ping,
        _ => Heard::Other(tag.to_owned()),
    }
}

/// A tag inside of what began before.
fn inside(last: &mut Heard, name: &str, tag: &str) {
    match last {
        Heard::Bounced(_, condition) if name.ends_with("-unavailable") => name.clone_into(condition),
        Heard::Failed(condition) if name != "text" => name.clone_into(condition),
        Heard::Online { reset, changes } => match name {
            "online" => *reset = attribute(tag, "reset") == Some("true"),
            "user" => changes.push(Change::Online(jid(tag), number(attribute(tag, "session").unwrap()))),
            "gone" => changes.push(Change::Gone(jid(tag), reason(attribute(tag, "reason").unwrap()))),
            _ => {}
        },
        _ => {}
    }
}

fn jid(tag: &str) -> Name {
    if attribute(tag, "jid").unwrap().starts_with("watcher@") { Name::Watcher } else { Name::Twins }
}

/// A session as the wire names it.
pub(super) fn number(tag: &str) -> u64 {
    u64::from_str_radix(tag, 36).unwrap_or_else(|_| panic!("{tag} is no session of this world"))
}

fn reason(text: &str) -> Reason {
    [Reason::Left, Reason::Closed, Reason::Reaped]
        .into_iter()
        .find(|reason| reason.as_str() == text)
        .unwrap_or_else(|| panic!("{text} is no reason"))
}

/// The version in an answer.
pub(super) fn version(text: &str) -> Option<&str> {
    text.split('<').rev().find(|tag| tag.starts_with("online ")).and_then(|tag| attribute(tag, "version"))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.match_indices(name).find_map(|(at, _)| {
        let value = tag[at + name.len()..].strip_prefix("='")?;
        tag[..at].ends_with(' ').then(|| value.split('\'').next())?
    })
}
