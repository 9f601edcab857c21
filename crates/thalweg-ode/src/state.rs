//! What an integrator can advance.

use std::ops::{Add, Mul};

/// A point of a vector space: it adds to another and scales by a number, and nothing else is asked.
///
/// `f64` is one, [`Vector`](crate::Vector) is one, and so is Burn's `Tensor<D>`, as it is. Every
/// type with these operators is, without an `impl`. Integrators clone where they need a state
/// twice, so a type whose clone shares its memory costs nothing extra.
///
/// ```
/// fn middle<S: thalweg_ode::State>(a: S, b: S) -> S {
///     (a + b) * 0.5
/// }
/// assert_eq!(middle(1.0, 3.0), 2.0);
/// ```
pub trait State: Clone + Add<Output = Self> + Mul<f64, Output = Self> {}

impl<S: Clone + Add<Output = S> + Mul<f64, Output = S>> State for S {}

/// `a − b`, which a [`State`] has no operator for.
pub(crate) fn difference<S: State>(a: S, b: S) -> S {
    a + b * -1.0
}

/// `y + k h`, and `y` itself for a weight of zero.
pub(crate) fn add_scaled<S: State>(y: S, k: &S, h: f64) -> S {
    if h == 0.0 { y } else { y + k.clone() * h }
}
