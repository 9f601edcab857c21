//! Inner products and norms, where a method needs them.

use crate::state::VectorSpace;
use crate::{Tolerance, Vector};

/// The size of a state, for adaptive steps and implicit solvers. Explicit steps need none.
///
/// Any closure `Fn(&S, &S) -> f64` that returns an inner product is a measure, for example of
/// tensors:
///
/// ```
/// use thalweg_ode::{Measure, Tolerance};
///
/// // For Burn: |a: &Tensor<1>, b: &Tensor<1>| (a.clone() * b.clone()).mean().into_scalar()
/// let dot = |a: &f64, b: &f64| a * b;
/// let tolerance = Tolerance::new(1e-3, 1e-2)?;
/// assert!((dot.scaled_error(&0.022, &1.0, &2.1, tolerance) - 1.0).abs() < 1e-15);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// [`Componentwise`] is for states with their components on the host.
pub trait Measure<S> {
    /// The inner product `⟨a, b⟩`.
    fn dot(&self, a: &S, b: &S) -> f64;

    /// The norm `√⟨a, a⟩`. Where the square overflows or vanishes, the state is scaled first, so that
    /// only the norm itself can overflow or vanish.
    fn norm(&self, a: &S) -> f64
    where
        S: VectorSpace,
    {
        // Of f32, as tensors are, and of f64.
        const EXPONENTS: [i32; 2] = [66, 530];
        // Below this, a square has lost digits.
        const SMALLEST: f64 = 1e-290;
        let square = self.dot(a, a);
        let direction = match square {
            square if (SMALLEST..f64::INFINITY).contains(&square) => return square.sqrt(),
            square if square < SMALLEST => 1,
            _ => -1,
        };
        let scaled = EXPONENTS.into_iter().map(|exponent| {
            let scale = 2f64.powi(direction * exponent);
            let scaled = a.clone() * scale;
            self.dot(&scaled, &scaled).sqrt() / scale
        });
        let mut norms = scaled.filter(|norm| *norm > 0.0 && norm.is_finite());
        norms.next().unwrap_or(square.sqrt())
    }

    /// An estimated error in units of the tolerance; a step is good up to 1.
    ///
    /// By default `‖e‖ / (absolute + relative · max(‖before‖, ‖after‖))`: the absolute tolerance
    /// bounds the norm of the whole state.
    fn scaled_error(&self, error: &S, before: &S, after: &S, tolerance: Tolerance) -> f64
    where
        S: VectorSpace,
    {
        let size = self.norm(before).max(self.norm(after));
        // `max` ignores a NaN, so the state after the step is checked on its own.
        match self.is_finite(after) {
            true => self.norm(error) / tolerance.at(size),
            false => f64::NAN,
        }
    }

    /// Whether no component is infinite or NaN; by default whether the norm is neither.
    fn is_finite(&self, y: &S) -> bool
    where
        S: VectorSpace,
    {
        self.norm(y).is_finite()
    }

    /// The relative rounding of the state's numbers. Finite differences choose their distance by it.
    /// That of `f64` by default, that of `f32` in [`SinglePrecision`].
    fn rounding(&self) -> f64 {
        f64::EPSILON
    }
}

impl<S, F: Fn(&S, &S) -> f64> Measure<S> for F {
    fn dot(&self, a: &S, b: &S) -> f64 {
        self(a, b)
    }
}

/// A measure of states of `f32`.
///
/// The finite differences of the Newton-Krylov solver and of
/// [`spectral_radius`](crate::spectral_radius) then go further from the state, so that rounding
/// does not hide the difference.
///
/// ```
/// use thalweg_ode::{Measure, SinglePrecision};
///
/// let measure = SinglePrecision(|a: &f64, b: &f64| a * b);
/// assert_eq!(measure.rounding(), f64::from(f32::EPSILON));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SinglePrecision<M>(pub M);

impl<S, M: Measure<S>> Measure<S> for SinglePrecision<M> {
    fn dot(&self, a: &S, b: &S) -> f64 {
        self.0.dot(a, b)
    }

    fn norm(&self, a: &S) -> f64
    where
        S: VectorSpace,
    {
        self.0.norm(a)
    }

    fn scaled_error(&self, error: &S, before: &S, after: &S, tolerance: Tolerance) -> f64
    where
        S: VectorSpace,
    {
        self.0.scaled_error(error, before, after, tolerance)
    }

    fn is_finite(&self, y: &S) -> bool
    where
        S: VectorSpace,
    {
        self.0.is_finite(y)
    }

    fn rounding(&self) -> f64 {
        f64::from(f32::EPSILON)
    }
}

/// A state that shows its numbers one by one.
///
/// ```
/// use thalweg_ode::{Components, Componentwise, Measure};
///
/// struct Pair([f64; 2]);
///
/// impl Components for Pair {
///     fn components(&self) -> &[f64] {
///         &self.0
///     }
/// }
/// assert_eq!(Componentwise.dot(&Pair([1.0, 2.0]), &Pair([3.0, 4.0])), 11.0);
/// ```
pub trait Components {
    /// The numbers.
    fn components(&self) -> &[f64];
}

impl Components for f64 {
    fn components(&self) -> &[f64] {
        std::slice::from_ref(self)
    }
}

impl Components for Vector {
    fn components(&self) -> &[f64] {
        self
    }
}

/// The Euclidean inner product, and the error of each component against its own size.
///
/// `scaled_error = √(1/n Σᵢ (eᵢ / (absolute + relative · max(|beforeᵢ|, |afterᵢ|)))²)`.
///
/// ```
/// use thalweg_ode::{Componentwise, Measure, Tolerance, Vector};
///
/// // Each error is one hundredth of its own component, and so at the tolerance.
/// let (y, error) = (Vector::from([1.0, 1000.0]), Vector::from([0.01, 10.0]));
/// let tolerance = Tolerance::new(1e-12, 0.01)?;
/// assert!((Componentwise.scaled_error(&error, &y, &y, tolerance) - 1.0).abs() < 1e-9);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Hairer, Nørsett, Wanner: *Solving ordinary differential equations I*, 1993, section II.4,
/// equations (4.10) and (4.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Componentwise;

impl<S: Components> Measure<S> for Componentwise {
    fn dot(&self, a: &S, b: &S) -> f64 {
        let pairs = a.components().iter().zip(b.components());
        pairs.map(|(a, b)| a * b).sum()
    }

    fn scaled_error(&self, error: &S, before: &S, after: &S, tolerance: Tolerance) -> f64 {
        let error = error.components();
        if error.is_empty() {
            return 0.0;
        }
        let sizes = before.components().iter().zip(after.components());
        let squares = error.iter().zip(sizes).map(|(e, (before, after))| {
            let size = match after.is_finite() {
                true => before.abs().max(after.abs()),
                false => return f64::NAN,
            };
            (e / tolerance.at(size)).powi(2)
        });
        (squares.sum::<f64>() / error.len() as f64).sqrt()
    }

    fn is_finite(&self, y: &S) -> bool {
        y.components().iter().all(|component| component.is_finite())
    }
}
