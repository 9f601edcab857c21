//! What a density of a table has to beat.

use std::f64::consts::TAU;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_kernels::{HALF_LN_TAU, LogSum};

use crate::columns::ColumnMap;
use crate::member::{Encoded, Member};
use crate::parts::{KernelDensity, Places, Space, numbers_of};

/// Mean log-densities of held-out rows under two simple models of the training rows, in the units of
/// [`log_prob`](crate::FittedDensity::log_prob).
///
/// See [`Summary`](crate::Summary) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Baselines {
    /// A Gaussian with full covariance of the numbers; categories by their frequencies, uniform angles.
    #[serde(with = "crate::any_number")]
    pub gaussian: f64,
    /// Each column by itself: kernel densities of numbers, frequencies of categories and of parts of the circle.
    #[serde(with = "crate::any_number")]
    pub independent: f64,
}

/// Parts of the circle whose frequencies are counted.
const SECTORS: usize = 24;
/// The share of the normal density in that of a column by itself.
const NORMAL: f64 = 0.02;

impl Baselines {
    /// Fits both to training rows, and evaluates them on held-out ones without errors.
    pub(crate) fn of(
        member: &Member,
        targets: usize,
        levels: &[usize],
        [train, held_out]: [&Encoded; 2],
        [weights, of_held_out]: [&[f64]; 2],
    ) -> Self {
        let rows = held_out.targets.rows;
        let categories = frequencies(train, held_out, levels, weights);
        let (angles, uniform) = sectors(train, held_out, weights, member, targets);
        let mut gaussian: Vec<f64> = (0..rows).map(|row| categories[row] + uniform).collect();
        let mut independent: Vec<f64> =
            (0..rows).map(|row| categories[row] + angles[row]).collect();

        let numbers = numbers_of(&member.maps[..targets]);
        if !numbers.is_empty() {
            let width = numbers.len();
            let rng = &mut ChaCha8Rng::seed_from_u64(0);
            let space = Space::fit(&numbers, &train.targets, &[], weights, rng);
            let places = Places::new(width, 1, rng);
            let place = |column| places.get(0, column);
            let noisy = |encoded: &Encoded, rng: &mut ChaCha8Rng| {
                let draw = |_| rand::RngExt::random(rng);
                space.units(
                    &numbers,
                    (&encoded.targets, &[]),
                    0..encoded.targets.rows,
                    draw,
                )
            };
            let learned = noisy(train, rng);
            let units = space.units(&numbers, (&held_out.targets, &[]), 0..rows, place);
            let log_det = space.whitening.log_det();
            for (row, z) in units.z.chunks_exact(width).enumerate() {
                let square: f64 = z.iter().map(|z| z * z).sum();
                let normal = log_det - 0.5 * square - width as f64 * HALF_LN_TAU;
                gaussian[row] += normal + units.log_det[row];
                independent[row] += units.log_det[row];
            }
            for column in 0..width {
                let of = |t: &[f64]| -> Vec<f64> {
                    t.iter().skip(column).step_by(width).copied().collect()
                };
                let one = KernelDensity::fit(&of(&learned.t), 1, weights, rng);
                let values = of(&units.t);
                let none = || vec![f64::NEG_INFINITY; values.len()];
                let logs = one.map_or_else(none, |(density, _)| density.log_densities(&values));
                for ((sum, log), t) in independent.iter_mut().zip(logs).zip(&values) {
                    // A share of the normal density bounds what one row far from all others takes away.
                    let mut mixed = LogSum::default();
                    mixed.add(log + (1.0 - NORMAL).ln());
                    mixed.add(NORMAL.ln() - 0.5 * t * t - HALF_LN_TAU);
                    *sum += mixed.total();
                }
            }
        }
        let total: f64 = of_held_out.iter().sum();
        let mean = |logs: &[f64]| {
            logs.iter()
                .zip(of_held_out)
                .map(|(log, w)| log * w)
                .sum::<f64>()
                / total
        };
        Self {
            gaussian: mean(&gaussian),
            independent: mean(&independent),
        }
    }
}

/// The log-probability of the categories of held-out rows, each by its smoothed frequency.
fn frequencies(train: &Encoded, held_out: &Encoded, levels: &[usize], weights: &[f64]) -> Vec<f64> {
    let width = levels.len();
    let mut sums: Vec<f64> = held_out.targets.seen.clone();
    let total: f64 = weights.iter().sum();
    for (category, levels) in levels.iter().enumerate() {
        let mut counts = vec![0.5 / weights.len() as f64; *levels];
        for (row, weight) in weights.iter().enumerate() {
            counts[train.targets.codes[row * width + category]] += weight / total;
        }
        let all: f64 = counts.iter().sum();
        for (row, sum) in sums.iter_mut().enumerate() {
            let place = row * width + category;
            let code = held_out.targets.codes[place];
            *sum += held_out.targets.unseen[place].unwrap_or_else(|| (counts[code] / all).ln());
        }
    }
    sums
}

/// The log-density of the angles of held-out rows by the frequencies of sectors, and that of a uniform row.
fn sectors(
    train: &Encoded,
    held_out: &Encoded,
    weights: &[f64],
    member: &Member,
    targets: usize,
) -> (Vec<f64>, f64) {
    let angles = member.maps[..targets].iter().filter_map(|map| match map {
        ColumnMap::Angle(angle) => Some(angle.log_slope()),
        _ => None,
    });
    let slopes: Vec<f64> = angles.collect();
    let width = slopes.len();
    let mut sums = vec![0.0; held_out.targets.rows];
    let sector = |radians: f64| {
        let place = (radians / TAU + 0.5) * SECTORS as f64;
        (place as usize).min(SECTORS - 1)
    };
    for (column, slope) in slopes.iter().enumerate() {
        let mut counts = [0.5; SECTORS];
        for (row, weight) in weights.iter().enumerate() {
            let radians = train.targets.angles[row * width + column];
            if !radians.is_nan() {
                counts[sector(radians)] += weight;
            }
        }
        let all: f64 = counts.iter().sum();
        for (row, sum) in sums.iter_mut().enumerate() {
            let radians = held_out.targets.angles[row * width + column];
            if !radians.is_nan() {
                *sum += (counts[sector(radians)] / all * SECTORS as f64 / TAU).ln() + slope;
            }
        }
    }
    (sums, slopes.iter().map(|slope| slope - TAU.ln()).sum())
}
