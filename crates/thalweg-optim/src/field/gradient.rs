//! The gradient, and its sign.

use burn::tensor::Tensor;

use super::{Memory, Rule};

/// `θ̇ = −∇L`: gradient flow. Euler's method on it is gradient descent.
///
/// # References
///
/// Cauchy: *Méthode générale pour la résolution des systèmes d'équations simultanées*, 1847. Su
/// Jianlin: *Optimization from a dynamical viewpoint (1)*, kexue.fm/archives/5655, 2018.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gradient;

impl Rule for Gradient {
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

impl Rule for Sign {
    fn direction<const D: usize>(
        &self,
        _: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        (gradient.sign(), Memory::default())
    }
}
