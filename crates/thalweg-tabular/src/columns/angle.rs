//! A column of angles.

use std::f64::consts::{PI, TAU};

use serde::{Deserialize, Serialize};

use super::Flag;

/// The map of a column of angles to `[−π, π)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Angle {
    pub(crate) period: f64,
    /// Whether a row holds an angle.
    pub(crate) flag: Option<Flag>,
}

impl Angle {
    /// In radians: `2π x / period`, brought into `[−π, π)`.
    pub(crate) fn forward(&self, x: f64) -> f64 {
        let turn = (x / self.period + 0.5).rem_euclid(1.0);
        // Rounding may reach the end of the circle, which is its beginning.
        (turn * TAU - PI).clamp(-PI, PI.next_down())
    }

    /// The angle of radians, in `[0, period)`.
    pub(crate) fn inverse(&self, radians: f64) -> f64 {
        let x = (radians / TAU).rem_euclid(1.0) * self.period;
        if x < self.period { x } else { 0.0 }
    }

    /// The logarithm of the slope of the map.
    pub(crate) fn log_slope(&self) -> f64 {
        (TAU / self.period).ln()
    }
}
