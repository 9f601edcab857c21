//! As many stages as the step needs.

use super::{Accuracy, Chebyshev};
use crate::OdeError;
use crate::method::{Method, Start, Step};
use crate::settings::{positive, within};
use crate::state::State;

/// A [`Chebyshev`] method that takes, for each step, the fewest stages that keep it stable.
///
/// ```
/// use thalweg_ode::{Accuracy, Adaptive, Solve, Stabilized, Tolerance, infallible};
///
/// let method = Stabilized::new(Accuracy::Second, 1000.0, 50)?;
/// let field = infallible(|t: f64, y: &f64| -1000.0 * (y - t.cos()) - t.sin());
/// let mut controller = Adaptive::integral(Tolerance::new(1e-4, 1e-4)?);
/// let solution = Solve::new(method, 0.0, 3.0, 0.01)?.run(field, 1.0, &mut controller).unwrap();
/// assert!((solution.last().y - 3.0_f64.cos()).abs() < 1e-3);
/// assert!(solution.evaluations < 1000); // stability alone asks 1500 of Euler's method
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stabilized {
    accuracy: Accuracy,
    spectral_radius: f64,
    most_stages: usize,
}

impl Stabilized {
    /// For a field whose Jacobian has eigenvalues in `[−spectral_radius, 0]`, or near; an estimate
    /// ([`spectral_radius`](super::spectral_radius)) should be raised by a fifth.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] for a radius that is not finite and positive, or fewer stages than
    /// the order or more than 10 000.
    pub fn new(
        accuracy: Accuracy,
        spectral_radius: f64,
        most_stages: usize,
    ) -> Result<Self, OdeError> {
        let least = accuracy.order() as usize;
        let good = (least..=10_000).contains(&most_stages);
        let bound = "at least the order and at most 10000";
        within("number of stages", most_stages as f64, good, bound)?;
        Ok(Self {
            accuracy,
            spectral_radius: positive("spectral radius", spectral_radius)?,
            most_stages,
        })
    }

    /// The method for a step of size `h`; beyond [`largest_step`](Method::largest_step) the one
    /// with the most stages, which is then not stable.
    pub fn method(&self, h: f64) -> Chebyshev {
        let stages = self.accuracy.stages_for(h.abs() * self.spectral_radius);
        let stages = stages.unwrap_or(self.most_stages).min(self.most_stages);
        Chebyshev::new(self.accuracy, stages).expect("at least as many stages as the order")
    }
}

impl Method for Stabilized {
    fn name(&self) -> &'static str {
        match self.accuracy {
            Accuracy::First => "stabilized Runge-Kutta-Chebyshev of first order",
            Accuracy::Second => "stabilized Runge-Kutta-Chebyshev of second order",
        }
    }

    fn order(&self) -> u32 {
        self.accuracy.order()
    }

    fn error_order(&self) -> Option<u32> {
        self.accuracy.error_order()
    }

    fn largest_step(&self) -> f64 {
        self.accuracy.stability(self.most_stages) / self.spectral_radius
    }

    fn step<S: State, E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
    ) -> Result<Step<S>, E> {
        self.method(h).step(field, start, h)
    }
}
