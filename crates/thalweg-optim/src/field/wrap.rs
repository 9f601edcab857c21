//! Weight decay.

use crate::{Number, Rule, Update};

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
