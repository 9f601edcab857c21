//! Which features a coupling keeps, and which it transforms.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Divides the features (axis 1) into a part that is kept and a part that is transformed.
///
/// | constructor | first part | second part |
/// |---|---|---|
/// | [`half`](Split::half) | `0 .. ⌊d/2⌋` | `⌊d/2⌋ .. d` |
/// | [`even_odd`](Split::even_odd) | positions 0, 2, 4 … | positions 1, 3, 5 … |
/// | [`at`](Split::at) | `0 .. k` | `k .. d` |
///
/// The first part is kept and the second transformed; [`swapped`](Split::swapped) exchanges them.
/// On images axis 1 is the channel, so these are the channel splits; an odd number of channels
/// divides into `⌊c/2⌋` and `⌈c/2⌉`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    pattern: Pattern,
    keeps_second: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Pattern {
    Half,
    EvenOdd,
    At(usize),
}

impl Split {
    /// First half kept, second half transformed.
    pub fn half() -> Self {
        Self::first_kept(Pattern::Half)
    }

    /// Even positions (0, 2, 4 …) kept, odd positions transformed.
    pub fn even_odd() -> Self {
        Self::first_kept(Pattern::EvenOdd)
    }

    /// The first `k` features kept, the rest transformed.
    pub fn at(k: usize) -> Self {
        Self::first_kept(Pattern::At(k))
    }

    fn first_kept(pattern: Pattern) -> Self {
        Self {
            pattern,
            keeps_second: false,
        }
    }

    /// The same division with the two parts exchanged.
    pub fn swapped(self) -> Self {
        Self {
            keeps_second: !self.keeps_second,
            ..self
        }
    }

    /// The same division, swapped in every other layer: what a stack of couplings wants.
    pub fn alternating(self, layer: usize) -> Self {
        if layer.is_multiple_of(2) {
            self
        } else {
            self.swapped()
        }
    }

    /// `(kept, transformed)`: how many of `features` fall into each part.
    ///
    /// # Panics
    ///
    /// When a part would be empty: a coupling needs at least two features.
    pub fn sizes(&self, features: usize) -> (usize, usize) {
        let (first, second) = self.part_sizes(features);
        if self.keeps_second {
            (second, first)
        } else {
            (first, second)
        }
    }

    fn part_sizes(&self, features: usize) -> (usize, usize) {
        let first = match self.pattern {
            Pattern::Half => features / 2,
            Pattern::EvenOdd => features.div_ceil(2),
            Pattern::At(k) => k,
        };
        assert!(
            first > 0 && first < features,
            "{self:?} leaves a part of {features} features empty: a coupling keeps at least one \
             feature and transforms at least one; use 2 features or more"
        );
        (first, features - first)
    }

    /// The places of the kept part, in order.
    pub(crate) fn kept(&self, features: usize) -> impl Iterator<Item = usize> {
        self.places(features, !self.keeps_second)
    }

    /// The places of the transformed part, in order.
    pub(crate) fn transformed(&self, features: usize) -> impl Iterator<Item = usize> {
        self.places(features, self.keeps_second)
    }

    fn places(&self, features: usize, first: bool) -> impl Iterator<Item = usize> {
        let (first_size, _) = self.part_sizes(features);
        let (range, step) = match (self.pattern, first) {
            (Pattern::EvenOdd, true) => (0..features, 2),
            (Pattern::EvenOdd, false) => (1..features, 2),
            (_, true) => (0..first_size, 1),
            (_, false) => (first_size..features, 1),
        };
        range.step_by(step)
    }

    /// `(kept, transformed)`, each `[batch, part, ..]`.
    ///
    /// # Panics
    ///
    /// As [`sizes`](Split::sizes).
    pub fn split<const D: usize>(&self, x: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (first_size, second_size) = self.part_sizes(x.dims()[1]);
        let (first, second) = match self.pattern {
            Pattern::Half | Pattern::At(_) => (
                x.clone().narrow(1, 0, first_size),
                x.narrow(1, first_size, second_size),
            ),
            Pattern::EvenOdd => deinterleave(x, first_size, second_size),
        };
        if self.keeps_second {
            (second, first)
        } else {
            (first, second)
        }
    }

    /// The inverse of [`split`](Split::split).
    pub fn merge<const D: usize>(&self, kept: Tensor<D>, transformed: Tensor<D>) -> Tensor<D> {
        let (first, second) = if self.keeps_second {
            (transformed, kept)
        } else {
            (kept, transformed)
        };
        match self.pattern {
            Pattern::Half | Pattern::At(_) => Tensor::cat(vec![first, second], 1),
            Pattern::EvenOdd => interleave(first, second),
        }
    }
}

/// Even and odd positions of axis 1, by viewing pairs as an axis of their own: a strided copy,
/// where index tensors would cost a gather and a scatter in the backward pass.
fn deinterleave<const D: usize>(x: Tensor<D>, evens: usize, odds: usize) -> (Tensor<D>, Tensor<D>) {
    let dims = x.dims();
    let part = |tensor: Tensor<4>, size: usize| {
        let mut shape = dims;
        shape[1] = size;
        tensor.reshape(shape)
    };
    let rest: usize = dims[2..].iter().product();
    let pairs = x
        .clone()
        .narrow(1, 0, 2 * odds)
        .reshape([dims[0], odds, 2, rest]);
    let even = part(pairs.clone().narrow(2, 0, 1), odds);
    let odd = part(pairs.narrow(2, 1, 1), odds);
    if evens == odds {
        return (even, odd);
    }
    // An odd number of features: the last even position has no partner.
    (Tensor::cat(vec![even, x.narrow(1, 2 * odds, 1)], 1), odd)
}

fn interleave<const D: usize>(even: Tensor<D>, odd: Tensor<D>) -> Tensor<D> {
    let (mut shape, odds) = (odd.dims(), odd.dims()[1]);
    let evens = even.dims()[1];
    let rest: usize = shape[2..].iter().product();
    let as_pairs = |tensor: Tensor<D>| tensor.reshape([shape[0], odds, 1, rest]);
    let pairs: Tensor<4> = Tensor::cat(
        vec![as_pairs(even.clone().narrow(1, 0, odds)), as_pairs(odd)],
        2,
    );
    shape[1] = 2 * odds;
    let pairs: Tensor<D> = pairs.reshape(shape);
    if evens == odds {
        return pairs;
    }
    Tensor::cat(vec![pairs, even.narrow(1, odds, 1)], 1)
}
