//! A measure, or why there is none.

use serde::Serialize;

/// A measure, or why there is none.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Measured, Options, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(3, &device), StandardNormal::new(3));
/// let rows = Noise::seeded(0).normal::<2>([20, 3], &device, DType::F32);
/// let report = check(&flow, &rows, &Options::default())?;
/// let trip = report.round_trip.done();
/// assert!(trip.is_some_and(|trip| trip.data.largest == 0.0)); // scales of one
/// // A grid in three dimensions would have too many points.
/// assert!(matches!(report.integral, Measured::Skipped(_)));
/// assert!(report.integral.done().is_none());
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measured<T> {
    /// It was measured.
    Done(T),
    /// It does not apply, or would cost too much.
    Skipped(String),
    /// The model returned an error.
    Error(String),
}

impl<T> Measured<T> {
    /// The measure, if there is one.
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(measure) => Some(measure),
            _ => None,
        }
    }
}

impl<T, E: std::error::Error> From<Result<T, E>> for Measured<T> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(measure) => Self::Done(measure),
            Err(error) => Self::Error(error.to_string()),
        }
    }
}
