//! The gradient, and its sign.

use std::cmp::Ordering;

use burn::tensor::Tensor;

use super::{Memory, Rule};
use crate::{Direction, Kernel, Real};

/// `θ̇ = −∇L`: gradient flow. Euler's method on it is gradient descent.
///
/// # References
///
/// Cauchy: *Méthode générale pour la résolution des systèmes d'équations simultanées*, 1847. Su
/// Jianlin: *Optimization from a dynamical viewpoint (1)*, kexue.fm/archives/5655, 2018.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gradient;

impl Kernel for Gradient {
    const AVERAGES: usize = 0;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        |_: T, gradient: T, _: [&mut T; 2]| gradient
    }
}

impl Rule for Gradient {
    type Kernel = Self;

    fn kernel(&self, _: u64) -> Option<Self> {
        Some(*self)
    }

    fn direction<const D: usize>(
        &self,
        _: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        (gradient, Memory::default())
    }
}

/// `θ̇ = −sign ∇L`: each component at speed 1, so that `L̇ = −‖∇L‖₁`.
///
/// # References
///
/// Su Jianlin: *Optimization from a dynamical viewpoint (2)*, kexue.fm/archives/6234, 2018.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sign;

impl Kernel for Sign {
    const AVERAGES: usize = 0;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let one = T::of(1.0);
        move |_: T, gradient: T, _: [&mut T; 2]| match gradient.partial_cmp(&T::ZERO) {
            Some(Ordering::Greater) => one,
            Some(Ordering::Less) => -one,
            _ => T::ZERO,
        }
    }
}

impl Rule for Sign {
    type Kernel = Self;

    fn kernel(&self, _: u64) -> Option<Self> {
        Some(*self)
    }

    fn direction<const D: usize>(
        &self,
        _: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        (gradient.sign(), Memory::default())
    }
}
