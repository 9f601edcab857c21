//! A run of an integrator within the bounds of a flow.

use burn::tensor::DType;
use thalweg_ode::{
    Cause, Ended, Failure, Measure, OdeError, Solution, Solve, Tableau, VectorSpace,
};

use super::Integration;
use crate::FlowError;
use crate::error::IntegrationFailure;

/// A run from one time to the other.
pub(crate) struct Run<'a> {
    pub(crate) integration: &'a Integration,
    /// That of the field's numbers.
    pub(crate) dtype: DType,
    pub(crate) ends: [f64; 2],
    /// The times of the states to keep; without them the last is kept.
    pub(crate) times: Option<&'a [f64]>,
}

/// Why the field is not evaluated once more: the bound is reached.
struct Enough;

impl Run<'_> {
    /// Runs; `visit` sees the state after each accepted step.
    ///
    /// The field itself counts its evaluations, so that the bound holds to the last of them.
    pub(crate) fn solve<S: VectorSpace>(
        &self,
        start: S,
        mut slope: impl FnMut(f64, &S) -> S,
        measure: &impl Measure<S>,
        mut visit: impl FnMut(f64, &S),
    ) -> Result<Solution<S>, FlowError> {
        let (first, mut controller) = self.integration.start(self.dtype)?;
        let solve = self
            .begin(first)
            .map_err(|error| FlowError::IntegrationSetting {
                problem: error.to_string(),
            })?;
        let (mut evaluations, bound) = (0, self.integration.most_evaluations);
        let field = |t: f64, state: &S| {
            if evaluations == bound {
                return Err(Enough);
            }
            evaluations += 1;
            Ok(slope(t, state))
        };
        let stop = |t: f64, state: &S| {
            visit(t, state);
            false
        };
        match solve.run_until(field, start, &mut *controller, measure, stop) {
            Ok(solution) => {
                debug_assert_eq!(solution.ended, Ended::AtEnd);
                Ok(solution)
            }
            Err(failure) => Err(failed(failure, self.ends, evaluations, bound)),
        }
    }

    fn begin(&self, first: f64) -> Result<Solve<&'static Tableau>, OdeError> {
        let [from, to] = self.ends;
        let solve = Solve::new(self.integration.scheme.tableau(), from, to, first)?;
        let solve = solve.without_last_slope();
        match self.times {
            Some(times) => solve.keep_at(times),
            None => Ok(solve.keep_last()),
        }
    }
}

fn failed<S>(
    Failure { cause, so_far }: Failure<S, Enough>,
    ends: [f64; 2],
    evaluations: usize,
    bound: usize,
) -> FlowError {
    let problem = match cause {
        Cause::Field(Enough) => IntegrationFailure::MostEvaluations { bound },
        Cause::Ode(OdeError::StepTooSmall { .. } | OdeError::StepVanished { .. }) => {
            IntegrationFailure::StepTooSmall
        }
        Cause::Ode(_) => IntegrationFailure::NotFinite,
    };
    FlowError::Integration {
        time: so_far.last().t,
        step: so_far.next_step,
        ends,
        evaluations,
        problem,
    }
}
