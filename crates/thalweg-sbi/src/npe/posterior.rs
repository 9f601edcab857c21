//! A posterior that was learned.

use std::path::Path;

use burn::tensor::Device;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use thalweg_models::file::{load_with_config, save_model};

use super::Samples;
use super::description::{Description, Networks};
use crate::estimator::Mixture;
use crate::features::is_same;
use crate::{Familiarity, SbiError, Summary};

/// `q(θ | x)`, the mean of its members' densities, for any observation `x` that is like the simulations, which
/// [`familiarity`](Posterior::familiarity) tells.
///
/// ```
/// use burn::tensor::Device;
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Family, Npe, Posterior, Simulate, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(400)?)?;
/// assert_eq!(posterior.summary().simulations, 400);
/// let draws = posterior.sample(&[0.2], 1000, 0)?;
/// let nats = posterior.log_prob(draws.values(), &[0.2])?;
/// assert!(nats.iter().all(|nats| nats.is_finite()));
/// // Outside of the prior's support the density is 0.
/// assert_eq!(posterior.log_prob(&[5.0], &[0.2])?, [f64::NEG_INFINITY]);
/// # let path = std::env::temp_dir().join(format!("thalweg-posterior-{}.safetensors", std::process::id()));
/// posterior.save(&path)?;
/// let back = Posterior::load(&path, &Device::default())?;
/// # std::fs::remove_file(&path).ok();
/// assert_eq!(back.sample(&[0.2], 1000, 0)?, draws);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug)]
pub struct Posterior {
    description: Description,
    mixture: Mixture,
    /// The density of the data.
    data: Option<Mixture>,
}

impl Posterior {
    pub(super) fn new(description: Description, networks: Networks, device: &Device) -> Self {
        let dims = description.coordinates.dims();
        let pair = description.data.as_ref().zip(networks.data);
        let data = pair.map(|(data, network)| Mixture::new(vec![network], data.dims(), device));
        Self {
            description,
            mixture: Mixture::new(networks.members, dims, device),
            data,
        }
    }

    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.description.coordinates.dims()
    }

    /// How it was trained.
    pub fn summary(&self) -> &Summary {
        &self.description.summary
    }

    /// The same for one observation alone.
    pub(crate) fn only_of(mut self, x: &[f64]) -> Self {
        self.description.observation = Some(x.to_vec());
        self
    }

    /// The only observation that it is of: that of [`Npe::rounds`](crate::Npe::rounds).
    pub fn observation(&self) -> Option<&[f64]> {
        self.description.observation.as_deref()
    }

    /// That `x` is an observation that the posterior is of.
    fn check_own(&self, x: &[f64]) -> Result<(), SbiError> {
        self.check(x)?;
        let own = self.observation().unwrap_or(x);
        match own.iter().zip(x).all(|(own, x)| is_same(*own, *x)) {
            true => Ok(()),
            false => Err(SbiError::OtherObservation),
        }
    }

    fn check(&self, x: &[f64]) -> Result<(), SbiError> {
        let width = self.description.features.width();
        let what = "numbers of the observation";
        SbiError::equal(what, x.len(), "of a simulation", width)?;
        SbiError::finite("a number of the observation", x)
    }

    /// Whether an observation is like the simulations. Where it [is not](Familiarity::is_strange), its posterior is an
    /// extrapolation.
    ///
    /// # Errors
    ///
    /// An observation of another length than the data of a simulation, or with a number that is not finite.
    ///
    /// ```no_run
    /// # use rand::rngs::ChaCha8Rng;
    /// # use thalweg_sbi::{Npe, Simulate, Uniform};
    /// # let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
    /// # let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, simulator);
    /// # let posterior = Npe::new(simulate.prior()).fit(&simulate.run(10_000)?)?;
    /// let familiarity = posterior.familiarity(&[12.0])?;
    /// if familiarity.is_strange() {
    ///     eprintln!("{familiarity}");
    /// }
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn familiarity(&self, x: &[f64]) -> Result<Familiarity, SbiError> {
        self.check(x)?;
        let features = &self.description.features;
        match self.description.data.as_ref().zip(self.data.as_ref()) {
            Some((data, mixture)) => data.familiarity(mixture, features, x),
            None => Ok(Familiarity {
                p_value: 1.0,
                held_out: 0,
                farthest: None,
                differing: features.differing(x),
            }),
        }
    }

    /// The inputs of the networks for an observation, and the mean of its regression.
    fn condition(&self, x: &[f64]) -> Result<(Vec<f32>, Vec<f64>), SbiError> {
        self.check(x)?;
        let z = self.description.features.of(x);
        let mean = self.description.residual.mean(&z);
        Ok((z, mean))
    }

    /// `n` draws of the parameters given an observation. All lie inside of the prior's support.
    ///
    /// The compiled form of the densities draws them on all cores; that of a differential equation, which has none, its
    /// solver. One seed gives the same draws for any number of cores.
    ///
    /// # Errors
    ///
    /// An observation of another length than the data of a simulation, or with a number that is not finite; another one than
    /// that of [`Npe::rounds`](crate::Npe::rounds); and a differential equation that was not integrated.
    pub fn sample(&self, x: &[f64], n: usize, seed: u64) -> Result<Samples, SbiError> {
        self.check_own(x)?;
        self.sample_at(x, n, seed)
    }

    /// [`sample`](Self::sample), of any observation.
    pub(crate) fn sample_at(&self, x: &[f64], n: usize, seed: u64) -> Result<Samples, SbiError> {
        let ((z, mean), dims) = (self.condition(x)?, self.dims());
        let drawn = self.mixture.sample(n, &z, seed)?;
        let Description {
            coordinates,
            residual,
            ..
        } = &self.description;
        let theta = |r: &[f32]| {
            let r: Vec<f64> = r.iter().map(|r| f64::from(*r)).collect();
            coordinates.of_line(&residual.inverse(&r, &mean))
        };
        let mut rows: Vec<Vec<f64>> = drawn.chunks_exact(dims).map(theta).collect();
        // Any part of the draws is one of the mixture.
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        Ok(Samples::new(dims, rows.concat()))
    }

    /// `ln q(θ | x)` in nats of each row of parameters, `rows × dims`; −∞ outside of the prior's support.
    ///
    /// # Errors
    ///
    /// Numbers that are no whole rows, and those of [`sample`](Self::sample).
    pub fn log_prob(&self, theta: &[f64], x: &[f64]) -> Result<Vec<f64>, SbiError> {
        self.check_own(x)?;
        self.log_prob_at(theta, x)
    }

    /// [`log_prob`](Self::log_prob), of any observation.
    pub(crate) fn log_prob_at(&self, theta: &[f64], x: &[f64]) -> Result<Vec<f64>, SbiError> {
        let ((z, mean), dims) = (self.condition(x)?, self.dims());
        let whole = theta.len() / dims * dims;
        SbiError::equal("numbers of parameters", theta.len(), "in whole rows", whole)?;
        let Description {
            coordinates,
            residual,
            ..
        } = &self.description;
        let of = |row| {
            let (u, slope) = coordinates.to_line(row)?;
            Some((residual.forward(&u, &mean), slope + residual.log_slope()))
        };
        let found: Vec<Option<(Vec<f64>, f64)>> = theta.chunks_exact(dims).map(of).collect();
        let inside = found.iter().flatten().flat_map(|(r, _)| r);
        let inside: Vec<f32> = inside.map(|r| *r as f32).collect();
        let mut logs = self.mixture.log_prob(&inside, &z)?.into_iter();
        let log = |found: &Option<(Vec<f64>, f64)>| match found {
            Some((_, slope)) => logs.next().map_or(f64::NAN, |log| log + slope),
            None => f64::NEG_INFINITY,
        };
        Ok(found.iter().map(log).collect())
    }

    /// Writes everything to one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SbiError> {
        let data = self.data.as_ref().map(Mixture::members);
        let networks = Networks {
            members: self.mixture.members().to_vec(),
            data: data.and_then(|members| members.first().cloned()),
        };
        Ok(save_model(&self.description, &networks, path)?)
    }

    /// The posterior in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered posterior.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, SbiError> {
        let (description, networks) = load_with_config::<Description>(path, device)?;
        Ok(Self::new(description, networks, device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Embedding, Family, Npe, Simulate, Uniform};

    #[test]
    fn damaged_files_are_refused() {
        let simulator = |theta: &[f64], _: &mut ChaCha8Rng| vec![theta[0]];
        let simulate = Simulate::new(Uniform::new([[0.0, 1.0]]).unwrap(), simulator);
        let npe = Npe::new(simulate.prior()).embedding(Embedding::None);
        let npe = npe
            .members(1)
            .steps(1)
            .family(Family::AutoregressiveSpline {
                transforms: 1,
                hidden: vec![4],
            });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posterior.safetensors");
        let is_refused = |change: &dyn Fn(&mut Posterior)| {
            let mut posterior = npe.fit(&simulate.run(20).unwrap()).unwrap();
            change(&mut posterior);
            let saved = posterior.save(&path);
            saved.is_err() || Posterior::load(&path, &Device::default()).is_err()
        };
        assert!(!is_refused(&|_| ()));
        assert!(!is_refused(&|posterior| posterior
            .description
            .observation = Some(vec![0.5])));
        assert!(is_refused(
            &|posterior| posterior.description.observation = Some(vec![0.5, 0.1])
        ));
        assert!(is_refused(&|posterior| {
            posterior.description.data = None;
            posterior.data = None;
        }));
    }
}
