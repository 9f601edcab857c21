//! A flow that was fitted to a target.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Tensor, TensorData};
use thalweg_flow::{Base, Bijection, Noise};
use thalweg_models::VectorFlow;
use thalweg_models::vector::VectorConfig;

use super::line::Line;
use super::placed::Placed;
use crate::sampler::ImportanceSamples;
use crate::tensors::{log_densities, read};
use crate::{Samples, SbiError};

/// Draws at a time.
const CHUNK: usize = 8192;

/// A density `q` that [`ReverseKl`](super::ReverseKl) has fitted to a target.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, Support};
/// use thalweg_models::CouplingFlowConfig;
/// use thalweg_sbi::variational::ReverseKl;
///
/// // exp(−θ) of a positive parameter.
/// let target = |theta: Tensor<2>| theta.sum_dim(1).reshape([-1]).neg();
/// let device = Device::default().autodiff();
/// let flow = CouplingFlowConfig::realnvp(1).with_couplings(1).with_hidden(vec![8]).init(&device);
/// let kl = ReverseKl::new().supports(vec![Support::Above(0.0)]).steps(20);
/// let fitted = kl.fit(flow, &target)?;
/// assert_eq!(fitted.dims(), 1);
/// assert_eq!(fitted.log_prob(&[-1.0])?, [f64::NEG_INFINITY]);
/// // Draws, and draws that carry gradients.
/// let noise = || Noise::seeded(0);
/// assert!(!fitted.draw(3, &mut noise()).is_tracked());
/// assert!(fitted.train().draw(3, &mut noise()).is_tracked());
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// See [`ReverseKl`](super::ReverseKl) for an example of a fit.
#[derive(Debug)]
pub struct Approximation<F: Module + ModuleDisplay> {
    pub(super) model: Placed<F>,
    pub(super) line: Line,
    pub(super) outcome: String,
}

impl<B, P, K> Approximation<VectorFlow<B, P, K>>
where
    B: Module + ModuleDisplay + Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
    P: Module + ModuleDisplay + Base<Latent = Tensor<2>>,
    K: VectorConfig<Bijection = B, Base = P, Context = ()>,
{
    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.model.features()
    }

    /// How the fit ended.
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// The same with a tape: what [`draw`](Self::draw) returns carries gradients to the flow's parameters.
    pub fn train(self) -> Self {
        Self {
            model: self.model.train(),
            ..self
        }
    }

    /// `n` draws as a tensor, `[n, dims]`. They are a differentiable function of the flow's parameters and of standard normal
    /// noise; the gradient is there after [`train`](Self::train).
    pub fn draw(&self, n: usize, noise: &mut Noise) -> Tensor<2> {
        self.line.parameters(self.model.sample(n, noise)).0
    }

    /// `n` draws.
    ///
    /// # Errors
    ///
    /// When the device cannot hand over its numbers.
    pub fn sample(&self, n: usize, seed: u64) -> Result<Samples, SbiError> {
        let (noise, mut rows) = (&mut Noise::seeded(seed), vec![]);
        for count in chunks(n) {
            rows.extend(read(self.draw(count, noise))?);
        }
        Ok(Samples::new(self.dims(), rows))
    }

    /// `ln q(θ)` in nats of each row of parameters, `rows × dims`; −∞ outside of the support.
    ///
    /// # Errors
    ///
    /// Numbers that are no whole rows, and when the device cannot hand over its numbers.
    pub fn log_prob(&self, theta: &[f64]) -> Result<Vec<f64>, SbiError> {
        let dims = self.dims();
        let whole = theta.len() / dims * dims;
        SbiError::equal("numbers of parameters", theta.len(), "in whole rows", whole)?;
        let found: Vec<Option<(Vec<f64>, f64)>> = theta
            .chunks_exact(dims)
            .map(|row| self.line.units(row))
            .collect();
        let inside: Vec<f64> = found
            .iter()
            .flatten()
            .flat_map(|(x, _)| x.clone())
            .collect();
        let shape = [inside.len() / dims, dims];
        let device = self.model.device().without_autodiff();
        let x: Tensor<2> = Tensor::from_data(TensorData::new(inside, shape), &device);
        let mut logs = read(self.model.log_prob(x))?.into_iter();
        let log = |found: &Option<(Vec<f64>, f64)>| match found {
            Some((_, log_slope)) => logs.next().map_or(f64::NAN, |log| log + log_slope),
            None => f64::NEG_INFINITY,
        };
        Ok(found.iter().map(log).collect())
    }

    /// `n` draws with the weights `p̃(θ) / q(θ)`: the bound, the evidence, the effective size and k̂ of the fit, and draws of
    /// the target by [resampling](ImportanceSamples::resample).
    ///
    /// # Errors
    ///
    /// Fewer than 25 draws, weights that are infinite or all 0, and when the device cannot hand over its numbers.
    ///
    /// # Panics
    ///
    /// For a target that gives other than one number a row.
    pub fn importance(
        &self,
        target: &impl Fn(Tensor<2>) -> Tensor<1>,
        n: usize,
        seed: u64,
    ) -> Result<ImportanceSamples, SbiError> {
        let noise = &mut Noise::seeded(seed);
        let (mut rows, mut weights) = (vec![], vec![]);
        for count in chunks(n) {
            let (x, log_prob) = self.model.sample_with_log_prob(count, noise);
            let (theta, log_slope) = self.line.parameters(x);
            let log_target = read(log_densities(target, theta.clone()))?;
            let log_density = read(log_prob - log_slope)?;
            weights.extend(log_target.iter().zip(log_density).map(|(p, q)| p - q));
            rows.extend(read(theta)?);
        }
        ImportanceSamples::new(Samples::new(self.dims(), rows), weights)
    }
}

/// The sizes of the parts of `n` rows.
fn chunks(n: usize) -> impl Iterator<Item = usize> {
    (0..n.div_ceil(CHUNK)).map(move |part| CHUNK.min(n - part * CHUNK))
}
