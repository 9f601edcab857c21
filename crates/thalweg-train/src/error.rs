use std::io;
use std::path::PathBuf;

use crate::{Outcome, Phase, Progress, StateFileError};
use thalweg_optim::{BoxError, EvaluationError, StateError};

/// Why a run could not go on.
///
/// See [`Trained::finish`](crate::Trained::finish) for an example.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A log file could not be created or written.
    #[error("cannot write the log {path}: {source}; check that its folder can be written to and has space", path = path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A log file that the run is not to write to.
    #[error("the log {path} is not written: {reason}", path = path.display())]
    LogRefused {
        /// The file.
        path: PathBuf,
        /// The reason, and the way out.
        reason: String,
    },
    /// A checkpoint could not be written. An earlier one under the same name is still whole.
    #[error("cannot write the checkpoint {path}: {source}; check that its folder can be written to and has space", path = path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// The error of the system or the model.
        source: BoxError,
    },
    /// A picture could not be drawn.
    #[error("cannot draw {path}: {source}; check that its folder can be written to and has space", path = path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// The error of the system or the closure.
        source: BoxError,
    },
    /// The process cannot listen to Ctrl-C.
    #[error(
        "cannot listen to Ctrl-C: {0}; leave the callback out where the system does not let a \
         process do so"
    )]
    CtrlC(io::Error),
    /// A callback failed.
    #[error("a callback failed: {0}")]
    Callback(BoxError),
    /// The loss has no gradient or could not be read.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A batch cannot be used.
    #[error("{phase} batch {batch} of epoch {epoch} (both counted from 0): {source}")]
    Batch {
        /// Whether it was one to train on.
        phase: Phase,
        /// The epoch, counted from 0.
        epoch: usize,
        /// The batch within it, counted from 0.
        batch: usize,
        /// Why.
        source: EvaluationError,
    },
    /// The step size is negative or not finite.
    #[error(
        "the step size at step {step} is {value}: learning rate, schedule and scale must give a \
         finite number, 0 or more"
    )]
    StepSize {
        /// The step, counted from 0.
        step: usize,
        /// Learning rate × schedule × scale.
        value: f64,
    },
    /// An epoch has no batch to train on.
    #[error(
        "epoch {epoch} has no training batches: check the data set and, if incomplete batches \
         are dropped, that the batch size is not larger than the set"
    )]
    NoBatches {
        /// The epoch, counted from 0.
        epoch: usize,
    },
    /// The validation data are empty.
    #[error(
        "the validation data of epoch {epoch} have no samples: give some, or train without \
         validation"
    )]
    NoValidationSamples {
        /// The epoch, counted from 0.
        epoch: usize,
    },
    /// The file of the run could not be written or read; see
    /// [`Trainer::resume`](crate::Trainer::resume).
    #[error("the run cannot be kept: {0}")]
    State(#[from] StateFileError),
    /// The run in the file does not fit this one.
    #[error(
        "the run in {path} cannot go on here: {source}; use the model, minimizer, data and callbacks \
         that it began with, or another file to begin anew", path = path.display()
    )]
    Resume {
        /// The file.
        path: PathBuf,
        /// The part that does not fit.
        source: StateError,
    },
    /// A schedule by time without a time limit.
    #[error(
        "the schedule by time has no time to go by: give the trainer a limit \
         (`Trainer::at_most`), or use a schedule by steps"
    )]
    NoTimeLimit,
    /// The run did not end as it was meant to; see [`Trained::finish`](crate::Trained::finish).
    #[error("the training did not succeed: {0}")]
    Ended(Box<Outcome>),
    /// The run was interrupted; see [`Trained::finish`](crate::Trained::finish).
    #[error(
        "the training was interrupted before its end: start it again to go on \
         (`Trainer::resume`), or take the weights it has by `Trained::into_best`"
    )]
    Interrupted,
    /// The run ended without a step; see [`Trained::finish`](crate::Trained::finish).
    #[error(
        "the training made no step, so the model is as it began ({skipped} batches were left out \
         because their loss was not finite): check the numbers of epochs and steps, the time limit, \
         and the data"
    )]
    NoSteps {
        /// Batches that were left out, see [`OnNonFinite::Skip`](crate::OnNonFinite::Skip).
        skipped: usize,
    },
    /// The best weights could not be loaded into the model.
    #[error("cannot restore the best weights: {0}")]
    Restore(String),
}

impl TrainError {
    /// With the place of the batch, where it is about a batch.
    pub(crate) fn in_batch(self, phase: Phase, at: &Progress) -> Self {
        use EvaluationError as E;
        match self {
            Self::Evaluation(
                source @ (E::Refused(_)
                | E::UnequalBatch { .. }
                | E::EmptyBatch
                | E::LostSamples { .. }
                | E::TooManyParts { .. }),
            ) => Self::Batch {
                phase,
                epoch: at.epoch,
                batch: at.batch,
                source,
            },
            other => other,
        }
    }
}
