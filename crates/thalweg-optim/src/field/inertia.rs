//! Momentum with one parameter a time.

use burn::tensor::Tensor;

use super::{Memory, Rule};
use crate::{Direction, Kernel, Real};

/// `b ← βb + ∇L`, `d = b`, or `d = ∇L + βb` ahead: momentum and Nesterov's method as PyTorch writes
/// them, with `b = −v/h`.
///
/// With a step that does not change these are [`Momentum`](crate::Momentum)'s numbers (those of
/// Nesterov at the point ahead). When the step changes, the way already gained changes with it,
/// which is not what a rolling body does: there [`Momentum`](crate::Momentum) is right. In this
/// form it is an optimizer of Burn, see [`Euler`](crate::Euler).
///
/// # References
///
/// Sutskever, Martens, Dahl, Hinton: *On the importance of initialization and momentum in deep
/// learning*, 2013.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inertia {
    /// β.
    pub decay: f64,
    /// Whether the gradient is that of the point ahead.
    pub ahead: bool,
}

impl Kernel for Inertia {
    const AVERAGES: usize = 1;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let (decay, ahead) = (T::of(self.decay), self.ahead);
        move |_: T, gradient: T, [buffer, _]: [&mut T; 2]| {
            *buffer = *buffer * decay + gradient;
            match ahead {
                true => gradient + *buffer * decay,
                false => *buffer,
            }
        }
    }
}

impl Rule for Inertia {
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
        let buffer = match memory.averages.first() {
            Some(buffer) => buffer.clone().mul_scalar(self.decay) + gradient.clone(),
            None => gradient.clone(),
        };
        let direction = match self.ahead {
            true => gradient + buffer.clone().mul_scalar(self.decay),
            false => buffer.clone(),
        };
        (direction, memory.next(vec![buffer]))
    }

    fn name(&self) -> String {
        format!("Inertia with β = {}", self.decay)
    }
}
