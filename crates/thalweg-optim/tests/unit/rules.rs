//! Every rule obeys the laws, and so does one of a user: Lion.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_optim::field::{Adagrad, Adam, Adamax, Decay, Epsilon, Gradient, Inertia, Rms, Sign};
use thalweg_optim::{Memory, Operand, Rule, Update, rule_laws};

/// `d = sign(β₁m + (1 − β₁)g)`, `m ← β₂m + (1 − β₂)g`.
///
/// Chen and others: *Symbolic discovery of optimization algorithms*, 2023, algorithm 2.
#[derive(Debug, Clone, Copy)]
struct Lion {
    decays: [f64; 2],
}

impl Rule for Lion {
    const AVERAGES: usize = 1;

    fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
        let [beta, beta_mean] = self.decays.map(N::constant);
        let [rest, rest_mean] = self.decays.map(|beta| N::constant(1.0 - beta));
        move |_: N, g: N, [mean, _]: [&mut N; 2]| {
            let direction = (mean.clone() * beta + g.clone() * rest).sign();
            *mean = mean.clone() * beta_mean + g * rest_mean;
            direction
        }
    }
}

const LION: Lion = Lion {
    decays: [0.9, 0.99],
};

const fn inertia(ahead: bool) -> Inertia {
    Inertia { decay: 0.9, ahead }
}

rule_laws! {
    devices: cpu_devices();
    gradient: Gradient;
    sign: Sign;
    momentum: inertia(false);
    nesterov: inertia(true);
    rms: Rms::default();
    rms_outside: Rms { decay: 0.9, epsilon: Epsilon::Outside(1e-6) };
    adagrad: Adagrad::default();
    adam: Adam::default();
    adam_inside: Adam { epsilon: Epsilon::Inside(1e-6), ..Adam::default() };
    adamax: Adamax::default();
    adam_l2: Decay::coupled(Adam::default(), 0.1);
    adamw: Decay::decoupled(Adam::default(), 0.1);
    lion: LION;
    lion_with_decay: Decay::decoupled(LION, 0.1);
}

/// Two steps with the gradients 1 and −0.5: `m₁ = 0.01`, then `0.9 m₁ − 0.05 < 0` and
/// `m₂ = 0.99 m₁ − 0.005`. The decoupled decay adds `0.1 θ`.
#[test]
fn lion_by_hand() {
    let device = Device::default();
    let number = |x: f64| Tensor::<1>::from_data([x], (&device, DType::F64));
    let rule = Decay::decoupled(LION, 0.1);
    let (first, memory) = rule.direction(&Memory::default(), &number(2.0), number(1.0));
    let (second, memory) = rule.direction(&memory, &number(3.0), number(-0.5));
    let near = |found: &Tensor<1>, expected: f64| {
        let found = found.clone().into_scalar::<f64>();
        assert!((found - expected).abs() < 1e-15, "{found}, not {expected}");
    };
    near(&first, 1.2);
    near(&second, -0.7);
    near(&memory.averages[0], 0.0099 - 0.005);
}
