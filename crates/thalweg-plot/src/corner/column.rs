use crate::PlotError;
use crate::axis::Axis;
use crate::bins::{Bins, quantile, sorted};
use crate::legend::shortened;
use crate::tick;

/// The share of each sample beyond either end of an axis.
const TAIL: f64 = 0.005;

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) values: Values,
}

/// The values of data and model.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Numbers([Vec<f64>; 2]),
    Categories(Vec<String>, [Vec<usize>; 2]),
}

impl Column {
    /// The number of rows of both samples.
    pub(super) fn lengths(&self) -> [usize; 2] {
        match &self.values {
            Values::Numbers(samples) => [samples[0].len(), samples[1].len()],
            Values::Categories(_, samples) => [samples[0].len(), samples[1].len()],
        }
    }

    /// The axis and the bins of the diagonal. Up to `most` categories are named on the axis, each by its
    /// first `letters` letters.
    pub(super) fn axis(&self, letters: usize, most: usize) -> Result<(Axis, Bins), PlotError> {
        match &self.values {
            Values::Categories(names, _) => {
                if names.is_empty() {
                    return Err(PlotError::Empty("a column has no category"));
                }
                let every = names.len().div_ceil(most.max(1));
                let label = |(place, name): (usize, &String)| match place % every {
                    0 => shortened(name, letters),
                    _ => String::new(),
                };
                let axis = Axis::categories(names.iter().enumerate().map(label).collect());
                let bins = Bins {
                    low: axis.low,
                    high: axis.high,
                    count: names.len(),
                };
                Ok((axis, bins))
            }
            Values::Numbers(samples) => {
                let [data, model] = [0, 1].map(|sample| sorted(&samples[sample]));
                if data.is_empty() && model.is_empty() {
                    return Err(PlotError::Empty("a column has no finite value"));
                }
                let ends = [&data, &model].map(|own| [TAIL, 1.0 - TAIL].map(|s| quantile(own, s)));
                // A minimum with NaN, the quantile of an empty sample, is the other one.
                let low = ends[0][0].min(ends[1][0]);
                let high = ends[0][1].max(ends[1][1]);
                tick::extent("the range of a column", [low, high].into_iter())?;
                let inside = [data, model].concat();
                let inside: Vec<f64> = inside
                    .into_iter()
                    .filter(|v| (low..=high).contains(v))
                    .collect();
                // About as many bins as a bin has values.
                let count = (inside.len() as f64 / 2.0).sqrt().clamp(8.0, 30.0);
                let bins = Bins::fitting(&inside, (low, high), count as usize);
                let axis = Axis::numbers(tick::padded(bins.low, bins.high, 0.03));
                Ok((axis, bins))
            }
        }
    }

    /// The value of each row as a place on the axis; NaN if it is missing.
    pub(super) fn places(&self, sample: usize) -> Vec<f64> {
        match &self.values {
            Values::Numbers(samples) => samples[sample].clone(),
            Values::Categories(names, samples) => {
                let place = |code: &usize| match *code < names.len() {
                    true => *code as f64,
                    false => f64::NAN,
                };
                samples[sample].iter().map(place).collect()
            }
        }
    }

    /// The number of categories; none if the column has numbers.
    pub(super) fn categories(&self) -> Option<usize> {
        match &self.values {
            Values::Numbers(_) => None,
            Values::Categories(names, _) => Some(names.len()),
        }
    }
}
