//! `to` and `from` (RFC 6120 §8.1.1, §8.1.2): whether they are addresses, and those that the stream allows.
//!
//! Peer streams have rules of their own, in `peer`.

use jid::Jid;

use super::ground::Ground;
use super::rules::*;
use super::said::{NS_DIALBACK, Said, What, content_children, quoted};
use crate::entry::{Finding, Kind};
use crate::model::Side;
use crate::understanding::Nature;

/// Domains of one connection between servers that are remembered; with more, it is not asked whose stanzas are.
const DOMAINS_MAX: usize = 64;

/// Octets of each part of an address (RFC 7622 §3).
const PART_OCTETS_MAX: usize = 1023;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// What each side may speak for, between servers.
    domains: [Vec<Box<str>>; 2],
}

impl Addresses {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if ground.nature == Nature::Server {
            self.learn(ground, said);
        }
        if said.stanza().is_none() {
            return;
        }
        for (name, value) in [("to", &said.entry.to), ("from", &said.entry.from)] {
            if let Some(value) = value.as_deref()
                && let Some(why) = flaw(value)
            {
                out.push(JID_MALFORMED.found(format!("`{name}` is {}: {why}", quoted(value))));
            }
        }
        match ground.nature {
            Nature::Client if said.side == Side::Dialler => from_client(ground, said, out),
            Nature::Client => to_client(ground, said, out),
            Nature::Server => self.between_servers(ground, said, out),
            _ => {}
        }
    }

    fn learn(&mut self, ground: &Ground, said: &Said<'_>) {
        match said.what {
            What::Header(_) => {
                let Some(heading) = ground.heading(said.side) else { return };
                if let Some(from) = &heading.from {
                    self.allow(said.side, from);
                }
                if let Some(to) = &heading.to {
                    self.allow(said.side.other(), to);
                }
            }
            What::Element(element) if element.namespace() == NS_DIALBACK => {
                if let Some(from) = element.attribute("from") {
                    self.allow(said.side, &from);
                }
                if let Some(to) = element.attribute("to") {
                    self.allow(said.side.other(), &to);
                }
            }
            _ => {}
        }
    }

    fn allow(&mut self, side: Side, domain: &str) {
        let domains = &mut self.domains[side.index()];
        if domains.len() <= DOMAINS_MAX && !domains.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
            domains.push(domain.into());
        }
    }

    fn between_servers(&self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        let (from, to) = (said.entry.from.as_deref(), said.entry.to.as_deref());
        for (name, value) in [("to", to), ("from", from)] {
            if value.is_none() {
                out.push(UNADDRESSED.found(format!("there is no `{name}`")));
            }
        }
        let domains = &self.domains[said.side.index()];
        let is_sure = ground.knows_all() && !domains.is_empty() && domains.len() <= DOMAINS_MAX;
        if let Some(from) = from.filter(|_| is_sure) {
            let domain = domain(from);
            if !domains.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
                out.push(FOREIGN_DOMAIN.found(format!("`from` is {}", quoted(from))));
            }
        }
    }
}

fn from_client(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let (Some(own), Some(from)) = (ground.jid.as_deref(), said.entry.from.as_deref()) else { return };
    if !is_same(from, own) && !is_same(from, bare(own)) {
        out.push(FROM_NOT_OWN.found(format!("`from` is {}, the client is {}", quoted(from), quoted(own))));
    }
}

fn to_client(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    if let (Some(own), Some(to)) = (ground.jid.as_deref(), said.entry.to.as_deref())
        && !is_same_account(to, own)
    {
        out.push(TO_FOREIGN.found(format!("`to` is {}, the client is {}", quoted(to), quoted(own))));
    }
    let Some(stanza) = said.stanza() else { return };
    let has_body = content_children(stanza.root(), "body").next().is_some();
    let is_of_somebody = match said.entry.kind {
        Kind::Message => has_body,
        Kind::Presence => true,
        _ => false,
    };
    if is_of_somebody && said.entry.from.is_none() && said.stanza_type() != Some("error") {
        out.push(FROM_MISSING.found(format!("a {} without `from`", said.entry.kind)));
    }
}

/// What is wrong with an address, if it is certain. What only some agree on (PRECIS, IDNA) is not asked.
fn flaw(jid: &str) -> Option<&'static str> {
    let (bare, resource) = jid.split_once('/').map_or((jid, None), |(bare, resource)| (bare, Some(resource)));
    let (local, domain) = bare.split_once('@').map_or((None, bare), |(local, domain)| (Some(local), domain));
    let is_too_long = |part: &str| part.len() > PART_OCTETS_MAX;
    if local == Some("") {
        Some("nothing stands before the @")
    } else if resource == Some("") {
        Some("nothing stands behind the slash")
    } else if domain.is_empty() {
        Some("there is no domain")
    } else if domain.contains(['@', ' ', '\t', '\n', '<', '>', '&', '"', '\'']) {
        Some("the domain is none")
    } else if local.is_some_and(|local| local.contains(['"', '&', '\'', ':', '<', '>', ' '])) {
        Some("a character that a local part may not have")
    } else if is_too_long(domain) || local.is_some_and(is_too_long) || resource.is_some_and(is_too_long) {
        Some("a part of more than 1,023 octets")
    } else {
        None
    }
}

/// An address without its resource.
pub(super) fn bare(jid: &str) -> &str {
    jid.split('/').next().unwrap_or(jid)
}

fn domain(jid: &str) -> &str {
    let bare = bare(jid);
    bare.split_once('@').map_or(bare, |(_, domain)| domain)
}

/// Whether two addresses are the same one, however they are written.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one == other || matches!((Jid::new(one), Jid::new(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether two addresses are of the same account, or server.
pub(super) fn is_same_account(one: &str, other: &str) -> bool {
    is_same(bare(one), bare(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_in_whatever_case() {
        assert!(is_same("Juliet@Example.NET/balcony", "juliet@example.net/balcony"));
        assert!(!is_same("juliet@example.net/Balcony", "juliet@example.net/balcony"));
        assert!(is_same_account("juliet@example.net/a", "juliet@example.net/b"));
        assert!(is_same_account("example.net", "example.net"));
        assert!(!is_same_account("example.net", "juliet@example.net"));
    }

    #[test]
    fn what_is_certainly_no_address_is_told() {
        for bad in ["", "@x", "a@", "a@/r", "/r", "a@x/", "a b@x", "a@x@y"] {
            assert!(flaw(bad).is_some(), "{bad}");
        }
        for good in
            ["x", "a@x", "a@x/r", "a@x/r/@ s", "x/r", "[::1]", "a@127.0.0.1", "münchen@bücher.example"]
        {
            assert!(flaw(good).is_none(), "{good}");
        }
    }
}
