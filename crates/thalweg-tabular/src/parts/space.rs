//! The numbers of rows in the units of a density.

use std::ops::Range;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_flow::linear::{Regression, Whitening};
use thalweg_metrics::normal_quantile;

use crate::columns::{Cell, ColumnMap, Number};
use crate::rows::Targets;
use crate::split::shuffled;

/// The map from the numbers of a row to standard units without covariance.
///
/// A rounded number is a place in its cell, and a number that a row does not have is standard normal noise. Both
/// are drawn anew for each use: `E` over them of a density is the probability of the row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Space {
    pub(crate) whitening: Whitening,
    /// What the inputs say of the numbers, which is taken off; none without inputs.
    regression: Option<Regression>,
    /// Whether a row needs a draw: numbers are rounded, or may be absent.
    pub(crate) is_random: bool,
}

/// Rows in the units of a density.
#[derive(Debug, Clone, Default)]
pub(crate) struct Units {
    /// Standard units less what the inputs say of them, `rows × width`.
    pub(crate) t: Vec<f64>,
    /// The same without covariance.
    pub(crate) z: Vec<f64>,
    /// Of each row, what the log-density of `t` lacks.
    pub(crate) log_det: Vec<f64>,
    /// Whether a row has all its numbers, in cells so narrow that its density is the same all over them.
    pub(crate) is_narrow: Vec<bool>,
}

impl Units {
    /// Some of the rows, of `width` numbers.
    pub(crate) fn select(&self, rows: &[usize], width: usize) -> Self {
        let of = |all: &[f64]| chosen(all, width, rows);
        Self {
            t: of(&self.t),
            z: of(&self.z),
            log_det: rows.iter().map(|row| self.log_det[*row]).collect(),
            is_narrow: rows.iter().map(|row| self.is_narrow[*row]).collect(),
        }
    }
}

/// Some rows of numbers that lie row by row.
pub(crate) fn chosen<T: Copy>(all: &[T], width: usize, rows: &[usize]) -> Vec<T> {
    let row = |row: &usize| &all[row * width..][..width];
    rows.iter().flat_map(row).copied().collect()
}

/// The width of a narrow cell in standard units. Over it the mean of a density `p` differs from `p` in the middle by
/// `p″ / p` times a 24th of its square: by 4 · 10⁻⁶ where `p` changes within a hundredth of a standard unit.
const NARROW: f64 = 1e-4;

impl Space {
    /// Fits the map to training rows, their inputs and weights.
    pub(crate) fn fit(
        numbers: &[&Number],
        targets: &Targets,
        inputs: &[f32],
        weights: &[f64],
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let width = numbers.len();
        let mut units = Units::default();
        for row in 0..targets.rows {
            let cells = &targets.cells[row * width..][..width];
            push(numbers, cells, &mut units, || rng.random());
        }
        let regression = Regression::fit(&units.t, width, inputs, weights);
        let random = |number: &&Number| number.step.is_some() || number.can_be_absent();
        let mut this = Self {
            whitening: Whitening::fit(&units.t, width, weights),
            regression,
            is_random: numbers.iter().any(random),
        };
        if this.regression.is_some() {
            let each = inputs.len() / targets.rows;
            for (row, t) in units.t.chunks_exact_mut(width).enumerate() {
                this.subtract(t, &inputs[row * each..][..each]);
            }
            this.whitening = Whitening::fit(&units.t, width, weights);
        }
        this
    }

    /// Whether it is a map of this many inputs and numbers.
    pub(crate) fn is_consistent(&self, inputs: usize, width: usize) -> bool {
        let regression = self.regression.as_ref();
        self.whitening.is_consistent(width)
            && regression.is_none_or(|regression| regression.is_consistent(inputs, width))
    }

    /// Takes off what the inputs of a row say of its numbers.
    fn subtract(&self, t: &mut [f64], inputs: &[f32]) {
        if let Some(regression) = &self.regression {
            let mean = regression.mean(inputs);
            t.iter_mut()
                .zip(mean.iter())
                .for_each(|(t, mean)| *t -= mean);
        }
    }

    /// Adds what the inputs of a row say of its numbers.
    pub(crate) fn add(&self, t: &mut [f64], inputs: &[f32]) {
        if let Some(regression) = &self.regression {
            let mean = regression.mean(inputs);
            t.iter_mut()
                .zip(mean.iter())
                .for_each(|(t, mean)| *t += mean);
        }
    }

    /// Some rows, at places in (0, 1) of their cells that `draw` gives for each number. `inputs` are those of all
    /// rows.
    pub(crate) fn units(
        &self,
        numbers: &[&Number],
        (targets, inputs): (&Targets, &[f32]),
        rows: impl IntoIterator<Item = usize>,
        mut draw: impl FnMut(usize) -> f64,
    ) -> Units {
        let (width, each) = (numbers.len(), inputs.len() / targets.rows.max(1));
        let mut units = Units::default();
        for row in rows {
            let mut column = 0;
            let cells = &targets.cells[row * width..][..width];
            push(numbers, cells, &mut units, || {
                column += 1;
                draw(column - 1)
            });
            let begun = units.t.len() - width;
            self.subtract(&mut units.t[begun..], &inputs[row * each..][..each]);
        }
        units.z = units.t.clone();
        let rows = units.z.chunks_exact_mut(width);
        rows.for_each(|row| self.whitening.forward(row));
        units
    }
}

/// Adds a row in standard units.
fn push(numbers: &[&Number], cells: &[Cell], units: &mut Units, mut draw: impl FnMut() -> f64) {
    let (mut log_det, mut is_narrow) = (0.0, true);
    for (number, cell) in numbers.iter().zip(cells) {
        let u: f64 = draw();
        match cell {
            Cell::Value(x) => {
                let [t, log_slope] = number.forward(*x, u);
                units.t.push(t);
                log_det += log_slope;
                // Of a rounded number it is the logarithm of the cell's width in standard units.
                is_narrow &= number.step.is_none() || log_slope < NARROW.ln();
            }
            Cell::Absent => {
                let noise = normal_quantile(u.clamp(1e-5, 1.0 - 1e-5));
                units.t.push(noise);
                is_narrow = false;
                // The density of the noise is no part of the row's.
                log_det += 0.5 * noise * noise + thalweg_kernels::HALF_LN_TAU;
            }
        }
    }
    units.log_det.push(log_det);
    units.is_narrow.push(is_narrow);
}

/// The maps of numbers among those of columns.
pub(crate) fn numbers(maps: &[ColumnMap]) -> Vec<&Number> {
    fn number(map: &ColumnMap) -> Option<&Number> {
        match map {
            ColumnMap::Number(number) => Some(number),
            _ => None,
        }
    }
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
        Self {
            orders: (0..columns).map(|_| shuffled(draws, rng)).collect(),
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
