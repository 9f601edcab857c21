//! A kernel density with bandwidths that follow the density.

use std::sync::OnceLock;

use rand::rngs::ChaCha8Rng;
use rand::seq::index;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use rayon::prelude::*;
use thalweg_kernels::{HALF_LN_TAU, Number};

use super::distances::{Blocks, LANES, Lanes, Scratch, TOGETHER, together};

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
    centres: Blocks,
    /// The deviation of each kernel.
    scales: Vec<f32>,
    /// Of each kernel, the logarithm of weight and of normalization.
    logs: Vec<f32>,
    /// The same by blocks of centres: `1 / (2 scale²)` and logarithm. Lanes without a kernel have the logarithm −∞.
    blocks: Vec<[Lanes; 2]>,
    /// The sums of the weights up to each kernel, which the first sample makes.
    ends: OnceLock<Vec<f64>>,
}

/// Centres whose bandwidths lack a factor.
struct Bare {
    width: usize,
    centres: Vec<f32>,
    blocks: Blocks,
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
        let blocks = Blocks::of_rows(&centres, width);
        let total: f64 = chosen.iter().map(|row| weights[*row]).sum();
        Some(Self {
            width,
            distances: neighbours(&centres, &blocks, width)?,
            centres,
            blocks,
            shares: chosen.iter().map(|row| weights[*row] / total).collect(),
        })
    }

    fn at(&self, factor: f64, centres: Blocks) -> KernelDensity {
        let scales: Vec<f32> = self.distances.iter().map(|d| (d * factor) as f32).collect();
        let log = |(scale, share): (&f32, &f64)| {
            let normal = f64::from(*scale).ln() + HALF_LN_TAU;
            // Finite also of a row without weight: no file holds an infinite parameter.
            ((share.ln() - self.width as f64 * normal) as f32).max(f32::MIN)
        };
        let logs = scales.iter().zip(&self.shares).map(log).collect();
        KernelDensity::new(self.width, centres, scales, logs)
    }
}

/// The neighbour whose distance sets a bandwidth.
const NEIGHBOUR: usize = 10;
/// The least bandwidth, as a share of the geometric mean.
const LEAST: f64 = 1e-2;
/// Rows whose likelihoods choose the bandwidth.
const JUDGED: usize = 500;

impl KernelDensity {
    /// The largest number of centres: a density costs a distance to each of them.
    pub(crate) const CENTRES: usize = 12_000;

    fn new(width: usize, centres: Blocks, scales: Vec<f32>, logs: Vec<f32>) -> Self {
        let block = |block: usize| {
            let kernel = |lane| Some(block * LANES + lane).filter(|kernel| *kernel < scales.len());
            let half = |kernel: usize| (0.5 / (scales[kernel] * scales[kernel])).min(f32::MAX);
            [
                std::array::from_fn(|lane| kernel(lane).map_or(0.0, half)),
                std::array::from_fn(|lane| kernel(lane).map_or(f32::NEG_INFINITY, |k| logs[k])),
            ]
        };
        Self {
            width,
            centres,
            blocks: (0..scales.len().div_ceil(LANES)).map(block).collect(),
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
        let factors = (-16..=28).map(|step| 2.0_f64.powf(f64::from(step) / 4.0));
        let none = || Blocks::of_rows(&[], width);
        let candidates: Vec<Self> = factors
            .clone()
            .map(|factor| bare.at(factor, none()))
            .collect();
        let judged = index::sample(rng, count, count.min(JUDGED)).into_vec();
        let likelihoods: Vec<Vec<f64>> = judged
            .par_iter()
            .map_init(Scratch::default, |scratch, one| {
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
        Some((bare.at(factor, bare.blocks.clone()), factor))
    }

    /// The same with a given factor on the distances.
    pub(crate) fn with_factor(
        rows: &[f64],
        width: usize,
        weights: &[f64],
        factor: f64,
        rng: &mut ChaCha8Rng,
    ) -> Option<Self> {
        let bare = Bare::new(rows, width, weights, rng)?;
        Some(bare.at(factor, bare.blocks.clone()))
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
        let groups = rows.par_chunks(TOGETHER * self.width);
        groups.zip(logs.par_chunks_mut(TOGETHER)).for_each_init(
            || (Vec::new(), Vec::new()),
            |(single, points), (rows, logs)| {
                single.clear();
                single.extend(rows.iter().map(|z| *z as f32));
                together(single, self.width, points);
                for (log, sum) in logs.iter_mut().zip(self.sums(points)) {
                    *log = sum.total();
                }
            },
        );
        logs
    }

    /// The sums over kernels at points that lie column by column.
    fn sums(&self, points: &[[f32; TOGETHER]]) -> [LaneSums; TOGETHER] {
        let mut sums = [LaneSums::default(); TOGETHER];
        self.centres.each(
            points,
            #[inline(always)]
            |block, squares| {
                let [halves, logs] = &self.blocks[block];
                for (sum, squares) in sums.iter_mut().zip(squares) {
                    let mut exponents = *logs;
                    let lanes = exponents.iter_mut().zip(squares).zip(halves);
                    lanes.for_each(|((log, square), half)| *log = (-square).mul_add(*half, *log));
                    sum.add(&exponents);
                }
            },
        );
        sums
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
            Blocks::of_rows(&centres, width),
            rows.clone().map(|row| row[width]).collect(),
            rows.map(|row| row[width + 1]).collect(),
        )
    }
}

/// `ln Σ exp`, lane by lane.
#[derive(Debug, Clone, Copy)]
struct LaneSums {
    largest: f32,
    /// In units of the largest.
    sums: Lanes,
}

impl Default for LaneSums {
    fn default() -> Self {
        Self {
            largest: f32::NEG_INFINITY,
            sums: [0.0; LANES],
        }
    }
}

impl LaneSums {
    #[inline(always)]
    fn add(&mut self, logs: &Lanes) {
        let bar = self.largest - NEGLIGIBLE;
        if !logs.iter().fold(false, |any, log| any | (*log > bar)) {
            return;
        }
        // A maximum over lanes goes from one to the next, unlike this question, and it is needed a few times only.
        if logs
            .iter()
            .fold(false, |any, log| any | (*log > self.largest))
        {
            let larger = |a: f32, b: &f32| if *b > a { *b } else { a };
            let largest = logs.iter().fold(self.largest, larger);
            let factor = Number::exp(self.largest - largest);
            self.sums.iter_mut().for_each(|sum| *sum *= factor);
            self.largest = largest;
        }
        let largest = self.largest;
        for (sum, log) in self.sums.iter_mut().zip(logs) {
            *sum += exp_of_negative(log - largest);
        }
    }

    fn total(&self) -> f64 {
        let sum: f64 = self.sums.iter().map(|sum| f64::from(*sum)).sum();
        f64::from(self.largest) + sum.ln()
    }
}

/// `eˣ` of `x ≤ 0` to 3 · 10⁻⁷ of it, in half the operations of one for all numbers: half of the time of a sum goes into these.
/// Below −87 it is `e⁻⁸⁷`.
///
/// `x = n ln 2 + r`; the lowest bits of `1.5 · 2²³ + x / ln 2` are `n`. The polynomial is the one of degree 5 that is right at
/// Chebyshev's nodes of `|r| ≤ ½ ln 2`, with its first two coefficients rounded to 1.
#[inline(always)]
fn exp_of_negative(x: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, SHIFT);
    let r = (shifted - SHIFT).mul_add(-std::f32::consts::LN_2, x);
    let series = [1.0, 1.0, 0.499_988_7, 0.166_665_05, 0.041_917_56];
    let value = series
        .iter()
        .rev()
        .fold(0.008_369_156, |sum, c| r.mul_add(sum, *c));
    value * f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000))
}

/// Exponents this far below the largest add nothing to a sum of f32.
const NEGLIGIBLE: f32 = 18.0;

/// The distance of each centre to its tenth neighbour, and that of copies to a small share of the mean.
fn neighbours(centres: &[f32], blocks: &Blocks, width: usize) -> Option<Vec<f64>> {
    let place = NEIGHBOUR.min(blocks.count().checked_sub(2)?);
    let mut distances = vec![0.0; blocks.count()];
    let groups = centres.par_chunks(TOGETHER * width);
    groups
        .zip(distances.par_chunks_mut(TOGETHER))
        .for_each_init(Scratch::default, |scratch, (rows, distances)| {
            let all = blocks.squares(rows, scratch);
            for (distance, squares) in distances.iter_mut().zip(all) {
                // Its own distance, 0, is the smallest.
                let (_, found, _) = squares.select_nth_unstable_by(place, f32::total_cmp);
                *distance = f64::from(*found).sqrt();
            }
        });
    let positive = distances.iter().filter(|d| **d > 0.0);
    let logs: Vec<f64> = positive.map(|d| d.ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len().max(1) as f64;
    let least = mean.exp() * LEAST;
    (logs.len() > 2).then(|| distances.into_iter().map(|d| d.max(least)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_right() {
        for step in 0..=80_000 {
            let x = -(step as f32) * 1e-3;
            let exact = f64::from(x).exp();
            let error = f64::from(exp_of_negative(x)) / exact - 1.0;
            // The last digit of r counts n times.
            assert!(error.abs() < 3e-7 + 2e-8 * f64::from(-x), "{x}: {error:e}");
        }
        assert!(exp_of_negative(f32::NEG_INFINITY) < 2e-38);
        assert_eq!(exp_of_negative(0.0), 1.0);
    }
}
