//! A kernel density with bandwidths that follow the density.

mod order;

use std::f32::consts::LOG2_E;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use rand::rngs::ChaCha8Rng;
use rand::seq::index;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use rayon::prelude::*;
use thalweg_kernels::{BLOCK, Block, HALF_LN_TAU, POINTS, RowBlocks, RowScratch};

use super::space::chosen;
use order::nearby;

/// `p(z) = Σ wᵢ N(z; cᵢ, (h dᵢ)² I)` over centres `cᵢ`, which are training rows. `dᵢ` is the distance of a centre to its
/// tenth neighbour; `h` is the one of greatest leave-one-out likelihood.
///
/// It is the part of a mixture that knows where single rows lie. A flow of the same rows is smooth; far from
/// all rows, where few of them are near, both are needed to order anomalies.
///
/// L. Breiman, W. Meisel, E. Purcell: *Variable kernel estimates of multivariate densities*, 1977.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KernelDensity {
    width: usize,
    centres: RowBlocks,
    /// The deviation of each kernel.
    scales: Vec<f32>,
    /// Of each kernel, the logarithm of weight and of normalization.
    logs: Vec<f32>,
    /// The same by blocks of centres, in powers of 2: `−1 / (2 scale²)` and logarithm. Lanes without a kernel have the
    /// logarithm −∞.
    blocks: Vec<[Block; 2]>,
    /// The sums of the weights up to each kernel, which the first sample makes.
    ends: OnceLock<Vec<f64>>,
}

/// Centres whose bandwidths lack a factor.
struct Bare {
    width: usize,
    centres: Vec<f32>,
    blocks: RowBlocks,
    /// Weights, which sum to 1.
    shares: Vec<f64>,
    distances: Vec<f64>,
}

impl Bare {
    fn new(rows: &[f64], width: usize, weights: &[f64], rng: &mut ChaCha8Rng) -> Option<Self> {
        let all = weights.len();
        let chosen = match all > KernelDensity::CENTRES {
            true => index::sample(rng, all, KernelDensity::CENTRES).into_vec(),
            false => (0..all).collect(),
        };
        let pick = |row: &usize| rows[row * width..][..width].iter().map(|z| *z as f32);
        let centres: Vec<f32> = chosen.iter().flat_map(pick).collect();
        let blocks = RowBlocks::of_rows(&centres, width);
        let total: f64 = chosen.iter().map(|row| weights[*row]).sum();
        Some(Self {
            width,
            distances: neighbours(&centres, &blocks, width)?,
            centres,
            blocks,
            shares: chosen.iter().map(|row| weights[*row] / total).collect(),
        })
    }

    fn at(&self, factor: f64, centres: RowBlocks) -> KernelDensity {
        let scales: Vec<f32> = self.distances.iter().map(|d| (d * factor) as f32).collect();
        let log = |(scale, share): (&f32, &f64)| {
            let normal = f64::from(*scale).ln() + HALF_LN_TAU;
            // Finite also of a row without weight: no file holds an infinite parameter.
            ((share.ln() - self.width as f64 * normal) as f32).max(f32::MIN)
        };
        let logs = scales.iter().zip(&self.shares).map(log).collect();
        KernelDensity::new(self.width, centres, scales, logs)
    }

    /// The density with its centres in an order that sums are fast in.
    fn ordered(self, factor: f64) -> KernelDensity {
        let (width, order) = (self.width, nearby(&self.centres, self.width));
        let centres = chosen(&self.centres, width, &order);
        let of = |all: &[f64]| chosen(all, 1, &order);
        let (shares, distances) = (of(&self.shares), of(&self.distances));
        let blocks = RowBlocks::of_rows(&centres, width);
        let this = Self {
            width,
            centres,
            blocks: blocks.clone(),
            shares,
            distances,
        };
        this.at(factor, blocks)
    }
}

/// The neighbour whose distance sets a bandwidth.
const NEIGHBOUR: usize = 10;
/// The least bandwidth, as a share of the geometric mean.
const LEAST: f64 = 1e-2;
/// Rows whose likelihoods choose the bandwidth.
const JUDGED: usize = 500;
/// Factors on the distances that they choose from, in quarters of a doubling.
const FACTORS: RangeInclusive<i32> = -16..=28;
/// The time of a kernel in one of these likelihoods over that of a kernel in a density.
const JUDGING: usize = 4;

impl KernelDensity {
    /// The largest number of centres: a density costs a distance to each of them.
    pub(crate) const CENTRES: usize = 12_000;

    fn new(width: usize, centres: RowBlocks, scales: Vec<f32>, logs: Vec<f32>) -> Self {
        let block = |block: usize| {
            let kernel = |lane| Some(block * BLOCK + lane).filter(|kernel| *kernel < scales.len());
            let slope =
                |kernel: usize| (-0.5 * LOG2_E / (scales[kernel] * scales[kernel])).max(f32::MIN);
            let log = |kernel: usize| logs[kernel] * LOG2_E;
            [
                std::array::from_fn(|lane| kernel(lane).map_or(0.0, slope)),
                std::array::from_fn(|lane| kernel(lane).map_or(f32::NEG_INFINITY, log)),
            ]
        };
        Self {
            width,
            centres,
            blocks: (0..scales.len().div_ceil(BLOCK)).map(block).collect(),
            scales,
            logs,
            ends: OnceLock::new(),
        }
    }

    /// Of rows of `width` numbers with their weights; of many rows, a sample of them. And the factor `h`. `None` of
    /// fewer than 3 different rows.
    pub(crate) fn fit(
        rows: &[f64],
        width: usize,
        weights: &[f64],
        rng: &mut ChaCha8Rng,
    ) -> Option<(Self, f64)> {
        let bare = Bare::new(rows, width, weights, rng)?;
        let count = bare.shares.len();
        let factors = FACTORS.map(|step| 2.0_f64.powf(f64::from(step) / 4.0));
        let none = || RowBlocks::of_rows(&[], width);
        let candidates: Vec<Self> = factors
            .clone()
            .map(|factor| bare.at(factor, none()))
            .collect();
        let judged = index::sample(rng, count, count.min(JUDGED)).into_vec();
        let likelihoods: Vec<Vec<f64>> = judged
            .par_iter()
            .map_init(RowScratch::default, |scratch, one| {
                let row = &bare.centres[one * width..][..width];
                let squares = &bare.blocks.squares(row, scratch)[0];
                let likelihood = |density: &Self| {
                    // Without the row and its copies, which would choose no width at all.
                    let pairs = squares
                        .iter()
                        .enumerate()
                        .filter(|(_, square)| **square > 0.0);
                    bare.shares[*one] * density.sum(pairs.map(|(kernel, square)| (kernel, *square)))
                };
                candidates.iter().map(likelihood).collect()
            })
            .collect();
        let total = |candidate: &usize| likelihoods.iter().map(|of| of[*candidate]).sum::<f64>();
        let found = (0..candidates.len()).filter(|candidate| total(candidate).is_finite());
        let best = found.max_by(|a, b| total(a).total_cmp(&total(b)))?;
        let factor = factors.into_iter().nth(best)?;
        Some((bare.ordered(factor), factor))
    }

    /// About how many kernels a fit to `rows` rows and `densities` densities compute.
    pub(crate) fn work(rows: usize, densities: usize) -> f64 {
        let centres = rows.min(Self::CENTRES);
        let judged = JUDGING * JUDGED.min(centres) * FACTORS.count();
        centres as f64 * (judged + centres + densities) as f64
    }

    /// The same with a given factor on the distances.
    pub(crate) fn with_factor(
        rows: &[f64],
        width: usize,
        weights: &[f64],
        factor: f64,
        rng: &mut ChaCha8Rng,
    ) -> Option<Self> {
        Some(Bare::new(rows, width, weights, rng)?.ordered(factor))
    }

    /// `ln Σ` over kernels at squared distances.
    fn sum(&self, kernels: impl Iterator<Item = (usize, f32)>) -> f64 {
        let (mut largest, mut sum) = (f32::NEG_INFINITY, 0.0_f32);
        for (kernel, square) in kernels {
            let scale = self.scales[kernel];
            let log = self.logs[kernel] - 0.5 * square / (scale * scale);
            if log > largest {
                sum = sum * (largest - log).exp() + 1.0;
                largest = log;
            } else if log > largest - NEGLIGIBLE {
                sum += (log - largest).exp();
            }
        }
        f64::from(largest) + f64::from(sum).ln()
    }

    /// `ln p` of rows.
    pub(crate) fn log_densities(&self, rows: &[f64]) -> Vec<f64> {
        let mut logs = vec![0.0; rows.len() / self.width];
        let groups = rows.par_chunks(POINTS * self.width);
        groups.zip(logs.par_chunks_mut(POINTS)).for_each_init(
            || (Vec::new(), RowScratch::default()),
            |(single, scratch), (rows, logs)| {
                single.clear();
                single.extend(rows.iter().map(|z| *z as f32));
                let sums = self.centres.log_sums(&self.blocks, single, scratch);
                logs.copy_from_slice(&sums[..logs.len()]);
            },
        );
        logs
    }

    /// A sample.
    pub(crate) fn sample(&self, rng: &mut impl Rng) -> Vec<f64> {
        let ends = self.ends.get_or_init(|| self.cumulative());
        let at = rng.random::<f64>();
        let kernel = ends.partition_point(|end| *end <= at).min(ends.len() - 1);
        let scale = f64::from(self.scales[kernel]);
        let around = |c: f32| f64::from(c) + scale * rng.sample::<f64, _>(StandardNormal);
        self.centres.row(kernel).map(around).collect()
    }

    /// The sum of the weights up to each kernel.
    fn cumulative(&self) -> Vec<f64> {
        // A weight is what its logarithm has beyond the normalization.
        let weight = |(scale, log): (&f32, &f32)| {
            let normal = f64::from(*scale).ln() + HALF_LN_TAU;
            (f64::from(*log) + self.width as f64 * normal).exp()
        };
        let weights = self.scales.iter().zip(&self.logs).map(weight);
        weights
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect()
    }

    /// Centres, scales and logarithms of weights, row by row: `centres × (width + 2)`.
    pub(crate) fn to_rows(&self) -> Vec<f32> {
        let row = |kernel: usize| {
            let tail = [self.scales[kernel], self.logs[kernel]];
            self.centres.row(kernel).chain(tail)
        };
        (0..self.centres.count()).flat_map(row).collect()
    }

    /// Of [`to_rows`](Self::to_rows).
    pub(crate) fn of_rows(rows: &[f32], width: usize) -> Self {
        let rows = rows.chunks_exact(width + 2);
        let centres: Vec<f32> = rows
            .clone()
            .flat_map(|row| &row[..width])
            .copied()
            .collect();
        Self::new(
            width,
            RowBlocks::of_rows(&centres, width),
            rows.clone().map(|row| row[width]).collect(),
            rows.map(|row| row[width + 1]).collect(),
        )
    }
}

/// Exponents this far below the largest add nothing to a sum of f32.
const NEGLIGIBLE: f32 = 18.0;

/// The distance of each centre to its tenth neighbour, and that of copies to a small share of the mean.
fn neighbours(centres: &[f32], blocks: &RowBlocks, width: usize) -> Option<Vec<f64>> {
    let place = NEIGHBOUR.min(blocks.count().checked_sub(2)?);
    let mut distances = vec![0.0; blocks.count()];
    let groups = centres.par_chunks(POINTS * width);
    groups.zip(distances.par_chunks_mut(POINTS)).for_each_init(
        RowScratch::default,
        |scratch, (rows, distances)| {
            let all = blocks.squares(rows, scratch);
            for (distance, squares) in distances.iter_mut().zip(all) {
                // Its own distance, 0, is the smallest.
                let (_, found, _) = squares.select_nth_unstable_by(place, f32::total_cmp);
                *distance = f64::from(*found).sqrt();
            }
        },
    );
    let positive = distances.iter().filter(|d| **d > 0.0);
    let logs: Vec<f64> = positive.map(|d| d.ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len().max(1) as f64;
    let least = mean.exp() * LEAST;
    (logs.len() > 2).then(|| distances.into_iter().map(|d| d.max(least)).collect())
}
