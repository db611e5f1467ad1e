//! Draws from the seeded generator: waits that do not coincide, and identifiers that nobody guesses.

use std::fmt::Write as _;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

/// An even draw from `low ..= high`; `low` where the two are the wrong way round.
pub(crate) fn between(rng: &mut ChaCha20Rng, low: Duration, high: Duration) -> Duration {
    let span = high.saturating_sub(low).as_nanos();
    // Multiply and shift: 64 random bits scaled to the span. A span of 64 bits of nanoseconds is 584 years.
    let drawn = (u128::from(rng.next_u64()) * (span + 1)) >> 64;
    low + Duration::from_nanos(u64::try_from(drawn).unwrap_or(u64::MAX))
}

/// 128 random bits in hexadecimal: the id of a message (XEP-0359 asks for ids that nobody can guess or repeat).
pub(crate) fn identifier(rng: &mut ChaCha20Rng) -> String {
    let mut octets = [0; 16];
    rng.fill_bytes(&mut octets);
    octets.iter().fold(String::with_capacity(32), |mut text, octet| {
        write!(text, "{octet:02x}").expect("writing to a string never fails");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_core::SeedableRng as _;

    use super::*;

    proptest! {
        #[test]
        fn a_draw_stays_within_its_bounds(seed: u64, low in 0_u64..1 << 40, span in 0_u64..1 << 40) {
            let (low, high) = (Duration::from_nanos(low), Duration::from_nanos(low + span));
            let drawn = between(&mut ChaCha20Rng::seed_from_u64(seed), low, high);
            prop_assert!(drawn >= low && drawn <= high);
        }
    }

    #[test]
    fn identifiers_are_128_bits_of_hexadecimal_and_differ() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let (first, second) = (identifier(&mut rng), identifier(&mut rng));
        assert_eq!(first.len(), 32);
        assert!(first.bytes().all(|octet| octet.is_ascii_hexdigit()));
        assert_ne!(first, second);
    }
}
