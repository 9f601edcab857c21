//! The generator behind every random choice of this crate.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// The generator of a seed; each stream of a seed is independent of its others.
pub(crate) fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// The numbers below `n` in an order given by a seed and a stream.
pub(crate) fn permutation(n: usize, seed: u64, stream: u64) -> Vec<usize> {
    use rand::seq::SliceRandom;

    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut generator(seed, stream));
    order
}
