//! What each evaluation of a step must pass before a minimizer sees it.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::finite::{self, Finite, bad_gradient, bad_parameter};
use crate::{Evaluation, EvaluationError};

/// Looks at loss, weights and gradient of the evaluations of one step.
pub(crate) struct Gate {
    /// Whether the device is waited for.
    pub(crate) read: bool,
    /// Whether the minimizer squares gradients.
    pub(crate) squares: bool,
    /// Of the weights at which the step begins, where that is not known yet.
    pub(crate) weights: Option<Finite>,
    /// How many parameters have a gradient, as the last evaluation had it.
    pub(crate) gradients: usize,
}

impl Gate {
    pub(crate) fn pass<M: Module>(
        &mut self,
        model: &M,
        mut evaluation: Evaluation,
    ) -> Result<Evaluation, EvaluationError> {
        self.gradients = evaluation.grads.len();
        match self.read {
            true => self.read(model, &mut evaluation)?,
            false if self.squares => self.glance(model, &mut evaluation)?,
            false => {}
        }
        Ok(evaluation)
    }

    /// One reading for all that lies on a device.
    fn read<M: Module>(
        &mut self,
        model: &M,
        evaluation: &mut Evaluation,
    ) -> Result<(), EvaluationError> {
        let weights = self.weights.take().unwrap_or(Finite::Known(true));
        let gradients = finite::gradients(model, &evaluation.grads, self.squares);
        let asked = |finite: &Finite| match finite {
            Finite::Known(_) => None,
            Finite::Asked(flag) => Some(flag.clone()),
        };
        let flags: Vec<Tensor<1>> = [&weights, &gradients]
            .into_iter()
            .filter_map(asked)
            .collect();
        let mut answers = evaluation.loss.fetch(flags)?.into_iter();
        let mut is_finite = |finite| match finite {
            Finite::Known(finite) => finite,
            // As many answers as were asked for.
            Finite::Asked(_) => answers.next().is_some_and(|answer| answer != 0.0),
        };
        let (weights, gradients) = (is_finite(weights), is_finite(gradients));
        let loss = evaluation.loss.read()?;
        if !weights && let Some(parameter) = bad_parameter(model) {
            return Err(EvaluationError::NonFiniteUpdate { parameter, loss });
        }
        match gradients {
            true => Ok(()),
            false => Err(self.bad_gradient(model, evaluation)?),
        }
    }

    /// Without waiting: averages of squares that overflow would never show in a loss.
    fn glance<M: Module>(
        &self,
        model: &M,
        evaluation: &mut Evaluation,
    ) -> Result<(), EvaluationError> {
        let squares = finite::gradients(model, &evaluation.grads, true);
        let values = || finite::gradients(model, &evaluation.grads, false);
        match squares {
            Finite::Known(false) if matches!(values(), Finite::Known(true)) => {
                Err(self.bad_gradient(model, evaluation)?)
            }
            _ => Ok(()),
        }
    }

    fn bad_gradient<M: Module>(
        &self,
        model: &M,
        evaluation: &mut Evaluation,
    ) -> Result<EvaluationError, EvaluationError> {
        let loss = evaluation.loss.read()?;
        let found = bad_gradient(model, &evaluation.grads, self.squares);
        let (parameter, value) = found.unwrap_or((String::new(), f64::NAN));
        Ok(match value.is_finite() {
            false => EvaluationError::NonFiniteGradient {
                parameter,
                value,
                loss,
            },
            true => EvaluationError::LargeGradient {
                parameter,
                value,
                loss,
            },
        })
    }
}
