//! Learned scales and shifts of the features.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::numerics::{centre_and_scale, scale_and_shift};
use crate::parameter::with_value;
use crate::shape::assert_alike;
use crate::walk::{Detail, Visitor};
use crate::{Bijection, LogDet, probe};

/// `z = exp(s) ⊙ x + t`, `ln|det J| = Σ s · positions`, one `s` and `t` a feature (axis 1).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, ElementwiseAffine};
///
/// let device = Device::default();
/// let log_scale = Tensor::from_floats([2.0_f32.ln(), 0.0], &device);
/// let shift = Tensor::from_floats([0.0, 5.0], &device);
/// let layer = ElementwiseAffine::<2>::from_parameters(log_scale, shift);
/// let (z, log_det) = layer.forward(Tensor::from_floats([[3.0, 1.0]], &device), &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [6.0, 6.0]);
/// assert!((log_det.into_scalar::<f32>() - 2.0_f32.ln()).abs() < 1e-6);
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same; `positions` is 1 for vectors and `height · width` for
/// images.
#[derive(Module, Debug)]
pub struct ElementwiseAffine<const D: usize = 2> {
    pub(crate) log_scale: Param<Tensor<1>>,
    pub(crate) shift: Param<Tensor<1>>,
}

impl<const D: usize> ElementwiseAffine<D> {
    /// The identity.
    pub fn new(features: usize, device: &Device) -> Self {
        Self::from_parameters(
            Tensor::zeros([features], device),
            Tensor::zeros([features], device),
        )
    }

    /// Given log-scales and shifts, each `[features]`.
    ///
    /// # Panics
    ///
    /// When their lengths differ.
    pub fn from_parameters(log_scale: Tensor<1>, shift: Tensor<1>) -> Self {
        assert_alike(
            "an elementwise affine map",
            ["log-scales", "shifts"],
            [log_scale.dims(), shift.dims()],
        );
        Self {
            log_scale: Param::from_tensor(log_scale),
            shift: Param::from_tensor(shift),
        }
    }
}

impl<C, const D: usize> Bijection<C> for ElementwiseAffine<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "ElementwiseAffine",
            scale_and_shift(x, self.log_scale.val(), self.shift.val()),
        )
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "ElementwiseAffine",
            centre_and_scale(z, self.shift.val(), self.log_scale.val().neg()),
        )
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &C, visitor: &mut V) -> Tensor<D> {
        let details = vec![Detail::Diagonal(self.log_scale.val())];
        visitor.layer(self, x, context, details)
    }
}

/// `z = exp(s) ⊙ x`, `ln|det J| = Σ s`, with one learned log-scale a feature.
///
/// A large `sᵢ` marks a feature that varies little: its prior has the standard deviation `exp(−sᵢ)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, DiagonalScale};
///
/// let device = Device::default();
/// let layer = DiagonalScale::<2>::from_log_scale(Tensor::from_floats([0.5, -0.5], &device));
/// let x = Tensor::<2>::ones([3, 2], &device);
/// let (z, log_det) = layer.forward(x.clone(), &());
/// assert!(log_det.abs().max().into_scalar::<f32>() < 1e-6);
/// assert!((layer.inverse(z, &()).0 - x).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE*, 2014, section 3.3.
#[derive(Module, Debug)]
pub struct DiagonalScale<const D: usize = 2> {
    log_scale: Param<Tensor<1>>,
}

impl<const D: usize> DiagonalScale<D> {
    /// Scales of one.
    pub fn new(features: usize, device: &Device) -> Self {
        Self::from_log_scale(Tensor::zeros([features], device))
    }

    /// Given log-scales, `[features]`.
    pub fn from_log_scale(log_scale: Tensor<1>) -> Self {
        Self {
            log_scale: Param::from_tensor(log_scale),
        }
    }

    /// The log-scales, `[features]`.
    pub fn log_scale(&self) -> Tensor<1> {
        self.log_scale.val()
    }

    /// Sets the scales so that each feature of `x` has the standard deviation `target`; a feature that
    /// is constant in `x` keeps its scale.
    ///
    /// Adam moves a log-scale by at most its rate a step, so that from 0 the border pixels of MNIST
    /// (scales near `e⁷`) would need thousands of steps.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Bijection, DiagonalScale};
    ///
    /// let x = Tensor::<2>::from_floats([[1.0, 7.0], [3.0, 7.0]], &Device::default());
    /// let layer = DiagonalScale::<2>::new(2, &x.device()).initialize(x.clone(), 1.0);
    /// let (z, _) = layer.forward(x, &());
    /// let z = z.into_data().try_to_vec::<f32>().unwrap();
    /// // The first feature has the deviation 1; the second is constant.
    /// assert!((z[2] - z[0] - 2.0).abs() < 1e-5 && z[1] == 7.0);
    /// ```
    pub fn initialize(self, x: Tensor<D>, target: f64) -> Self {
        let features = x.dims()[1];
        let rows = x.swap_dims(0, 1).reshape([features as i32, -1]);
        let (highest, lowest) = (rows.clone().max_dim(1), rows.clone().min_dim(1));
        let constant = highest.equal(lowest).reshape([features]);
        let deviation = rows.var_bias(1).sqrt().reshape([features]);
        let log_scale = with_value(self.log_scale, |old| {
            // By rounding, a constant feature may have a deviation, and another none.
            let constant = constant.bool_or(deviation.clone().equal_elem(0.0));
            let fitted = deviation.log().neg().add_scalar(target.ln());
            fitted.mask_where(constant, old)
        });
        Self { log_scale }
    }
}

impl<C, const D: usize> Bijection<C> for DiagonalScale<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer("DiagonalScale", scaled(x, self.log_scale.val()))
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer("DiagonalScale", scaled(z, self.log_scale.val().neg()))
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &C, visitor: &mut V) -> Tensor<D> {
        let details = vec![Detail::Diagonal(self.log_scale.val())];
        visitor.layer(self, x, context, details)
    }
}

fn scaled<const D: usize>(x: Tensor<D>, log_scale: Tensor<1>) -> (Tensor<D>, LogDet) {
    let (device, dtype) = (log_scale.device().without_autodiff(), log_scale.dtype());
    let shift = Tensor::zeros(log_scale.dims(), (&device, dtype));
    scale_and_shift(x, log_scale, shift)
}
