//! Verdicts, and the bounds that they come from.

use std::fmt;

use burn::tensor::DType;
use serde::Serialize;
use thalweg_flow::numerics::epsilon;

/// The judgement of a measure.
///
/// ```
/// use thalweg_check::Verdict;
///
/// let all = [Verdict::Ok, Verdict::Failed, Verdict::Skipped, Verdict::Warning];
/// assert_eq!(all.into_iter().max(), Some(Verdict::Failed)); // the worst is the largest
/// assert_eq!(Verdict::Failed.to_string(), "FAILED");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing to judge: not measured, for a stated reason.
    Skipped,
    /// Within the bounds.
    Ok,
    /// Digits are lost, or a part of the model does nothing.
    Warning,
    /// The numbers are wrong.
    Failed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Skipped => "skipped",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
        })
    }
}

impl Verdict {
    /// By two bounds on a number; NaN fails.
    pub(crate) fn by(value: f64, ok: f64, warning: f64) -> Self {
        match value {
            value if value <= ok => Self::Ok,
            value if value <= warning => Self::Warning,
            _ => Self::Failed,
        }
    }
}

/// The bounds on errors of a dtype with rounding `ε`: half of its digits, and a quarter.
///
/// An error up to `√ε` leaves half of the digits, more than data or a decision depend on; one beyond `ε^¼` leaves
/// fewer than a quarter, two of f32's seven, and shows in samples and densities.
///
/// ```
/// use burn::tensor::DType;
/// use thalweg_check::Bounds;
///
/// let bounds = Bounds::of(DType::F64);
/// assert_eq!(bounds.epsilon, f64::EPSILON);
/// assert!((bounds.ok.powi(2) / bounds.epsilon - 1.0).abs() < 1e-9);
/// assert!((bounds.warning.powi(4) / bounds.epsilon - 1.0).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// `ε`: from 1 to the next number.
    pub epsilon: f64,
    /// `√ε`: 3.5e-4 of f32, 1.5e-8 of f64.
    pub ok: f64,
    /// `ε^¼`: 1.9e-2 of f32, 1.2e-4 of f64.
    pub warning: f64,
}

impl Bounds {
    /// Those of a dtype.
    pub fn of(dtype: DType) -> Self {
        let epsilon = epsilon(dtype);
        Self {
            epsilon,
            ok: epsilon.sqrt(),
            warning: epsilon.sqrt().sqrt(),
        }
    }

    /// Of a relative error.
    pub(crate) fn error(&self, error: f64) -> Verdict {
        Verdict::by(error, self.ok, self.warning)
    }

    /// Of a condition number `κ`, which makes an error of `κ ε`.
    pub(crate) fn condition(&self, ratio: f64) -> Verdict {
        self.error(ratio * self.epsilon)
    }
}
