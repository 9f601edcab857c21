//! One step of any method.

use std::convert::Infallible;

use crate::VectorSpace;

/// A method that advances `dy/dt = f(t, y)` by one step: a [`Tableau`](crate::Tableau), a
/// [`Chebyshev`](crate::Chebyshev) method, or your own.
///
/// ```
/// use thalweg_ode::{Fixed, Method, Solve, Start, Step, VectorSpace, infallible};
///
/// /// `y' = y + h f(t, y)`.
/// struct Euler;
///
/// impl Method for Euler {
///     fn name(&self) -> &'static str {
///         "my Euler"
///     }
///
///     fn order(&self) -> u32 {
///         1
///     }
///
///     fn error_order(&self) -> Option<u32> {
///         None
///     }
///
///     fn step<S: VectorSpace, E>(
///         &self,
///         field: &mut impl FnMut(f64, &S) -> Result<S, E>,
///         start: Start<'_, S>,
///         h: f64,
///     ) -> Result<Step<S>, E> {
///         let (slope, evaluations) = match start.slope {
///             Some(slope) => (slope.clone(), 0),
///             None => (field(start.t, start.y)?, 1),
///         };
///         let y = start.y.clone() + slope * h;
///         Ok(Step { y, error: None, slope: None, evaluations })
///     }
/// }
///
/// let solve = Solve::new(Euler, 0.0, 1.0, 0.5)?;
/// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed).unwrap();
/// assert_eq!(solution.last().y, 0.25);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
pub trait Method {
    /// The method's name in messages.
    fn name(&self) -> &'static str;

    /// The `p` for which one step is wrong by `O(hᵖ⁺¹)`.
    fn order(&self) -> u32;

    /// The `k` for which the error estimate is `O(hᵏ)`; none if there is no estimate.
    fn error_order(&self) -> Option<u32>;

    /// The largest step that keeps the method stable, where the method knows it. No bound by default.
    fn largest_step(&self) -> f64 {
        f64::INFINITY
    }

    /// One step of size `h`, which may be negative.
    ///
    /// # Errors
    ///
    /// The first error of the field.
    fn step<S: VectorSpace, E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
    ) -> Result<Step<S>, E>;
}

impl<M: Method> Method for &M {
    fn name(&self) -> &'static str {
        (*self).name()
    }

    fn order(&self) -> u32 {
        (*self).order()
    }

    fn error_order(&self) -> Option<u32> {
        (*self).error_order()
    }

    fn largest_step(&self) -> f64 {
        (*self).largest_step()
    }

    fn step<S: VectorSpace, E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
    ) -> Result<Step<S>, E> {
        (*self).step(field, start, h)
    }
}

/// The start of a step.
///
/// ```
/// use thalweg_ode::{Method, Start, infallible, tableau};
///
/// let mut field = infallible(|_, y: &f64| -y);
/// let unknown = Start { t: 0.0, y: &1.0, slope: None };
/// let known = Start { t: 0.0, y: &1.0, slope: Some(&-1.0) };
/// let Ok(first) = tableau::RK4.step(&mut field, unknown, 0.1);
/// let Ok(second) = tableau::RK4.step(&mut field, known, 0.1);
/// assert_eq!((first.y, first.evaluations), (second.y, 4));
/// assert_eq!(second.evaluations, 3);
/// ```
#[derive(Debug)]
pub struct Start<'a, S> {
    /// Time.
    pub t: f64,
    /// State.
    pub y: &'a S,
    /// `f(t, y)` where it is known already. It saves an evaluation.
    pub slope: Option<&'a S>,
}

impl<S: Clone> Start<'_, S> {
    /// `f(t, y)`, evaluated if it is not known.
    pub(crate) fn slope_or<E>(
        &self,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
    ) -> Result<S, E> {
        self.slope
            .map_or_else(|| field(self.t, self.y), |slope| Ok(slope.clone()))
    }
}

/// The result of a step.
///
/// See [`step`](crate::step) and [`Start`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<S> {
    /// The state at `t + h`.
    pub y: S,
    /// The estimated error of `y`, if the method has an estimate.
    pub error: Option<S>,
    /// `f(t + h, y)`, if the method has evaluated it: the slope that the next step starts with.
    pub slope: Option<S>,
    /// The number of evaluations of the field.
    pub evaluations: usize,
}

/// A field that cannot fail, in the form that every method expects.
///
/// ```
/// use thalweg_ode::{infallible, step, tableau};
///
/// let mut decay = infallible(|_, y: &f64| -y);
/// let Ok(step) = step(&tableau::HEUN, &mut decay, 0.0, &1.0, 0.1);
/// assert!((step.y - 0.905).abs() < 1e-15);
/// ```
pub fn infallible<S>(
    mut field: impl FnMut(f64, &S) -> S,
) -> impl FnMut(f64, &S) -> Result<S, Infallible> {
    move |t, y| Ok(field(t, y))
}
