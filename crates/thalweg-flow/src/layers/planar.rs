//! The planar flow.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_kernels::HEADROOM;

use crate::numerics::{increasing_root, saturate, softplus};
use crate::shape::{assert_alike, guarded};
use crate::{Bijection, LogDet, Noise};

/// `z = x + û tanh(w·x + b)`, `ln|det J| = ln(1 + w·û (1 − tanh²(w·x + b)))`: bends space across
/// one plane.
///
/// `û = u + (ln(1 + e^{w·u}) − 1 − w·u) w / ‖w‖²` keeps `w·û > −1`, so that the map is invertible. The
/// inverse is found by bisection, one number a sample, and is differentiable.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Noise, Planar};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let layer = Planar::new(2, &mut noise, &device);
/// let x = Tensor::<2>::from_floats([[0.5, -1.0]], &device);
/// let (z, log_det) = layer.forward(x.clone(), &());
/// let (back, back_log_det) = layer.inverse(z, &());
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// assert!((log_det + back_log_det).abs().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same. `forward` costs `O(features)` a sample, `inverse` about a hundred
/// operations more.
///
/// # References
///
/// Rezende, Mohamed: *Variational inference with normalizing flows*, 2015, eq. 10–12 and appendix
/// A.1.
#[derive(Module, Debug)]
pub struct Planar {
    u: Param<Tensor<1>>,
    pub(crate) w: Param<Tensor<1>>,
    pub(crate) b: Param<Tensor<1>>,
}

/// Added to the squared length of `w`, a divisor.
const TINY: f64 = 1e-30;

impl Planar {
    /// A plane through the origin in a random direction, bent a little.
    pub fn new(features: usize, noise: &mut Noise, device: &Device) -> Self {
        let mut vector = |deviation: f64| -> Tensor<1> {
            noise
                .normal([features], device, DType::F32)
                .mul_scalar(deviation)
        };
        let deviation = (features as f64).sqrt().recip();
        let (bend, w) = (vector(0.1 * deviation), vector(deviation));
        // û is 0 where `u` lies along `w` and `w·u = ln(e − 1)`. With `u = 0` each map would shrink space along `w`, and many
        // maps nearly to a point.
        let square = w.clone().square().sum().add_scalar(TINY);
        let u = bend + w.clone() * square.recip().mul_scalar(1f64.exp_m1().ln());
        Self::from_parameters(u, w, Tensor::zeros([1], device))
    }

    /// Given `u` and `w`, `[features]`, and `b`, `[1]`.
    ///
    /// # Panics
    ///
    /// When `u` and `w` differ in length.
    pub fn from_parameters(u: Tensor<1>, w: Tensor<1>, b: Tensor<1>) -> Self {
        assert_alike("a planar flow", ["u", "w"], [u.dims(), w.dims()]);
        Self {
            u: Param::from_tensor(u),
            w: Param::from_tensor(w),
            b: Param::from_tensor(b),
        }
    }

    fn features(&self) -> usize {
        self.w.val().dims()[0]
    }

    /// `û`, and `1 + w·û`, `[1]`.
    pub(crate) fn bend(&self) -> (Tensor<1>, Tensor<1>) {
        let (u, w) = (self.u.val(), self.w.val());
        let along = (w.clone() * u.clone()).sum();
        let least = softplus(along.clone());
        let square = w.clone().square().sum().add_scalar(TINY);
        let u_hat = u + w * ((least.clone().sub_scalar(1.0) - along) * square.recip());
        (u_hat, least)
    }

    /// `w·x`, `[batch]`.
    fn project(&self, x: Tensor<2>) -> Tensor<1> {
        let batch = x.dims()[0];
        // Large terms may overflow before they cancel.
        let headroom = f64::from(HEADROOM);
        let w = self.w.val().mul_scalar(headroom.recip());
        let sum = (x * w.unsqueeze::<2>()).sum_dim(1).reshape([batch]);
        saturate(sum.mul_scalar(headroom))
    }

    /// `tanh(a + b)`, and the derivative along `w`, `1 + w·û (1 − tanh²)`, as a sum of positive numbers.
    fn tanh_and_derivative(&self, along: Tensor<1>, least: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
        let tanh = (along + self.b.val()).tanh();
        let square = tanh.clone().square();
        let derivative = square.clone() + square.neg().add_scalar(1.0) * least;
        (tanh, derivative)
    }

    /// `û tanh(w·x + b)`, and `ln|det J|` at that `x`.
    fn shift(&self, projected: Tensor<1>) -> (Tensor<2>, LogDet) {
        let (u_hat, least) = self.bend();
        let (tanh, derivative) = self.tanh_and_derivative(projected, least);
        let shift = tanh.unsqueeze_dim::<2>(1) * u_hat.unsqueeze::<2>();
        (shift, derivative.log())
    }
}

impl<C> Bijection<C> for Planar {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        guarded("Planar", Some(self.features()), x, |x| {
            let (shift, log_det) = self.shift(self.project(x.clone()));
            (saturate(x + shift), log_det)
        })
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        guarded("Planar", Some(self.features()), z, |z| {
            // Along w the map is a ↦ a + w·û tanh(a + b), which moves a by less than |w·û|.
            let (_, least) = self.bend();
            let bounded = least.clone().sub_scalar(1.0);
            let along = |a: Tensor<1>| {
                let (tanh, derivative) = self.tanh_and_derivative(a.clone(), least.clone());
                (a + tanh * bounded.clone(), derivative)
            };
            let target = self.project(z.clone());
            let reach = bounded.clone().abs();
            let low = saturate(target.clone() - reach.clone());
            let high = saturate(target.clone() + reach);
            let projected = increasing_root(along, target, low, high);
            let (shift, log_det) = self.shift(projected);
            (saturate(z - shift), log_det.neg())
        })
    }
}
