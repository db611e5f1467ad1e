//! [`Root`]: the start tag of a stanza, its attributes found in one pass.

use std::borrow::Cow;

use crate::framing::{Tag, unescape};

/// See the file's documentation. Values are as they were meant, without escapes.
#[derive(Clone, Debug)]
pub(super) struct Root<'a> {
    pub(super) tag: Tag<'a>,
    pub(super) prefix: &'a str,
    pub(super) local_name: &'a str,
    /// The default namespace that it declares, as written.
    default_namespace: Option<&'a str>,
    /// Whether it declares a prefix.
    declares_prefix: bool,
    pub(super) stanza_type: Option<Cow<'a, str>>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) from: Option<Cow<'a, str>>,
    pub(super) to: Option<Cow<'a, str>>,
}

impl<'a> Root<'a> {
    pub(super) fn of(tag: Tag<'a>) -> Self {
        let (prefix, local_name) = tag.split_name();
        let mut root = Self {
            tag,
            prefix,
            local_name,
            default_namespace: None,
            declares_prefix: false,
            stanza_type: None,
            id: None,
            from: None,
            to: None,
        };
        for (name, value) in tag.attributes() {
            let place = match name {
                "to" => &mut root.to,
                "id" => &mut root.id,
                "from" => &mut root.from,
                "type" => &mut root.stanza_type,
                "xmlns" => {
                    root.default_namespace = Some(value);
                    continue;
                }
                _ => {
                    root.declares_prefix |= name.starts_with("xmlns:");
                    continue;
                }
            };
            *place = Some(unescape(value));
        }
        root
    }

    /// Its type, empty for none.
    pub(super) fn stanza_type(&self) -> &str {
        self.stanza_type.as_deref().unwrap_or("")
    }

    /// The namespace that it binds a prefix to (the default one for an empty prefix).
    pub(super) fn declared(&self, prefix: &str) -> Option<Cow<'a, str>> {
        match prefix {
            "" => self.default_namespace.map(unescape),
            _ if self.declares_prefix => self.tag.declared(prefix),
            _ => None,
        }
    }
}
