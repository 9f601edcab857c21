//! Several numbers as one state.

use std::ops::{Add, Deref, DerefMut, Mul};

/// A `Vec<f64>` that adds and scales componentwise, which the standard library's does not.
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
/// Adding two of different lengths does.
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
