//! The differential equation of a batch, and its integration.

use burn::tensor::Tensor;
use thalweg_ode::{Method, Solution, Start, Tableau, infallible};

use super::divergence::Trace;
use super::run::Run;
use super::state::{State, WorstRow};
use super::{Integration, IntegrationReport, VectorField};
use crate::numerics::sum_features;
use crate::{FlowError, LogDet};

/// A field under a condition, with what is found along its way.
pub(super) struct Way<'a, F, C> {
    pub(super) field: &'a F,
    pub(super) context: &'a C,
    pub(super) trace: Trace,
    pub(super) integration: Integration,
}

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
        let mut field = infallible(|t, state: &State| self.slope(t, state));
        let (y, slope) = (&self.start(x), None);
        let tableau: &Tableau = self.integration.scheme.tableau();
        let Ok(step) = tableau.step(&mut field, Start { t, y, slope }, h);
        let State { x, log_det, .. } = step.y;
        (x, log_det.expect("a step of a layer has a log-determinant"))
    }

    /// From one time to the other; `visit` sees the state at the start and after each accepted step.
    pub(super) fn run(
        &self,
        ends: [f64; 2],
        x: Tensor<2>,
        visit: impl FnMut(f64, &State),
    ) -> Result<(State, IntegrationReport), FlowError> {
        let solution = self.solve(ends, None, x, visit)?;
        let report = IntegrationReport::of(&solution);
        Ok((solution.last().y.clone(), report))
    }

    /// The states at these times, in the order of the run.
    pub(super) fn at(
        &self,
        ends: [f64; 2],
        x: Tensor<2>,
        times: &[f64],
    ) -> Result<Vec<Tensor<2>>, FlowError> {
        let solution = self.solve(ends, Some(times), x, |_, _| ())?;
        let points = solution.points.into_iter();
        Ok(points.map(|point| point.y.x).collect())
    }

    fn solve(
        &self,
        ends: [f64; 2],
        times: Option<&[f64]>,
        x: Tensor<2>,
        mut visit: impl FnMut(f64, &State),
    ) -> Result<Solution<State>, FlowError> {
        let run = Run {
            integration: &self.integration,
            dtype: x.dtype(),
            ends,
            times,
        };
        let start = self.start(x);
        visit(ends[0], &start);
        run.solve(start, |t, state| self.slope(t, state), &WorstRow, visit)
    }
}
