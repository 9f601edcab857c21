//! The kept and the transformed features of a coupling.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use thalweg_kernels::{Places, gather, merge, view};

/// Divides the features, axis 1, into a kept and a transformed part.
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
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Split;
///
/// let x = Tensor::<2>::from_floats([[0.0, 1.0, 2.0, 3.0, 4.0]], &Device::default());
/// let split = Split::even_odd();
/// assert_eq!(split.sizes(5), (3, 2));
/// let (kept, transformed) = split.split(x.clone());
/// assert_eq!(kept.to_data().try_to_vec::<f32>().unwrap(), [0.0, 2.0, 4.0]);
/// assert_eq!(split.merge(kept, transformed).to_data(), x.to_data());
///
/// assert_eq!(Split::at(1).swapped().sizes(5), (4, 1));
/// assert_eq!(Split::half().alternating(1).sizes(5), (3, 2));
/// ```
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

    /// The same division, swapped in every other layer of a stack.
    pub fn alternating(self, layer: usize) -> Self {
        if layer.is_multiple_of(2) {
            self
        } else {
            self.swapped()
        }
    }

    /// The numbers of kept and of transformed features, `(kept, transformed)`.
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

    /// The places of the kept part.
    pub(crate) fn kept(&self, features: usize) -> Places {
        self.places(features, !self.keeps_second)
    }

    /// The places of the transformed part.
    pub(crate) fn transformed(&self, features: usize) -> Places {
        self.places(features, self.keeps_second)
    }

    /// The places of the kept part, and of the transformed.
    pub(crate) fn both(&self, features: usize) -> [Places; 2] {
        [self.kept(features), self.transformed(features)]
    }

    fn places(&self, features: usize, is_first: bool) -> Places {
        let (first_size, second_size) = self.part_sizes(features);
        let (first, step) = match (self.pattern, is_first) {
            (Pattern::EvenOdd, true) => (0, 2),
            (Pattern::EvenOdd, false) => (1, 2),
            (_, true) => (0, 1),
            (_, false) => (first_size, 1),
        };
        let count = if is_first { first_size } else { second_size };
        Places { first, step, count }
    }

    /// `(kept, transformed)`, each `[batch, part, ..]`.
    ///
    /// # Panics
    ///
    /// As [`sizes`](Split::sizes).
    pub fn split<const D: usize>(&self, x: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let features = x.dims()[1];
        let [kept, transformed] = self.both(features);
        (gather(x.clone(), kept), gather(x, transformed))
    }

    /// The kept part, the input of the network.
    pub(crate) fn keep<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let kept = self.kept(x.dims()[1]);
        view(x, kept)
    }

    /// The inverse of [`split`](Split::split).
    pub fn merge<const D: usize>(&self, kept: Tensor<D>, transformed: Tensor<D>) -> Tensor<D> {
        let features = kept.dims()[1] + transformed.dims()[1];
        merge([kept, transformed], self.both(features))
    }
}
