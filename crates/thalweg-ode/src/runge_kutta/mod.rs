//! Runge-Kutta methods as tables of numbers, and the step that they all take.

mod check;

use crate::method::{Method, Start, Step};
use crate::state::{VectorSpace, add_scaled};
use crate::tableau::{
    BOGACKI_SHAMPINE, DORMAND_PRINCE, EULER, HEUN, MIDPOINT, RALSTON, RK4, SSPRK3, TSITOURAS,
};

/// An explicit Runge-Kutta method.
///
/// `kᵢ = f(t + cᵢ h, y + h Σⱼ aᵢⱼ kⱼ)` for `j < i`, `y' = y + h Σᵢ bᵢ kᵢ`, and, where there are error
/// weights, `error = h Σᵢ eᵢ kᵢ` with `e = b − b̂`, the weights less those of an embedded method of
/// one order lower.
///
/// It is plain data: write your own as a constant and [`check`](Self::check) it in a test.
///
/// ```
/// use thalweg_ode::Tableau;
///
/// const THREE_EIGHTHS: Tableau = Tableau {
///     name: "three-eighths rule",
///     order: 4,
///     a: &[&[], &[1.0 / 3.0], &[-1.0 / 3.0, 1.0], &[1.0, -1.0, 1.0]],
///     b: &[0.125, 0.375, 0.375, 0.125],
///     error: None,
///     c: &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0],
///     fsal: false,
/// };
/// THREE_EIGHTHS.check()?;
///
/// // So do all methods of this library.
/// Tableau::ALL.into_iter().try_for_each(Tableau::check)?;
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Butcher: *Coefficients for the study of Runge-Kutta integration processes*, 1963.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tableau {
    /// The method's name.
    pub name: &'static str,
    /// The order of `y'`, `p`: one step is wrong by `O(hᵖ⁺¹)`.
    pub order: u32,
    /// Row `i` holds the weights of the `i` stages before stage `i`.
    pub a: &'static [&'static [f64]],
    /// The weights of the stages in `y'`.
    pub b: &'static [f64],
    /// `b − b̂`, the weights of the stages in the error estimate.
    pub error: Option<&'static [f64]>,
    /// The times of the stages, as parts of the step.
    pub c: &'static [f64],
    /// Whether the last stage is `f(t + h, y')` and so the next step's first ("first same as
    /// last").
    pub fsal: bool,
}

impl Tableau {
    /// Every method of this module.
    pub const ALL: [&'static Tableau; 9] = [
        &EULER,
        &HEUN,
        &MIDPOINT,
        &RALSTON,
        &SSPRK3,
        &RK4,
        &BOGACKI_SHAMPINE,
        &DORMAND_PRINCE,
        &TSITOURAS,
    ];

    /// The number of stages: the evaluations of a step that reuses none.
    ///
    /// ```
    /// use thalweg_ode::tableau;
    ///
    /// assert_eq!((tableau::RK4.stages(), tableau::DORMAND_PRINCE.stages()), (4, 7));
    /// ```
    pub fn stages(&self) -> usize {
        self.b.len()
    }
}

/// One step of size `h` from `y` at `t`: the state after it and, where the tableau has one, an
/// estimate of its error. It takes one evaluation for each stage.
///
/// A weight of zero costs nothing. A tableau with its last stage at the new state does not compute
/// that state twice. [`Method::step`] does the same from a known slope, for one evaluation less.
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
/// The first error of the field; `y` is untouched.
///
/// # Panics
///
/// When `a` or `c` has fewer rows than `b`; [`Tableau::check`] finds such a tableau.
pub fn step<S: VectorSpace, E>(
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

    fn step<S: VectorSpace, E>(
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
fn combine<S: VectorSpace>(y: S, weights: &[f64], slopes: &[S], h: f64) -> S {
    let terms = weights.iter().zip(slopes);
    terms.fold(y, |y, (weight, slope)| add_scaled(y, slope, weight * h))
}

/// `h Σ wᵢ kᵢ`, none if every weight is zero.
fn sum<S: VectorSpace>(weights: &[f64], slopes: &[S], h: f64) -> Option<S> {
    let terms = weights.iter().zip(slopes).filter(|(w, _)| **w != 0.0);
    let terms = terms.map(|(weight, slope)| slope.clone() * (weight * h));
    terms.reduce(|sum, term| sum + term)
}
