//! From numbers without constraints to the knots of a spline.

use burn::tensor::{Tensor, activation};

use super::Least;
use crate::number::Number;
use crate::scale::{soft_bounded, soft_bounded_slope};
use crate::{LogScale, softplus};

/// How the numbers of a spline become the sizes of its bins and the slopes at its knots. At zero all bins
/// are equal and all slopes are 1.
///
/// See [`shares`](Self::shares) for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Knots {
    /// Shares `m + (1 − m K) softmax(r)` of the range for `K` bins, and slopes `m + softplus(r + c)`, with an
    /// `m` for widths, heights and slopes each, and `c` such that `r = 0` is the slope 1.
    ///
    /// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, and its code.
    Floored(Least),
    /// Shares `softmax(r / (1 + |r|/b))` with `b = ½ |ln m|`, of which no two differ by more than a factor
    /// `m`, and slopes `exp(r / (1 + |r / ln m|))`, between `m` and `1/m`, for this `m`.
    ///
    /// Rozet and others: *Zuko: normalizing flows in PyTorch*, 2022, `MonotonicRQSTransform`.
    SoftBounded(f64),
}

impl Default for Knots {
    fn default() -> Self {
        Self::Floored(Least::default())
    }
}

impl Knots {
    /// The shares of the range that bins take, along axis 1, of the numbers of their widths, `side` 0, or of
    /// their heights, `side` 1.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_kernels::{Knots, Least};
    ///
    /// let knots = Knots::Floored(Least::new([0.1, 0.1], 0.1));
    /// // The softmax is ¼ and ¾.
    /// let raw = Tensor::<2>::from_floats([[0.0, 3.0_f32.ln()]], &Device::default());
    /// let shares = knots.shares(raw, 0).into_data().try_to_vec::<f32>().unwrap();
    /// assert!((shares[0] - 0.3).abs() < 1e-6 && (shares[1] - 0.7).abs() < 1e-6);
    /// ```
    pub fn shares<const D: usize>(self, raw: Tensor<D>, side: usize) -> Tensor<D> {
        let bins = raw.dims()[1];
        let softmax = activation::softmax(self.log_sizes(raw), 1);
        let least = self.least()[side];
        // A share of 1 and nothing more: the exact softmax.
        match least == 0.0 {
            true => softmax,
            false => softmax
                .mul_scalar(1.0 - least * bins as f64)
                .add_scalar(least),
        }
    }

    /// The least shares of a bin, in widths and in heights, that are added to its softmax.
    #[inline(always)]
    pub(super) fn least(self) -> [f64; 2] {
        match self {
            Self::Floored(least) => least.sizes(),
            Self::SoftBounded(_) => [0.0; 2],
        }
    }

    /// The bounds of logarithms of sizes and of slopes.
    fn bounds(least: f64) -> [f64; 2] {
        let bound = least.ln().abs();
        [0.5 * bound, bound]
    }

    /// The logarithm of a size up to a constant.
    #[inline(always)]
    pub(super) fn log_size<N: Number>(self, raw: N) -> N {
        match self {
            Self::Floored(_) => raw,
            Self::SoftBounded(least) => soft_bounded(raw, Self::bounds(least)[0]),
        }
    }

    /// The derivative of [`log_size`](Self::log_size), from its value: `(1 − |s|/b)²`.
    #[inline(always)]
    pub(super) fn log_size_slope<N: Number>(self, log_size: impl FnOnce() -> N, like: N) -> N {
        match self {
            Self::Floored(_) => like.like(1.0),
            Self::SoftBounded(least) => {
                let reciprocal = like.like(-Self::bounds(least)[0].recip());
                let inverse_divisor = reciprocal.mul_add(log_size().abs(), like.like(1.0));
                inverse_divisor * inverse_divisor
            }
        }
    }

    /// The slope of a raw one: 1 of 0.
    #[inline(always)]
    pub(super) fn slope<N: Number>(self, raw: N) -> N {
        match self {
            Self::Floored(least) => {
                (raw + raw.like(least.slope_shift())).softplus() + raw.like(least.slope())
            }
            Self::SoftBounded(least) => soft_bounded(raw, Self::bounds(least)[1]).exp(),
        }
    }

    /// The derivative of [`slope`](Self::slope).
    #[inline(always)]
    pub(super) fn slope_slope<N: Number>(self, raw: N) -> N {
        match self {
            Self::Floored(least) => (raw + raw.like(least.slope_shift())).sigmoid(),
            Self::SoftBounded(least) => {
                let bound = Self::bounds(least)[1];
                soft_bounded(raw, bound).exp() * soft_bounded_slope(raw, bound)
            }
        }
    }

    /// [`log_size`](Self::log_size) of a tensor.
    fn log_sizes<const D: usize>(self, raw: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Floored(_) => raw,
            Self::SoftBounded(least) => LogScale::SoftBounded(Self::bounds(least)[0]).apply(raw),
        }
    }

    /// [`slope`](Self::slope) of a tensor.
    pub(super) fn slopes<const D: usize>(self, raw: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Floored(least) => {
                softplus(raw.add_scalar(least.slope_shift())).add_scalar(least.slope())
            }
            Self::SoftBounded(least) => LogScale::SoftBounded(Self::bounds(least)[1])
                .apply(raw)
                .exp(),
        }
    }
}
