//! Parameters on the line.

use serde::{Deserialize, Serialize};
use thalweg_flow::Support;
use thalweg_kernels::HALF_LN_TAU;
use thalweg_metrics::{normal_quantile, normal_share};

use crate::{SbiError, Simulations};

/// The map of parameters to coordinates without bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coordinates {
    supports: Vec<Support>,
    between: Between,
}

/// The map of an interval with two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Between {
    /// The logarithm of the odds of a place in the interval, the map of [`Support`]: it keeps digits near the bounds in
    /// tensors of f32 too.
    Odds,
    /// `Φ⁻¹` of the place. Where a parameter is uniform, its coordinate is a standard normal number, which is the base
    /// density of a flow; the odds would have the wider tails of a logistic density.
    Quantile,
}

impl Coordinates {
    /// By the maps of [`Support`].
    pub(crate) fn new(supports: Vec<Support>) -> Self {
        Self {
            supports,
            between: Between::Odds,
        }
    }

    /// Those that a flow learns densities of: between two bounds, normal quantiles.
    pub(crate) fn quantiles(supports: Vec<Support>) -> Self {
        Self {
            supports,
            between: Between::Quantile,
        }
    }

    /// # Errors
    ///
    /// An interval whose bounds are none.
    pub(crate) fn checked(supports: Vec<Support>) -> Result<Self, SbiError> {
        for (index, support) in supports.iter().enumerate() {
            if !support.is_sound() {
                let (low, high) = match *support {
                    Support::Between(low, high) => (low, high),
                    Support::Above(low) => (low, f64::INFINITY),
                    Support::Line => (f64::NEG_INFINITY, f64::INFINITY),
                };
                return Err(SbiError::Bounds { index, low, high });
            }
        }
        Ok(Self::new(supports))
    }

    pub(crate) fn supports(&self) -> &[Support] {
        &self.supports
    }

    pub(crate) fn dims(&self) -> usize {
        self.supports.len()
    }

    /// Whether all intervals are intervals.
    pub(crate) fn is_sound(&self) -> bool {
        !self.supports.is_empty() && self.supports.iter().all(|support| support.is_sound())
    }

    /// The coordinates of parameters, and `ln |du/dθ|`; `None` outside of the support.
    pub(crate) fn to_line(&self, theta: &[f64]) -> Option<(Vec<f64>, f64)> {
        let mut log_slope = 0.0;
        let mut to_line = |(support, t): (&Support, &f64)| {
            let [u, log] = self.between.to_line(*support, *t);
            log_slope += log;
            (support.contains(*t) && u.is_finite()).then_some(u)
        };
        let u: Option<Vec<f64>> = self.supports.iter().zip(theta).map(&mut to_line).collect();
        u.map(|u| (u, log_slope))
    }

    /// The coordinates of a simulation's parameters, and `ln |du/dθ|`.
    pub(crate) fn of_simulation(
        &self,
        simulations: &Simulations,
        row: usize,
    ) -> Result<(Vec<f64>, f64), SbiError> {
        let theta = simulations.theta(row);
        self.to_line(theta).ok_or_else(|| SbiError::OutsideSupport {
            row,
            theta: theta.to_vec(),
        })
    }

    /// `ln |dθ/du|` at coordinates.
    pub(crate) fn log_slope_of_line(&self, u: &[f64]) -> f64 {
        let each = self.supports.iter().zip(u);
        each.map(|(support, u)| self.between.slope_of_line(*support, *u)[0])
            .sum()
    }

    /// Turns the gradient of `ln p(θ)` by the parameters into that of `ln p(θ(u)) + ln |dθ/du|` by the coordinates.
    pub(crate) fn pull_back(&self, u: &[f64], gradient: &mut [f64]) {
        for ((support, u), gradient) in self.supports.iter().zip(u).zip(gradient) {
            let [log_slope, change] = self.between.slope_of_line(*support, *u);
            *gradient = *gradient * log_slope.exp() + change;
        }
    }

    /// The parameters at coordinates, inside of their bounds.
    pub(crate) fn of_line(&self, u: &[f64]) -> Vec<f64> {
        let inside = |(support, u): (&Support, &f64)| {
            let t = self.between.of_line(*support, *u);
            // Far out, the map rounds to a bound, or to infinity.
            match *support {
                Support::Line => t,
                Support::Above(low) => t.clamp(low.next_up(), f64::MAX),
                Support::Between(low, high) => t.clamp(low.next_up(), high.next_down()),
            }
        };
        self.supports.iter().zip(u).map(inside).collect()
    }
}

impl Between {
    /// The coordinate of a parameter, and `ln |du/dθ|`.
    fn to_line(self, support: Support, t: f64) -> [f64; 2] {
        match (self, support) {
            (Self::Quantile, Support::Between(low, high)) if support.contains(t) => {
                let width = high - low;
                // From the nearer bound, which keeps the digits near it.
                let u = match t - low < high - t {
                    true => normal_quantile((t - low) / width),
                    false => -normal_quantile((high - t) / width),
                };
                [u, 0.5 * u * u + HALF_LN_TAU - width.ln()]
            }
            _ => support.to_line(t),
        }
    }

    /// The parameter at a coordinate, which rounds to a bound far out.
    fn of_line(self, support: Support, u: f64) -> f64 {
        match (self, support) {
            (Self::Quantile, Support::Between(low, high)) if u < 0.0 => {
                low + (high - low) * normal_share(u)
            }
            (Self::Quantile, Support::Between(low, high)) => high - (high - low) * normal_share(-u),
            _ => support.of_line(u),
        }
    }

    /// `ln |dθ/du|` at a coordinate, and its derivative.
    fn slope_of_line(self, support: Support, u: f64) -> [f64; 2] {
        match (self, support) {
            (Self::Quantile, Support::Between(low, high)) => {
                [(high - low).ln() - 0.5 * u * u - HALF_LN_TAU, -u]
            }
            _ => support.slope_of_line(u),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supports() -> Vec<Support> {
        vec![
            Support::Line,
            Support::Above(-1.0),
            Support::Between(2.0, 5.0),
        ]
    }

    #[test]
    fn coordinates_come_back_with_their_slope_and_stay_inside() {
        // The slope of the odds, and of Φ⁻¹(¾) = 0.67448975….
        let density = (-0.5 * 0.674_489_750_196_081_7_f64.powi(2)).exp() / 2.506_628_274_631_000_7;
        for (all, between) in [
            (Coordinates::new(supports()), 3.0 / (2.25 * 0.75)),
            (Coordinates::quantiles(supports()), 1.0 / (3.0 * density)),
        ] {
            let theta = [0.3, 0.5, 4.25];
            let (u, log_slope) = all.to_line(&theta).unwrap();
            let back = all.of_line(&u);
            assert!(back.iter().zip(theta).all(|(a, b)| (a - b).abs() < 1e-12));
            assert!((log_slope - f64::ln(between / 1.5)).abs() < 1e-12);
            assert!((all.log_slope_of_line(&u) + log_slope).abs() < 1e-12);
            assert_eq!(all.to_line(&[0.0, -1.0, 3.0]), None);
            assert_eq!(all.to_line(&[0.0, 0.0, 5.0]), None);
            for far in [-1e4, 1e4] {
                let theta = all.of_line(&[far; 3]);
                assert!(all.to_line(&theta).is_some(), "{theta:?}");
            }
        }
    }

    #[test]
    fn gradients_by_coordinates_agree_with_differences() {
        // ln p(θ) = −½ |θ|².
        let log_density = |all: &Coordinates, u: &[f64]| {
            let squares: f64 = all.of_line(u).iter().map(|t| t * t).sum();
            all.log_slope_of_line(u) - 0.5 * squares
        };
        for all in [
            Coordinates::new(supports()),
            Coordinates::quantiles(supports()),
        ] {
            let u = [0.4, -0.3, 0.7];
            let mut gradient: Vec<f64> = all.of_line(&u).iter().map(|t| -t).collect();
            all.pull_back(&u, &mut gradient);
            for k in 0..3 {
                let at = |h: f64| {
                    let mut u = u;
                    u[k] += h;
                    log_density(&all, &u)
                };
                let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((gradient[k] - difference).abs() < 1e-8, "{k}: {gradient:?}");
            }
        }
    }
}
