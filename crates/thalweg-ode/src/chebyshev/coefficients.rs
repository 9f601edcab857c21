//! The weights of the stages.

use super::Accuracy;
use super::polynomials::chebyshev;
use crate::OdeError;
use crate::settings::count;

/// The weights of one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stage {
    /// `1 − μ − ν`, of the state at the start.
    pub(super) start: f64,
    /// `μ`, of the stage before.
    pub(super) last: f64,
    /// `ν`, of the one before that.
    pub(super) before: f64,
    /// `μ̃`, of the slope at the stage before.
    pub(super) slope: f64,
    /// `γ̃`, of the slope at the start.
    pub(super) first_slope: f64,
    /// The time of the slope at the stage before, as a part of the step.
    pub(super) time: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coefficients {
    pub(super) stages: Vec<Stage>,
    pub(super) stability: f64,
}

impl Coefficients {
    pub(super) fn new(accuracy: Accuracy, stages: usize) -> Result<Self, OdeError> {
        let bound = match accuracy {
            Accuracy::First => "at least 1",
            Accuracy::Second => "at least 2 for the second order",
        };
        count("number of stages", stages, accuracy.least_stages(), bound)?;
        let w0 = accuracy.centre(stages);
        let t = chebyshev(stages.max(2), w0);
        let (w1, b): (f64, Vec<f64>) = match accuracy {
            Accuracy::First => {
                let w1 = t[stages].value / t[stages].first;
                (w1, t.iter().map(|t| t.value.recip()).collect())
            }
            Accuracy::Second => {
                let w1 = t[stages].first / t[stages].second;
                let b = |j: usize| t[j].second / t[j].first.powi(2);
                (w1, (0..=stages).map(|j| b(j.max(2))).collect())
            }
        };
        let time = |j: usize| match (accuracy, j) {
            (_, 0) => 0.0,
            (Accuracy::First, _) => w1 * t[j].first / t[j].value,
            (Accuracy::Second, 1) => w1 * t[2].second / t[2].first.powi(2),
            (Accuracy::Second, _) => w1 * t[j].second / t[j].first,
        };
        let first = Stage {
            start: 1.0,
            last: 0.0,
            before: 0.0,
            slope: match accuracy {
                Accuracy::First => w1 / w0,
                Accuracy::Second => b[1] * w1,
            },
            first_slope: 0.0,
            time: 0.0,
        };
        let later = (2..=stages).map(|j| {
            let last = 2.0 * w0 * b[j] / b[j - 1];
            let before = -b[j] / b[j - 2];
            let slope = 2.0 * w1 * b[j] / b[j - 1];
            let (start, first_slope) = match accuracy {
                Accuracy::First => (0.0, 0.0), // 1 − μ − ν is zero but for rounding
                Accuracy::Second => (
                    1.0 - last - before,
                    -(1.0 - b[j - 1] * t[j - 1].value) * slope,
                ),
            };
            Stage {
                start,
                last,
                before,
                slope,
                first_slope,
                time: time(j - 1),
            }
        });
        Ok(Self {
            stages: std::iter::once(first).chain(later).collect(),
            stability: accuracy.stability(stages),
        })
    }
}
