//! The rules that a value's form does not show: ranges, and what does not go together.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use super::{Config, Endpoints, Key, Origin, Problem, Problems, Visibility};

/// A rule that is broken.
pub(super) struct Violation {
    /// The keys it is about, the one to mend first.
    pub(super) keys: Vec<&'static str>,
    pub(super) what: String,
    pub(super) help: Option<String>,
}

impl Config {
    /// Whether these settings go together, for a configuration that was not made by [`Layers`](super::Layers).
    ///
    /// # Errors
    /// Every rule that they break.
    pub fn check(&self) -> Result<(), Problems> {
        let problem = |violation: Violation| Problem {
            origin: Origin::Default,
            what: violation.what,
            help: violation.help,
        };
        let problems: Vec<_> = self.violations().into_iter().map(problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Every rule that this configuration breaks.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let mut broken = Vec::new();
        self.check_ranges(&mut broken);
        self.check_domain(&mut broken);
        self.check_reach(&mut broken);
        self.check_certificate(&mut broken);
        self.check_directory(&mut broken);
        self.check_limits(&mut broken);
        broken
    }

    /// The addresses that others than this machine can reach.
    fn public(&self) -> Vec<SocketAddr> {
        self.listen.iter().copied().filter(|address| !address.ip().to_canonical().is_loopback()).collect()
    }

    fn check_ranges(&self, broken: &mut Vec<Violation>) {
        let mut check = |name: &'static str, value: usize, range: RangeInclusive<usize>| {
            if !range.contains(&value) {
                let expected = Key::find(name).map_or("another value", |key| key.expected);
                let what = format!("{name}: expected {expected}, found {value}");
                broken.push(Violation { keys: vec![name], what, help: None });
            }
        };
        let (directory, limits) = (&self.directory, &self.limits);
        check("accounts.scram_iterations", self.accounts.scram_iterations as usize, 4096..=1_000_000);
        check("directory.interval_seconds", directory.interval_seconds as usize, 1..=28_800);
        check("directory.limit_seconds", directory.limit_seconds as usize, 3..=86_400);
        check("directory.departures_max", directory.departures_max, 1..=1_000_000);
        check("limits.connections_max", limits.connections_max, 1..=1_000_000);
        check("limits.unsigned_per_address_max", limits.unsigned_per_address_max, 1..=1_000_000);
        check("limits.sessions_per_account_max", limits.sessions_per_account_max, 1..=1000);
        check("limits.queue_bytes_max", limits.queue_bytes_max, 65_536..=1_073_741_824);
        // RFC 6120 §13.12: no server may refuse stanzas of 10,000 bytes.
        check("limits.stanza_bytes_max", limits.stanza_bytes_max, 10_000..=1_048_576);
        check("limits.sign_in_seconds", limits.sign_in_seconds as usize, 1..=600);
    }

    fn check_domain(&self, broken: &mut Vec<Violation>) {
        if let Err(error) = jid::DomainPart::new(&self.domain) {
            let expected = "a domain name, such as \"example.net\"";
            let what = format!("domain: expected {expected}, found \"{}\" ({error})", self.domain);
            broken.push(Violation { keys: vec!["domain"], what, help: None });
        }
    }

    fn check_reach(&self, broken: &mut Vec<Violation>) {
        if self.listen.is_empty() {
            let what = "listen: expected at least one address, found none".to_owned();
            broken.push(Violation { keys: vec!["listen"], what, help: None });
        }
        let Some(public) = self.public().first().copied() else { return };
        if self.registration.open {
            broken.push(Violation {
                keys: vec!["listen", "registration.open"],
                what: format!(
                    "registration is open, and {public} is not a loopback address: \
                     anybody who reaches it could make accounts, in any number"
                ),
                help: Some(
                    "close registration (`--registration closed`, or `registration.open = false`) \
                     and add people with `chatdevd account add NAME`"
                        .to_owned(),
                ),
            });
        }
        if !self.tls.required {
            broken.push(Violation {
                keys: vec!["tls.required", "listen"],
                what: format!(
                    "tls.required is false, and {public} is not a loopback address: \
                     passwords and messages would cross the network in the clear"
                ),
                help: Some("leave tls.required at true, or listen on 127.0.0.1 and [::1] only".to_owned()),
            });
        }
    }

    fn check_certificate(&self, broken: &mut Vec<Violation>) {
        let (has, lacks) = match (&self.tls.certificate, &self.tls.key) {
            (Some(_), None) => ("tls.certificate", "tls.key"),
            (None, Some(_)) => ("tls.key", "tls.certificate"),
            (Some(_), Some(_)) | (None, None) => return,
        };
        broken.push(Violation {
            keys: vec![has],
            what: format!("{has} is set and {lacks} is not: expected both or neither"),
            help: Some("without both the server makes a certificate of its own".to_owned()),
        });
    }

    fn check_directory(&self, broken: &mut Vec<Violation>) {
        let directory = &self.directory;
        if directory.endpoint_allow.len() > chatdev_directory::ENDPOINT_ALLOW_MAX {
            let expected = format!("at most {} entries", chatdev_directory::ENDPOINT_ALLOW_MAX);
            let what = format!(
                "directory.endpoint_allow: expected {expected}, found {}",
                directory.endpoint_allow.len()
            );
            broken.push(Violation { keys: vec!["directory.endpoint_allow"], what, help: None });
        }
        if u64::from(directory.limit_seconds) < 3 * u64::from(directory.interval_seconds) {
            broken.push(Violation {
                keys: vec!["directory.limit_seconds", "directory.interval_seconds"],
                what: format!(
                    "directory.limit_seconds: expected at least three intervals ({}), found {}",
                    3 * u64::from(directory.interval_seconds),
                    directory.limit_seconds
                ),
                help: Some("one check-in that is lost must not make somebody disappear".to_owned()),
            });
        }
        let mut needs_rosters = |key: &'static str, what: &str, instead: &str| {
            let what = format!("{key}: {what} needs contact lists, which this version does not keep yet");
            broken.push(Violation { keys: vec![key], what, help: Some(instead.to_owned()) });
        };
        if directory.visibility == Visibility::Contacts {
            needs_rosters("directory.visibility", "\"contacts\"", "use \"everyone\" or \"off\"");
        }
        if directory.endpoints == Endpoints::Contacts {
            needs_rosters("directory.endpoints", "\"contacts\"", "use \"everyone\" or \"nobody\"");
        }
        if directory.roster_push_max != 0 {
            let what = "showing people online in a roster group";
            needs_rosters("directory.roster_push_max", what, "leave it at 0");
        }
    }

    fn check_limits(&self, broken: &mut Vec<Violation>) {
        let limits = &self.limits;
        // A queue that cannot hold one stanza would cut off everybody who is sent a large one.
        if limits.queue_bytes_max < 2 * limits.stanza_bytes_max {
            broken.push(Violation {
                keys: vec!["limits.queue_bytes_max", "limits.stanza_bytes_max"],
                what: format!(
                    "limits.queue_bytes_max: expected at least twice limits.stanza_bytes_max ({}), found {}",
                    2 * limits.stanza_bytes_max,
                    limits.queue_bytes_max
                ),
                help: None,
            });
        }
    }
}
