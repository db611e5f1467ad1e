//! [`StandIns`]: the same stand-in for the same name, everywhere: `user1@domain1/resource2`.

use hashbrown::HashMap;

use crate::understanding::NOT_SIGNED_IN;

/// Names for which a stand-in is remembered; all later ones share one.
pub(super) const NAMES_MAX: usize = 200_000;
/// Octets of a name that is remembered, those of the longest address (RFC 7622 §3.1) and some more; longer ones share a stand-in.
const NAME_OCTETS_MAX: usize = 4096;
/// Octets of all names that are remembered: 64 MiB.
const NAMES_OCTETS_MAX: usize = 64 << 20;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    /// By sort, then name: the number of each.
    names: HashMap<&'static str, HashMap<Box<str>, u32>>,
    len: usize,
    octets: usize,
}

impl StandIns {
    /// The stand-in of a name of this sort: `id7`.
    pub(super) fn value(&mut self, sort: &'static str, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        let names = self.names.entry(sort).or_default();
        if let Some(number) = names.get(name) {
            return format!("{sort}{number}");
        }
        let octets = self.octets + name.len();
        if self.len >= NAMES_MAX || name.len() > NAME_OCTETS_MAX || octets > NAMES_OCTETS_MAX {
            return format!("{sort}0");
        }
        let number = u32::try_from(names.len() + 1).unwrap_or(0);
        names.insert(name.into(), number);
        (self.len, self.octets) = (self.len + 1, octets);
        format!("{sort}{number}")
    }

    /// Of an address (RFC 7622): each part by itself. `localhost` stays.
    pub(super) fn jid(&mut self, jid: &str) -> String {
        let (bare, resource) =
            jid.split_once('/').map_or((jid, None), |(bare, resource)| (bare, Some(resource)));
        let mut stand_in = match bare.split_once('@') {
            Some((local, domain)) => format!("{}@{}", self.value("user", local), self.domain(domain)),
            None => self.domain(bare),
        };
        if let Some(resource) = resource {
            stand_in.push('/');
            stand_in.push_str(&self.value("resource", resource));
        }
        stand_in
    }

    fn domain(&mut self, domain: &str) -> String {
        if domain == "localhost" { domain.to_owned() } else { self.value("domain", domain) }
    }

    /// Of the label of an end: an address of either kind, a name with a port, and what is said beside it.
    pub(super) fn label(&mut self, label: &str) -> String {
        if let Some(jid) = label.strip_suffix(NOT_SIGNED_IN) {
            return format!("{}{NOT_SIGNED_IN}", self.jid(jid));
        }
        match label.rsplit_once(':') {
            Some((host, port))
                if !label.contains('@')
                    && port.len() <= 5
                    && port.bytes().all(|octet| octet.is_ascii_digit()) =>
            {
                format!("{}:{port}", self.value("host", host))
            }
            _ => self.jid(label),
        }
    }
}
