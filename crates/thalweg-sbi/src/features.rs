//! The numbers of data as networks take them.

use serde::{Deserialize, Serialize};

use crate::SbiError;

/// One map for each number of the data, fitted to simulations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Features {
    maps: Vec<Feature>,
}

/// `z = (g(x) − m) / s`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Feature {
    curve: Curve,
    mean: f64,
    /// 0 of a number that is the same in all simulations: `z = 0`.
    inverse_deviation: f64,
}

/// `g`: what makes a number of many orders of magnitude one of few.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Curve {
    /// `x`.
    Identity,
    /// `ln x`; below the smallest number of the simulations, its logarithm.
    Log { least: f64 },
    /// `asinh((x − m) / s)`, linear near the median and logarithmic far from it.
    Asinh { middle: f64, scale: f64 },
}

/// The largest `|z|`: the observation may be far from all simulations, and a network is not to be driven farther.
const FARTHEST: f64 = 20.0;

impl Features {
    /// Of rows of `width` numbers, of which those at the same place of each period of `period` numbers share a map.
    pub(crate) fn fit(x: &[f64], width: usize, period: usize) -> Self {
        let column = |k: usize| -> Vec<f64> { x[k..].iter().step_by(period).copied().collect() };
        let maps = (0..period.min(width)).map(|k| Feature::fit(&column(k)));
        Self {
            maps: maps.cycle().take(width).collect(),
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.maps.len()
    }

    /// The numbers that are the same in all simulations: they say nothing.
    pub(crate) fn constants(&self) -> Vec<usize> {
        let constant = |k: &usize| self.maps[*k].inverse_deviation == 0.0;
        (0..self.maps.len()).filter(constant).collect()
    }

    /// The numbers that differ between simulations, whose density there is.
    pub(crate) fn varying(&self) -> usize {
        self.maps.len() - self.constants().len()
    }

    /// The numbers that are the same in all simulations and another one here.
    pub(crate) fn differing(&self, x: &[f64]) -> Vec<usize> {
        let constants = self.constants().into_iter();
        constants
            .filter(|k| !is_same(x[*k], self.maps[*k].mean))
            .collect()
    }

    /// The places of the numbers that vary, and how many deviations each lies from its mean, without a bound. It is −∞ of
    /// a number that is not above 0 where all simulations are.
    pub(crate) fn deviations(&self, x: &[f64]) -> impl Iterator<Item = (usize, f64)> {
        let all = self.maps.iter().zip(x).enumerate();
        let varying = all.filter(|(_, (map, _))| map.inverse_deviation > 0.0);
        varying.map(|(k, (map, x))| {
            let g = match map.curve {
                Curve::Log { .. } if *x <= 0.0 => f64::NEG_INFINITY,
                Curve::Log { .. } => x.ln(),
                curve => curve.of(*x),
            };
            (k, (g - map.mean) * map.inverse_deviation)
        })
    }

    /// Whether all numbers of the maps are sound.
    pub(crate) fn is_sound(&self) -> bool {
        let is_sound = |map: &Feature| {
            let curve = match map.curve {
                Curve::Identity => true,
                Curve::Log { least } => least.is_finite() && least > 0.0,
                Curve::Asinh { middle, scale } => {
                    middle.is_finite() && scale.is_finite() && scale > 0.0
                }
            };
            let slope = map.inverse_deviation;
            curve && map.mean.is_finite() && slope.is_finite() && slope >= 0.0
        };
        self.maps.iter().all(is_sound)
    }

    /// The numbers whose density is learned, and `ln |dz/dx|`: those that differ between simulations.
    ///
    /// # Errors
    ///
    /// A number where no simulation could be: not above 0 where all are.
    pub(crate) fn target(&self, x: &[f64]) -> Result<(Vec<f64>, f64), SbiError> {
        let (mut row, mut log_slope) = (vec![], 0.0);
        for (entry, (map, x)) in self.maps.iter().zip(x).enumerate() {
            if map.inverse_deviation == 0.0 {
                continue;
            }
            let g = match map.curve {
                Curve::Log { .. } if *x <= 0.0 => {
                    return Err(SbiError::NotPositive { entry, value: *x });
                }
                Curve::Log { .. } => x.ln(),
                curve => curve.of(*x),
            };
            row.push((g - map.mean) * map.inverse_deviation);
            log_slope += map.curve.log_slope(*x) + map.inverse_deviation.ln();
        }
        Ok((row, log_slope))
    }

    /// The inputs of the network.
    pub(crate) fn of(&self, x: &[f64]) -> Vec<f32> {
        let input = |(map, x): (&Feature, &f64)| {
            let z = (map.curve.of(*x) - map.mean) * map.inverse_deviation;
            z.clamp(-FARTHEST, FARTHEST) as f32
        };
        self.maps.iter().zip(x).map(input).collect()
    }
}

impl Feature {
    /// The curve under which the numbers are likeliest as normal ones: `ln p = −ln s + ⟨ln g′⟩`, the Box–Cox criterion.
    fn fit(values: &[f64]) -> Self {
        // Asked of the values, as the mean of equal ones may differ from them by its rounding.
        let first = values.first().copied().unwrap_or_default();
        if values.iter().all(|x| *x == first) {
            return Self {
                curve: Curve::Identity,
                mean: first,
                inverse_deviation: 0.0,
            };
        }
        let candidates = Curve::candidates(values);
        let judged = candidates.into_iter().map(|curve| {
            let (mean, deviation) = moments(values.iter().map(|x| curve.of(*x)));
            let slopes = values.iter().map(|x| curve.log_slope(*x)).sum::<f64>();
            let likelihood = slopes / values.len() as f64 - deviation.ln();
            (likelihood, curve, mean, deviation)
        });
        let sound = judged.filter(|(_, _, mean, deviation)| mean.is_finite() && *deviation > 0.0);
        match sound.max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((_, curve, mean, deviation)) => Self {
                curve,
                mean,
                inverse_deviation: 1.0 / deviation,
            },
            None => Self {
                curve: Curve::Identity,
                mean: first,
                inverse_deviation: 0.0,
            },
        }
    }
}

impl Curve {
    fn candidates(values: &[f64]) -> Vec<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantile = |p: f64| sorted[((sorted.len() - 1) as f64 * p) as usize];
        let mut found = vec![Self::Identity];
        if sorted.is_empty() {
            return found;
        }
        if sorted[0] > 0.0 {
            found.push(Self::Log { least: sorted[0] });
        }
        // Half of the range between the quartiles; of numbers most of which are equal, that of more of them.
        let spreads = [0.25, 0.1, 0.02].map(|p| 0.5 * (quantile(1.0 - p) - quantile(p)));
        if let Some(scale) = spreads.into_iter().find(|spread| *spread > 0.0) {
            let middle = quantile(0.5);
            found.push(Self::Asinh { middle, scale });
        }
        found
    }

    fn of(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Log { least } => x.max(least).ln(),
            Self::Asinh { middle, scale } => ((x - middle) / scale).asinh(),
        }
    }

    fn log_slope(self, x: f64) -> f64 {
        match self {
            Self::Identity => 0.0,
            Self::Log { .. } => -x.ln(),
            Self::Asinh { middle, scale } => -scale.hypot(x - middle).ln(),
        }
    }
}

/// Whether two numbers are the same, one of which may come from a file, which keeps all digits but the last.
pub(crate) fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 4.0 * f64::EPSILON * a.abs().max(b.abs())
}

fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let square = values.map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    (mean, square.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal() -> Vec<f64> {
        // Quantiles of a logistic distribution, close to a normal one.
        let at = |k: i32| (f64::from(k) + 0.5) / 1000.0;
        (0..1000)
            .map(|k| (at(k) / (1.0 - at(k))).ln() / 1.8)
            .collect()
    }

    #[test]
    fn numbers_become_standard_ones() {
        let shifted: Vec<f64> = normal().iter().map(|z| 100.0 + 3.0 * z).collect();
        let wide: Vec<f64> = normal().iter().map(|z| (4.0 * z).exp()).collect();
        let both: Vec<f64> = normal().iter().map(|z| (4.0 * z).sinh()).collect();
        for (values, name) in [(shifted, "shifted"), (wide, "wide"), (both, "both")] {
            let features = Features::fit(&values, 1, 1);
            let z: Vec<f64> = values
                .iter()
                .map(|x| f64::from(features.of(&[*x])[0]))
                .collect();
            let (mean, deviation) = moments(z.iter().copied());
            assert!(
                mean.abs() < 1e-3 && (deviation - 1.0).abs() < 1e-3,
                "{name}"
            );
            let largest = z.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            assert!(largest < 6.0, "{name}: {largest}");
        }
    }

    #[test]
    fn items_share_a_map() {
        let x = [1.0, -10.0, 2.0, -30.0, 3.0, -50.0, 4.0, -20.0];
        let z = Features::fit(&x, 4, 2).of(&[1.5, -25.0, 1.5, -25.0]);
        assert_eq!(z[..2], z[2..]);
    }

    #[test]
    fn what_differs_from_all_simulations_is_found() {
        let x: Vec<f64> = (0..1000).flat_map(|k| [0.1, f64::from(k + 1)]).collect();
        let features = Features::fit(&x, 2, 2);
        assert_eq!(features.constants(), [0]);
        assert!(features.is_sound());
        assert_eq!(
            features.differing(&[0.1_f64.next_up(), 7.0]),
            [] as [usize; 0]
        );
        assert_eq!(features.differing(&[0.1 + 1e-12, 7.0]), [0]);
        let far: Vec<(usize, f64)> = features.deviations(&[0.2, 1e9]).collect();
        assert!(
            far.len() == 1 && far[0].0 == 1 && far[0].1 > FARTHEST,
            "{far:?}"
        );
    }

    #[test]
    fn a_constant_says_nothing_and_far_numbers_are_bounded() {
        let features = Features::fit(&[1.0, 7.0, 2.0, 7.0, 4.0, 7.0], 2, 2);
        assert_eq!(features.constants(), [1]);
        // The sum of these, divided by their number, is not 0.1.
        assert_eq!(Features::fit(&[0.1; 3], 1, 1).constants(), [0]);
        assert_eq!(features.of(&[2.0, 1e9])[1], 0.0);
        assert!(features.of(&[1e300, 0.0])[0] <= FARTHEST as f32);
        assert!(features.of(&[-1e300, 0.0])[0].is_finite());
    }
}
