//! Simulations without data.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A simulation without data.
///
/// See [`OnFailure`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The number of the simulation, from 0.
    pub index: usize,
    /// Its parameters.
    pub theta: Vec<f64>,
    /// What happened.
    pub cause: Cause,
}

/// Why a simulation has no data.
///
/// See [`OnFailure`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cause {
    /// The simulator returned an error.
    Error(String),
    /// The simulator panicked.
    Panic(String),
    /// A number is not finite.
    NotFinite {
        /// Its place in the data, from 0.
        entry: usize,
        /// In words, since JSON has no such number.
        value: String,
    },
    /// It took longer than the limit.
    TimedOut(Duration),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            index,
            theta,
            cause,
        } = self;
        write!(f, "simulation {index} of parameters {theta:?} {cause}")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(problem) => write!(f, "failed: {problem}"),
            Self::Panic(message) => write!(f, "panicked: {message}"),
            Self::NotFinite { entry, value } => write!(f, "gave {value} as number {entry}"),
            Self::TimedOut(limit) => write!(f, "took longer than {limit:?}"),
        }
    }
}

/// What a run does about simulations without data.
///
/// ```
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Cause, Failure, OnFailure, Simulate, Uniform};
///
/// // The logarithm of a negative number is none.
/// let simulator = |theta: &[f64], _: &mut ChaCha8Rng| vec![theta[0].ln()];
/// let simulate = || Ok::<_, thalweg_sbi::SbiError>(Simulate::new(Uniform::new([[-1.0, 9.0]])?, simulator));
/// assert!(simulate()?.run(300).is_err());
/// let exclude = OnFailure::Exclude { at_most: 0.3 };
/// let simulations = simulate()?.on_failure(exclude).run(300)?;
/// assert_eq!(simulations.len() + simulations.failures().len(), 300);
/// let failure: &Failure = &simulations.failures()[0];
/// assert!(failure.theta[0] < 0.0 && matches!(failure.cause, Cause::NotFinite { entry: 0, .. }));
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum OnFailure {
    /// The first one ends the run with an error.
    Stop,
    /// They are left out and counted. More than this share of a run is an error.
    ///
    /// The data that are left come from `p(θ) p(x, valid | θ)`. A density `p(θ | x)` that is learned from them needs no
    /// correction: it is the posterior of data that are valid, as the observation is. A density `p(x | θ)` is that of
    /// valid data, and its product with the prior lacks the factor `p(valid | θ)`, which [`Nle`](crate::Nle) learns.
    Exclude {
        /// The largest share.
        at_most: f64,
    },
}
