//! Means of the gradient over those of its size.

use super::Epsilon;
use crate::{Operand, Rule, Update};

/// `m ← β₁m + (1 − β₁)∇L`, `v ← β₂v + (1 − β₂)∇L²`, `θ̇ = −m̂/(√v̂ + ε)`, where `m̂ = m/(1 − β₁ᵗ)`
/// and `v̂ = v/(1 − β₂ᵗ)` correct the start from zero.
///
/// With a [`Decay::decoupled`](super::Decay::decoupled) around it, it is AdamW.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::field::{Adam, Decay};
/// use thalweg_optim::{Descent, Euler, Evaluation, Minimizer};
///
/// // Whatever the gradient's size, the first step is as long as the rate.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let mut minimizer = Descent::euler(Adam::default()); // of the `Trainer`
/// let (model, _) = minimizer.step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-5);
///
/// let adamw = Euler::new(Decay::decoupled(Adam::default(), 0.01)).init(); // of Burn
/// # let _ = adamw;
/// ```
///
/// # References
///
/// Kingma, Ba: *Adam: a method for stochastic optimization*, 2015, algorithm 1. Loshchilov, Hutter:
/// *Decoupled weight decay regularization*, 2019.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// `[β₁, β₂]`.
    pub decays: [f64; 2],
    /// ε, by default outside the root as in the paper.
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

/// `1/(1 − βᵗ)`: the correction of an average that starts from zero, at step `t`.
fn correction(beta: f64, step: u64) -> f64 {
    (1.0 - beta.powf(step as f64)).recip()
}

impl Rule for Adam {
    const AVERAGES: usize = 2;

    fn update<N: Operand>(&self, step: u64) -> impl Update<N> {
        let [beta, beta_square] = self.decays.map(N::constant);
        let [rest, rest_square] = self.decays.map(|beta| N::constant(1.0 - beta));
        let corrections = self.decays.map(|beta| N::constant(correction(beta, step)));
        let [correction, correction_square] = corrections;
        let root = self.epsilon.root();
        move |_: N, gradient: N, [mean, square]: [&mut N; 2]| {
            *mean = mean.clone() * beta + gradient.clone() * rest;
            *square = square.clone() * beta_square + gradient.square() * rest_square;
            mean.clone() * correction / root(square.clone() * correction_square)
        }
    }

    /// Both corrections belong to their `β`.
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
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Adamax};
///
/// // Whatever the gradient's size, the first step is as long as the rate.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let (model, _) = Descent::euler(Adamax::default()).step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-5);
/// ```
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

impl Rule for Adamax {
    const AVERAGES: usize = 2;

    fn update<N: Operand>(&self, step: u64) -> impl Update<N> {
        let [beta, beta_largest] = self.decays.map(N::constant);
        let rest = N::constant(1.0 - self.decays[0]);
        let correction = N::constant(correction(self.decays[0], step));
        let epsilon = N::constant(self.epsilon);
        move |_: N, gradient: N, [mean, largest]: [&mut N; 2]| {
            *mean = mean.clone() * beta + gradient.clone() * rest;
            *largest = (largest.clone() * beta_largest).max(gradient.abs().plus(epsilon));
            mean.clone() * correction / largest.clone()
        }
    }

    fn name(&self) -> String {
        let [beta, beta_largest] = self.decays;
        format!("Adamax with β = ({beta}, {beta_largest})")
    }
}
