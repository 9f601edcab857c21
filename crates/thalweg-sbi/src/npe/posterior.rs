//! A posterior that was learned.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use thalweg_flow::Noise;
use thalweg_kernels::LogSum;
use thalweg_models::file::{load_with_config, save_model};

use super::Samples;
use super::description::{Description, Members, Summary};
use crate::SbiError;

/// `q(θ | x)`, the mean of its members' densities, for any observation `x`.
#[derive(Debug)]
pub struct Posterior {
    pub(super) description: Description,
    pub(super) model: Members,
    pub(super) device: Device,
}

/// Draws at a time.
const CHUNK: usize = 8192;

impl Posterior {
    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.description.coordinates.dims()
    }

    /// How it was trained.
    pub fn summary(&self) -> &Summary {
        &self.description.summary
    }

    /// The inputs of the networks for an observation, as one row, and the mean of its regression.
    fn condition(&self, x: &[f64]) -> Result<(Tensor<2>, Vec<f64>), SbiError> {
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
        let row = TensorData::new(z, [1, x.len()]);
        Ok((Tensor::from_data(row, &self.device), mean))
    }

    /// `n` draws of the parameters given an observation. All lie inside of the prior's support.
    ///
    /// # Errors
    ///
    /// An observation of another length than the data of a simulation, or with a number that is not finite; and a
    /// differential equation that was not integrated.
    pub fn sample(&self, x: &[f64], n: usize, seed: u64) -> Result<Samples, SbiError> {
        let ((condition, mean), dims) = (self.condition(x)?, self.dims());
        let noise = &mut Noise::seeded(seed);
        let members = self.model.members.len();
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
        for (k, member) in self.model.members.iter().enumerate() {
            // As many of each member, up to one.
            let mut left = n / members + usize::from(k < n % members);
            while left > 0 {
                let count = left.min(CHUNK);
                let r = member.sample(count, condition.clone(), noise)?;
                let r: Vec<f64> = r.into_data().iter().collect();
                let Description {
                    coordinates,
                    residual,
                    ..
                } = &self.description;
                let theta = |r: &[f64]| coordinates.of_line(&residual.inverse(r, &mean));
                rows.extend(r.chunks_exact(dims).map(theta));
                left -= count;
            }
        }
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
        let ((condition, mean), dims) = (self.condition(x)?, self.dims());
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
        let inside: Vec<f32> = found
            .iter()
            .flatten()
            .flat_map(|(r, _)| r.iter().map(|r| *r as f32))
            .collect();
        let rows = inside.len() / dims;
        let r: Tensor<2> = Tensor::from_data(TensorData::new(inside, [rows, dims]), &self.device);
        let mut sums = vec![LogSum::default(); rows];
        for member in &self.model.members {
            let log_prob = member.log_prob(r.clone(), condition.clone())?.into_data();
            let each = sums.iter_mut().zip(log_prob.iter::<f64>());
            each.for_each(|(sum, log)| sum.add(log));
        }
        let members = (self.model.members.len() as f64).ln();
        let mut sums = sums.iter();
        let log = |found: &Option<(Vec<f64>, f64)>| match found {
            Some((_, slope)) => sums
                .next()
                .map_or(f64::NAN, |sum| sum.total() - members + slope),
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
        Ok(save_model(&self.description, &self.model, path)?)
    }

    /// The posterior in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered posterior.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, SbiError> {
        let (description, model) = load_with_config::<Description>(path, device)?;
        Ok(Self {
            description,
            model,
            device: device.clone(),
        })
    }
}
