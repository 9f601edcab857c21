//! The states that an integrator can advance.

use std::ops::{Add, Deref, DerefMut, Mul};

/// A point of a vector space: it adds to another and scales by a number. Nothing else is needed.
///
/// `f64`, [`Vector`] and Burn's `Tensor<D>` are states: every type with these operators is one,
/// without an `impl`. Integrators clone where they need a state twice, so a type whose clone shares
/// its memory costs nothing extra.
///
/// ```
/// fn middle<S: thalweg_ode::VectorSpace>(a: S, b: S) -> S {
///     (a + b) * 0.5
/// }
/// assert_eq!(middle(1.0, 3.0), 2.0);
/// ```
pub trait VectorSpace: Clone + Add<Output = Self> + Mul<f64, Output = Self> {}

impl<S: Clone + Add<Output = S> + Mul<f64, Output = S>> VectorSpace for S {}

/// `a − b`: a [`VectorSpace`] has no operator for it.
pub(crate) fn difference<S: VectorSpace>(a: S, b: S) -> S {
    a + b * -1.0
}

/// `y + k h`, and `y` itself for a weight of zero.
pub(crate) fn add_scaled<S: VectorSpace>(y: S, k: &S, h: f64) -> S {
    if h == 0.0 { y } else { y + k.clone() * h }
}

/// A `Vec<f64>` that adds and scales componentwise, unlike the standard library's.
///
/// It reads as a slice.
///
/// ```
/// use thalweg_ode::Vector;
///
/// let sum = Vector::from(vec![1.0, 2.0]) + Vector::from([10.0, 20.0]) * 0.5;
/// assert_eq!(sum[..], [6.0, 12.0]);
/// ```
///
/// # Panics
///
/// Vectors of different lengths panic when they are added.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vector(pub Vec<f64>);

impl From<Vec<f64>> for Vector {
    fn from(components: Vec<f64>) -> Self {
        Self(components)
    }
}

impl<const N: usize> From<[f64; N]> for Vector {
    fn from(components: [f64; N]) -> Self {
        Self(components.to_vec())
    }
}

impl FromIterator<f64> for Vector {
    fn from_iter<I: IntoIterator<Item = f64>>(components: I) -> Self {
        Self(components.into_iter().collect())
    }
}

impl Deref for Vector {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl DerefMut for Vector {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}

impl Add for Vector {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        assert_eq!(
            self.len(),
            other.len(),
            "only vectors of one length can be added"
        );
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a += b;
        }
        self
    }
}

impl Mul<f64> for Vector {
    type Output = Self;

    fn mul(mut self, factor: f64) -> Self {
        for a in &mut self.0 {
            *a *= factor;
        }
        self
    }
}
