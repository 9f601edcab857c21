//! Neural likelihood estimation.

mod description;
mod likelihood;
mod validity;

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use thalweg_models::ModelConfig;

use crate::coordinates::Coordinates;
use crate::estimator::Embedding;
use crate::features::Features;
use crate::training::{Rows, Settings, architectures, enough, settings, train};
use crate::{Prior, SbiError, Simulations};
use description::{Description, Networks};
pub use likelihood::{Likelihood, LikelihoodAt};

/// Neural likelihood estimation: a flow learns `p(x | θ)` from simulations, and a [sampler](crate::sampler) draws from the
/// prior times that.
///
/// Several independent observations of the same parameters need no other training: their likelihoods are multiplied. The
/// parameters of the simulations may come from any density, as those of later rounds do.
///
/// Simulations without data are no data: the likelihood is that of `x` and of having data, `p(x | θ, valid) p(valid | θ)`,
/// whose second factor a network learns from the [failures](Simulations::failures).
///
/// A column of whole numbers is one of counts: uniform noise of ±½ makes it continuous for the training.
///
/// ```no_run
/// use thalweg_sbi::sampler::{Sampling, Slice};
/// use thalweg_sbi::{Nle, Simulate, Uniform};
/// # use rand::rngs::ChaCha8Rng;
/// # let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
///
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0], [-1.0, 1.0]])?, simulator);
/// let likelihood = Nle::new(simulate.prior()).fit(&simulate.run(10_000)?)?;
/// let posterior = likelihood.posterior(&[0.2, -0.1])?;
/// let chains = Sampling::new(Slice::new()).run(&posterior)?;
/// println!("{}", chains.diagnostics()?);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// G. Papamakarios, D. Sterratt, I. Murray: *Sequential neural likelihood*, 2019, algorithm 1, one round.
#[derive(Clone)]
pub struct Nle {
    prior: Arc<dyn Prior>,
    settings: Settings,
}

settings!(Nle);

impl std::fmt::Debug for Nle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nle")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Nle {
    /// With defaults by the number of simulations, on the default device.
    pub fn new(prior: &Arc<dyn Prior>) -> Self {
        Self {
            prior: prior.clone(),
            settings: Settings::new(),
        }
    }

    /// Learns the likelihood from simulations with any parameters.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use rand::rngs::ChaCha8Rng;
    /// use thalweg_sbi::{Family, Nle, Simulate, Uniform};
    ///
    /// let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
    /// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, simulator);
    /// // Parameters of the caller's, and not of the prior.
    /// let theta: Vec<Vec<f64>> = (0..100).map(|row| vec![f64::from(row) / 200.0]).collect();
    /// let nle = Nle::new(simulate.prior()).members(2).steps(20).seed(7).device(&Device::default());
    /// # let nle = nle.family(Family::Spline { couplings: 2, hidden: vec![16] });
    /// let likelihood = nle.fit(&simulate.run_at(&theta)?)?;
    /// assert_eq!(likelihood.summary().held_out.len(), 2); // one a member
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than 20 simulations, data that are all the same, parameters outside of the prior's support, sizes of 0, and a
    /// training whose loss is not finite.
    pub fn fit(&self, simulations: &Simulations) -> Result<Likelihood, SbiError> {
        let settings = &self.settings;
        let coordinates = Coordinates::quantiles(self.prior.supports());
        SbiError::equal(
            "parameters of the simulations",
            simulations.dims(),
            "of the prior",
            coordinates.dims(),
        )?;
        enough(simulations)?;
        let width = simulations.width();
        let rng = &mut ChaCha8Rng::seed_from_u64(settings.seed);
        let x = continuous(simulations.all_x(), width, rng);
        let features = Features::fit(&x, width, width);
        SbiError::some(
            "the data of the simulations without constants",
            features.varying(),
        )?;
        let (dims, count) = (coordinates.dims(), simulations.len());
        let line = |row| Ok(coordinates.of_simulation(simulations, row)?.0);
        let theta: Result<Vec<Vec<f64>>, SbiError> = (0..count).map(line).collect();
        let theta = theta?.concat();
        let sizes = [features.varying(), dims];
        let embedding = settings.embedding.clone().unwrap_or(Embedding::None);
        let architectures = architectures(Description::KIND, settings, &embedding, count, sizes)?;
        let conditions = Features::fit(&theta, dims, dims);
        let z = theta.chunks_exact(dims).flat_map(|u| conditions.of(u));
        let z: Vec<f32> = z.collect();
        let (mut u, mut log_slopes) = (vec![], vec![]);
        for x in x.chunks_exact(width) {
            let (row, log_slope) = features.target(x)?;
            u.extend(row);
            log_slopes.push(log_slope);
        }
        let validity = match simulations.failures() {
            [] => None,
            failures => {
                let mut invalid = vec![];
                for failure in failures {
                    let line = coordinates.to_line(&failure.theta);
                    invalid.extend(line.map_or(vec![], |(u, _)| conditions.of(&u)));
                }
                Some(validity::train(settings, &z, &invalid, dims)?)
            }
        };
        let (rows, residual) = Rows::new(&u, z, log_slopes, embedding.sees_places());
        let ensemble = train(settings, &architectures, &rows)?;
        let description = Description {
            coordinates,
            conditions,
            members: architectures,
            can_fail: validity.is_some(),
            summary: ensemble.summary(simulations, &features),
            features,
            residual,
        };
        let networks = Networks {
            members: ensemble.members,
            validity,
        };
        Ok(Likelihood::new(
            self.prior.clone(),
            description,
            networks,
            &settings.device,
        ))
    }
}

/// Data with uniform noise of ±½ in the columns of whole numbers.
fn continuous(x: &[f64], width: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let is_whole = |k: usize| {
        let mut column = x[k..].iter().step_by(width);
        let varies = column.clone().any(|v| *v != x[k]);
        varies && column.all(|v| v.fract() == 0.0)
    };
    let whole: Vec<bool> = (0..width).map(is_whole).collect();
    let entry = |(index, x): (usize, &f64)| match whole[index % width] {
        true => x + rng.random::<f64>() - 0.5,
        false => *x,
    };
    x.iter().enumerate().map(entry).collect()
}
