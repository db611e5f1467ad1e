//! Random streams derived from one seed, by purpose and key: removing one user of randomness moves no other's
//! draws.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// The generator of (`seed`, `purpose`, `key`): ChaCha20 keyed by SHA-256 over the three, with the purpose's
/// length before it so that no two triples run together. The same triple gives the same stream on every
/// machine.
#[must_use]
pub fn generator(seed: &[u8; 32], purpose: &str, key: u64) -> ChaCha20Rng {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update((purpose.len() as u64).to_be_bytes());
    hash.update(purpose);
    hash.update(key.to_be_bytes());
    ChaCha20Rng::from_seed(hash.finalize().into())
}
