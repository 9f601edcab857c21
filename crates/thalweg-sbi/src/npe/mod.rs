//! Neural posterior estimation.

mod description;
mod fit;
mod posterior;
mod samples;

use std::sync::Arc;

use crate::training::{Settings, settings};
use crate::{Prior, SbiError, Simulations};
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
    settings: Settings,
}

settings!(Npe);

impl std::fmt::Debug for Npe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Npe")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Npe {
    /// With defaults by the numbers of simulations and parameters, on the default device.
    pub fn new(prior: &Arc<dyn Prior>) -> Self {
        Self {
            prior: prior.clone(),
            settings: Settings::new(),
        }
    }

    /// Learns the posterior from simulations with parameters from the prior.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use burn::tensor::Device;
    /// use rand::rngs::ChaCha8Rng;
    /// use thalweg_sbi::{Embedding, Family, Npe, Simulate, Uniform};
    ///
    /// let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
    /// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, simulator);
    /// let simulations = simulate.run(100)?;
    /// // Small and quick. By default the number of simulations decides.
    /// let npe = Npe::new(simulate.prior())
    ///     .family(Family::Spline { couplings: 2, hidden: vec![16] })
    ///     .embedding(Embedding::None)
    ///     .members(2)
    ///     .steps(20)
    ///     .seed(7)
    ///     .progress(false)
    ///     .device(&Device::default());
    /// let posterior = npe.fit(&simulations)?;
    /// assert_eq!(posterior.summary().held_out.len(), 2); // one a member
    /// let again = npe.fit(&simulations)?;
    /// assert_eq!(again.sample(&[0.2], 10, 0)?, posterior.sample(&[0.2], 10, 0)?);
    /// // By the clock.
    /// let timed = npe.time(Duration::from_millis(50)).fit(&simulations)?;
    /// assert!(timed.summary().outcomes[0].contains("the time limit was reached"));
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than 20 simulations, parameters outside of the prior's support, sizes of 0, and a training whose loss is not finite.
    pub fn fit(&self, simulations: &Simulations) -> Result<Posterior, SbiError> {
        fit::fit(self, simulations)
    }
}
