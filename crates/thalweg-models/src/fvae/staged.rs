//! A conditional flow of two stages.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::{Bijection, FlowError, LogDet};

use crate::variational::{Gaussian, Reparametrize};

/// `F_x(u) = F₂(σ₂(x) ⊙ F₁(σ₁(x) ⊙ u + μ₁(x)) + μ₂(x))`: two unconditional flows, each behind an affine
/// map that depends on the data. The context is the two pairs `μᵢ(x)`, `σᵢ(x)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, DiagonalScale, Identity};
/// use thalweg_models::fvae::Staged;
/// use thalweg_models::variational::Gaussian;
///
/// let device = Device::default();
/// let flow = Staged::new(DiagonalScale::<4>::new(2, &device), Identity::<4> {});
/// let parameters = Tensor::<4>::zeros([3, 4, 5, 5], &device);
/// let densities = [0, 1].map(|_| Gaussian::from_parameters(parameters.clone()));
/// let (z, log_det) = flow.forward(Tensor::ones([3, 2, 5, 5], &device), &densities);
/// assert_eq!((z.dims(), log_det.dims()), ([3, 2, 5, 5], [3]));
/// ```
///
/// # Shapes
///
/// `[batch, channels, height, width]` to the latents of `F₂`; `F₁` keeps the shape.
///
/// # References
///
/// Su, Wu: *f-VAEs*, 2018, section 3, on more general conditional flows.
#[derive(Module, Debug)]
pub struct Staged<A: Module + ModuleDisplay, B: Module + ModuleDisplay> {
    /// `F₁`.
    pub first: A,
    /// `F₂`.
    pub second: B,
    reparametrize: Reparametrize<4>,
}

impl<A: Module + ModuleDisplay, B: Module + ModuleDisplay> Staged<A, B> {
    /// Of two flows.
    pub fn new(first: A, second: B) -> Self {
        Self {
            first,
            second,
            reparametrize: Reparametrize {},
        }
    }
}

impl<A, B> Bijection<[Gaussian<4>; 2]> for Staged<A, B>
where
    A: Bijection<Data = Tensor<4>, Latent = Tensor<4>>,
    B: Bijection<Data = Tensor<4>>,
{
    type Data = Tensor<4>;
    type Latent = B::Latent;

    fn forward(&self, u: Tensor<4>, [one, two]: &[Gaussian<4>; 2]) -> (B::Latent, LogDet) {
        let (h, a) = self.reparametrize.forward(u, one);
        let (h, b) = self.first.forward(h, &());
        let (h, c) = self.reparametrize.forward(h, two);
        let (z, d) = self.second.forward(h, &());
        (z, a + b + c + d)
    }

    fn inverse(&self, z: B::Latent, [one, two]: &[Gaussian<4>; 2]) -> (Tensor<4>, LogDet) {
        let (h, d) = self.second.inverse(z, &());
        let (h, c) = self.reparametrize.inverse(h, two);
        let (h, b) = self.first.inverse(h, &());
        let (u, a) = self.reparametrize.inverse(h, one);
        (u, a + b + c + d)
    }

    fn initialize(
        mut self,
        u: Tensor<4>,
        [one, two]: &[Gaussian<4>; 2],
    ) -> Result<(Self, B::Latent), FlowError> {
        let (h, _) = self.reparametrize.forward(u, one);
        let (first, h) = self.first.initialize(h, &())?;
        let (h, _) = self.reparametrize.forward(h, two);
        let (second, z) = self.second.initialize(h, &())?;
        (self.first, self.second) = (first, second);
        Ok((self, z))
    }
}
