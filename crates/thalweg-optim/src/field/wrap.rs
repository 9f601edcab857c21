//! Fields around fields.

use crate::{EvaluationError, Field, Number, Parameters, Point, Rule, StateError, Update};

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

    /// The rule sees `∇L`, and `λθ` is added to its direction: AdamW, around [`Adam`](super::Adam).
    pub fn decoupled(rule: R, rate: f64) -> Self {
        Self {
            rule,
            rate,
            coupled: false,
        }
    }
}

impl<R: Rule> Rule for Decay<R> {
    const AVERAGES: usize = R::AVERAGES;

    fn update<N: Number>(&self, step: u64) -> impl Update<N> {
        let (rule, coupled) = (self.rule.update(step), self.coupled);
        let rate = N::constant(self.rate);
        move |theta: N, gradient: N, averages: [&mut N; 2]| {
            let decay = theta.clone() * rate;
            match coupled {
                true => rule(theta, gradient + decay, averages),
                false => rule(theta, gradient, averages) + decay,
            }
        }
    }

    /// With the rate where the rule averages the decay too.
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

/// A field that sees `∇L · min(1, c/‖∇L‖)`, with the norm over all parameters.
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

    /// The squares of numbers up to the largest norm are finite in f32 and f64.
    fn squares(&self) -> bool {
        self.field.squares() && self.largest > 1e15
    }

    fn check_memory(&self, memory: &F::Memory, theta: &Parameters) -> Result<(), StateError> {
        self.field.check_memory(memory, theta)
    }
}
