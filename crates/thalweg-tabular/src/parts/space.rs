//! The numbers of rows in the units of a density.

use std::ops::Range;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_flow::latent::normal_quantile;

use super::Whitening;
use crate::columns::{Cell, ColumnMap, Number};
use crate::rows::Targets;

/// The map from the numbers of a row to standard units without covariance.
///
/// A rounded number is a place in its cell, and a number that a row does not have is standard normal noise. Both
/// are drawn anew for each use: `E` over them of a density is the probability of the row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Space {
    pub(crate) whitening: Whitening,
    /// Whether a row needs a draw: numbers are rounded, or may be absent.
    pub(crate) is_random: bool,
}

/// Rows in the units of a density.
#[derive(Debug, Clone, Default)]
pub(crate) struct Units {
    /// Standard units, `rows × width`.
    pub(crate) t: Vec<f64>,
    /// The same without covariance.
    pub(crate) z: Vec<f64>,
    /// Of each row, what the log-density of `t` lacks.
    pub(crate) log_det: Vec<f64>,
}

impl Space {
    /// Fits the map to training rows and their weights.
    pub(crate) fn fit(
        numbers: &[&Number],
        targets: &Targets,
        weights: &[f64],
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let width = numbers.len();
        let mut units = Units::default();
        for row in 0..targets.rows {
            let cells = &targets.cells[row * width..][..width];
            push(numbers, cells, &mut units, || rng.random());
        }
        Self {
            whitening: Whitening::fit(&units.t, width, weights),
            is_random: numbers
                .iter()
                .any(|number| number.step.is_some() || number.can_be_absent()),
        }
    }

    /// Some rows, at places in (0, 1) of their cells that `draw` gives for each number.
    pub(crate) fn units(
        &self,
        numbers: &[&Number],
        targets: &Targets,
        rows: impl IntoIterator<Item = usize>,
        mut draw: impl FnMut(usize) -> f64,
    ) -> Units {
        let width = numbers.len();
        let mut units = Units::default();
        for row in rows {
            let mut column = 0;
            push(
                numbers,
                &targets.cells[row * width..][..width],
                &mut units,
                || {
                    column += 1;
                    draw(column - 1)
                },
            );
        }
        units.z = units.t.clone();
        units
            .z
            .chunks_exact_mut(width)
            .for_each(|row| self.whitening.forward(row));
        units
    }
}

/// Adds a row in standard units.
fn push(numbers: &[&Number], cells: &[Cell], units: &mut Units, mut draw: impl FnMut() -> f64) {
    let mut log_det = 0.0;
    for (number, cell) in numbers.iter().zip(cells) {
        let u: f64 = draw();
        match cell {
            Cell::Value(x) => {
                let [t, log_slope] = number.forward(*x, u);
                units.t.push(t);
                log_det += log_slope;
            }
            Cell::Absent => {
                let noise = normal_quantile(u.clamp(1e-5, 1.0 - 1e-5));
                units.t.push(noise);
                // The density of the noise is no part of the row's.
                log_det += 0.5 * noise * noise + thalweg_kernels::HALF_LN_TAU;
            }
        }
    }
    units.log_det.push(log_det);
}

/// The maps of numbers among those of columns.
pub(crate) fn numbers(maps: &[ColumnMap]) -> Vec<&Number> {
    let number = |map| match map {
        &ColumnMap::Number(ref number) => Some(number),
        _ => None,
    };
    maps.iter().filter_map(number).collect()
}

/// Places of draws that all rows share: of each column, the middles of `draws` equal parts of (0, 1), in an order of
/// its own (a Latin hypercube). Rows that are equal then have equal scores.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    orders: Vec<Vec<usize>>,
    draws: usize,
}

impl Places {
    pub(crate) fn new(columns: usize, draws: usize, rng: &mut ChaCha8Rng) -> Self {
        use rand::seq::SliceRandom;
        let order = |_| {
            let mut order: Vec<usize> = (0..draws).collect();
            order.shuffle(rng);
            order
        };
        Self {
            orders: (0..columns).map(order).collect(),
            draws,
        }
    }

    pub(crate) fn all(&self) -> Range<usize> {
        0..self.draws
    }

    pub(crate) fn get(&self, draw: usize, column: usize) -> f64 {
        (self.orders[column][draw] as f64 + 0.5) / self.draws as f64
    }
}
