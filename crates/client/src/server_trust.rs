//! Whether the server that answers is the one it should be: pins of self-signed certificates, beside the public authorities.
//!
//! | the certificate | no pin | the pin is equal | the pin is another |
//! |---|---|---|---|
//! | valid for the name by a public authority | taken | taken | refused: changed |
//! | self-signed or otherwise unproven | the person is asked | taken | refused: changed |
//!
//! What it does *not* do: check chains, names or dates (the owner's TLS does, and says whether the certificate is publicly valid).

use std::collections::BTreeMap;

use chatdev_directory::Fingerprint;

/// What to make of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Trusted,
    /// Never seen, and nobody vouches for it: nothing is sent until the person has answered.
    Unknown,
    /// Another certificate than the one that was accepted before.
    Changed {
        known: Fingerprint,
    },
}

/// The accepted certificate of each domain.
#[derive(Debug)]
pub(crate) struct ServerTrust {
    pins: BTreeMap<String, Fingerprint>,
}

impl ServerTrust {
    pub(crate) fn new(pins: BTreeMap<String, Fingerprint>) -> Self {
        Self { pins }
    }

    pub(crate) fn check(&self, domain: &str, shown: Fingerprint, publicly_valid: bool) -> Verdict {
        match self.pins.get(domain) {
            Some(known) if *known == shown => Verdict::Trusted,
            Some(known) => Verdict::Changed { known: *known },
            None if publicly_valid => Verdict::Trusted,
            None => Verdict::Unknown,
        }
    }

    /// The person accepted this certificate for this domain, in place of any other.
    pub(crate) fn pin(&mut self, domain: &str, accepted: Fingerprint) {
        self.pins.insert(domain.to_owned(), accepted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Fingerprint = Fingerprint([1; 32]);
    const SECOND: Fingerprint = Fingerprint([2; 32]);

    fn pinned() -> ServerTrust {
        ServerTrust::new(BTreeMap::from([("example.net".to_owned(), FIRST)]))
    }

    #[test]
    fn an_unknown_self_signed_certificate_is_for_the_person_to_judge() {
        assert_eq!(ServerTrust::new(BTreeMap::new()).check("example.net", FIRST, false), Verdict::Unknown);
    }

    #[test]
    fn a_publicly_valid_certificate_needs_no_pin() {
        assert_eq!(ServerTrust::new(BTreeMap::new()).check("example.net", FIRST, true), Verdict::Trusted);
    }

    #[test]
    fn a_pin_holds_against_another_certificate_even_a_publicly_valid_one() {
        for publicly_valid in [false, true] {
            assert_eq!(
                pinned().check("example.net", SECOND, publicly_valid),
                Verdict::Changed { known: FIRST }
            );
        }
    }

    #[test]
    fn the_pinned_certificate_is_taken_without_a_question() {
        assert_eq!(pinned().check("example.net", FIRST, false), Verdict::Trusted);
    }

    #[test]
    fn a_pin_says_nothing_about_another_domain() {
        assert_eq!(pinned().check("example.org", FIRST, false), Verdict::Unknown);
    }

    #[test]
    fn an_answer_of_the_person_replaces_the_pin() {
        let mut trust = pinned();
        trust.pin("example.net", SECOND);
        assert_eq!(trust.check("example.net", SECOND, false), Verdict::Trusted);
        assert_eq!(trust.check("example.net", FIRST, false), Verdict::Changed { known: SECOND });
    }
}
