//! A measure, or why there is none.

use serde::Serialize;

/// A measure, or why there is none.
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
