//! Who is at the other end of a peer stream (SECURITY rule 3): the certificate that was shown, against the directory's entry of the
//! full JID that is claimed. Possession of the key was proven by TLS; acceptance by the person is `peer_trust.rs`.

use chatdev_canary::{Canary, planted};
use chatdev_directory::{Fingerprint, Mirror};
use jid::FullJid;

/// What the directory says about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The entry of this full JID names this certificate.
    True,
    /// It names another one, or there is none (`None`).
    False { expected: Option<Fingerprint> },
}

/// Judges a claim by what is known now. A caller that gets [`Claim::False`] checks in once before it believes it.
pub(crate) fn judge(mirror: &Mirror, claimed: &FullJid, shown: Fingerprint) -> Claim {
    let expected = mirror.lookup(claimed).and_then(|listed| listed.entry.fingerprint);
    let names_it = expected == Some(shown)
        || planted(Canary::IdentityAnyEntry)
            && mirror.entries().any(|listed| listed.entry.fingerprint == Some(shown));
    if names_it { Claim::True } else { Claim::False { expected } }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chatdev_directory::{Announcement, Config, Directory, Moment, SessionId};

    use super::*;

    const ALICE: Fingerprint = Fingerprint([1; 32]);
    const EVE: Fingerprint = Fingerprint([2; 32]);

    fn jid(name: &str) -> FullJid {
        FullJid::new(&format!("{name}@example.net/tui")).unwrap()
    }

    fn listing() -> Mirror {
        let mut directory = Directory::new(Config::new(1)).unwrap();
        let at = Moment::new(Duration::ZERO, jiff::Timestamp::UNIX_EPOCH);
        for (number, (name, fingerprint)) in (1..).zip([("alice", ALICE), ("eve", EVE)]) {
            let announcement = Announcement { fingerprint: Some(fingerprint), ..Announcement::default() };
            directory.open(at, SessionId(number), jid(name), "10.0.0.1".parse().unwrap()).unwrap();
            directory.check_in(at, SessionId(number), Some(announcement)).unwrap();
        }
        let mut mirror = Mirror::default();
        let changes = directory.changes(SessionId(1), None).unwrap();
        mirror.apply(at.mono, directory.config().limit, changes.page(200));
        mirror
    }

    #[test]
    fn being_listed_makes_nobody_somebody_else_who_is_listed() {
        let mirror = listing();
        assert_eq!(judge(&mirror, &jid("alice"), ALICE), Claim::True);
        assert_eq!(judge(&mirror, &jid("alice"), EVE), Claim::False { expected: Some(ALICE) });
        assert_eq!(judge(&mirror, &jid("bob"), EVE), Claim::False { expected: None });
    }
}
