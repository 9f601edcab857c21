//! A posterior that was learned.

use std::path::Path;

use burn::tensor::Device;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use thalweg_models::file::{load_with_config, save_model};

use super::Samples;
use super::description::{Description, Members};
use crate::estimator::{Estimator, Mixture};
use crate::{SbiError, Summary};

/// `q(θ | x)`, the mean of its members' densities, for any observation `x`.
#[derive(Debug)]
pub struct Posterior {
    description: Description,
    mixture: Mixture,
}

impl Posterior {
    pub(super) fn new(description: Description, members: Vec<Estimator>, device: &Device) -> Self {
        let dims = description.coordinates.dims();
        Self {
            description,
            mixture: Mixture::new(members, dims, device),
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

    /// The inputs of the networks for an observation, and the mean of its regression.
    fn condition(&self, x: &[f64]) -> Result<(Vec<f32>, Vec<f64>), SbiError> {
        let features = &self.description.features;
        SbiError::equal(
            "numbers of the observation",
            x.len(),
            "of a simulation",
            features.width(),
        )?;
        SbiError::finite("a number of the observation", x)?;
        let z = features.of(x);
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
    /// An observation of another length than the data of a simulation, or with a number that is not finite; and a
    /// differential equation that was not integrated.
    pub fn sample(&self, x: &[f64], n: usize, seed: u64) -> Result<Samples, SbiError> {
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
        let members = Members {
            members: self.mixture.members().to_vec(),
        };
        Ok(save_model(&self.description, &members, path)?)
    }

    /// The posterior in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered posterior.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, SbiError> {
        let (description, model) = load_with_config::<Description>(path, device)?;
        Ok(Self::new(description, model.members, device))
    }
}
