//! What a server says of channel binding, and what of it a client can be told when a proxy stands between.
//!
//! A mechanism `SCRAM-…-PLUS` binds the sign-in to the TLS channel (RFC 5802 §6): client and server prove the same value of *their* TLS
//! connection to each other. Here they have two, so the proof fails, as it is meant to. To be able to watch a client of one's own that
//! does it, the features are altered for the client:
//!
//! - The names `…-PLUS` are left out. Most clients then sign in with the same SCRAM without binding; tokio-xmpp, which has nothing else
//!   over TLS 1.3, with PLAIN.
//! - In their place stands one `…-PLUS` that nobody has. A client that could bind and sees no `-PLUS` at all has to say so with `y`, and a
//!   server that did offer it must refuse that as a downgrade (RFC 5802 §6; `chatdevd` and Prosody do). A client that sees that `-PLUS`
//!   is there, but none that it has, says `n`, which is taken. `chatdev` and slixmpp do so; nbxmpp (Gajim) says `n` anyway.
//! - The list of kinds (XEP-0440) is left out: names and a list without `tls-server-end-point` would mean an attack, and is one.
//!
//! That cannot work for clients that say `y` whenever they do not bind (libstrophe, and so Profanity; Smack), or that check the hash of
//! what was offered (XEP-0474): there, switch channel binding off in the client or the server. A remark says so when it is seen. With
//! `--keep-end-point-binding` and the server's own certificate, `tls-server-end-point` (RFC 5929 §4) does hold and is left.

use regex_lite::{Captures, Regex};

/// Stands for the names that were left out.
const NOBODYS: &str = "SCRAM-REMOVED-PLUS";

/// The kind that depends on nothing but the server's certificate.
const END_POINT: &str = "tls-server-end-point";

/// How to alter features.
#[derive(Clone, Debug)]
pub(super) struct Concealing {
    /// Whether the client is shown the server's certificate and may bind to that.
    pub(super) end_point_holds: bool,
    mechanism: Regex,
    list: Regex,
    kind: Regex,
}

impl Concealing {
    pub(super) fn new(end_point_holds: bool) -> Self {
        let regex = |pattern| Regex::new(pattern).expect("the pattern is a constant");
        Self {
            end_point_holds,
            mechanism: regex(r"<((?:[\w.-]+:)?mechanism)((?:\s[^>]*)?)>\s*([A-Za-z0-9_-]+-PLUS)\s*</[^>]*>"),
            list: regex(
                r"(?s)<(?:[\w.-]+:)?sasl-channel-binding[\s>].*?</(?:[\w.-]+:)?sasl-channel-binding\s*>",
            ),
            kind: regex(
                r#"<(?:[\w.-]+:)?channel-binding\s[^>]*type=(?:'([^']*)'|"([^"]*)")[^>]*?(?:/>|>\s*</[^>]*>)"#,
            ),
        }
    }

    /// What the client is told in the place of these features, and what is different in it; `None` if nothing is.
    pub(super) fn alter(&self, features: &str) -> Option<(String, String)> {
        let list = self.list.find(features).map(|found| found.as_str());
        let kinds: Vec<&str> = list.map_or_else(Vec::new, |list| {
            self.kind
                .captures_iter(list)
                .filter_map(|kind| kind.get(1).or(kind.get(2)))
                .map(|kind| kind.as_str())
                .collect()
        });
        if self.end_point_holds && kinds.contains(&END_POINT) {
            return self.leave_end_point(features, &kinds);
        }
        let mut left_out = Vec::new();
        let mechanisms = self.mechanism.replace_all(features, |found: &Captures<'_>| {
            left_out.push(found[3].to_owned());
            if left_out.len() > 1 {
                String::new()
            } else {
                format!("<{0}{1}>{NOBODYS}</{0}>", &found[1], &found[2])
            }
        });
        let altered = self.list.replace_all(&mechanisms, "").into_owned();
        if altered == features {
            return None;
        }
        let mut different = format!("{} became one that nobody has", in_words(&left_out));
        if !kinds.is_empty() {
            different =
                format!("{different}, the list of channel bindings ({}) is left out", kinds.join(", "));
        }
        Some((altered, different))
    }

    fn leave_end_point(&self, features: &str, kinds: &[&str]) -> Option<(String, String)> {
        let gone: Vec<&str> = kinds.iter().copied().filter(|kind| *kind != END_POINT).collect();
        if gone.is_empty() {
            return None;
        }
        let altered = self.list.replace(features, |list: &Captures<'_>| {
            let kept = self.kind.replace_all(&list[0], |found: &Captures<'_>| {
                let kind = found.get(1).or(found.get(2)).map_or("", |kind| kind.as_str());
                if kind == END_POINT { found[0].to_owned() } else { String::new() }
            });
            kept.into_owned()
        });
        Some((
            altered.into_owned(),
            format!("of the channel bindings only {END_POINT} is left, without {}", gone.join(", ")),
        ))
    }
}

fn in_words(names: &[String]) -> String {
    if names.is_empty() { "no mechanism".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: &str = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256-PLUS</mechanism>\
        <mechanism>SCRAM-SHA-256</mechanism><mechanism\n>SCRAM-SHA-1-PLUS</mechanism ><mechanism>PLAIN</mechanism></mechanisms>\
        <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-server-end-point'/><channel-binding type=\"tls-exporter\"></channel-binding>\
        </sasl-channel-binding><register xmlns='http://jabber.org/features/iq-register'/></stream:features>";

    #[test]
    fn names_and_kinds_are_left_out_and_one_that_nobody_has_stands_for_them() {
        let (altered, different) = Concealing::new(false).alter(FEATURES).unwrap();
        insta::assert_snapshot!(format!("{altered}\n{different}"));
        assert!(chatdev_xml::Element::parse(&altered).is_ok());
        let (again, _) = Concealing::new(false).alter(&altered).unwrap_or((altered.clone(), String::new()));
        assert_eq!(again, altered);
    }

    #[test]
    fn with_the_servers_own_certificate_its_end_point_is_left() {
        let (altered, different) = Concealing::new(true).alter(FEATURES).unwrap();
        insta::assert_snapshot!(format!("{altered}\n{different}"));
        assert!(chatdev_xml::Element::parse(&altered).is_ok());
        assert_eq!(Concealing::new(true).alter(&altered), None);
    }

    #[test]
    fn features_without_binding_stay_as_they_are() {
        for features in
            ["<stream:features/>", "<f><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></f>"]
        {
            assert_eq!(Concealing::new(false).alter(features), None);
            assert_eq!(Concealing::new(true).alter(features), None);
        }
    }
}
