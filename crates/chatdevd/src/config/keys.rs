//! Every key of the configuration, and what is expected of its value, in words for the person who typed another one.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Dotted name, as in the file: `directory.interval_seconds`.
    pub name: &'static str,
    /// What its value must be, to be read after "expected".
    pub expected: &'static str,
}

/// All of them, in the order of the file.
pub const KEYS: &[Key] = &[
    Key { name: "data", expected: "the path of a folder" },
    Key { name: "domain", expected: "a domain name, such as \"example.net\"" },
    Key {
        name: "listen",
        expected: "a list of addresses with ports, such as [\"127.0.0.1:5222\", \"[::1]:5222\"]",
    },
    Key { name: "registration.open", expected: "true or false" },
    Key { name: "accounts.scram_iterations", expected: "a whole number from 4096 to 1000000" },
    Key { name: "tls.certificate", expected: "the path of a PEM file" },
    Key { name: "tls.key", expected: "the path of a PEM file" },
    Key { name: "tls.required", expected: "true or false" },
    Key { name: "tls.key_log", expected: "the path of a file" },
    Key { name: "directory.interval_seconds", expected: "a whole number of seconds from 1 to 28800" },
    Key { name: "directory.limit_seconds", expected: "a whole number of seconds from 3 to 86400" },
    Key { name: "directory.visibility", expected: "\"everyone\" or \"off\"" },
    Key { name: "directory.endpoints", expected: "\"everyone\" or \"nobody\"" },
    Key {
        name: "directory.endpoint_allow",
        expected: "a list of at most 64 addresses or networks, such as [\"198.51.100.0/24\"]",
    },
    Key { name: "directory.departures_max", expected: "a whole number from 1 to 1000000" },
    Key { name: "directory.roster_push_max", expected: "0" },
    Key { name: "limits.connections_max", expected: "a whole number from 1 to 1000000" },
    Key { name: "limits.unsigned_per_address_max", expected: "a whole number from 1 to 1000000" },
    Key { name: "limits.sessions_per_account_max", expected: "a whole number from 1 to 1000" },
    Key { name: "limits.queue_bytes_max", expected: "a whole number of bytes from 65536 to 1073741824" },
    Key { name: "limits.stanza_bytes_max", expected: "a whole number of bytes from 10000 to 1048576" },
    Key { name: "limits.sign_in_seconds", expected: "a whole number of seconds from 1 to 600" },
    Key { name: "log.level", expected: "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"" },
    Key { name: "log.format", expected: "\"text\" or \"json\"" },
    Key { name: "metrics.listen", expected: "an address with a port, such as \"127.0.0.1:9222\"" },
    Key { name: "tap.file", expected: "the path of a file" },
];

/// Start of the names of the environment variables that are settings.
pub(super) const VARIABLE_PREFIX: &str = "CHATDEVD_";

impl Key {
    /// The key of that dotted name.
    pub fn find(name: &str) -> Option<Self> {
        KEYS.iter().copied().find(|key| key.name == name)
    }

    /// The environment variable that sets it: `CHATDEVD_DIRECTORY_INTERVAL_SECONDS`.
    pub fn variable(self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.name.replace('.', "_").to_uppercase())
    }
}

/// Of `candidates`, the one that `typed` was most likely meant to be, if any is near enough.
///
/// Near is a third of its letters changed, left out, added or swapped, or that one begins with the other: `interval`
/// for `interval_seconds`.
pub(super) fn nearest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const PREFIX_LEN_MIN: usize = 3;
    let begins = |candidate: &str| {
        candidate.starts_with(typed) && typed.len() >= PREFIX_LEN_MIN
            || typed.starts_with(candidate) && candidate.len() >= PREFIX_LEN_MIN
    };
    let distance = |candidate: &str| {
        let letters = strsim::damerau_levenshtein(typed, candidate);
        if begins(candidate) { letters.min(1) } else { letters }
    };
    candidates
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_named_after_keys_and_no_two_alike() {
        let mut names: Vec<_> = KEYS.iter().map(|key| key.variable()).collect();
        assert!(names.contains(&"CHATDEVD_DIRECTORY_INTERVAL_SECONDS".to_owned()));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), KEYS.len());
    }

    #[test]
    fn a_typo_finds_the_key_that_was_meant() {
        let keys = || KEYS.iter().map(|key| key.name.rsplit('.').next().unwrap());
        assert_eq!(nearest("intervall_seconds", keys()), Some("interval_seconds"));
        assert_eq!(nearest("interval", keys()), Some("interval_seconds"));
        assert_eq!(nearest("lsiten", keys()), Some("listen"));
        assert_eq!(nearest("colour", keys()), None);
    }
}
