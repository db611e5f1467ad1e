//! Messages (RFC 6121 §5.2): their type, and what they say in how many languages.

use std::collections::BTreeSet;

use chatdev_xml::Node;

use super::ground::Ground;
use super::rules::*;
use super::said::{Said, content_children, quoted};
use crate::entry::{Finding, Kind};

pub(super) fn look(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let Some(message) = said.stanza_of(Kind::Message) else { return };
    let root = message.root();
    if let Some(message_type) = said.stanza_type()
        && !matches!(message_type, "chat" | "error" | "groupchat" | "headline" | "normal")
    {
        out.push(MESSAGE_TYPE.found(format!("the type is {}", quoted(message_type))));
    }
    if let Some(lang) = language_twice(ground, said, root, "body") {
        out.push(BODY_LANGUAGE_TWICE.found(lang));
    }
    if let Some(lang) = language_twice(ground, said, root, "subject") {
        out.push(SUBJECT_LANGUAGE_TWICE.found(lang));
    }
    let threads = content_children(root, "thread").count();
    if threads > 1 {
        out.push(THREAD_TWICE.found(format!("{threads} threads")));
    }
    mixed_content(root, &["body", "subject", "thread"], out);
}

/// The language that two children of this name have, if any: their own, the stanza's or the stream's.
pub(super) fn language_twice(ground: &Ground, said: &Said<'_>, root: Node<'_>, name: &str) -> Option<String> {
    let inherited = match root.lang() {
        Some(lang) => lang.into_owned(),
        None => {
            ground.heading(said.side).and_then(|heading| heading.lang.as_deref()).unwrap_or("").to_owned()
        }
    };
    let mut languages = BTreeSet::new();
    for child in content_children(root, name) {
        let lang = child.lang().map_or_else(|| inherited.clone(), |lang| lang.into_owned());
        let lang = lang.to_ascii_lowercase();
        if languages.contains(&lang) {
            let lang = if lang.is_empty() { "no language".to_owned() } else { quoted(&lang) };
            return Some(format!("two times <{name}/> in {lang}"));
        }
        languages.insert(lang);
    }
    None
}

pub(super) fn mixed_content(root: Node<'_>, names: &[&str], out: &mut Vec<Finding>) {
    for name in names {
        if let Some(inner) = content_children(root, name).find_map(|child| child.children().next()) {
            out.push(MIXED_CONTENT.found(format!("<{}/> in <{name}/>", inner.name())));
        }
    }
}
