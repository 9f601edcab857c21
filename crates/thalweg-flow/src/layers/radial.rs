//! The radial flow.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::numerics::{saturate, softplus};
use crate::shape::guarded;
use crate::{Bijection, LogDet, Noise};

/// `z = x + h (x − x₀)`, `h = β̂ / (|α| + r)`, `r = ‖x − x₀‖`;
/// `ln|det J| = (d − 1) ln(1 + h) + ln(1 + h − β̂ r / (|α| + r)²)`: pushes away from a point, or
/// pulls towards it.
///
/// `β̂ = ln(1 + e^β) − |α|` keeps the map invertible. The inverse is the root of a quadratic.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Radial};
///
/// let device = Device::default();
/// let [alpha, beta] = [[1.0], [2.0]].map(|number| Tensor::from_floats(number, &device));
/// let layer = Radial::from_parameters(Tensor::zeros([2], &device), alpha, beta);
/// let x = Tensor::<2>::from_floats([[3.0, 4.0]], &device);
/// let (z, _) = layer.forward(x.clone(), &());
/// // A positive β̂ pushes away from the centre.
/// assert!(z.clone().powi_scalar(2).sum().into_scalar::<f32>() > 25.0);
/// assert!((layer.inverse(z, &()).0 - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same.
///
/// # References
///
/// Rezende, Mohamed: *Variational inference with normalizing flows*, 2015, eq. 14 and appendix A.2.
#[derive(Module, Debug)]
pub struct Radial {
    pub(crate) centre: Param<Tensor<1>>,
    alpha: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
}

/// Added to a squared radius, whose square root has no derivative at 0.
const TINY: f64 = 1e-30;

/// The smallest radius told apart from 0; its square is a normal number of f32.
const LEAST_RADIUS: f64 = 1e-15;

impl Radial {
    /// The identity, `α = 1`, around a standard normal point.
    pub fn new(features: usize, noise: &mut Noise, device: &Device) -> Self {
        Self::from_parameters(
            noise.normal([features], device, DType::F32),
            Tensor::ones([1], device),
            Tensor::full([1], 1f64.exp_m1().ln(), device),
        )
    }

    /// Given the centre `x₀`, `[features]`, `α` and `β`, each `[1]`.
    pub fn from_parameters(centre: Tensor<1>, alpha: Tensor<1>, beta: Tensor<1>) -> Self {
        Self {
            centre: Param::from_tensor(centre),
            alpha: Param::from_tensor(alpha),
            beta: Param::from_tensor(beta),
        }
    }

    /// `|α|` and `|α| + β̂ = ln(1 + e^β)`, each `[1]`.
    pub(crate) fn alpha_and_sum(&self) -> (Tensor<1>, Tensor<1>) {
        (self.alpha.val().abs(), softplus(self.beta.val()))
    }

    fn features(&self) -> usize {
        self.centre.val().dims()[0]
    }

    /// `x − x₀`, and its length, `[batch]`.
    fn offset_and_radius(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let batch = x.dims()[0];
        let offset = saturate(x - self.centre.val().unsqueeze::<2>());
        // In units of the largest entry, since squares of large numbers overflow.
        let unit = offset.clone().detach().abs().max_dim(1);
        let unit = unit.clamp_min(LEAST_RADIUS);
        let squares = (offset.clone() * unit.clone().recip()).square();
        let radius = squares.sum_dim(1).add_scalar(TINY).sqrt() * unit;
        (offset, saturate(radius.reshape([batch])))
    }

    /// The radius `r` whose image is `R`: `R = r (1 + β̂ / (α + r))`, so `r² + m r − α R = 0` with
    /// `m = α + β̂ − R`.
    fn radius(&self, stretched: Tensor<1>) -> Tensor<1> {
        let (alpha, sum) = self.alpha_and_sum();
        let linear = sum - stretched.clone();
        // In units of the largest number, against overflow.
        let unit = (linear.clone().abs() + stretched.clone()).detach();
        let unit = saturate(unit).clamp_min(1.0);
        let per_unit = unit.clone().recip();
        let product = (stretched.clone() * per_unit.clone()) * (alpha.clone() * per_unit.clone());
        let square = (linear.clone() * per_unit).square();
        let root = (square + product.mul_scalar(4.0)).add_scalar(TINY).sqrt();
        let root = saturate(root * unit);
        // Of both forms of the positive root, the one that adds numbers of one sign.
        let half = linear.clone().abs().mul_scalar(0.5) + root.mul_scalar(0.5);
        let small = stretched * half.clone().recip() * alpha;
        half.mask_where(linear.greater_elem(0.0), small)
    }

    /// `1 + h = (|α| + β̂ + r) / (|α| + r)`, and `ln|det J|`, at a radius.
    fn stretch(&self, radius: Tensor<1>, features: usize) -> (Tensor<1>, LogDet) {
        let (alpha, sum) = self.alpha_and_sum();
        let reach = (alpha.clone() + radius).recip();
        // r / (|α| + r), without a product by the radius, whose gradient would overflow.
        let near = alpha * reach.clone();
        let share = near.clone().neg().add_scalar(1.0).clamp_min(0.0);
        let stretch = share.clone() + sum.clone() * reach.clone();
        let across = stretch.clone().log().mul_scalar(features as f64 - 1.0);
        // 1 + h − β̂ r / (|α| + r)² = 1 + |α| β̂ / (|α| + r)², as a sum of positive numbers.
        let along = share * near.clone().add_scalar(1.0) + near * sum * reach;
        (stretch, across + along.log())
    }
}

impl<C> Bijection<C> for Radial {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let features = self.features();
        guarded("Radial", Some(features), x, |x| {
            let (offset, radius) = self.offset_and_radius(x);
            let (stretch, log_det) = self.stretch(radius, features);
            let z = offset * stretch.unsqueeze_dim::<2>(1) + self.centre.val().unsqueeze::<2>();
            (saturate(z), log_det)
        })
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let features = self.features();
        guarded("Radial", Some(features), z, |z| {
            let (offset, stretched) = self.offset_and_radius(z);
            let (stretch, log_det) = self.stretch(self.radius(stretched), features);
            let scale = stretch.recip().unsqueeze_dim::<2>(1);
            let x = offset * scale + self.centre.val().unsqueeze::<2>();
            (saturate(x), log_det.neg())
        })
    }
}
