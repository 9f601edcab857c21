//! The planar flow.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::numerics::softplus;
use crate::root::increasing_root;
use crate::{Bijection, LogDet, Noise, probe};

/// `z = x + û tanh(w·x + b)`, `ln|det J| = ln(1 + w·û (1 − tanh²(w·x + b)))`: bends space across
/// one plane.
///
/// `û = u + (ln(1 + e^{w·u}) − 1 − w·u) w / ‖w‖²` keeps `w·û > −1`, which is what an inverse needs.
/// That is found by halving a bracket, one number a sample, and is differentiable.
///
/// # Shapes
///
/// `[batch, features]` to the same. Forward costs `O(features)` a sample, the way back some
/// hundred operations more.
///
/// # References
///
/// Rezende, Mohamed: *Variational inference with normalizing flows*, 2015, eq. 10–12 and appendix
/// A.1.
#[derive(Module, Debug)]
pub struct Planar {
    u: Param<Tensor<1>>,
    w: Param<Tensor<1>>,
    b: Param<Tensor<1>>,
}

impl Planar {
    /// A plane through the origin in a random direction, bent a little.
    pub fn new(features: usize, noise: &mut Noise, device: &Device) -> Self {
        let mut vector = |deviation: f64| -> Tensor<1> {
            noise
                .normal([features], device, DType::F32)
                .mul_scalar(deviation)
        };
        let deviation = (features as f64).sqrt().recip();
        let (u, w) = (vector(0.1 * deviation), vector(deviation));
        Self::from_parameters(u, w, Tensor::zeros([1], device))
    }

    /// Given `u` and `w`, `[features]`, and `b`, `[1]`.
    ///
    /// # Panics
    ///
    /// When `u` and `w` differ in length.
    pub fn from_parameters(u: Tensor<1>, w: Tensor<1>, b: Tensor<1>) -> Self {
        assert_eq!(
            u.dims(),
            w.dims(),
            "u and w of a planar flow differ in length"
        );
        Self {
            u: Param::from_tensor(u),
            w: Param::from_tensor(w),
            b: Param::from_tensor(b),
        }
    }

    /// `û`, and `w·û`, `[1]`.
    fn bend(&self) -> (Tensor<1>, Tensor<1>) {
        let (u, w) = (self.u.val(), self.w.val());
        let along = (w.clone() * u.clone()).sum();
        let bounded = softplus(along.clone()).sub_scalar(1.0);
        let square = w.clone().square().sum();
        let u_hat = u + w * ((bounded.clone() - along) * square.recip());
        (u_hat, bounded)
    }

    /// `w·x`, `[batch]`.
    fn project(&self, x: Tensor<2>) -> Tensor<1> {
        let batch = x.dims()[0];
        (x * self.w.val().unsqueeze::<2>())
            .sum_dim(1)
            .reshape([batch])
    }

    /// `û tanh(w·x + b)`, and `ln|det J|` at that `x`.
    fn shift(&self, projected: Tensor<1>) -> (Tensor<2>, LogDet) {
        let (u_hat, bounded) = self.bend();
        let tanh = (projected + self.b.val()).tanh();
        let slope = tanh.clone().square().neg().add_scalar(1.0);
        let log_det = (slope * bounded).log1p();
        let shift = tanh.unsqueeze_dim::<2>(1) * u_hat.unsqueeze::<2>();
        (shift, log_det)
    }
}

impl<C> Bijection<C> for Planar {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let (shift, log_det) = self.shift(self.project(x.clone()));
        probe::layer("Planar", (x + shift, log_det))
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        // Along w the map is a ↦ a + w·û tanh(a + b), which moves a by less than |w·û|.
        let (_, bounded) = self.bend();
        let along = |a: Tensor<1>| {
            let tanh = (a.clone() + self.b.val()).tanh();
            let slope = tanh.clone().square().neg().add_scalar(1.0);
            (
                a + tanh * bounded.clone(),
                (slope * bounded.clone()).add_scalar(1.0),
            )
        };
        let target = self.project(z.clone());
        let reach = bounded.clone().abs();
        let (low, high) = (target.clone() - reach.clone(), target.clone() + reach);
        let projected = increasing_root(along, target, low, high);
        let (shift, log_det) = self.shift(projected);
        probe::layer("Planar", (z - shift, log_det.neg()))
    }
}
