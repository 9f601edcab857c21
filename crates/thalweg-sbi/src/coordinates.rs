//! Parameters on the line.

use serde::{Deserialize, Serialize};
use thalweg_flow::Support;

use crate::SbiError;

/// The map of parameters to coordinates without bounds, in which a flow learns their density.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coordinates {
    supports: Vec<Support>,
}

impl Coordinates {
    pub(crate) fn new(supports: Vec<Support>) -> Self {
        Self { supports }
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
            let [u, log] = support.to_line(*t);
            log_slope += log;
            (support.contains(*t) && u.is_finite()).then_some(u)
        };
        let u: Option<Vec<f64>> = self.supports.iter().zip(theta).map(&mut to_line).collect();
        u.map(|u| (u, log_slope))
    }

    /// `ln |dθ/du|` at coordinates.
    pub(crate) fn log_slope_of_line(&self, u: &[f64]) -> f64 {
        let each = self.supports.iter().zip(u);
        each.map(|(support, u)| support.slope_of_line(*u)[0]).sum()
    }

    /// Turns the gradient of `ln p(θ)` by the parameters into that of `ln p(θ(u)) + ln |dθ/du|` by the coordinates.
    pub(crate) fn pull_back(&self, u: &[f64], gradient: &mut [f64]) {
        for ((support, u), gradient) in self.supports.iter().zip(u).zip(gradient) {
            let [log_slope, change] = support.slope_of_line(*u);
            *gradient = *gradient * log_slope.exp() + change;
        }
    }

    /// The parameters at coordinates, inside of their bounds.
    pub(crate) fn of_line(&self, u: &[f64]) -> Vec<f64> {
        let inside = |(support, u): (&Support, &f64)| {
            let t = support.of_line(*u);
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
        let slope = 1.0 / 1.5 * (3.0 / (2.25 * 0.75));
        assert!((log_slope - f64::ln(slope)).abs() < 1e-12);
        assert_eq!(all.to_line(&[0.0, -1.0, 3.0]), None);
        assert_eq!(all.to_line(&[0.0, 0.0, 5.0]), None);
        for far in [-1e4, 1e4] {
            let theta = all.of_line(&[far; 3]);
            assert!(all.to_line(&theta).is_some(), "{theta:?}");
        }
    }
}
