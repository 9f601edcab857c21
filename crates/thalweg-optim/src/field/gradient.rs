//! The gradient, and its sign.

use crate::{Number, Rule, Update};

/// `θ̇ = −∇L`: gradient flow. Euler's method on it is gradient descent.
///
/// # References
///
/// Cauchy: *Méthode générale pour la résolution des systèmes d'équations simultanées*, 1847. Su
/// Jianlin: *Optimization from a dynamical viewpoint (1)*, kexue.fm/archives/5655, 2018.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gradient;

impl Rule for Gradient {
    const AVERAGES: usize = 0;

    fn update<N: Number>(&self, _: u64) -> impl Update<N> {
        |_: N, gradient: N, _: [&mut N; 2]| gradient
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
    const AVERAGES: usize = 0;

    fn update<N: Number>(&self, _: u64) -> impl Update<N> {
        |_: N, gradient: N, _: [&mut N; 2]| gradient.sign()
    }
}
