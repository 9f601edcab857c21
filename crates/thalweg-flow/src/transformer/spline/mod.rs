//! Monotone splines as transformers.

mod knots;

use burn::module::Module;
use burn::tensor::Tensor;

use super::Transformer;
use crate::LogDet;
use crate::numerics::sum_features;
use crate::precision::in_f32;
use knots::{Axis, Knots};

pub(crate) use knots::LEAST;

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
/// the spline is the identity. Widths, heights and slopes stay above 1e-3 of their range, and the
/// slope is 1 at both ends, so that the tails join smoothly. The inverse takes the root of its
/// quadratic equation that does not cancel.
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
    pub(crate) bins: usize,
    pub(crate) bound: f64,
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
        Self { bins, bound }
    }

    /// Splines of these parameters, as one row of numbers a feature and position.
    fn knots<const D: usize>(&self, parameters: Tensor<D>) -> Knots {
        let dims = parameters.dims();
        let per_feature = self.parameters_per_feature();
        let columns = dims[1..].iter().product::<usize>() / per_feature;
        let parameters = parameters.reshape([dims[0], per_feature, columns]);
        Knots::new(parameters, self.bins, self.bound)
    }
}

impl Default for RationalQuadratic {
    /// Eight bins on `[−3, 3]`.
    fn default() -> Self {
        Self::new(8, 3.0)
    }
}

impl Transformer for RationalQuadratic {
    fn parameters_per_feature(&self) -> usize {
        3 * self.bins - 1
    }

    fn forward<const D: usize>(&self, x: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        in_f32(x, |x| {
            let knots = self.knots(parameters.cast(x.dtype()));
            on_rows(x, self.bound, |x| {
                let segment = knots.segment(&x, Axis::X);
                segment.curve.at((x - segment.x) / segment.width)
            })
        })
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        in_f32(y, |y| {
            let knots = self.knots(parameters.cast(y.dtype()));
            on_rows(y, self.bound, |y| {
                let segment = knots.segment(&y, Axis::Y);
                // Rounding leads it out where the slopes at the knots are steep, and there it matters.
                let xi = segment.curve.root(y).clamp(0.0, 1.0);
                let (_, log_slope) = segment.curve.at(xi.clone());
                (xi * segment.width + segment.x, log_slope.neg())
            })
        })
    }
}

/// Applies `inside` to what lies within the bounds, and the identity to the rest: by masks, so
/// that a batch with nothing inside is no special case. What lies outside is evaluated at the
/// bound and dropped, which keeps NaN out of the gradient.
fn on_rows<const D: usize>(
    input: Tensor<D>,
    bound: f64,
    inside: impl Fn(Tensor<2>) -> (Tensor<2>, Tensor<2>),
) -> (Tensor<D>, LogDet) {
    let dims = input.dims();
    let rows = input.reshape([dims[0], dims[1..].iter().product()]);
    let outside = rows.clone().abs().lower_equal_elem(bound).bool_not();
    let (output, log_slope) = inside(rows.clone().clamp(-bound, bound));
    let output = output.mask_where(outside.clone(), rows);
    let log_slope = log_slope.mask_fill(outside, 0.0);
    (output.reshape(dims), sum_features(log_slope))
}
