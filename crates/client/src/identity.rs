//! Who is at the other end of a peer stream (SECURITY rule 3): the certificate that was shown, against the directory's entry of the
//! full JID that is claimed. Possession of the key was proven by TLS; acceptance by the person is `peer_trust.rs`.

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
    if expected == Some(shown) { Claim::True } else { Claim::False { expected } }
}
