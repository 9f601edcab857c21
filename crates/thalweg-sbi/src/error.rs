//! Errors of arguments, simulations and files.

use std::io;
use std::path::PathBuf;

use thalweg_flow::FlowError;
use thalweg_metrics::MetricError;
use thalweg_models::{ConfigError, ModelFileError};
use thalweg_train::TrainError;
use thiserror::Error;

use crate::Failure;

/// An argument, a simulation or a file that cannot be used.
///
/// ```
/// use thalweg_sbi::{SbiError, Uniform};
///
/// let error = Uniform::new([[0.0, 1.0], [2.0, -2.0]]).unwrap_err();
/// assert!(error.to_string().contains("parameter 1 lies between 2 and -2"));
/// # let _: SbiError = error;
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SbiError {
    /// Nothing where something is needed.
    #[error("{what} has no parameters; give it at least one")]
    Empty {
        /// What is empty.
        what: &'static str,
    },

    /// Two lists that belong together.
    #[error("{left_len} {left}, but {right_len} {right}; they must be as many")]
    Lengths {
        /// What the first list holds.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// What the other list holds.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },

    /// A number that must be positive.
    #[error("{what} is {value} (entry {index}); it must be a positive number")]
    Positive {
        /// What the number is.
        what: &'static str,
        /// Its place, from 0.
        index: usize,
        /// The number.
        value: f64,
    },

    /// A number that is not finite.
    #[error("{what} is {value} (entry {index}); it must be finite")]
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// Its place, from 0.
        index: usize,
        /// The number.
        value: f64,
    },

    /// Bounds that hold nothing.
    #[error(
        "parameter {index} lies between {low} and {high}; the bounds must be finite, the lower one first"
    )]
    Bounds {
        /// The parameter, from 0.
        index: usize,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },

    /// A matrix that is no covariance.
    #[error(
        "the covariance matrix is not positive definite; remove parameters that follow from others"
    )]
    Covariance,

    /// A simulation without data, where none may fail.
    #[error(
        "{0}; mend the simulator, narrow the prior, or exclude such simulations by `on_failure`"
    )]
    Simulation(Box<Failure>),

    /// More simulations without data than are allowed.
    #[error(
        "{failed} of {ran} simulations have no data, more than the share {at_most}; the first: {first}. Mend the simulator, \
         narrow the prior, or allow more by `on_failure`"
    )]
    Failures {
        /// The number of simulations without data.
        failed: usize,
        /// The number of all simulations.
        ran: usize,
        /// The largest share.
        at_most: f64,
        /// The first one without data.
        first: Box<Failure>,
    },

    /// Data of another length, or of none.
    #[error(
        "simulation {index} gave {found} numbers, expected {expected}; a simulator gives as many each time, at least one"
    )]
    Width {
        /// The number of the simulation.
        index: usize,
        /// The numbers that it gave.
        found: usize,
        /// The numbers that the first one gave.
        expected: usize,
    },

    /// Too few simulations to learn from.
    #[error(
        "{found} simulations are too few to learn from; run at least {needed}, thousands for a good posterior"
    )]
    TooFew {
        /// The simulations with data.
        found: usize,
        /// The fewest.
        needed: usize,
    },

    /// Parameters where the prior has no density.
    #[error(
        "simulation {row} has parameters {theta:?}, outside of the prior's support; give the estimator the prior that the \
         simulations come from"
    )]
    OutsideSupport {
        /// The simulation, from 0.
        row: usize,
        /// Its parameters.
        theta: Vec<f64>,
    },

    /// Another observation than that of a posterior that was learned in rounds.
    #[error(
        "the posterior was learned in rounds for one observation, and is wrong for others; learn one for all by `Npe::fit`, \
         and calibrate this one by `Sequential::calibrate`"
    )]
    OtherObservation,

    /// A number of an observation where all simulations are positive.
    #[error(
        "number {entry} of the observation is {value}, and all simulations are above 0 there; look at the units and the order of the data"
    )]
    NotPositive {
        /// Its place in the data, from 0.
        entry: usize,
        /// The number.
        value: f64,
    },

    /// A training that failed.
    #[error("the training failed: {0}; try more simulations, a smaller network, or another seed")]
    Training(#[from] TrainError),

    /// A chain that begins where there is no density.
    #[error(
        "chain {chain} begins at {point:?}, where the log-density is {value}; give starting points where the density is \
         above 0, by `start_at` or `start_from`"
    )]
    Start {
        /// The chain, from 0.
        chain: usize,
        /// Its first parameters.
        point: Vec<f64>,
        /// The log-density there.
        value: f64,
    },

    /// An ensemble that cannot move everywhere.
    #[error("an ensemble of {members} chains; it needs an even number, {needed} or more")]
    Members {
        /// The number of chains.
        members: usize,
        /// The fewest.
        needed: usize,
    },

    /// A setting outside of its bounds.
    #[error("{what} is {value}; it must be {bound}")]
    Setting {
        /// The name of the setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The bound, in words.
        bound: &'static str,
    },

    /// No step size with an acceptance between 0 and 1.
    #[error(
        "steps of the size {step:e} are still {found}; look whether the log-density and its gradient belong together, and \
         whether the density has a finite integral"
    )]
    StepSize {
        /// The step where the search ended.
        step: f64,
        /// What happens to such steps.
        found: &'static str,
    },

    /// Numbers that a device cannot hand over.
    #[error("the device cannot hand over its numbers: {0}; try a smaller batch, or another device")]
    Device(String),

    /// Draws or weights that a measure does not take.
    #[error(transparent)]
    Metric(#[from] MetricError),

    /// A fit to a density that failed.
    #[error(
        "the fit to the density failed: {0}; begin where the density is finite, by `start`, or take a lower rate or larger \
         batches"
    )]
    Variational(String),

    /// What a flow refuses.
    #[error(transparent)]
    Flow(#[from] FlowError),

    /// Sizes that are no model.
    #[error(transparent)]
    Config(#[from] ConfigError),

    /// A model file.
    #[error(transparent)]
    File(#[from] ModelFileError),

    /// A cache of other simulations.
    #[error("{} holds simulations of {what}; choose another folder, or remove it", .folder.display())]
    OtherCache {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        what: &'static str,
    },

    /// A file of a cache that cannot be read.
    #[error("cannot read {}: {problem}; remove it to simulate anew", .path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },

    /// A file that cannot be written.
    #[error("cannot write {}: {source}; check that the folder exists and is writable", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl SbiError {
    pub(crate) fn some(what: &'static str, len: usize) -> Result<(), Self> {
        match len {
            0 => Err(Self::Empty { what }),
            _ => Ok(()),
        }
    }

    /// Data of simulation `index` are as many as those of the others, at least one.
    pub(crate) fn width(index: usize, found: usize, expected: usize) -> Result<(), Self> {
        match found == expected && found > 0 {
            true => Ok(()),
            false => Err(Self::Width {
                index,
                found,
                expected: expected.max(1),
            }),
        }
    }

    pub(crate) fn equal(
        left: &'static str,
        left_len: usize,
        right: &'static str,
        right_len: usize,
    ) -> Result<(), Self> {
        match left_len == right_len {
            true => Ok(()),
            false => Err(Self::Lengths {
                left,
                left_len,
                right,
                right_len,
            }),
        }
    }

    pub(crate) fn positive(what: &'static str, values: &[f64]) -> Result<(), Self> {
        let wrong = values.iter().position(|v| !(*v > 0.0 && v.is_finite()));
        wrong.map_or(Ok(()), |index| {
            Err(Self::Positive {
                what,
                index,
                value: values[index],
            })
        })
    }

    /// A setting that satisfies its bound.
    pub(crate) fn setting(
        what: &'static str,
        value: f64,
        bound: &'static str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<(), Self> {
        match holds(value) {
            true => Ok(()),
            false => Err(Self::Setting { what, value, bound }),
        }
    }

    pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), Self> {
        let wrong = values.iter().position(|v| !v.is_finite());
        wrong.map_or(Ok(()), |index| {
            Err(Self::NotFinite {
                what,
                index,
                value: values[index],
            })
        })
    }
}
