//! The differential equation of a batch, and its integration.

use burn::tensor::Tensor;
use thalweg_ode::{Cause, Ended, Method, OdeError, Solution, Solve, Start, Tableau};

use super::divergence::Trace;
use super::state::{State, WorstRow};
use super::{Integration, IntegrationReport, VectorField};
use crate::error::IntegrationFailure;
use crate::numerics::sum_features;
use crate::{FlowError, LogDet};

/// A field under a condition, with what is found along its way.
pub(super) struct Way<'a, F, C> {
    pub(super) field: &'a F,
    pub(super) context: &'a C,
    pub(super) trace: Trace,
    pub(super) integration: Integration,
}

/// Why the field is not evaluated once more.
struct Enough;

impl<C, F: VectorField<C>> Way<'_, F, C> {
    /// The slope of the state at a time.
    fn slope(&self, t: f64, state: &State) -> State {
        let x = state.x.clone();
        let time = Tensor::full([1, 1], t, (&x.device(), x.dtype()));
        let along = |directions: &Tensor<3>| {
            let directions = match x.is_autodiff() {
                true => directions.clone().autodiff(),
                false => directions.clone(),
            };
            let (v, tangents) =
                self.field
                    .tangents(time.clone(), x.clone(), directions.clone(), self.context);
            let [probes, batch, _] = tangents.dims();
            let products = (directions * tangents.clone()).sum_dim(2).sum_dim(0);
            let trace = products.reshape([batch]).div_scalar(probes as f64);
            (v, trace, tangents)
        };
        match &self.trace {
            Trace::None => State {
                x: self.field.velocity(time, x, self.context),
                log_det: None,
                energies: None,
            },
            Trace::Exact => {
                let (x, trace) = self.field.divergence(time, x, self.context);
                State {
                    x,
                    log_det: Some(trace),
                    energies: None,
                }
            }
            Trace::Probes(directions) => {
                let (x, trace, _) = along(directions);
                State {
                    x,
                    log_det: Some(trace),
                    energies: None,
                }
            }
            Trace::Energies(directions) => {
                let (v, trace, tangents) = along(directions);
                let [probes, batch, _] = tangents.dims();
                let squares = tangents.square().sum_dim(2).sum_dim(0).reshape([batch]);
                State {
                    x: v.clone(),
                    log_det: Some(trace),
                    energies: Some([sum_features(v.square()), squares.div_scalar(probes as f64)]),
                }
            }
        }
    }

    /// The state at the start of a way from `x`.
    fn start(&self, x: Tensor<2>) -> State {
        let zeros = || Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()));
        State {
            log_det: (!matches!(self.trace, Trace::None)).then(zeros),
            energies: matches!(self.trace, Trace::Energies(_)).then(|| [zeros(), zeros()]),
            x,
        }
    }

    /// One step, with the log-determinant of its map.
    pub(super) fn step(&self, t: f64, h: f64, x: Tensor<2>) -> (Tensor<2>, LogDet) {
        let mut field = |t: f64, state: &State| Ok::<_, Enough>(self.slope(t, state));
        let (y, slope) = (&self.start(x), None);
        let tableau: &Tableau = self.integration.scheme.tableau();
        let step = tableau.step(&mut field, Start { t, y, slope }, h);
        let y = match step {
            Ok(step) => step.y,
            Err(Enough) => unreachable!("this field does not fail"),
        };
        let log_det = y.log_det.clone();
        (
            y.x,
            log_det.expect("a step of a layer has a log-determinant"),
        )
    }

    /// From one time to the other; `visit` sees each accepted state before the last and the times around the
    /// step from it.
    pub(super) fn run(
        &self,
        [from, to]: [f64; 2],
        x: Tensor<2>,
        visit: impl FnMut(f64, &State),
    ) -> Result<(State, IntegrationReport), FlowError> {
        let solution = self.solve([from, to], x, |solve| Ok(solve.keep_last()), visit)?;
        let report = report(&solution);
        Ok((solution.last().y.clone(), report))
    }

    /// The states at these times, in the order of the run.
    pub(super) fn at(
        &self,
        ends: [f64; 2],
        x: Tensor<2>,
        times: &[f64],
    ) -> Result<Vec<Tensor<2>>, FlowError> {
        let keep = |solve: Solve<_>| solve.keep_at(times);
        let solution = self.solve(ends, x, keep, |_, _| ())?;
        let points = solution.points.into_iter();
        Ok(points.map(|point| point.y.x).collect())
    }

    fn solve<'t>(
        &self,
        [from, to]: [f64; 2],
        x: Tensor<2>,
        keep: impl FnOnce(Solve<&'t Tableau>) -> Result<Solve<&'t Tableau>, OdeError>,
        mut visit: impl FnMut(f64, &State),
    ) -> Result<Solution<State>, FlowError> {
        let (first, mut controller) = self.integration.start(x.dtype())?;
        let solve = Solve::new(self.integration.scheme.tableau(), from, to, first);
        let solve = solve
            .and_then(keep)
            .map_err(|error| FlowError::IntegrationSetting {
                problem: error.to_string(),
            })?;
        let (start, mut evaluations) = (self.start(x), 0);
        visit(from, &start);
        let field = |t: f64, state: &State| {
            if evaluations == self.integration.most_evaluations {
                return Err(Enough);
            }
            evaluations += 1;
            Ok(self.slope(t, state))
        };
        let run = solve.without_last_slope().run_until(
            field,
            start,
            &mut *controller,
            &WorstRow,
            |t, state| {
                visit(t, state);
                false
            },
        );
        run.map_err(|failure| {
            let so_far = failure.so_far;
            let (time, step) = (so_far.last().t, so_far.next_step);
            let bound = self.integration.most_evaluations;
            let problem = match failure.cause {
                Cause::Field(Enough) => IntegrationFailure::MostEvaluations { bound },
                Cause::Ode(OdeError::StepTooSmall { .. } | OdeError::StepVanished { .. }) => {
                    IntegrationFailure::StepTooSmall
                }
                Cause::Ode(_) => IntegrationFailure::NotFinite,
            };
            FlowError::Integration {
                time,
                step,
                ends: [from, to],
                evaluations,
                problem,
            }
        })
        .inspect(|solution| debug_assert_eq!(solution.ended, Ended::AtEnd))
    }
}

fn report(solution: &Solution<State>) -> IntegrationReport {
    IntegrationReport {
        evaluations: solution.evaluations,
        accepted: solution.accepted,
        rejected: solution.rejected,
    }
}
