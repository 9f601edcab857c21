//! Gradients over the root of a mean, or a sum, of their squares.

use burn::tensor::Tensor;

use super::{Memory, Rule};
use crate::{Direction, Kernel, Real};

/// Where ε stands, which keeps a division from zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Epsilon {
    /// `1 / √(G + ε)`, as in Su Jianlin's derivation.
    Inside(f64),
    /// `1 / (√G + ε)`, as in PyTorch.
    Outside(f64),
}

impl Epsilon {
    /// `g / √G`, kept from zero.
    pub(crate) fn divide<const D: usize>(self, g: Tensor<D>, square: Tensor<D>) -> Tensor<D> {
        let root = match self {
            Self::Inside(epsilon) => square.add_scalar(epsilon).sqrt(),
            Self::Outside(epsilon) => square.sqrt().add_scalar(epsilon),
        };
        g / root
    }

    /// `√G`, kept from zero, for one number: with a zero where ε is not, so that a loop over many
    /// takes one root and no branch.
    pub(crate) fn root<T: Real>(self) -> impl Fn(T) -> T + Copy + Send + Sync {
        let (inside, outside) = match self {
            Self::Inside(epsilon) => (T::of(epsilon), T::ZERO),
            Self::Outside(epsilon) => (T::ZERO, T::of(epsilon)),
        };
        move |square: T| (square + inside).sqrt() + outside
    }
}

/// `G ← λG + (1 − λ)∇L²`, `θ̇ = −∇L/√(G + ε)`, each component by its own: RMSprop.
///
/// As an equation it has no fixed point: where the gradient goes to zero so does `G`, and the speed
/// stays 1. A falling step ends it.
///
/// # References
///
/// Tieleman, Hinton: *Lecture 6.5 — RMSprop*, 2012. Su Jianlin: *Optimization from a dynamical
/// viewpoint (2)*, kexue.fm/archives/6234, 2018.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rms {
    /// λ.
    pub decay: f64,
    /// ε.
    pub epsilon: Epsilon,
}

impl Default for Rms {
    /// `λ = 0.99`, `ε = 10⁻⁸` inside the root.
    fn default() -> Self {
        Self {
            decay: 0.99,
            epsilon: Epsilon::Inside(1e-8),
        }
    }
}

impl Kernel for Rms {
    const AVERAGES: usize = 1;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let (decay, rest) = (T::of(self.decay), T::of(1.0 - self.decay));
        let root = self.epsilon.root();
        move |_: T, gradient: T, [mean, _]: [&mut T; 2]| {
            *mean = *mean * decay + gradient * gradient * rest;
            gradient / root(*mean)
        }
    }
}

impl Rule for Rms {
    type Kernel = Self;

    fn kernel(&self, _: u64) -> Option<Self> {
        Some(*self)
    }

    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        let square = gradient.clone().square().mul_scalar(1.0 - self.decay);
        let mean = match memory.averages.first() {
            Some(mean) => mean.clone().mul_scalar(self.decay) + square,
            None => square,
        };
        let direction = self.epsilon.divide(gradient, mean.clone());
        (direction, memory.next(vec![mean]))
    }

    fn name(&self) -> String {
        format!("Rms with λ = {}", self.decay)
    }

    fn squares(&self) -> bool {
        true
    }
}

/// `G ← G + ∇L²`, `θ̇ = −∇L/(√G + ε)`: slows down for good, and too early where the first gradients
/// were large.
///
/// # References
///
/// Duchi, Hazan, Singer: *Adaptive subgradient methods for online learning and stochastic
/// optimization*, 2011.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adagrad {
    /// ε.
    pub epsilon: Epsilon,
}

impl Default for Adagrad {
    /// `ε = 10⁻¹⁰` outside the root, as PyTorch's.
    fn default() -> Self {
        Self {
            epsilon: Epsilon::Outside(1e-10),
        }
    }
}

impl Kernel for Adagrad {
    const AVERAGES: usize = 1;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let root = self.epsilon.root();
        move |_: T, gradient: T, [sum, _]: [&mut T; 2]| {
            *sum = *sum + gradient * gradient;
            gradient / root(*sum)
        }
    }
}

impl Rule for Adagrad {
    type Kernel = Self;

    fn kernel(&self, _: u64) -> Option<Self> {
        Some(*self)
    }

    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        let square = gradient.clone().square();
        let sum = match memory.averages.first() {
            Some(sum) => sum.clone() + square,
            None => square,
        };
        let direction = self.epsilon.divide(gradient, sum.clone());
        (direction, memory.next(vec![sum]))
    }

    fn squares(&self) -> bool {
        true
    }
}
