//! Stream headers (RFC 6120 §4.2, §4.7, §4.8, §11.5): attributes, namespaces, what a restart changes.
//!
//! Addresses of peer streams mean something else, and are judged in `peer`.

use chatdev_xml::{Header, NS_STREAMS};

use super::address;
use super::ground::Ground;
use super::rules::*;
use super::said::{self, NS_DIALBACK, Said, What, quoted};
use crate::entry::Finding;
use crate::framing::Tag;
use crate::model::{Layer, Side};
use crate::understanding::Nature;

/// Stream ids of one connection that are remembered: one for each restart.
const IDS_MAX: usize = 16;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Headers {
    ids: Vec<Box<str>>,
}

impl Headers {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        let What::Header(header) = said.what else { return };
        if header.namespace() != NS_STREAMS || header.name() != "stream" {
            let found = format!("<{}/> of {}", header.name(), quoted(header.namespace()));
            out.push(STREAM_NAMESPACE.found(found));
        }
        if header.prefix() != "stream" && header.content_namespace() != NS_STREAMS {
            out.push(STREAM_PREFIX.found(format!("the prefix is {}", quoted(header.prefix()))));
        }
        if !said.entry.raw.starts_with(b"<?xml") {
            out.push(HEADER_WITHOUT_DECLARATION.found("the header comes first"));
        }
        declarations(header, said, out);
        content(ground, said, header, out);
        match said.side {
            Side::Dialler => initial(ground, said, header, out),
            Side::Answerer => self.response(ground, header, out),
        }
    }

    fn response(&mut self, ground: &Ground, header: &Header, out: &mut Vec<Finding>) {
        let is_peer = ground.nature == Nature::Peer;
        match header.attribute("id").filter(|id| !id.is_empty()) {
            None => out.push(HEADER_WITHOUT_ID.found("the answering header has no id")),
            Some(id) if self.ids.iter().any(|known| **known == *id) => {
                out.push(STREAM_ID_REUSED.found(format!("{} was the id before", quoted(&id))));
            }
            Some(id) if self.ids.len() < IDS_MAX => self.ids.push(id.as_ref().into()),
            Some(_) => {}
        }
        if header.attribute("from").is_none() && !is_peer {
            out.push(HEADER_WITHOUT_FROM.found("the answering header has no `from`"));
        }
        if ground.nature == Nature::Component || is_peer {
            return;
        }
        if header.lang().is_none() {
            out.push(HEADER_WITHOUT_LANG.found("the answering header has no xml:lang"));
        }
        let Some(asked) = ground.heading(Side::Dialler).filter(|_| ground.knows(Side::Dialler)) else {
            return;
        };
        let version = ground.heading(Side::Answerer).and_then(|heading| heading.version);
        match (asked.version, version) {
            (Some(asked), None) if asked >= (1, 0) => {
                out.push(HEADER_WITHOUT_VERSION.found("the answering header has no version"));
            }
            (Some(asked), Some(answered)) if answered > asked => {
                let found = format!("{}.{} answers {}.{}", answered.0, answered.1, asked.0, asked.1);
                out.push(HEADER_VERSION_RAISED.found(found));
            }
            _ => {}
        }
        let to = header.attribute("to");
        match (asked.from.as_deref(), to.as_deref()) {
            (Some(from), Some(to)) if !address::is_same_account(from, to) => {
                out.push(RESPONSE_TO.found(format!("`to` is {}, asked {}", quoted(to), quoted(from))));
            }
            (Some(from), None) => {
                out.push(RESPONSE_TO.found(format!("there is no `to`, asked {}", quoted(from))));
            }
            (None, Some(to)) => {
                out.push(RESPONSE_TO.found(format!("`to` is {}, asked nobody by name", quoted(to))));
            }
            _ => {}
        }
    }
}

fn initial(ground: &Ground, said: &Said<'_>, header: &Header, out: &mut Vec<Finding>) {
    if header.attribute("to").is_none_or(|to| to.is_empty()) {
        out.push(HEADER_WITHOUT_TO.found("the header has no `to`"));
    }
    if ground.nature == Nature::Component {
        return;
    }
    let version = ground.heading(Side::Dialler).and_then(|heading| heading.version);
    if version.is_none() {
        let found = match header.attribute("version") {
            None => "the header has no version".to_owned(),
            Some(version) => format!("the version is {}", quoted(&version)),
        };
        out.push(HEADER_WITHOUT_VERSION.found(found));
    }
    if let Some(id) = header.attribute("id") {
        out.push(HEADER_WITH_ID.found(format!("the id is {}", quoted(&id))));
    }
    let is_public = ground.nature == Nature::Server && said.entry.layer == Layer::Tls;
    if is_public && header.attribute("from").is_none() {
        out.push(HEADER_WITHOUT_FROM.found("a server's header has no `from`, within TLS"));
    }
}

fn declarations(header: &Header, said: &Said<'_>, out: &mut Vec<Finding>) {
    for (name, value) in Tag::of_header(&said.entry.text()).attributes() {
        let is_expected = !name.starts_with("xmlns:")
            || name == "xmlns:xml"
            || value == NS_STREAMS
            || value == NS_DIALBACK
            || name.strip_prefix("xmlns:") == Some(header.prefix());
        if !is_expected {
            out.push(HEADER_DECLARES_EXTENSION.found(format!("{name}={}", quoted(value))));
        }
    }
}

fn content(ground: &Ground, said: &Said<'_>, header: &Header, out: &mut Vec<Finding>) {
    let content = header.content_namespace();
    // RFC 6120 §4.8.2: the stream's namespace may be the default one; then each stanza names its own.
    if content == NS_STREAMS {
        return;
    }
    if !said::is_content(content) {
        out.push(CONTENT_NAMESPACE_UNKNOWN.found(format!("it is {}", quoted(content))));
    }
    let asked = ground.heading(Side::Dialler).filter(|_| said.side == Side::Answerer);
    if let Some(asked) = asked
        && *asked.content != *content
        && &*asked.content != NS_STREAMS
    {
        let found = format!("{} answers {}", quoted(content), quoted(&asked.content));
        out.push(CONTENT_NAMESPACE_DIFFERS.found(found));
    }
}
