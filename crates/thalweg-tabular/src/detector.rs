//! How strange a row of numbers is.

use burn::tensor::Device;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::columns::{ColumnMap, Treatment};
use crate::member::Score;
use crate::parts::{KernelDensity, KernelPair, KernelPairModel, Space, numbers_of};
use crate::rows::Targets;
use crate::schema::{Known, Schema};
use crate::split::{Share, few_or_half};
use thalweg_data::Column;

/// Two kernel densities of the numbers of rows: one in standard units, the other of rows without covariance.
///
/// The score is `½ (ln k + ln k′)`. It is no density of its own, and it does not depend on the flow: where a flow
/// generalizes between training rows it is the better density and finds fewer anomalies. Values that many rows repeat
/// are numbers like all others here: how far away from them another value lies is what counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detector {
    /// One map a modelled column.
    maps: Vec<ColumnMap>,
    /// None where no column varies.
    space: Option<Space>,
    kernels: KernelPair,
    /// The number of rows that it was fitted to.
    rows: usize,
}

/// What another value of a constant column counts, in units of the surprise `ln (n + 2)` that the rule of succession gives
/// it after `n` rows. Once is too little beside a hundred columns that vary; before all else is too much after thirty
/// rows, in which a column is easily constant.
const UNSEEN: f64 = 3.0;

impl Detector {
    /// Whether a detector takes rows of these columns: all of them are numbers, given nothing. Of others the density itself
    /// says how strange a row is.
    pub(crate) fn takes(schema: &Schema) -> bool {
        let number = |known: &Known| known.kind.is_numeric();
        schema.targets() == schema.columns.len() && schema.columns.iter().all(number)
    }

    /// The rows of each detector: few rows in parts, of which each detector leaves out another one to calibrate with; of
    /// many rows, half of them, while the other half calibrates.
    pub(crate) fn shares(rows: usize, seed: u64) -> Vec<Share> {
        few_or_half(rows, KernelDensity::CENTRES, seed)
    }

    /// Fits the kernels to rows of a table.
    pub(crate) fn fit(
        schema: &Schema,
        columns: &[&Column],
        rows: &[usize],
        weights: &[f64],
        seed: u64,
        device: &Device,
    ) -> (Self, KernelPairModel) {
        let weights: Vec<f64> = rows.iter().map(|row| weights[*row]).collect();
        let known = schema.columns.iter().zip(columns);
        let maps: Vec<ColumnMap> = known
            .map(|(known, column)| {
                let how = Treatment {
                    missing: known.missing,
                    atoms: false,
                };
                ColumnMap::fit(column, &known.kind, rows, &weights, how)
            })
            .collect();
        let numbers = numbers_of(&maps);
        let width = numbers.len();
        let (mut space, mut kernels) = (None, [None, None]);
        if width > 0 {
            let pairs: Vec<_> = columns.iter().copied().zip(&maps).collect();
            let targets = Targets::of(&pairs, rows);
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let fitted = Space::fit(&numbers, &targets, &[], &weights, rng);
            let units = fitted.units(&numbers, (&targets, &[]), 0..targets.rows, |_| rng.random());
            kernels = [&units.t, &units.z].map(|rows| {
                KernelDensity::fit(rows, width, &weights, rng).map(|(kernels, _)| kernels)
            });
            space = Some(fitted);
        }
        let (kernels, model) = KernelPair::new(width, kernels, device);
        let this = Self {
            maps,
            space,
            kernels,
            rows: rows.len(),
        };
        (this, model)
    }

    /// The detector without its kernels, to load them into.
    pub(crate) fn build(&self, device: &Device) -> KernelPairModel {
        self.kernels.build(device)
    }

    /// Whether it is one of this many columns.
    pub(crate) fn is_consistent(&self, columns: usize) -> bool {
        let numbers = numbers_of(&self.maps).len();
        let space = self.space.as_ref();
        self.maps.len() == columns
            && self.maps.iter().all(ColumnMap::is_sound)
            && self.kernels.is_consistent(numbers)
            && (numbers == 0 || space.is_some_and(|space| space.is_consistent(0, numbers)))
    }

    /// The number of values in all kernels.
    pub(crate) fn parameters(&self) -> u128 {
        self.kernels.parameters()
    }

    /// `½ (ln k + ln k′)` of the numbers of rows, in the middles of their cells.
    pub(crate) fn scores(&self, model: &KernelPairModel, targets: &Targets) -> Vec<Score> {
        let numbers = numbers_of(&self.maps);
        let mut logs = targets.seen.clone();
        let levels = targets.unseen.len() / targets.rows.max(1);
        for (log, unseen) in logs
            .iter_mut()
            .zip(targets.unseen.chunks_exact(levels.max(1)))
        {
            *log += unseen.iter().flatten().sum::<f64>();
        }
        if let Some(space) = &self.space {
            let units = space.units(&numbers, (targets, &[]), 0..targets.rows, |_| 0.5);
            let log = |k: usize, rows: &[f64]| {
                let none = || vec![0.0; targets.rows];
                let density = self.kernels.density(model, k);
                density.map_or_else(none, |density| density.log_densities(rows))
            };
            let kernels = log(0, &units.t).into_iter().zip(log(1, &units.z));
            let whitened = space.whitening.log_det();
            let rows = kernels.zip(&units.log_det);
            for (log, ((plain, white), log_det)) in logs.iter_mut().zip(rows) {
                *log += 0.5 * (plain + white + whitened) + log_det;
            }
        }
        let surprise = UNSEEN * (self.rows as f64 + 2.0).ln();
        let scores = logs.into_iter().zip(&targets.impossible);
        scores
            .map(|(log, impossible)| Score {
                possible: log - surprise * *impossible as f64,
                impossible: 0,
            })
            .collect()
    }

    /// Rows in the detector's terms.
    pub(crate) fn encode(&self, columns: &[&Column], rows: &[usize]) -> Targets {
        let pairs: Vec<_> = columns.iter().copied().zip(&self.maps).collect();
        Targets::of(&pairs, rows)
    }
}
