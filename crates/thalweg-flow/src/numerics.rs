//! Helpers for layers: checks of shapes, elementwise functions that are accurate in f64 on every
//! backend and finite on finite numbers, and sums over features.

pub use crate::shape::{assert_features, assert_rows, assert_sample_shape, guarded, nothing};
use burn::tensor::{DType, Device, Tensor};
use thalweg_kernels::{Order, channel_scale};
pub use thalweg_kernels::{
    exponents, largest_of, log_sigmoid, saturate, sigmoid, softplus, sum_features,
};

use crate::LogDet;

/// Elements of one sample that share one feature (1 for vectors, `height · width` for images).
pub(crate) fn positions<const D: usize>(x: &Tensor<D>) -> usize {
    x.dims()[2..].iter().product()
}

/// A per-feature vector `[features]` shaped to broadcast over axis 1: `[1, features, 1, ..]`.
pub(crate) fn along_features<const D: usize>(v: Tensor<1>) -> Tensor<D> {
    let mut shape = [1; D];
    shape[1] = v.dims()[0];
    v.reshape(shape)
}

/// A log-determinant of zero for each sample of `x`.
pub(crate) fn zero_log_det<const D: usize>(x: &Tensor<D>) -> LogDet {
    Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()))
}

/// The log-determinant of scaling each feature by `exp(log_scale)`: `Σ log_scale · positions`,
/// the same for every sample of `x`.
pub(crate) fn per_feature_log_det<const D: usize>(log_scale: Tensor<1>, x: &Tensor<D>) -> LogDet {
    one_a_sample(log_scale.sum().mul_scalar(positions(x) as f64), x.dims()[0])
}

/// A log-determinant `[1]` of all samples as `[batch]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::numerics::one_a_sample;
///
/// let log_det = Tensor::<1>::from_floats([0.5], &Device::default());
/// let each = one_a_sample(log_det, 3).into_data().try_to_vec::<f32>().unwrap();
/// assert_eq!(each, [0.5, 0.5, 0.5]);
/// ```
pub fn one_a_sample(log_det: Tensor<1>, batch: usize) -> LogDet {
    expanded(log_det, [batch])
}

/// [`Tensor::expand`], also to an empty shape.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::numerics::expanded;
///
/// let row = Tensor::<2>::ones([1, 3], &Device::default());
/// assert_eq!(expanded(row.clone(), [4, 3]).dims(), [4, 3]);
/// assert_eq!(expanded(row, [0, 3]).dims(), [0, 3]);
/// ```
pub fn expanded<const D: usize>(x: Tensor<D>, shape: [usize; D]) -> Tensor<D> {
    match shape.contains(&0) {
        true => Tensor::empty(shape, (&x.device(), x.dtype())),
        false => x.expand(shape),
    }
}

/// `x ⊙ exp(s) + t` with its log-determinant, one `s` and `t` a feature.
pub(crate) fn scale_and_shift<const D: usize>(
    x: Tensor<D>,
    log_scale: Tensor<1>,
    shift: Tensor<1>,
) -> (Tensor<D>, LogDet) {
    let log_det = per_feature_log_det(log_scale.clone(), &x);
    let y = channel_scale(x, shift, log_scale, Order::ScaleFirst);
    (y, log_det)
}

/// `(x − μ) ⊙ exp(s)` with its log-determinant, one `μ` and `s` a feature. Subtracting first keeps the
/// digits of small deviations around a large mean.
pub(crate) fn centre_and_scale<const D: usize>(
    x: Tensor<D>,
    mean: Tensor<1>,
    log_scale: Tensor<1>,
) -> (Tensor<D>, LogDet) {
    let log_det = per_feature_log_det(log_scale.clone(), &x);
    let y = channel_scale(x, mean, log_scale, Order::CentreFirst);
    (y, log_det)
}

/// Host values as a tensor.
pub(crate) fn from_host<const D: usize>(
    values: Vec<f64>,
    shape: [usize; D],
    device: &Device,
    dtype: DType,
) -> Tensor<D> {
    Tensor::from_data(
        burn::tensor::TensorData::new(values, shape),
        (device, dtype),
    )
}

/// The resolution of a dtype.
pub(crate) struct Precision {
    /// The least positive number.
    pub(crate) smallest: f64,
    /// The least positive normal number.
    pub(crate) tiny: f64,
    /// From 1 to the next number.
    pub(crate) epsilon: f64,
}

impl Precision {
    pub(crate) fn of(dtype: DType) -> Self {
        let [smallest, tiny, epsilon] = match dtype {
            DType::F64 => [f64::from_bits(1), f64::MIN_POSITIVE, f64::EPSILON],
            DType::F16 => [2f64.powi(-24), 2f64.powi(-14), 2f64.powi(-10)],
            DType::BF16 => [2f64.powi(-133), 2f64.powi(-126), 2f64.powi(-7)],
            _ => [
                f64::from(f32::from_bits(1)),
                f64::from(f32::MIN_POSITIVE),
                f64::from(f32::EPSILON),
            ],
        };
        Self {
            smallest,
            tiny,
            epsilon,
        }
    }
}

/// The rounding of a dtype: from 1 to the next number.
///
/// ```
/// use burn::tensor::DType;
/// use thalweg_flow::numerics::epsilon;
///
/// assert_eq!(epsilon(DType::F32), f64::from(f32::EPSILON));
/// ```
pub fn epsilon(dtype: DType) -> f64 {
    Precision::of(dtype).epsilon
}

/// The root `x` in `[low, high]` of `f(x) = target`, one a sample, for an increasing `f` that returns
/// its value and its derivative.
///
/// Bisection down to rounding, then one step of Newton's method, which carries the gradient: by the
/// implicit function theorem `dx = (d target − ∂f) / f′`.
pub(crate) fn increasing_root(
    f: impl Fn(Tensor<1>) -> (Tensor<1>, Tensor<1>),
    target: Tensor<1>,
    low: Tensor<1>,
    high: Tensor<1>,
) -> Tensor<1> {
    let halvings = match target.dtype() {
        DType::F64 => 60,
        _ => 30,
    };
    let (mut low, mut high) = (low.detach(), high.detach());
    for _ in 0..halvings {
        let middle = between(low.clone(), high.clone());
        let (value, _) = f(middle.clone());
        let above = value.detach().greater(target.clone().detach());
        low = middle.clone().mask_where(above.clone(), low);
        high = high.mask_where(above, middle);
    }
    let root = between(low, high);
    let (value, slope) = f(root.clone());
    root + (target - value) * slope.detach().recip()
}

/// The midpoint; the sum of both numbers may overflow.
fn between(low: Tensor<1>, high: Tensor<1>) -> Tensor<1> {
    low.mul_scalar(0.5) + high.mul_scalar(0.5)
}
