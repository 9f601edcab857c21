//! Means of the gradient over those of its size.

use burn::tensor::Tensor;

use super::{Epsilon, Memory, Rule};
use crate::{Direction, Kernel, Real};

/// `m ← β₁m + (1 − β₁)∇L`, `v ← β₂v + (1 − β₂)∇L²`, `θ̇ = −m̂/(√v̂ + ε)`, where `m̂ = m/(1 − β₁ᵗ)`
/// and `v̂ = v/(1 − β₂ᵗ)` undo the start from zero.
///
/// With a [`Decay::decoupled`](super::Decay::decoupled) around it, it is AdamW.
///
/// # References
///
/// Kingma, Ba: *Adam: a method for stochastic optimization*, 2015, algorithm 1. Loshchilov, Hutter:
/// *Decoupled weight decay regularization*, 2019.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// `[β₁, β₂]`.
    pub decays: [f64; 2],
    /// ε, outside the root as in the paper unless said otherwise.
    pub epsilon: Epsilon,
}

impl Default for Adam {
    /// `β = (0.9, 0.999)`, `ε = 10⁻⁸`.
    fn default() -> Self {
        Self {
            decays: [0.9, 0.999],
            epsilon: Epsilon::Outside(1e-8),
        }
    }
}

/// `β a + (1 − β) x`, from zero on.
fn average<const D: usize>(before: Option<&Tensor<D>>, beta: f64, x: Tensor<D>) -> Tensor<D> {
    let x = x.mul_scalar(1.0 - beta);
    match before {
        Some(before) => before.clone().mul_scalar(beta) + x,
        None => x,
    }
}

/// What an average from zero on has to be multiplied by after so many steps.
fn correction(beta: f64, steps: u64) -> f64 {
    (1.0 - beta.powf(steps as f64)).recip()
}

/// [`Adam`] at one step, or [`Adamax`], with the corrections of the step.
#[derive(Debug, Clone, Copy)]
pub struct AtStep<R> {
    rule: R,
    correction: f64,
    correction_square: f64,
}

impl Kernel for AtStep<Adam> {
    const AVERAGES: usize = 2;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let [beta, beta_square] = self.rule.decays.map(T::of);
        let [rest, rest_square] = self.rule.decays.map(|beta| T::of(1.0 - beta));
        let correction = T::of(self.correction);
        let correction_square = T::of(self.correction_square);
        let root = self.rule.epsilon.root();
        move |_: T, gradient: T, [mean, square]: [&mut T; 2]| {
            *mean = *mean * beta + gradient * rest;
            *square = *square * beta_square + gradient * gradient * rest_square;
            *mean * correction / root(*square * correction_square)
        }
    }
}

impl Rule for Adam {
    type Kernel = AtStep<Self>;

    fn kernel(&self, steps: u64) -> Option<AtStep<Self>> {
        Some(AtStep {
            rule: *self,
            correction: correction(self.decays[0], steps + 1),
            correction_square: correction(self.decays[1], steps + 1),
        })
    }

    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        let [beta, beta_square] = self.decays;
        let [first, second] = [memory.averages.first(), memory.averages.get(1)];
        let mean = average(first, beta, gradient.clone());
        let square = average(second, beta_square, gradient.square());
        let steps = memory.steps + 1;
        let unbiased = mean.clone().mul_scalar(correction(beta, steps));
        let size = square.clone().mul_scalar(correction(beta_square, steps));
        let direction = self.epsilon.divide(unbiased, size);
        (direction, memory.next(vec![mean, square]))
    }

    /// The corrections of the start are those of one β.
    fn name(&self) -> String {
        let [beta, beta_square] = self.decays;
        format!("Adam with β = ({beta}, {beta_square})")
    }

    fn squares(&self) -> bool {
        true
    }
}

/// `m` as for [`Adam`], `u ← max(β₂u, |∇L| + ε)`, `θ̇ = −m̂/u`: the size by a decaying maximum.
///
/// The optimizer of Glow's code.
///
/// # References
///
/// Kingma, Ba: *Adam: a method for stochastic optimization*, 2015, algorithm 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adamax {
    /// `[β₁, β₂]`.
    pub decays: [f64; 2],
    /// ε.
    pub epsilon: f64,
}

impl Default for Adamax {
    /// `β = (0.9, 0.999)`, `ε = 10⁻⁸`.
    fn default() -> Self {
        Self {
            decays: [0.9, 0.999],
            epsilon: 1e-8,
        }
    }
}

impl Kernel for AtStep<Adamax> {
    const AVERAGES: usize = 2;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let [beta, beta_largest] = self.rule.decays.map(T::of);
        let rest = T::of(1.0 - self.rule.decays[0]);
        let (epsilon, correction) = (T::of(self.rule.epsilon), T::of(self.correction));
        move |_: T, gradient: T, [mean, largest]: [&mut T; 2]| {
            *mean = *mean * beta + gradient * rest;
            let (decayed, size) = (*largest * beta_largest, gradient.abs() + epsilon);
            *largest = if decayed > size { decayed } else { size };
            *mean * correction / *largest
        }
    }
}

impl Rule for Adamax {
    type Kernel = AtStep<Self>;

    fn kernel(&self, steps: u64) -> Option<AtStep<Self>> {
        Some(AtStep {
            rule: *self,
            correction: correction(self.decays[0], steps + 1),
            correction_square: 1.0,
        })
    }

    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        _: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        let [beta, beta_largest] = self.decays;
        let size = gradient.clone().abs().add_scalar(self.epsilon);
        let mean = average(memory.averages.first(), beta, gradient);
        let largest = match memory.averages.get(1) {
            Some(largest) => largest.clone().mul_scalar(beta_largest).max_pair(size),
            None => size,
        };
        let unbiased = mean.clone().mul_scalar(correction(beta, memory.steps + 1));
        let direction = unbiased / largest.clone();
        (direction, memory.next(vec![mean, largest]))
    }

    fn name(&self) -> String {
        let [beta, beta_largest] = self.decays;
        format!("Adamax with β = ({beta}, {beta_largest})")
    }
}
