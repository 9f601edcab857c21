use std::fmt;

use burn::module::Module;

use crate::{History, NonFinite, TrainError};

/// Which loss a message speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The loss of a training batch.
    Training,
    /// The mean loss over the validation data.
    Validation,
}

/// How a run ended. An end before the last epoch is a value, never a panic.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// All epochs were done.
    Finished,
    /// The largest number of steps was reached first.
    MaxSteps,
    /// A callback asked for the end, for this reason.
    Stopped(String),
    /// The run was interrupted between two batches; with [`Trainer::resume`](crate::Trainer::resume)
    /// it goes on from there.
    Interrupted,
    /// A loss was NaN or infinite.
    NonFinite(NonFinite),
    /// The run could not go on.
    Failed(TrainError),
}

impl Outcome {
    /// Whether the run ended as it was meant to: neither by a loss that is not finite nor by a
    /// failure.
    pub fn is_success(&self) -> bool {
        !matches!(self, Self::NonFinite(_) | Self::Failed(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => write!(f, "finished: all epochs done"),
            Self::MaxSteps => write!(f, "finished: the largest number of steps was reached"),
            Self::Stopped(reason) => write!(f, "stopped: {reason}"),
            Self::Interrupted => write!(f, "interrupted between two batches"),
            Self::NonFinite(found) => write!(f, "{found}"),
            Self::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}

/// The weights with the lowest loss of a run.
#[derive(Debug, Clone)]
pub struct Best<M> {
    /// The model at the end of that epoch, in validation mode (plain tensors); call
    /// `.train()` on it to go on training.
    pub model: M,
    /// The validation loss, or the epoch's mean training loss in a run without validation.
    pub loss: f64,
    /// The epoch, counted from 0.
    pub epoch: usize,
}

/// What a run gives back, however it ended.
#[derive(Debug)]
pub struct Trained<M> {
    /// The model after the last step. After [`Outcome::NonFinite`] its parameters are those
    /// before the bad update or, if they are not finite, the best ones.
    pub model: M,
    /// The best model, once an epoch has ended with a finite loss.
    pub best: Option<Best<M>>,
    /// How the run ended.
    pub outcome: Outcome,
    /// What happened, epoch by epoch.
    pub history: History,
    /// The losses that were not finite and that the run went on from
    /// ([`Trainer::on_non_finite`](crate::Trainer::on_non_finite)).
    pub survived: Vec<NonFinite>,
}

impl<M: Module> Trained<M> {
    /// The best model if there is one, else the last, in validation mode.
    pub fn into_best(self) -> M {
        match self.best {
            Some(best) => best.model,
            None => self.model.valid(),
        }
    }
}
