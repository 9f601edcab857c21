//! A column of numbers and its map to standard units.

use serde::{Deserialize, Serialize};

use super::detect::FEW;
use super::{Flag, Marginal, Support};

/// The map of a column of numbers: the cell of a recorded value, its support, standard units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Number {
    support: Support,
    /// The step of rounding.
    pub(crate) step: Option<f64>,
    /// A point of the grid.
    origin: f64,
    /// The values of the training rows, ascending, where they are few.
    few: Vec<f64>,
    marginal: Marginal,
    /// Whether a row holds a number, one of the frequent values that are no part of the density, or none.
    pub(crate) flag: Option<Flag>,
}

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    /// A number, or the middle of its cell.
    Value(f64),
    /// Nothing that has a density: noise takes its place.
    Absent,
}

impl Number {
    /// Fits the map to the values of training rows with their weights; `None` unless there are two different
    /// values.
    pub(crate) fn fit(
        support: Support,
        step: Option<f64>,
        values: &[f64],
        weights: &[f64],
        flag: Option<Flag>,
    ) -> Option<Self> {
        let half = step.map_or(0.0, |step| 0.5 * step);
        let support = support.widened(half);
        // With both ends of a cell, the deviation is that of the values with noise.
        let ends: Vec<f64> = match step {
            None => values.to_vec(),
            Some(step) => {
                // At 0.29 steps from the middle, a cell has the variance of uniform noise.
                let off = step / 12.0_f64.sqrt();
                values.iter().flat_map(|x| [x - off, x + off]).collect()
            }
        };
        let of_ends: Vec<f64> = match step {
            None => weights.to_vec(),
            Some(_) => weights.iter().flat_map(|w| [*w, *w]).collect(),
        };
        let line: Vec<f64> = ends.iter().map(|x| support.to_line(*x)[0]).collect();
        Some(Self {
            support,
            step,
            origin: values.first().copied().unwrap_or_default(),
            few: few(values),
            marginal: Marginal::fit(&line, &of_ends)?,
            flag,
        })
    }

    /// Whether steps, scales and bounds are those of a map.
    pub(crate) fn is_sound(&self) -> bool {
        self.step.is_none_or(|step| step > 0.0 && step.is_finite())
            && self.support.is_sound()
            && self.marginal.is_sound()
            && self.few.is_sorted()
    }

    /// The middle of the cell of a recorded value.
    pub(crate) fn cell(&self, x: f64) -> f64 {
        match self.step {
            None => x,
            Some(step) => self.origin + ((x - self.origin) / step).round() * step,
        }
    }

    /// Whether a value has a density.
    pub(crate) fn contains(&self, x: f64) -> bool {
        self.support.contains(x)
    }

    /// Whether a row may hold something else than a number with a density.
    pub(crate) fn can_be_absent(&self) -> bool {
        self.flag.is_some() || self.support != Support::Line
    }

    /// In standard units, at place `u` in (0, 1) of the cell, and the logarithm of the slope; with the width of the
    /// cell, so that the log-density of the units plus it is that of the number, or the log-probability of the
    /// rounded one.
    pub(crate) fn forward(&self, x: f64, u: f64) -> [f64; 2] {
        let (x, log_width) = match self.step {
            None => (x, 0.0),
            Some(step) => (x + step * (u - 0.5), step.ln()),
        };
        let [line, log_slope] = self.support.to_line(x);
        let [t, log_unit] = self.marginal.forward(line);
        [t, log_slope + log_unit + log_width]
    }

    /// The recorded value of a number in standard units; of few values, the closest one.
    pub(crate) fn inverse(&self, t: f64) -> f64 {
        self.recorded(self.unrounded(t))
    }

    /// The number of standard units, before it is rounded.
    pub(crate) fn unrounded(&self, t: f64) -> f64 {
        self.support.of_line(self.marginal.inverse(t))
    }

    /// The recorded value nearest to a number; of few values, the closest one.
    pub(crate) fn recorded(&self, x: f64) -> f64 {
        let place = self.few.partition_point(|value| *value < x);
        let around = [place.checked_sub(1), Some(place)].into_iter().flatten();
        let values = around.filter_map(|place| self.few.get(place).copied());
        let closest = values.min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
        match self.step {
            _ if closest.is_some() => closest.unwrap_or(x),
            None => x,
            Some(_) => decimal(self.cell(x)),
        }
    }

    /// A number that has a density: none of the flag's values.
    pub(crate) fn dense(&self) -> f64 {
        let free = |x: &f64| {
            let flag = self.flag.as_ref();
            flag.is_none_or(|flag| flag.level(*x) == Some(0))
        };
        // There are fewer atoms than halves.
        (0..).map(|k| f64::from(k) + 0.5).find(free).unwrap_or(0.5)
    }
}

/// A recorded value as it is written: multiples of 0.1 are 0.3 and not 0.30000000000000004.
fn decimal(x: f64) -> f64 {
    format!("{x:.13e}").parse().unwrap_or(x)
}

/// The different values, ascending, where there are [`FEW`].
fn few(values: &[f64]) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    for value in values {
        if let Err(place) = found.binary_search_by(|known| known.total_cmp(value)) {
            if found.len() == FEW {
                return vec![];
            }
            found.insert(place, *value);
        }
    }
    found
}
