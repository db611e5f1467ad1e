//! What is a secret: what would let others in, or read what is sealed.
//!
//! - everything inside `<auth/>`, `<response/>`, `<challenge/>`, `<success/>` (RFC 6120 §6.4; in SASL's namespace anywhere, at the top in
//!   any), `<handshake/>` (XEP-0114), dialback's keys (XEP-0220), and what their kind has in XEP-0388 and XEP-0480
//! - everything inside elements, and values of attributes, whose names say so: `password`, `access_token`, `secret`, `pwd` and the like
//!   (XEP-0045, XEP-0077, XEP-0078, XEP-0176, XEP-0215, XEP-0445, XEP-0484), `digest`, `key`, `key-params`
//! - values of fields of forms that ask for such a thing by their name, or are not to be shown (XEP-0004 `text-private`)
//! - `previd`, and the `id` of `<enabled/>` (XEP-0198): who knows it can go on with the session
//! - headers and addresses of upload slots (XEP-0363), and values of such parameters of any address (`;preauth=…`)
//!
//! Where the text is the middle of something, all is hidden that *might* be the rest of one of these. What people write to each other is
//! no secret here. `chatdev_net::serve::tap` hides the same in what a server writes down, where elements are always whole; whoever adds to one
//! list adds to the other.

use super::path::{Field, Open, Space, local_name};
use super::tokens::{Tag, Token, Tokens};
use crate::entry::Kind;
use crate::framing::unescape;

const NS_SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const NS_SASL2: &str = "urn:xmpp:sasl:2";
const NS_FORMS: &str = "jabber:x:data";
/// But for its version.
const NS_UPLOAD: &str = "urn:xmpp:http:upload";
/// But for its version.
const NS_SCRAM_UPGRADE: &str = "urn:xmpp:scram-upgrade:";
/// Where a `<key/>` is sealed for whoever it is for.
const NS_OMEMO: [&str; 2] = ["eu.siacs.conversations.axolotl", "urn:xmpp:omemo:2"];
pub(super) const NS_DIALBACK: &str = "jabber:server:dialback";

/// Elements whose text may be shown though nobody knows what they are in.
const READABLE: [&str; 9] =
    ["body", "subject", "thread", "status", "show", "priority", "resource", "group", "nick"];

/// Attributes of which the value may be shown though nobody knows what their element is in.
const READABLE_ATTRIBUTES: [&str; 11] =
    ["type", "from", "to", "id", "jid", "var", "name", "node", "lang", "stamp", "subscription"];

/// What is secret of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// At most values of parameters within it.
    Parameters,
    /// It is the id of a session, which has a stand-in: that it is the same session stays to be seen.
    Session,
    /// All that follows the host.
    Address,
    /// All of it.
    All,
}

/// Whether a name says that what it names is a secret.
fn names_secret(name: &str) -> bool {
    holds_any(name, &["passw", "passphrase", "secret", "token", "pwd", "preauth"])
        || name.eq_ignore_ascii_case("pass")
}

/// Whether a field of a form asks for a secret.
fn is_secret_field(tag: &Tag<'_>) -> bool {
    let asks = |name: &str| holds_any(name, &["pass", "secret", "token", "pwd", "preauth"]);
    tag.attribute("type").is_some_and(|kind| unescape(kind) == "text-private")
        || tag.attribute("var").is_some_and(|var| asks(&unescape(var)))
}

/// Whether one of the words, which are ASCII, is in it, in any case.
fn holds_any(text: &str, words: &[&str]) -> bool {
    let holds = |word: &&str| {
        text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    words.iter().any(holds)
}

/// What the element is of a form.
pub(super) fn field(tag: &Tag<'_>, space: Space<'_>, parent: Option<&Open<'_>>) -> Field {
    let is_form = matches!(space, Space::Named(NS_FORMS) | Space::Unknown);
    match local_name(tag.name()) {
        "field" if is_form && is_secret_field(tag) => Field::Secret,
        "field" if is_form => Field::Open,
        "option" => parent.map_or(Field::No, |parent| parent.field),
        _ => Field::No,
    }
}

/// Whether all that stands inside of an element is secret. It stands in `parent`; at the top, if there is none, of an entry of this kind.
pub(super) fn is_within(kind: Kind, tag: &Tag<'_>, space: Space<'_>, parent: Option<&Open<'_>>) -> bool {
    let is_top = parent.is_none() && !kind.is_stanza();
    let is_unknown = space == Space::Unknown;
    match local_name(tag.name()) {
        "auth" | "response" | "challenge" => {
            is_top || is_unknown || matches!(space, Space::Named(NS_SASL | NS_SASL2))
        }
        // SASL 2's has elements inside, of which some are to be seen.
        "success" => {
            (is_top && space != Space::Named(NS_SASL2)) || is_unknown || space == Space::Named(NS_SASL)
        }
        "initial-response" | "additional-data" | "task-data" | "digest" | "stored-key" | "server-key" => true,
        "handshake" => is_top || is_unknown,
        "result" | "verify" => is_top || is_unknown || space == Space::Named(NS_DIALBACK),
        "key" => !matches!(space, Space::Named(name) if NS_OMEMO.contains(&name)),
        "hash" => is_unknown || is_in(space, NS_SCRAM_UPGRADE),
        "header" => is_unknown || is_in(space, NS_UPLOAD),
        "value" => match parent.map(|parent| parent.field) {
            Some(Field::Secret) => true,
            Some(Field::Open) => false,
            _ => is_unknown || space == Space::Named(NS_FORMS),
        },
        name => names_secret(name),
    }
}

fn is_in(space: Space<'_>, beginning: &str) -> bool {
    matches!(space, Space::Named(name) if name.starts_with(beginning))
}

/// What is secret of the value of an attribute.
pub(super) fn of_attribute(element: &str, space: Space<'_>, attribute: &str) -> Secrecy {
    match (local_name(element), local_name(attribute)) {
        (_, "previd") | ("enabled", "id") => Secrecy::Session,
        (_, "key" | "newkey" | "key-params" | "digest") => Secrecy::All,
        ("put" | "get", "url") if space == Space::Unknown || is_in(space, NS_UPLOAD) => Secrecy::Address,
        (_, name) if names_secret(name) => Secrecy::All,
        (_, name) if space == Space::Unknown && !READABLE_ATTRIBUTES.contains(&name) => Secrecy::All,
        _ => Secrecy::Parameters,
    }
}

/// What is secret of a text, which is not within what is.
pub(super) fn of_text(text: &str, parent: Option<&Open<'_>>, rest: &str, is_established: bool) -> Secrecy {
    let is_readable = match parent {
        // What is quoted whole may be anything.
        _ if text.contains("<![CDATA[") && super::suspicion::is_suspicious(text.as_bytes()) => false,
        Some(parent) => parent.space != Space::Unknown || READABLE.contains(&parent.local_name()),
        // The end of something, of a tag perhaps.
        None => is_established && !text.contains('>') && ends_readable(rest),
    };
    if is_readable || text.trim().is_empty() { Secrecy::Parameters } else { Secrecy::All }
}

/// Whether `rest` is the end tag of an element whose text may be shown.
fn ends_readable(rest: &str) -> bool {
    let name = rest.strip_prefix("</").and_then(|rest| rest.split_once('>'));
    name.is_some_and(|(name, _)| READABLE.contains(&local_name(name.trim_end())))
}

/// Where the last secret ends that begins before the text does: all up to there was inside of it. 0 if there is none.
pub(super) fn end_of_torn(text: &str) -> usize {
    let (mut tokens, mut depth, mut end) = (Tokens::new(text), 0_usize, 0);
    loop {
        let before = tokens.at();
        match tokens.next() {
            None => return end,
            Some(Token::Tag(tag)) if tag.is_end && depth == 0 => {
                let name = local_name(tag.name());
                let is_secret = names_secret(name)
                    || matches!(
                        name,
                        "auth"
                            | "response"
                            | "challenge"
                            | "success"
                            | "initial-response"
                            | "additional-data"
                            | "task-data"
                            | "digest"
                            | "handshake"
                            | "key"
                            | "stored-key"
                            | "server-key"
                    );
                if is_secret {
                    end = before;
                }
            }
            Some(Token::Tag(tag)) if tag.is_end => depth -= 1,
            Some(Token::Tag(tag)) => depth += usize::from(tag.opens()),
            Some(_) => {}
        }
    }
}

/// The host of an address, without who signs in there; what follows is for `hidden` to say.
pub(super) fn host_of(address: &str) -> &str {
    let Some(begin) = address.find("://").map(|at| at + 3) else { return "" };
    let end = address[begin..].find(['/', '?', '#', '\\', '&']).map_or(address.len(), |at| begin + at + 1);
    if address[..end].contains('@') { "" } else { &address[..end] }
}

/// The text with values of parameters hidden whose names say that they are secret: `xmpp:x?register;preauth=…`; `None` if there are none.
pub(super) fn without_parameters(text: &str, hidden: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    for (equals, _) in text.match_indices('=') {
        if equals < copied {
            continue;
        }
        let is_of_name =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        let name = text[..equals].rfind(|character| !is_of_name(character));
        let begin = name.map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
        let name = &text[begin..equals];
        let follows = text[..begin].chars().next_back();
        let is_parameter = matches!(follows, Some('?' | ';' | '&' | '#'));
        if !(names_secret(name) && (is_parameter || holds_any(name, &["preauth"]))) {
            continue;
        }
        let value = &text[equals + 1..];
        let ends = |character: char| {
            character.is_whitespace() || matches!(character, ';' | '&' | '#' | '"' | '\'' | '<' | '>')
        };
        let end = equals + 1 + value.find(ends).unwrap_or(value.len());
        if end > equals + 1 {
            let out = out.get_or_insert_default();
            out.push_str(&text[copied..=equals]);
            out.push_str(hidden);
            copied = end;
        }
    }
    if let Some(out) = &mut out {
        out.push_str(&text[copied..]);
    } else if text.contains("&#") {
        // References may spell what they stand for.
        return without_parameters(&unescape(text).replace("&#", "& #"), hidden).map(|_| hidden.to_owned());
    }
    out
}
