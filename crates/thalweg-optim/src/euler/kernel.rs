//! Rules as functions of one number.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use thalweg_kernels::{most_double, most_single};

/// `f32` or `f64`.
pub trait Real:
    Copy
    + Debug
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Zero.
    const ZERO: Self;
    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `|x|`.
    fn abs(self) -> Self;
    /// Whether all numbers are finite.
    fn all_finite(x: &[Self]) -> bool;
}

macro_rules! real {
    ($type:ty, $most:ident) => {
        impl Real for $type {
            const ZERO: Self = 0.0;

            fn of(value: f64) -> Self {
                value as $type
            }

            fn sqrt(self) -> Self {
                self.sqrt()
            }

            fn abs(self) -> Self {
                self.abs()
            }

            fn all_finite(x: &[Self]) -> bool {
                Self::from_bits($most(x)).is_finite()
            }
        }
    };
}

real!(f32, most_single);
real!(f64, most_double);

/// A [`Rule`](crate::Rule) for one number at one step, so that where the numbers lie in the host's
/// memory one pass over parameters, gradients and averages makes the whole update.
pub trait Kernel: Copy + Send + Sync {
    /// How many averages the rule keeps, at most 2.
    const AVERAGES: usize;

    /// The rule with its constants in the type of the numbers: converted inside the loop, they
    /// would halve the width of its vectors.
    fn in_type<T: Real>(self) -> impl Direction<T>;
}

/// `d` for a number, its gradient and its averages, which it moves; of these, those that the rule
/// does not keep are left alone.
pub trait Direction<T>: Fn(T, T, [&mut T; 2]) -> T + Copy + Send + Sync {}

impl<T, F: Fn(T, T, [&mut T; 2]) -> T + Copy + Send + Sync> Direction<T> for F {}

/// For a rule that is not written as one.
#[derive(Debug, Clone, Copy)]
pub enum NoKernel {}

impl Kernel for NoKernel {
    const AVERAGES: usize = 0;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        move |_: T, _: T, _: [&mut T; 2]| match self {}
    }
}
