//! Bands of predictive draws with the observation over them.

use thalweg_plot::QuantileBands;

use super::{Predictive, PredictiveNumber};

/// More numbers than this are joined by lines.
const BOXES: usize = 40;
/// Half of the width of a box.
const HALF: f64 = 0.35;

impl Predictive {
    /// The quantiles of each number over the draws as bands, with the observation as dots. All are drawn in units of the
    /// interquartile range of the draws, from their median: `(y − y₅₀) / (y₇₅ − y₂₅)`. A number that is the same in all draws is
    /// drawn as it is, from their value.
    pub fn picture(&self) -> QuantileBands {
        let places = self.numbers.iter().flat_map(|number| {
            let middle = number.number as f64;
            let quantiles = number.quantiles.map(|y| number.scaled(y));
            match self.numbers.len() <= BOXES {
                true => vec![
                    (middle - HALF, quantiles),
                    (middle + HALF, quantiles),
                    (middle + HALF, [f64::NAN; 5]),
                ],
                false => vec![(middle, quantiles)],
            }
        });
        let points = self.numbers.iter();
        let points = points.map(|number| (number.number as f64, number.scaled(number.observed)));
        QuantileBands::new("number of the data", "(y − median) / interquartile range")
            .title(format!(
                "{} predictive draws, joint p = {:.3}",
                self.draws.len(),
                self.p_value
            ))
            .quantiles(places)
            .points(points)
    }
}

impl PredictiveNumber {
    fn scaled(&self, y: f64) -> f64 {
        let [_, low, median, high, _] = self.quantiles;
        let spread = high - low;
        (y - median) / if spread > 0.0 { spread } else { 1.0 }
    }
}
