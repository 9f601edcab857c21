//! Fields around fields.

use crate::{EvaluationError, StateError};
use burn::tensor::Tensor;

use super::{Field, Memory, Point, Rule};
use crate::{Direction, Kernel, Parameters, Real};

/// Weight decay around a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay<R> {
    rule: R,
    rate: f64,
    coupled: bool,
}

impl<R: Rule> Decay<R> {
    /// The rule sees `∇L + λθ`: the gradient of `L + λ‖θ‖²/2`.
    pub fn coupled(rule: R, rate: f64) -> Self {
        Self {
            rule,
            rate,
            coupled: true,
        }
    }

    /// The rule sees `∇L`, and `λθ` is added to what it says: AdamW, around [`Adam`](super::Adam).
    pub fn decoupled(rule: R, rate: f64) -> Self {
        Self {
            rule,
            rate,
            coupled: false,
        }
    }
}

impl<K: Kernel> Kernel for Decay<K> {
    const AVERAGES: usize = K::AVERAGES;

    fn in_type<T: Real>(self) -> impl Direction<T> {
        let (rule, rate, coupled) = (self.rule.in_type(), T::of(self.rate), self.coupled);
        move |theta: T, gradient: T, averages: [&mut T; 2]| {
            let decay = theta * rate;
            match coupled {
                true => rule(theta, gradient + decay, averages),
                false => rule(theta, gradient, averages) + decay,
            }
        }
    }
}

impl<R: Rule> Rule for Decay<R> {
    type Kernel = Decay<R::Kernel>;

    fn kernel(&self, steps: u64) -> Option<Decay<R::Kernel>> {
        Some(Decay {
            rule: self.rule.kernel(steps)?,
            rate: self.rate,
            coupled: self.coupled,
        })
    }

    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        theta: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        let decay = theta.clone().mul_scalar(self.rate);
        if self.coupled {
            return Rule::direction(&self.rule, memory, theta, gradient + decay);
        }
        let (direction, memory) = Rule::direction(&self.rule, memory, theta, gradient);
        (direction + decay, memory)
    }

    /// With its rate where the rule averages it too.
    fn name(&self) -> String {
        let rule = Rule::name(&self.rule);
        match self.coupled && self.rate != 0.0 {
            true => format!("{rule} of gradients with decay {}", self.rate),
            false => rule,
        }
    }

    fn squares(&self) -> bool {
        Rule::squares(&self.rule)
    }
}

/// A field that sees `∇L · min(1, c/‖∇L‖)`, the norm over all parameters together.
///
/// # References
///
/// Pascanu, Mikolov, Bengio: *On the difficulty of training recurrent neural networks*, 2013,
/// algorithm 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipNorm<F> {
    field: F,
    largest: f64,
}

impl<F: Field> ClipNorm<F> {
    /// A field that sees gradients of at most this norm.
    ///
    /// # Panics
    ///
    /// Unless the norm is a positive number.
    pub fn new(field: F, largest: f64) -> Self {
        assert!(
            largest > 0.0,
            "the largest gradient norm must be positive, got {largest}"
        );
        Self { field, largest }
    }
}

impl<F: Field> Field for ClipNorm<F> {
    type Memory = F::Memory;

    fn direction(
        &self,
        memory: &F::Memory,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, F::Memory), EvaluationError> {
        if point.norm <= self.largest {
            return self.field.direction(memory, point, gradient);
        }
        let gradient = gradient.scale_to(self.largest, point.norm);
        let norm = self.largest;
        self.field
            .direction(memory, Point { norm, ..point }, gradient)
    }

    fn name(&self) -> String {
        self.field.name()
    }

    /// The squares of numbers up to the largest norm are finite in every type but f16.
    fn squares(&self) -> bool {
        self.field.squares() && self.largest > 1e15
    }

    fn check_memory(&self, memory: &F::Memory, theta: &Parameters) -> Result<(), StateError> {
        self.field.check_memory(memory, theta)
    }
}
