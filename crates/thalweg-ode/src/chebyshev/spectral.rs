//! The spectral radius of a field: its stiffness.

use crate::measure::Measure;
use crate::method::Start;
use crate::state::{VectorSpace, difference};

/// The estimate of [`spectral_radius`].
///
/// See [`spectral_radius`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectral<S> {
    /// `|λ|` of the largest eigenvalue, from below.
    pub radius: f64,
    /// The eigenvector, of norm 1: the guess for the next call.
    pub direction: S,
    /// The number of evaluations of the field.
    pub evaluations: usize,
}

/// The spectral radius of the Jacobian `∂f/∂y` by the power method, its products by finite
/// differences: `J v ≈ (f(t, y + δv) − f(t, y))/δ`, `v ← J v / ‖J v‖`.
///
/// It takes one evaluation an iteration, and one more if the slope is not known. The guess is any
/// state that is not orthogonal to the eigenvector: noise, or the direction of an earlier call. The
/// estimate is from below: raise it by a fifth before choosing stages by it. For states of `f32` use
/// a measure in [`SinglePrecision`](crate::SinglePrecision).
///
/// ```
/// use thalweg_ode::{Componentwise, Spectral, Start, Vector, infallible, spectral_radius};
///
/// let mut field = infallible(|_, y: &Vector| Vector::from([-y[0], -50.0 * y[1]]));
/// let y = Vector::from([1.0, 1.0]);
/// let start = Start { t: 0.0, y: &y, slope: None };
/// let guess = Vector::from([0.5, 0.5]);
/// let Ok(Spectral { radius, direction, evaluations }) =
///     spectral_radius(&mut field, start, guess, 10, &Componentwise);
/// assert!((radius - 50.0).abs() < 1e-3);
/// // The eigenvector of −50 is the second axis. One evaluation more, since the slope was not known.
/// assert!((direction[0] / direction[1]).abs() < 1e-6);
/// assert_eq!(evaluations, 10 + 1);
/// ```
///
/// # Errors
///
/// The first error of the field.
///
/// # References
///
/// Sommeijer, Shampine, Verwer: *RKC: an explicit solver for parabolic PDEs*, 1997, on its
/// estimate of the spectral radius.
pub fn spectral_radius<S: VectorSpace, E>(
    field: &mut impl FnMut(f64, &S) -> Result<S, E>,
    start: Start<'_, S>,
    guess: S,
    iterations: usize,
    measure: &impl Measure<S>,
) -> Result<Spectral<S>, E> {
    let Start { t, y, .. } = start;
    let evaluations = iterations + usize::from(start.slope.is_none());
    let slope = start.slope_or(field)?;
    let delta = measure.rounding().sqrt() * measure.norm(y).max(1.0);
    let mut found = Spectral {
        radius: 0.0,
        direction: normalized(guess, measure),
        evaluations,
    };
    for _ in 0..iterations {
        let moved = field(t, &(y.clone() + found.direction.clone() * delta))?;
        let product = difference(moved, slope.clone()) * delta.recip();
        found.radius = measure.norm(&product);
        if found.radius == 0.0 {
            break; // the field does not change in this direction
        }
        found.direction = product * found.radius.recip();
    }
    Ok(found)
}

fn normalized<S: VectorSpace>(guess: S, measure: &impl Measure<S>) -> S {
    match measure.norm(&guess) {
        0.0 => guess,
        norm => guess * norm.recip(),
    }
}
