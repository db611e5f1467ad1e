//! [`RestingRng`]: a generator that is seldom used, kept small.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// Where a generator was when it was last used: a seventh of its size, most of which is output made in advance. An idle
/// session draws nothing, and there are many of them.
pub struct RestingRng {
    seed: [u8; 32],
    words_drawn: u64,
}

impl RestingRng {
    /// Draws from it: the same words as if it had never rested.
    pub fn draw<R>(&mut self, draw: impl FnOnce(&mut ChaCha20Rng) -> R) -> R {
        let mut rng = ChaCha20Rng::from_seed(self.seed);
        rng.set_word_pos(self.words_drawn.into());
        let drawn = draw(&mut rng);
        *self = rng.into();
        drawn
    }
}

impl From<ChaCha20Rng> for RestingRng {
    /// Goes on where `rng` is.
    fn from(rng: ChaCha20Rng) -> Self {
        let words_drawn = u64::try_from(rng.get_word_pos()).expect("nobody draws 2^64 words");
        Self { seed: rng.get_seed(), words_drawn }
    }
}

/// Says nothing of what is to come.
impl fmt::Debug for RestingRng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestingRng").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rand_core::Rng as _;

    use super::*;

    #[test]
    fn rest_changes_nothing_of_what_is_drawn() {
        let mut awake = ChaCha20Rng::from_seed([7; 32]);
        awake.next_u32();
        let mut resting = RestingRng::from(awake.clone());
        for length in [1, 8, 16, 300, 3, 4, 64] {
            let (mut expected, mut found) = (vec![0; length], vec![0; length]);
            awake.fill_bytes(&mut expected);
            resting.draw(|rng| rng.fill_bytes(&mut found));
            assert_eq!(found, expected, "{length} octets");
            assert_eq!(resting.draw(|rng| rng.next_u64()), awake.next_u64());
        }
    }
}
