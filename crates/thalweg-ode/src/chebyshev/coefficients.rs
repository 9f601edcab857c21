//! The interval of stability and the weights of the stages.

use crate::OdeError;
use crate::error::{count, within};

/// The order of a Chebyshev method.
///
/// ```
/// use thalweg_ode::Accuracy;
///
/// // With 20 stages the first order is stable three times as far as the second.
/// let reach = |accuracy: Accuracy| accuracy.stability(20);
/// assert!((reach(Accuracy::First) / reach(Accuracy::Second) - 3.0).abs() < 0.05);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// First order: the longest interval of stability, three times that of the second.
    First,
    /// Second order, with an error estimate.
    Second,
}

impl Accuracy {
    pub(super) fn order(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    pub(super) fn error_order(self) -> Option<u32> {
        (self == Self::Second).then_some(3)
    }

    fn least_stages(self) -> usize {
        self.order() as usize
    }

    /// `ε`.
    fn damping(self) -> f64 {
        match self {
            Self::First => 0.05,
            Self::Second => 2.0 / 13.0,
        }
    }

    /// `w₀ = 1 + ε/s²`.
    fn centre(self, stages: usize) -> f64 {
        1.0 + self.damping() / (stages as f64).powi(2)
    }

    /// The interval of stability of the method with `stages` stages: it reaches to `−β(s)` on the
    /// real axis.
    ///
    /// `β(s) = (w₀ + 1) Tₛ'(w₀)/Tₛ(w₀)` for the first order, `(w₀ + 1) Tₛ''(w₀)/Tₛ'(w₀)` for the
    /// second; 0 for fewer stages than the order.
    ///
    /// ```
    /// use thalweg_ode::Accuracy;
    ///
    /// assert!((Accuracy::First.stability(10) - 193.6).abs() < 0.1);
    /// assert!((Accuracy::Second.stability(10) - 64.7).abs() < 0.1);
    /// ```
    pub fn stability(self, stages: usize) -> f64 {
        if stages < self.least_stages() {
            return 0.0;
        }
        let centre = self.centre(stages);
        let end = chebyshev(stages, centre)[stages];
        (centre + 1.0)
            * match self {
                Self::First => end.first / end.value,
                Self::Second => end.second / end.first,
            }
    }

    /// The fewest stages for which `β(s) ≥ stiffness`.
    ///
    /// ```
    /// use thalweg_ode::Accuracy;
    ///
    /// let stages = Accuracy::Second.stages_for(500.0)?;
    /// assert!(Accuracy::Second.stability(stages) >= 500.0);
    /// assert!(Accuracy::Second.stability(stages - 1) < 500.0);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless the stiffness is finite and from 0 to 10⁸.
    pub fn stages_for(self, stiffness: f64) -> Result<usize, OdeError> {
        let good = (0.0..=1e8).contains(&stiffness);
        let name = "step times spectral radius";
        within(name, stiffness, good, "from 0 to 1e8; shorten the step")?;
        // β(s)/s² is below 2 and 2/3 for every s, so this is a lower bound.
        let limit = 2.0 / if self == Self::First { 1.0 } else { 3.0 };
        let mut stages = ((stiffness / limit).sqrt() as usize).max(self.least_stages());
        while self.stability(stages) < stiffness {
            stages += 1;
        }
        Ok(stages)
    }
}

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

/// `Tⱼ(x)`, `Tⱼ'(x)` and `Tⱼ''(x)` for one `j`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Values {
    value: f64,
    first: f64,
    second: f64,
}

/// Those of `j = 0..=degree`, by `Tⱼ = 2x Tⱼ₋₁ − Tⱼ₋₂` and its derivatives.
fn chebyshev(degree: usize, x: f64) -> Vec<Values> {
    let values = |value, first, second| Values {
        value,
        first,
        second,
    };
    let mut all = vec![values(1.0, 0.0, 0.0), values(x, 1.0, 0.0)];
    for j in 2..=degree {
        let (last, before) = (all[j - 1], all[j - 2]);
        all.push(values(
            2.0 * x * last.value - before.value,
            2.0 * last.value + 2.0 * x * last.first - before.first,
            4.0 * last.first + 2.0 * x * last.second - before.second,
        ));
    }
    all
}
