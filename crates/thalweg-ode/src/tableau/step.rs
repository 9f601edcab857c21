//! The step that every tableau takes.

use super::Tableau;
use crate::method::{Method, Start, Step};
use crate::state::{State, add_scaled};

/// One step of size `h` from `y` at `t`: the state after it, an estimate of its error where the
/// tableau has one, and the number of evaluations, which is the number of stages.
///
/// A weight of zero costs nothing, and a tableau whose last stage is at the new state does not
/// compute that state twice. [`Method::step`] does the same from a slope that is known already,
/// for one evaluation less.
///
/// ```
/// use thalweg_ode::{infallible, step, tableau};
///
/// let mut turn = infallible(|t: f64, _: &f64| t.cos());
/// let Ok(step) = step(&tableau::DORMAND_PRINCE, &mut turn, 0.0, &0.0, 0.5);
/// assert!((step.y - 0.5_f64.sin()).abs() < 1e-6);
/// assert!(step.error.unwrap().abs() < 1e-4);
/// assert_eq!(step.evaluations, 7);
/// ```
///
/// # Errors
///
/// What the field returns, at its first failure; `y` is untouched.
///
/// # Panics
///
/// When `a` or `c` has fewer rows than `b`, which [`Tableau::check`] tells beforehand.
pub fn step<S: State, E>(
    tableau: &Tableau,
    field: &mut impl FnMut(f64, &S) -> Result<S, E>,
    t: f64,
    y: &S,
    h: f64,
) -> Result<Step<S>, E> {
    let slope = None;
    tableau.step(field, Start { t, y, slope }, h)
}

impl Method for Tableau {
    fn name(&self) -> &'static str {
        self.name
    }

    fn order(&self) -> u32 {
        self.order
    }

    fn error_order(&self) -> Option<u32> {
        // The embedded method is one order lower, and its error one power of h higher.
        self.error.map(|_| self.order)
    }

    fn step<S: State, E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
    ) -> Result<Step<S>, E> {
        let Start { t, y, slope } = start;
        let mut slopes: Vec<S> = Vec::with_capacity(self.stages());
        let mut last_argument = None;
        let known = usize::from(slope.is_some());
        slopes.extend(slope.cloned());
        for stage in known..self.stages() {
            let argument = combine(y.clone(), self.a[stage], &slopes, h);
            slopes.push(field(t + self.c[stage] * h, &argument)?);
            last_argument = Some(argument);
        }
        let error = self.error.and_then(|weights| sum(weights, &slopes, h));
        let y = match last_argument {
            Some(argument) if self.fsal => argument,
            _ => combine(y.clone(), self.b, &slopes, h),
        };
        Ok(Step {
            y,
            error,
            slope: slopes.pop().filter(|_| self.fsal),
            evaluations: self.stages() - known,
        })
    }
}

/// `y + h Σ wᵢ kᵢ`.
fn combine<S: State>(y: S, weights: &[f64], slopes: &[S], h: f64) -> S {
    let terms = weights.iter().zip(slopes);
    terms.fold(y, |y, (weight, slope)| add_scaled(y, slope, weight * h))
}

/// `h Σ wᵢ kᵢ`, none if every weight is zero.
fn sum<S: State>(weights: &[f64], slopes: &[S], h: f64) -> Option<S> {
    let terms = weights.iter().zip(slopes).filter(|(w, _)| **w != 0.0);
    let terms = terms.map(|(weight, slope)| slope.clone() * (weight * h));
    terms.reduce(|sum, term| sum + term)
}
