//! A flow in learned units.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::{ActNorm, Base, Bijection, Noise};
use thalweg_models::VectorFlow;
use thalweg_models::vector::VectorConfig;

/// A flow behind a learned place and width of each coordinate: splines end at their bounds and cannot reach a density
/// that lies elsewhere.
#[derive(Module, Debug)]
pub(super) struct Placed<F: Module + ModuleDisplay> {
    place: ActNorm<2>,
    flow: F,
}

impl<B, P, K> Placed<VectorFlow<B, P, K>>
where
    B: Module + ModuleDisplay + Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
    P: Module + ModuleDisplay + Base<Latent = Tensor<2>>,
    K: VectorConfig<Bijection = B, Base = P, Context = ()>,
{
    pub(super) fn new(flow: VectorFlow<B, P, K>) -> Self {
        let device: Device = flow.flow.placement().device;
        Self {
            place: ActNorm::identity(flow.config().features(), &device),
            flow,
        }
    }

    pub(super) fn features(&self) -> usize {
        self.flow.config().features()
    }

    pub(super) fn device(&self) -> Device {
        self.flow.flow.placement().device
    }

    /// `n` draws, which carry gradients to the parameters.
    pub(super) fn sample(&self, n: usize, noise: &mut Noise) -> Tensor<2> {
        let y = self.flow.sample(n, 1.0, noise);
        Bijection::<()>::inverse(&self.place, y, &()).0
    }

    /// `n` draws and the log-density of their draw.
    pub(super) fn sample_with_log_prob(
        &self,
        n: usize,
        noise: &mut Noise,
    ) -> (Tensor<2>, Tensor<1>) {
        let (y, log_prob) = self.flow.sample_with_drawn_log_prob(n, 1.0, noise);
        let (x, log_det) = Bijection::<()>::inverse(&self.place, y, &());
        (x, log_prob - log_det)
    }

    pub(super) fn log_prob(&self, x: Tensor<2>) -> Tensor<1> {
        let (y, log_det) = Bijection::<()>::forward(&self.place, x, &());
        self.flow.log_prob(y) + log_det
    }
}
