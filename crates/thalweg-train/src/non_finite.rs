//! Losses that are not finite: where they come from, and what is done.

use std::fmt;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::Phase;

/// A loss that was NaN or infinite.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NonFinite {
    /// The epoch, counted from 0.
    pub epoch: usize,
    /// The batch within it.
    pub batch: usize,
    /// Steps made before this loss.
    pub step: usize,
    /// The loss.
    pub loss: f64,
    /// Where it was met.
    pub phase: Phase,
    /// Where it came from.
    pub cause: Cause,
}

/// Where a number that is not finite came from, as far as it could be found out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The batch held it.
    Batch,
    /// The parameter of this name held it already.
    Parameter(String),
    /// A finite batch and finite parameters gave it first in this layer
    /// ([`Trainer::explain`](crate::Trainer::explain)).
    Layer(String),
    /// None of these, or a layer that nobody asked for.
    Unknown,
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.phase {
            Phase::Training => "training",
            Phase::Validation => "validation",
        };
        let Self {
            epoch,
            batch,
            step,
            loss,
            ..
        } = self;
        write!(
            f,
            "the {phase} loss became {loss} in epoch {epoch}, batch {batch}, after {step} steps: "
        )?;
        match &self.cause {
            Cause::Batch => write!(
                f,
                "the batch holds values that are not finite; check the data"
            ),
            Cause::Parameter(name) => write!(
                f,
                "the parameter {name} is not finite, so the step before has spoiled it; lower the \
                 learning rate, or clip the gradient norm"
            ),
            Cause::Layer(name) => write!(
                f,
                "the first output that is not finite is that of layer {name}, on a finite batch; \
                 standardize the data, lower the learning rate, or clip the gradient norm"
            ),
            Cause::Unknown => write!(
                f,
                "check the data for values that are not finite, standardize them, lower the \
                 learning rate, or clip the gradient norm"
            ),
        }
    }
}

/// What a run does about a training loss that is not finite; see
/// [`Trainer::on_non_finite`](crate::Trainer::on_non_finite).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OnNonFinite {
    /// It ends, with the best model in hand.
    End,
    /// It leaves the batch out, and ends at the next one after so many.
    Skip {
        /// How many batches may be left out.
        at_most: usize,
    },
    /// It puts the best weights back (before there are any, the last sound ones), forgets what the
    /// minimizer remembers, shortens its steps and goes on with the next batch; it ends at the next
    /// one after so many.
    Recover {
        /// How many times.
        at_most: usize,
        /// On all following steps.
        scale: f64,
    },
}

/// The name of the first float parameter that is not finite. Reads from the device.
pub(crate) fn bad_parameter<M: Module>(model: &M) -> Option<String> {
    #[derive(Default)]
    struct Search {
        path: Vec<String>,
        found: Option<String>,
    }
    impl ModuleVisitor for Search {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if self.found.is_some() {
                return;
            }
            let finite = param.val().inner().is_finite().all();
            // A value that cannot be read is not one to hand out.
            if !finite.try_into_scalar::<bool>().unwrap_or(false) {
                self.found = Some(self.path.join("."));
            }
        }
    }
    let mut search = Search::default();
    model.valid().visit(&mut search);
    search.found
}
