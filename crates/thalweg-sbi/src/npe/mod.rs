//! Neural posterior estimation.

mod description;
mod fit;
mod posterior;
mod samples;

use std::sync::Arc;
use std::time::Duration;

use burn::tensor::Device;

use crate::estimator::{Embedding, Family};
use crate::{Prior, SbiError, Simulations};
pub use description::Summary;
pub use posterior::Posterior;
pub use samples::Samples;

/// Neural posterior estimation: a flow learns `p(θ | x)` from simulations, for every `x` at once.
///
/// The loss is `−ln q(θ | x)` over pairs of parameters from the prior and their data, whose minimum is the posterior.
/// The parameters are learned in coordinates that fill the support of the prior, so that no mass leaks out of it. Data
/// of many orders of magnitude are seen as logarithms. Several members, trained from other weights and on other rows,
/// are mixed: where simulations are few, their errors differ.
///
/// ```no_run
/// use thalweg_sbi::{Npe, Simulate, Uniform};
/// # use rand::rngs::ChaCha8Rng;
/// # let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
///
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0], [-1.0, 1.0]])?, simulator);
/// let posterior = Npe::new(simulate.prior()).fit(&simulate.run(10_000)?)?;
/// let observation = [0.2, -0.1];
/// let samples = posterior.sample(&observation, 10_000, 0)?;
/// println!("mean {:?}", samples.mean());
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// G. Papamakarios, I. Murray: *Fast ε-free inference of simulation models with Bayesian conditional density estimation*,
/// 2016; D. Greenberg, M. Nonnenmacher, J. Macke: *Automatic posterior transformation for likelihood-free inference*, 2019.
#[derive(Clone)]
pub struct Npe {
    prior: Arc<dyn Prior>,
    family: Option<Family>,
    embedding: Option<Embedding>,
    members: Option<usize>,
    steps: Option<usize>,
    limit: Option<Duration>,
    seed: u64,
    progress: bool,
    device: Device,
}

impl std::fmt::Debug for Npe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Npe")
            .field("family", &self.family)
            .field("embedding", &self.embedding)
            .field("members", &self.members)
            .field("steps", &self.steps)
            .field("limit", &self.limit)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl Npe {
    /// With defaults by the numbers of simulations and parameters, on the default device.
    pub fn new(prior: &Arc<dyn Prior>) -> Self {
        Self {
            prior: prior.clone(),
            family: None,
            embedding: None,
            members: None,
            steps: None,
            limit: None,
            seed: 0,
            progress: false,
            device: Device::default(),
        }
    }

    /// The family of densities and its sizes.
    pub fn family(self, family: Family) -> Self {
        Self {
            family: Some(family),
            ..self
        }
    }

    /// A network that shortens the data, trained with the density.
    pub fn embedding(self, embedding: Embedding) -> Self {
        Self {
            embedding: Some(embedding),
            ..self
        }
    }

    /// The number of densities in the mixture.
    pub fn members(self, members: usize) -> Self {
        Self {
            members: Some(members),
            ..self
        }
    }

    /// The largest number of steps of each member; early stopping may end it before.
    pub fn steps(self, steps: usize) -> Self {
        Self {
            steps: Some(steps),
            ..self
        }
    }

    /// The time that each member trains for, in place of a number of steps. The result then depends on the machine.
    pub fn time(self, limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// Determines the first weights, the order of simulations and what is held out.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Whether a bar shows the training.
    pub fn progress(self, progress: bool) -> Self {
        Self { progress, ..self }
    }

    /// The device of the networks.
    pub fn device(self, device: &Device) -> Self {
        Self {
            device: device.clone(),
            ..self
        }
    }

    /// Learns the posterior from simulations with parameters from the prior.
    ///
    /// # Errors
    ///
    /// Fewer than 20 simulations, parameters outside of the prior's support, sizes of 0, and a training whose loss is not finite.
    pub fn fit(&self, simulations: &Simulations) -> Result<Posterior, SbiError> {
        fit::fit(self, simulations)
    }
}
