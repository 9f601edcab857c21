//! The radial flow.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::numerics::softplus;
use crate::{Bijection, LogDet, Noise, probe};

/// `z = x + h (x − x₀)`, `h = β̂ / (|α| + r)`, `r = ‖x − x₀‖`;
/// `ln|det J| = (d − 1) ln(1 + h) + ln(1 + h − β̂ r / (|α| + r)²)`: pushes away from a point, or
/// pulls towards it.
///
/// `β̂ = ln(1 + e^β) − |α|` keeps the map invertible. The inverse is the root of a quadratic.
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
    centre: Param<Tensor<1>>,
    alpha: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
}

/// Added to a squared radius, whose root has no slope at 0.
const TINY: f64 = 1e-30;

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

    /// `|α|` and `β̂`, each `[1]`.
    fn alpha_and_beta(&self) -> (Tensor<1>, Tensor<1>) {
        let alpha = self.alpha.val().abs();
        (alpha.clone(), softplus(self.beta.val()) - alpha)
    }

    /// `x − x₀`, and its length, `[batch]`.
    fn offset_and_radius(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let batch = x.dims()[0];
        let offset = x - self.centre.val().unsqueeze::<2>();
        let square = offset.clone().square().sum_dim(1).reshape([batch]);
        (offset, square.add_scalar(TINY).sqrt())
    }

    /// `1 + h`, and `ln|det J|`, at a radius.
    fn stretch(&self, radius: Tensor<1>, features: usize) -> (Tensor<1>, LogDet) {
        let (alpha, beta) = self.alpha_and_beta();
        let reach = (alpha + radius.clone()).recip();
        let h = beta * reach.clone();
        let across = h.clone().log1p().mul_scalar(features as f64 - 1.0);
        let along = (h.clone() - h.clone() * radius * reach).log1p();
        (h.add_scalar(1.0), across + along)
    }
}

impl<C> Bijection<C> for Radial {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let features = x.dims()[1];
        let (offset, radius) = self.offset_and_radius(x);
        let (stretch, log_det) = self.stretch(radius, features);
        let z = offset * stretch.unsqueeze_dim::<2>(1) + self.centre.val().unsqueeze::<2>();
        probe::layer("Radial", (z, log_det))
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let features = z.dims()[1];
        let (offset, stretched) = self.offset_and_radius(z);
        // R = r (1 + β̂ / (α + r)), so r² + m r − α R = 0 with m = α + β̂ − R.
        let (alpha, beta) = self.alpha_and_beta();
        let linear = alpha.clone() + beta - stretched.clone();
        let product = (stretched * alpha).mul_scalar(4.0);
        let root = (linear.clone().square() + product.clone()).sqrt();
        // Of the two ways to write the positive root, the one that adds numbers of one sign.
        let size = linear.clone().abs() + root;
        let small = (product * size.clone().recip()).mul_scalar(0.5);
        let radius = size
            .mul_scalar(0.5)
            .mask_where(linear.greater_elem(0.0), small);
        let (stretch, log_det) = self.stretch(radius, features);
        let x = offset * stretch.recip().unsqueeze_dim::<2>(1) + self.centre.val().unsqueeze::<2>();
        probe::layer("Radial", (x, log_det.neg()))
    }
}
