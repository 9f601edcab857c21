//! Runge-Kutta-Chebyshev methods, for fields with large negative eigenvalues.

mod coefficients;
mod spectral;

pub use coefficients::Accuracy;
pub use spectral::{Spectral, spectral_radius};

use crate::OdeError;
use crate::error::{positive, within};
use crate::method::{Method, Start, Step};
use crate::state::{VectorSpace, add_scaled};
use coefficients::Coefficients;

/// An explicit method of `s` stages, stable for `−β(s) ≤ hλ ≤ 0`, where `β` grows as `s²`: on a stiff
/// problem, one evaluation goes `s` times as far as one of Euler's method.
///
/// `Y₁ = y + μ̃₁ h F₀`,
/// `Yⱼ = (1 − μⱼ − νⱼ) y + μⱼ Yⱼ₋₁ + νⱼ Yⱼ₋₂ + μ̃ⱼ h Fⱼ₋₁ + γ̃ⱼ h F₀`, `y' = Yₛ`, with
/// `Fⱼ = f(t + cⱼ h, Yⱼ)`. The weights come from Chebyshev polynomials around
/// `w₀ = 1 + ε/s²`; the damping `ε` keeps the amplification at most 0.95 or so well inside the
/// interval.
///
/// | accuracy | `ε` | `β(s)` | error estimate | evaluations from a known slope |
/// |---|---|---|---|---|
/// | [`First`](Accuracy::First) | 0.05 | `≈ 1.94 s²` | none | `s − 1` |
/// | [`Second`](Accuracy::Second) | 2/13 | `≈ 0.65 (s² − 1)` | `0.8 (y − y') + 0.4 h (F(y) + F(y'))` | `s` |
///
/// ```
/// use thalweg_ode::{Accuracy, Chebyshev, Method, Start, infallible};
///
/// // λ = −1000 and h = 0.1: Euler's method would need 50 steps, this one takes 8 evaluations.
/// let method = Chebyshev::for_stiffness(Accuracy::First, 0.1 * 1000.0)?;
/// assert_eq!(method.stages(), 8);
/// let mut field = infallible(|_, y: &f64| -1000.0 * y);
/// let start = Start { t: 0.0, y: &1.0, slope: None };
/// let Ok(step) = method.step(&mut field, start, 0.1);
/// assert!(step.y.abs() < 1.0);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// van der Houwen, Sommeijer: *On the internal stability of explicit, m-stage Runge-Kutta methods
/// for large m-values*, 1980; Verwer, Hundsdorfer, Sommeijer: *Convergence properties of the
/// Runge-Kutta-Chebyshev method*, 1990; Sommeijer, Shampine, Verwer: *RKC: an explicit solver for
/// parabolic PDEs*, 1997, section 2.
#[derive(Debug, Clone, PartialEq)]
pub struct Chebyshev {
    accuracy: Accuracy,
    coefficients: Coefficients,
}

impl Chebyshev {
    /// A method with this number of stages.
    ///
    /// ```
    /// use thalweg_ode::{Accuracy, Chebyshev};
    ///
    /// let method = Chebyshev::new(Accuracy::Second, 5)?;
    /// assert_eq!(method.stability(), Accuracy::Second.stability(5));
    /// assert!(Chebyshev::new(Accuracy::Second, 1).is_err());
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] for no stages, or fewer than two for the second order.
    pub fn new(accuracy: Accuracy, stages: usize) -> Result<Self, OdeError> {
        let coefficients = Coefficients::new(accuracy, stages)?;
        Ok(Self {
            accuracy,
            coefficients,
        })
    }

    /// The method with the fewest stages for which `β(s) ≥ stiffness`, the step times the spectral
    /// radius of the field's Jacobian.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless the stiffness is finite and from 0 to 10⁸ (12 400 stages at most).
    pub fn for_stiffness(accuracy: Accuracy, stiffness: f64) -> Result<Self, OdeError> {
        Self::new(accuracy, accuracy.stages_for(stiffness)?)
    }

    /// The number of stages.
    pub fn stages(&self) -> usize {
        self.coefficients.stages.len()
    }

    /// `β(s)`: the method is stable for `hλ` in `[−β, 0]`.
    pub fn stability(&self) -> f64 {
        self.coefficients.stability
    }
}

impl Method for Chebyshev {
    fn name(&self) -> &'static str {
        match self.accuracy {
            Accuracy::First => "Runge-Kutta-Chebyshev of first order",
            Accuracy::Second => "Runge-Kutta-Chebyshev of second order",
        }
    }

    fn order(&self) -> u32 {
        self.accuracy.order()
    }

    fn error_order(&self) -> Option<u32> {
        self.accuracy.error_order()
    }

    fn step<S: VectorSpace, E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
    ) -> Result<Step<S>, E> {
        let Start { t, y, .. } = start;
        let mut evaluations = 0;
        let mut evaluate = |t, y: &S| {
            evaluations += 1;
            field(t, y)
        };
        let first = start.slope_or(&mut evaluate)?;
        let (mut before, mut last) = (y.clone(), y.clone());
        for (j, stage) in self.coefficients.stages.iter().enumerate() {
            let next = match j {
                0 => add_scaled(y.clone(), &first, stage.slope * h),
                _ => {
                    let slope = evaluate(t + stage.time * h, &last)?;
                    let mut next = last.clone() * stage.last + before * stage.before;
                    next = add_scaled(next, y, stage.start);
                    next = add_scaled(next, &slope, stage.slope * h);
                    add_scaled(next, &first, stage.first_slope * h)
                }
            };
            (before, last) = (last, next);
        }
        let (mut error, mut end) = (None, None);
        if self.accuracy == Accuracy::Second {
            let slope = evaluate(t + h, &last)?;
            let moved = y.clone() * 0.8 + last.clone() * -0.8;
            error = Some(moved + (first + slope.clone()) * (0.4 * h));
            end = Some(slope);
        }
        Ok(Step {
            y: last,
            error,
            slope: end,
            evaluations,
        })
    }
}

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
/// assert!(solution.evaluations < 1000); // Euler's method needs 1500 to be stable
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stabilized {
    accuracy: Accuracy,
    spectral_radius: f64,
    most_stages: usize,
}

impl Stabilized {
    /// For a field whose Jacobian has its eigenvalues in or near `[−spectral_radius, 0]`. Raise an
    /// estimate of [`spectral_radius`](super::spectral_radius) by a fifth.
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

    /// The method for a step of size `h`. Beyond [`largest_step`](Method::largest_step) it has the
    /// most stages and is not stable.
    ///
    /// ```
    /// use thalweg_ode::{Accuracy, Stabilized};
    ///
    /// let method = Stabilized::new(Accuracy::First, 1000.0, 50)?;
    /// assert_eq!((method.method(0.001).stages(), method.method(0.1).stages()), (1, 8));
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
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

    fn step<S: VectorSpace, E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
    ) -> Result<Step<S>, E> {
        self.method(h).step(field, start, h)
    }
}
