//! The density of angles, given conditions and categories.

use std::f64::consts::TAU;

use burn::tensor::Device;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use thalweg_flow::Noise;
use thalweg_kernels::LogSum;

use super::training::{Fitted, Likelihood, Plan, Sample, blocks, tensor, train};
use super::{Batch, Family, Network, Places, VectorModel};
use crate::DensityError;

/// A flow of circular splines on angles in radians. A missing angle is uniform noise, drawn anew for each use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Angles {
    width: usize,
    context: usize,
    network: Network,
    /// The logarithm of the slope of all maps to radians.
    log_slope: f64,
    /// Whether an angle may be missing.
    is_random: bool,
    seed: u64,
}

impl Angles {
    /// Fits the flow to training rows; the held-out ones choose its weights. `log_slopes` are those of the maps to
    /// radians.
    pub(crate) fn fit(
        log_slopes: &[f64],
        is_random: bool,
        sample: Sample<'_>,
        held_out: Sample<'_>,
        network: &Network,
        plan: &Plan,
        device: &Device,
    ) -> Result<(Self, VectorModel, Fitted<()>), DensityError> {
        let (width, rows) = (log_slopes.len(), sample.targets.rows);
        let context = sample.inputs.len() / rows.max(1);
        let this = Self {
            width,
            context,
            network: Network {
                family: Family::Circular,
                ..network.clone()
            },
            log_slope: log_slopes.iter().sum(),
            is_random,
            seed: plan.seed,
        };
        let batch = |sample: &Sample<'_>, rows: &[usize], seed, held_out| {
            let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ NOISE);
            rng.set_stream(seed);
            let angles = rows
                .iter()
                .flat_map(|row| &sample.targets.angles[row * width..][..width]);
            let x = angles
                .map(|angle| filled(*angle, rng.random()) as f32)
                .collect();
            Batch {
                x: tensor(x, width, device),
                context: sample.context(rows, context, device),
                weights: rows.iter().map(|row| sample.weights[*row]).collect(),
                held_out,
            }
        };
        let judged: Vec<usize> = (0..held_out.targets.rows).collect();
        let validation = (!judged.is_empty()).then(|| batch(&held_out, &judged, u64::MAX, true));
        let flow = this.build(&device.clone().autodiff());
        let batch = |rows: &[usize], seed| batch(&sample, rows, seed, false);
        let fitted = train("angles", flow, rows, batch, validation, plan)?;
        let (model, fitted) = fitted.split();
        Ok((this, model, fitted))
    }

    /// The untrained flow that holds the parameters.
    pub(crate) fn build(&self, device: &Device) -> VectorModel {
        self.network
            .build(self.width, self.context, self.seed, device)
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The number of inputs.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// A lower bound on the number of values in all parameters.
    pub(crate) fn parameters(&self) -> u128 {
        self.network.parameters(self.width, self.context)
    }

    /// A report on the flow; a missing angle is 0.
    #[cfg(feature = "check")]
    pub(crate) fn check(
        &self,
        model: &VectorModel,
        angles: &[f64],
        inputs: &[f32],
        options: &thalweg_check::Options,
        device: &Device,
    ) -> Result<thalweg_check::Check, thalweg_check::CheckError> {
        let context = (self.context > 0).then(|| tensor(inputs.to_vec(), self.context, device));
        let x = angles.iter().map(|angle| filled(*angle, 0.5) as f32);
        let x = tensor(x.collect(), self.width, device);
        let mut report = model.check(&x, context.as_ref(), options)?;
        report.model += " of angles";
        Ok(report)
    }

    /// `ln p` of the angles of rows, in their units; NaN is a missing one.
    pub(crate) fn log_probs(
        &self,
        model: &VectorModel,
        angles: &[f64],
        inputs: &[f32],
        draws: usize,
        device: &Device,
    ) -> Vec<f64> {
        let draws = if self.is_random { draws } else { 1 };
        let places = Places::new(
            self.width,
            draws,
            &mut ChaCha8Rng::seed_from_u64(self.seed ^ NOISE),
        );
        let least = model.least_rows();
        let context =
            (self.context > 0).then(|| blocks(inputs.to_vec(), self.context, least, device));
        let mut sums = vec![LogSum::default(); angles.len() / self.width];
        for draw in places.all() {
            let columns = (0..self.width).cycle();
            let x = angles.iter().zip(columns);
            let x = x.map(|(angle, column)| filled(*angle, places.get(draw, column)) as f32);
            let logs = model.log_prob(
                blocks(x.collect(), self.width, least, device),
                context.as_ref(),
            );
            let logs: Vec<f64> = logs.into_data().iter().collect();
            // The sums end before the copies that fill the last block.
            for ((sum, log), row) in sums
                .iter_mut()
                .zip(logs)
                .zip(angles.chunks_exact(self.width))
            {
                // The density of the noise is no part of the row's.
                let noise = row.iter().filter(|angle| angle.is_nan()).count() as f64 * TAU.ln();
                sum.add(log + noise + self.log_slope - (draws as f64).ln());
            }
        }
        sums.iter().map(LogSum::total).collect()
    }

    /// One sample of angles in radians for each of `n` rows of inputs.
    pub(crate) fn sample(
        &self,
        model: &VectorModel,
        n: usize,
        inputs: &[f32],
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Vec<f64> {
        let context = (self.context > 0).then(|| tensor(inputs.to_vec(), self.context, device));
        let noise = &mut Noise::seeded(rng.random());
        let sample = model.sample(n, context.as_ref(), noise);
        sample.into_data().iter().collect()
    }
}

const NOISE: u64 = 0x616e_676c_6500_0000;

/// The angle, or uniform noise for a missing one.
fn filled(angle: f64, u: f64) -> f64 {
    match angle.is_nan() {
        true => (u - 0.5) * TAU,
        false => angle,
    }
}
