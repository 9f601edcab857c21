use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::TrainError;
use thalweg_optim::BoxError;

/// The requests of a callback to the trainer.
///
/// Wishes combine: [`Signal::and`] keeps all of them, and the trainer does them in this order:
/// note metrics, pictures and warnings, scale the step, restore the best weights, stop.
///
/// ```
/// use thalweg_train::Signal;
///
/// let signal = Signal::restore_best().and(Signal::scale(0.5));
/// # let _ = signal;
/// ```
#[derive(Debug)]
#[must_use = "a signal does nothing until it is returned to the trainer"]
pub struct Signal {
    pub(crate) end: Option<End>,
    pub(crate) restore: bool,
    pub(crate) scale: f64,
    pub(crate) metrics: BTreeMap<String, f64>,
    pub(crate) pictures: BTreeMap<String, PathBuf>,
    pub(crate) warnings: Vec<String>,
}

/// A wish to end the run.
#[derive(Debug)]
pub(crate) enum End {
    Stop(String),
    Interrupt,
    Fail(TrainError),
}

impl Signal {
    /// No wish.
    pub const CONTINUE: Self = Self {
        end: None,
        restore: false,
        scale: 1.0,
        metrics: BTreeMap::new(),
        pictures: BTreeMap::new(),
        warnings: Vec::new(),
    };

    /// End the run, for a reason that the outcome repeats.
    pub fn stop(reason: impl Into<String>) -> Self {
        Self {
            end: Some(End::Stop(reason.into())),
            ..Self::CONTINUE
        }
    }

    /// End the run at this batch, to be [resumed](crate::Trainer::resume) from there.
    pub fn interrupt() -> Self {
        Self {
            end: Some(End::Interrupt),
            ..Self::CONTINUE
        }
    }

    /// End the run because the callback could not do its work; the model comes back all the same.
    pub fn fail(error: TrainError) -> Self {
        Self {
            end: Some(End::Fail(error)),
            ..Self::CONTINUE
        }
    }

    /// Put the best weights so far back into the model; nothing happens before there are any.
    /// The optimizer keeps its state.
    pub fn restore_best() -> Self {
        Self {
            restore: true,
            ..Self::CONTINUE
        }
    }

    /// Multiply all following step sizes by a factor.
    pub fn scale(factor: f64) -> Self {
        Self {
            scale: factor,
            ..Self::CONTINUE
        }
    }

    /// Note a number under a name, for this epoch's history and for the callbacks that follow.
    pub fn metric(name: impl Into<String>, value: f64) -> Self {
        Self {
            metrics: BTreeMap::from([(name.into(), value)]),
            ..Self::CONTINUE
        }
    }

    /// Note a picture that has been drawn, under a name, for the callbacks that follow.
    pub fn picture(name: impl Into<String>, file: impl Into<PathBuf>) -> Self {
        Self {
            pictures: BTreeMap::from([(name.into(), file.into())]),
            ..Self::CONTINUE
        }
    }

    /// Tell the user something that does not end the run; a
    /// [`ProgressBar`](crate::ProgressBar) prints it.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            warnings: vec![text.into()],
            ..Self::CONTINUE
        }
    }

    /// Both wishes. Of two ends a failure comes before a stop, otherwise the earlier one stays;
    /// factors multiply; of two metrics or pictures with one name the later stays.
    pub fn and(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(End::Stop(_) | End::Interrupt), Some(End::Fail(error))) => Some(End::Fail(error)),
            (first, second) => first.or(second),
        };
        let mut metrics = self.metrics;
        metrics.extend(other.metrics);
        let mut pictures = self.pictures;
        pictures.extend(other.pictures);
        let mut warnings = self.warnings;
        warnings.extend(other.warnings);
        Self {
            end,
            restore: self.restore || other.restore,
            scale: self.scale * other.scale,
            metrics,
            pictures,
            warnings,
        }
    }
}

impl From<()> for Signal {
    fn from((): ()) -> Self {
        Self::CONTINUE
    }
}

impl<T: Into<Signal>, E: Into<BoxError>> From<Result<T, E>> for Signal {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(signal) => signal.into(),
            Err(error) => Self::fail(TrainError::Callback(error.into())),
        }
    }
}
