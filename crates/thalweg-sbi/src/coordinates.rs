//! Parameters on the line.

use serde::{Deserialize, Serialize};
use thalweg_flow::Support;
use thalweg_flow::latent::{normal_quantile, normal_share};
use thalweg_kernels::HALF_LN_TAU;

use crate::{SbiError, Simulations};

/// The map of parameters to coordinates without bounds, in which a flow learns their density.
///
/// A parameter between two bounds becomes `Φ⁻¹` of its place between them: where it is uniform, its coordinate is a
/// standard normal number, which is the base density of a flow, and so are its tails. The logarithm of the odds, the map
/// of [`Support`], would have the wider tails of a logistic density.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coordinates {
    supports: Vec<Support>,
}

impl Coordinates {
    pub(crate) fn new(supports: Vec<Support>) -> Self {
        Self { supports }
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
            let [u, log] = to_line(*support, *t);
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

    /// The parameters at coordinates, inside of their bounds.
    pub(crate) fn of_line(&self, u: &[f64]) -> Vec<f64> {
        let inside = |(support, u): (&Support, &f64)| {
            let t = of_line(*support, *u);
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

/// The coordinate of a parameter, and `ln |du/dθ|`.
fn to_line(support: Support, t: f64) -> [f64; 2] {
    match support {
        Support::Between(low, high) if support.contains(t) => {
            let width = high - low;
            // From the nearer bound, which keeps the digits near it.
            let u = match t - low < high - t {
                true => normal_quantile((t - low) / width),
                false => -normal_quantile((high - t) / width),
            };
            [u, 0.5 * u * u + HALF_LN_TAU - width.ln()]
        }
        Support::Between(..) => [f64::NAN; 2],
        _ => support.to_line(t),
    }
}

/// The parameter at a coordinate, which rounds to a bound far out.
fn of_line(support: Support, u: f64) -> f64 {
    match support {
        Support::Between(low, high) if u < 0.0 => low + (high - low) * normal_share(u),
        Support::Between(low, high) => high - (high - low) * normal_share(-u),
        _ => support.of_line(u),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_come_back_with_their_slope_and_stay_inside() {
        let all = Coordinates::new(vec![
            Support::Line,
            Support::Above(-1.0),
            Support::Between(2.0, 5.0),
        ]);
        let theta = [0.3, 0.5, 4.25];
        let (u, log_slope) = all.to_line(&theta).unwrap();
        let back = all.of_line(&u);
        assert!(back.iter().zip(theta).all(|(a, b)| (a - b).abs() < 1e-12));
        // Φ⁻¹(¾) = 0.67448975…
        assert!((u[2] - 0.674_489_750_196_081_7).abs() < 1e-12);
        let density = (-0.5 * u[2] * u[2]).exp() / std::f64::consts::TAU.sqrt();
        let slope = 1.0 / 1.5 / (3.0 * density);
        assert!((log_slope - f64::ln(slope)).abs() < 1e-12);
        assert_eq!(all.to_line(&[0.0, -1.0, 3.0]), None);
        assert_eq!(all.to_line(&[0.0, 0.0, 5.0]), None);
        for far in [-1e4, 1e4] {
            let theta = all.of_line(&[far; 3]);
            assert!(all.to_line(&theta).is_some(), "{theta:?}");
        }
    }
}
