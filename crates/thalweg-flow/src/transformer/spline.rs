//! Monotone splines as transformers.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Ends, Knots, Least, Map, Spline};

use super::pointwise::{ByMap, transformer_by_map};
use super::usage;
use crate::walk::Usage;

/// A monotone rational-quadratic spline on `[−B, B]`, the identity outside.
///
/// Between two knots `(x₀, y₀)` and `(x₁, y₁)` with slopes `d₀`, `d₁`, secant `s = Δy/Δx` and
/// `ξ = (x − x₀)/Δx`:
///
/// `y = y₀ + Δy (s ξ² + d₀ ξ(1 − ξ)) / q`, `q = s + (d₀ + d₁ − 2 s) ξ(1 − ξ)`, and
/// `dy/dx = s² (d₁ ξ² + 2 s ξ(1 − ξ) + d₀ (1 − ξ)²) / q²`.
///
/// The conditioner gives `3 bins − 1` numbers a feature: logarithms of the bins' widths and of
/// their heights up to a constant, and the slopes at the inner knots through a softplus. At zero
/// the spline is the identity. Widths and heights stay above 1e-3 of their range and slopes above
/// 1e-3, or above other numbers, see [`with_least`](Self::with_least). The slope is 1 at both ends, so
/// that the tails join smoothly. The inverse takes the root of its quadratic equation that does not
/// cancel.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Coupling, MlpConfig, Noise, RationalQuadratic, Split, Transformer};
///
/// let device = Device::default();
/// let spline = RationalQuadratic::default();
/// let outputs = 2 * spline.parameters_per_feature();
/// let net = MlpConfig::new(2, vec![16], outputs).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), spline, net);
///
/// let x = Tensor::<2>::from_floats([[0.1, -0.2, 0.3, 9.0]], &device);
/// let (z, _) = coupling.forward(x.clone(), &());
/// let (back, _) = coupling.inverse(z, &());
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # References
///
/// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, section 3.1, eq. 4 to 8.
#[derive(Module, Debug)]
pub struct RationalQuadratic {
    pub(super) bins: usize,
    pub(super) bound: f64,
    #[module(skip)]
    ends: Ends,
    #[module(skip)]
    pub(super) knots: Knots,
}

impl RationalQuadratic {
    /// A spline of this many bins on `[−bound, bound]`.
    ///
    /// # Panics
    ///
    /// When there are fewer than 2 bins (one, with slope 1 at both ends, is a straight line) or
    /// more than 500, or when the bound is not positive.
    pub fn new(bins: usize, bound: f64) -> Self {
        assert!(
            (2..=500).contains(&bins),
            "a spline has 2 to 500 bins, got {bins}: each takes at least a thousandth of the range"
        );
        assert!(
            bound > 0.0 && bound.is_finite(),
            "a spline needs a positive bound, got {bound}"
        );
        Self {
            bins,
            bound,
            ends: Ends::Straight,
            knots: Knots::default(),
        }
    }

    /// A spline whose numbers are bounded softly, as those of the library zuko are: its conditioners' weights
    /// give the same spline here.
    ///
    /// Widths and heights are shares `softmax(r / (1 + |2 r / ln m|))` of the range, slopes are
    /// `exp(r / (1 + |r / ln m|))`, between `m` and `1/m`, with `m` the `least_slope`, such as 1e-3.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{RationalQuadratic, Transformer};
    ///
    /// let spline = RationalQuadratic::soft_bounded(8, 5.0, 1e-3);
    /// let parameters = Tensor::<2>::zeros([1, spline.parameters_per_feature()], &Device::default());
    /// let x = Tensor::<2>::full([1, 1], 2.0, &parameters.device());
    /// let (y, _) = spline.forward(x, parameters);
    /// assert!((y.into_scalar::<f32>() - 2.0).abs() < 1e-5); // zeros give the identity
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new), and unless `least_slope` is above 0 and below 1.
    ///
    /// # References
    ///
    /// Rozet and others: *Zuko: normalizing flows in PyTorch*, 2022, `MonotonicRQSTransform`.
    pub fn soft_bounded(bins: usize, bound: f64, least_slope: f64) -> Self {
        Self::new(bins, bound).with_soft_bounds(least_slope)
    }

    /// The same spline with its numbers bounded as those of [`soft_bounded`](Self::soft_bounded).
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{RationalQuadratic, Transformer};
    ///
    /// let parameters = Tensor::<2>::from_floats([[1.0, 0.0, -1.0, 0.5, 0.5]], &Device::default());
    /// let x = Tensor::<2>::full([1, 1], 0.5, &parameters.device());
    /// let [of_new, of_soft] = [RationalQuadratic::new(2, 3.0), RationalQuadratic::soft_bounded(2, 3.0, 1e-3)];
    /// let at = |spline: &RationalQuadratic| spline.forward(x.clone(), parameters.clone()).0.into_scalar::<f32>();
    /// assert_ne!(at(&of_new), at(&of_soft));
    /// assert_eq!(at(&of_new.with_soft_bounds(1e-3)), at(&of_soft));
    /// ```
    ///
    /// # Panics
    ///
    /// Unless `least_slope` is above 0 and below 1.
    pub fn with_soft_bounds(self, least_slope: f64) -> Self {
        assert!(
            least_slope > 0.0 && least_slope < 1.0,
            "the least slope of a spline lies between 0 and 1, got {least_slope}"
        );
        let knots = Knots::SoftBounded(least_slope);
        Self { knots, ..self }
    }

    /// The same spline with other least widths, heights and slopes than a thousandth: shares
    /// `m + (1 − m K) softmax(r)` of the range for `K` bins, and slopes `m + ln(1 + e^(r + c))` with `c` such that
    /// `r = 0` is the slope 1. A spline of [`soft_bounded`](Self::soft_bounded) becomes one of these.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Least, RationalQuadratic, Transformer};
    ///
    /// let device = Device::default();
    /// let spline = RationalQuadratic::new(2, 3.0).with_least(Least::new([0.4, 0.1], 1e-4));
    /// // A first bin as narrow and as low as can be: a share of 0.4 of the width of 6, and of 0.1 of the height.
    /// let parameters = Tensor::<2>::from_floats([[-50.0, 50.0, -50.0, 50.0, 0.0]], &device);
    /// let knot = Tensor::<2>::from_floats([[-3.0 + 0.4 * 6.0]], &device);
    /// let (y, _) = spline.forward(knot, parameters);
    /// assert!((y.into_scalar::<f32>() - (-3.0 + 0.1 * 6.0)).abs() < 1e-5);
    /// ```
    ///
    /// # Panics
    ///
    /// When the least sizes of all bins together are the whole range or more.
    pub fn with_least(self, least: Least) -> Self {
        let largest = least.sizes()[0].max(least.sizes()[1]);
        assert!(
            largest * (self.bins as f64) < 1.0,
            "{} bins of at least {largest} of the range each do not fit into it",
            self.bins
        );
        Self {
            knots: Knots::Floored(least),
            ..self
        }
    }

    /// A spline on a circle whose angles run from `−bound` to `bound`, such as `π`: both ends have one
    /// learned slope, so the density is continuous across them.
    ///
    /// The conditioner gives `3 bins` numbers a feature: the slope at the ends comes before the inner ones.
    /// Both ends stay where they are; numbers outside do too. A [`Periodic`](crate::Periodic) network gives
    /// parameters that are continuous across the ends.
    ///
    /// ```
    /// use std::f64::consts::PI;
    /// use thalweg_flow::{RationalQuadratic, Transformer};
    ///
    /// let spline = RationalQuadratic::circular(8, PI);
    /// assert_eq!(spline.parameters_per_feature(), 3 * 8);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    ///
    /// # References
    ///
    /// Rezende, Papamakarios, Racanière, Albergo, Kanwar, Shanahan, Cranmer: *Normalizing flows on tori and
    /// spheres*, 2020, section 2.1.3.
    pub fn circular(bins: usize, bound: f64) -> Self {
        let ends = Ends::Circular;
        Self {
            ends,
            ..Self::new(bins, bound)
        }
    }

    /// The same spline with one learned slope at each end: for numbers that all lie on the range.
    ///
    /// The conditioner gives `3 bins + 1` numbers a feature: the slopes of all knots in their order.
    ///
    /// ```
    /// use thalweg_flow::{RationalQuadratic, Transformer};
    ///
    /// let spline = RationalQuadratic::new(8, 1.0).with_free_ends();
    /// assert_eq!(spline.parameters_per_feature(), 3 * 8 + 1);
    /// ```
    pub fn with_free_ends(self) -> Self {
        let ends = Ends::Free;
        Self { ends, ..self }
    }

    /// The same spline on a circle, `[−bound, bound)`, that takes a number from the other side: `x + bound` below 0,
    /// `x − bound` from 0 on. Numbers outside stay where they are.
    ///
    /// Its slopes at the ends are 1, as of [`new`](Self::new): they lie at 0 of the inputs. A few such layers turn the
    /// point of slope 1 away.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{RationalQuadratic, Transformer};
    ///
    /// let spline = RationalQuadratic::new(8, 1.0).turned();
    /// let parameters = Tensor::<2>::zeros([1, spline.parameters_per_feature()], &Device::default());
    /// let x = Tensor::<2>::full([1, 1], 0.25, &parameters.device());
    /// // Where a spline is the identity, the turned one goes to the other side.
    /// let (y, _) = spline.forward(x, parameters);
    /// assert!((y.into_scalar::<f32>() + 0.75).abs() < 1e-6);
    /// ```
    ///
    /// # References
    ///
    /// Rozet and others: *Zuko: normalizing flows in PyTorch*, 2022, `NCSF`.
    pub fn turned(self) -> Self {
        let ends = Ends::Turned;
        Self { ends, ..self }
    }
}

impl Default for RationalQuadratic {
    /// Eight bins on `[−3, 3]`.
    fn default() -> Self {
        Self::new(8, 3.0)
    }
}

impl ByMap for RationalQuadratic {
    fn map(&self) -> Map {
        let spline = Spline::new(self.bins, self.bound, self.ends);
        Map::Spline(spline.with_knots(self.knots))
    }

    fn usage<const D: usize>(&self, x: Tensor<D>, given: Tensor<D>) -> Option<Usage> {
        Some(usage::of_spline(self, x, given))
    }
}

transformer_by_map! { [] RationalQuadratic }
