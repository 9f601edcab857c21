//! The curvature of a loss.

use burn::module::Module;
use thalweg_ode::{Start, spectral_radius};

use crate::langevin::normal;
use crate::minimizer::evaluate;
use crate::parameters::PerNumber;
use crate::{EvaluationError, Objective, Parameters};

/// The largest absolute eigenvalue of the Hessian of a loss, estimated from below by the power method
/// on differences of gradients. It takes `iterations + 1` gradients.
///
/// It bounds the step: gradient descent is stable for `h < 2/λ`, and a
/// [`Chebyshev`](thalweg_ode::Chebyshev) method of `s` stages up to about `0.65 s²/λ`. Raise it by a
/// fifth first.
///
/// ```
/// use thalweg_ode::{Accuracy, Stabilized};
/// use thalweg_optim::{Descent, field::Gradient};
///
/// let curvature = 1000.0; // from `largest_curvature`
/// // Each step takes the stages that its size needs.
/// let method = Descent::new(Gradient, Stabilized::new(Accuracy::Second, 1.2 * curvature, 100)?);
/// # let _ = method;
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # Errors
///
/// The error of an evaluation of the objective.
pub fn largest_curvature<M: Module>(
    model: &M,
    objective: &mut Objective<'_, M>,
    iterations: usize,
    seed: u64,
) -> Result<f64, EvaluationError> {
    let theta = Parameters::of(model);
    let mut gradient = |_: f64, at: &Parameters| {
        let there = at.clone().write(model.clone());
        evaluate(&there, objective).map(|(_, gradient, _)| gradient)
    };
    let start = Start {
        t: 0.0,
        y: &theta,
        slope: None,
    };
    let (guess, measure) = (normal(seed, 0, &theta), PerNumber::of(&theta));
    Ok(spectral_radius(&mut gradient, start, guess, iterations, &measure)?.radius)
}
