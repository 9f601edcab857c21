//! Densities that are known but for a factor, fitted by flows.

mod approximation;
mod fit;
mod line;
mod placed;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::{Base, Bijection, Support};
use thalweg_models::VectorFlow;
use thalweg_models::vector::VectorConfig;

pub use approximation::Approximation;

use crate::SbiError;
use crate::coordinates::Coordinates;

/// Variational inference by a flow: the `q` that maximizes the evidence lower bound
///
/// `ELBO = E_q[ln p̃(θ) − ln q(θ)] = ln Z − KL(q ‖ p)`
///
/// of a density `p = p̃ / Z` whose factor is not known. It needs no data: each step draws new samples of `q`, which carry
/// gradients to the flow's parameters. The target is a function of tensors, `[rows, dims] → [rows]`, that autodiff can
/// differentiate.
///
/// The gradient is the path gradient: that of `ln q` by the parameters at a fixed sample, whose mean is 0, is left out.
/// Where `q = p` it is then 0 for every batch, and not in the mean alone.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::CouplingFlowConfig;
/// use thalweg_sbi::variational::{Approximation, ReverseKl};
///
/// // exp(−(θ − 3)²/2), whose integral is √(2π).
/// let target = |theta: Tensor<2>| (theta - 3.0).square().sum_dim(1).reshape([-1]).mul_scalar(-0.5);
/// let device = Device::default().autodiff();
/// let flow = CouplingFlowConfig::realnvp(1).with_couplings(1).with_hidden(vec![8]).init(&device);
/// // From twice the width, at first to a flatter density.
/// let kl = ReverseKl::new().start(&[0.0], &[2.0]).temper(0.1, 0.5).batch(256).seed(1);
/// let fitted: Approximation<_> = kl.steps(300).rate(0.05).progress(false).fit(flow, &target)?;
/// assert!(fitted.outcome().starts_with("finished"));
/// let draws = fitted.importance(&target, 2000, 0)?;
/// let evidence = 0.5 * std::f64::consts::TAU.ln();
/// assert!((draws.log_evidence() - evidence).abs() < 0.05);
/// // At the mode, ln q = ln p = ln p̃ − ln Z.
/// assert!((fitted.log_prob(&[3.0])?[0] + evidence).abs() < 0.1);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// # What it misses
///
/// The reverse divergence `KL(q ‖ p)` is large where `q` has mass and `p` has none, and not where `p` has mass and `q` has
/// none. A flow that has found one mode of several stays there: the bound is then `ln Z` less the logarithm of that mode's
/// share, and nothing draws it to the others. Effective size and k̂ come from draws of `q`. They say how well `q` fits where
/// it is, and may be perfect where modes are missing.
///
/// What helps: a start that is [wider](Self::start) than the target, so that modes are lost late; [tempering](Self::temper),
/// which fits `p̃^β` with β rising to 1; several fits of other seeds and starts, whose
/// [evidences](crate::sampler::ImportanceSamples::log_evidence) must agree, and the largest is the best; and draws of the
/// target by a [sampler](crate::sampler), to which a flow is fitted by maximum likelihood. That is the forward divergence
/// `KL(p ‖ q)`, which covers all modes that the draws have.
///
/// # References
///
/// Rezende, Mohamed: *Variational inference with normalizing flows*, 2015. Roeder, Wu, Duvenaud: *Sticking the landing*,
/// 2017, and Vaitl, Nicoli, Nakajima, Kessel: *Gradients should stay on path*, 2022, for the gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct ReverseKl {
    steps: usize,
    batch: usize,
    rate: f64,
    start: Option<[Vec<f64>; 2]>,
    supports: Option<Vec<Support>>,
    temper: Option<[f64; 2]>,
    seed: u64,
    progress: bool,
}

impl Default for ReverseKl {
    fn default() -> Self {
        Self::new()
    }
}

impl ReverseKl {
    /// 2000 steps of 256 draws, at the rate 0.005, from a start around 0 of the width 1.
    pub fn new() -> Self {
        Self {
            steps: 2000,
            batch: 256,
            rate: 5e-3,
            start: None,
            supports: None,
            temper: None,
            seed: 0,
            progress: false,
        }
    }

    /// The number of steps.
    pub fn steps(self, steps: usize) -> Self {
        Self { steps, ..self }
    }

    /// The draws of each step.
    pub fn batch(self, draws: usize) -> Self {
        Self {
            batch: draws,
            ..self
        }
    }

    /// The largest learning rate. It rises at first, and falls to a hundredth.
    pub fn rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    /// Begins around a centre with a width for each coordinate, which also are the units that the flow learns in.
    /// Coordinates of parameters with [bounds](Self::supports) are those on the line.
    ///
    /// A start that is wider than the target keeps more of its modes.
    pub fn start(self, centre: &[f64], width: &[f64]) -> Self {
        Self {
            start: Some([centre.to_vec(), width.to_vec()]),
            ..self
        }
    }

    /// The interval of each parameter, in which the target is evaluated; by default the whole line.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Support;
    /// use thalweg_models::CouplingFlowConfig;
    /// use thalweg_sbi::variational::ReverseKl;
    ///
    /// // exp(−θ) of a positive parameter.
    /// let target = |theta: Tensor<2>| theta.sum_dim(1).reshape([-1]).neg();
    /// let device = Device::default().autodiff();
    /// let flow = CouplingFlowConfig::realnvp(1).with_couplings(1).with_hidden(vec![8]).init(&device);
    /// let kl = ReverseKl::new().supports(vec![Support::Above(0.0)]).steps(20);
    /// let draws = kl.fit(flow, &target)?.sample(100, 0)?;
    /// assert!(draws.values().iter().all(|theta| *theta > 0.0));
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn supports(self, supports: Vec<Support>) -> Self {
        Self {
            supports: Some(supports),
            ..self
        }
    }

    /// Fits `p̃^β` at first, with β rising from `from` to 1 over this share of the steps. Small values of β flatten the
    /// density, so that the flow spreads over its modes.
    pub fn temper(self, from: f64, share: f64) -> Self {
        Self {
            temper: Some([from, share]),
            ..self
        }
    }

    /// Determines the draws of all steps. The first weights are those of the flow.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Whether a bar shows the fit.
    pub fn progress(self, progress: bool) -> Self {
        Self { progress, ..self }
    }

    /// Fits an untrained flow, on an autodiff device, to a target.
    ///
    /// The flow must draw in one pass: couplings do, and [`iaf`](thalweg_models::AutoregressiveFlowConfig::iaf).
    ///
    /// # Errors
    ///
    /// Settings outside of their bounds, another number of intervals or of numbers of the start than the flow has features,
    /// and a fit whose loss is not finite.
    ///
    /// # Panics
    ///
    /// For a target that gives other than one number a row.
    pub fn fit<B, P, K>(
        &self,
        flow: VectorFlow<B, P, K>,
        target: &impl Fn(Tensor<2>) -> Tensor<1>,
    ) -> Result<Approximation<VectorFlow<B, P, K>>, SbiError>
    where
        B: Module + ModuleDisplay + Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
        P: Module + ModuleDisplay + Base<Latent = Tensor<2>>,
        K: VectorConfig<Bijection = B, Base = P, Context = ()>,
    {
        fit::fit(self, flow, target)
    }

    /// The coordinates of parameters, and their centre and width, for a flow of `dims` features.
    fn checked(&self, dims: usize) -> Result<(Coordinates, [Vec<f64>; 2]), SbiError> {
        let (steps, batch) = (self.steps as f64, self.batch as f64);
        SbiError::setting("the number of steps", steps, "1 or more", |n| n >= 1.0)?;
        SbiError::setting("the draws of a step", batch, "1 or more", |n| n >= 1.0)?;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        SbiError::setting("the rate", self.rate, "a positive number", positive)?;
        if let Some([from, share]) = self.temper {
            let holds = |x: f64| x > 0.0 && x <= 1.0;
            SbiError::setting("the first β", from, "above 0, up to 1", holds)?;
            SbiError::setting(
                "the share of tempered steps",
                share,
                "above 0, up to 1",
                holds,
            )?;
        }
        let supports = self.supports.clone();
        let supports = supports.unwrap_or_else(|| vec![Support::Line; dims]);
        SbiError::equal("intervals", supports.len(), "features of the flow", dims)?;
        let coordinates = Coordinates::checked(supports)?;
        let start = self.start.clone();
        let [centre, width] = start.unwrap_or_else(|| [vec![0.0; dims], vec![1.0; dims]]);
        SbiError::equal(
            "numbers of the centre",
            centre.len(),
            "features of the flow",
            dims,
        )?;
        SbiError::equal(
            "widths of the start",
            width.len(),
            "features of the flow",
            dims,
        )?;
        SbiError::finite("a number of the centre", &centre)?;
        SbiError::positive("a width of the start", &width)?;
        Ok((coordinates, [centre, width]))
    }
}
