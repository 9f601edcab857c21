//! Updates in one pass are those by tensor operations, for every rule, in f32 and f64.

use burn::optim::Optimizer;
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_optim::field::{
    Adagrad, Adam, Adamax, Decay, Epsilon, Gradient, Inertia, Memory, Rms, Sign,
};
use thalweg_optim::{Euler, Rule};

/// More numbers than one thread takes at a time, both signs, and some zeros.
const NUMBERS: usize = 40_000;
const STEPS: usize = 4;
const RATE: f64 = 0.05;

fn numbers(seed: usize, device: &Device, dtype: DType) -> Tensor<2> {
    let value = |i: usize| match (i + seed) % 13 {
        0 => 0.0,
        _ => ((i * 37 + seed * 101) as f64).sin() * 2.0,
    };
    let values: Vec<f64> = (0..NUMBERS).map(value).collect();
    Tensor::from_data(TensorData::new(values, [NUMBERS / 2, 2]), (device, dtype))
}

fn check<R: Rule>(rule: R) {
    assert!(rule.kernel(0).is_some(), "{rule:?} has no kernel");
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-13), (DType::F32, 2e-5)] {
            let euler = Euler::new(rule.clone());
            let (mut found, mut state) = (numbers(0, &device, dtype), None);
            let (mut expected, mut memory) = (numbers(0, &device, dtype), Memory::default());
            for step in 1..=STEPS {
                let gradient = numbers(step, &device, dtype);
                (found, state) = euler.step(RATE, found, gradient.clone(), state);
                let (direction, after) = Rule::direction(&rule, &memory, &expected, gradient);
                expected = expected - direction.mul_scalar(RATE);
                memory = after;
            }
            assert_eq!(found.dtype(), dtype);
            let error = (found - expected).abs().max().into_scalar::<f64>();
            assert!(
                error <= tolerance,
                "{rule:?} is {error:e} off in {dtype:?} on {device:?}"
            );
        }
    }
}

#[test]
fn every_rule_has_a_kernel_that_does_the_same() {
    check(Gradient);
    check(Sign);
    check(Inertia {
        decay: 0.9,
        ahead: false,
    });
    check(Inertia {
        decay: 0.9,
        ahead: true,
    });
    check(Rms::default());
    check(Rms {
        decay: 0.9,
        epsilon: Epsilon::Outside(1e-6),
    });
    check(Adagrad::default());
    check(Adam::default());
    check(Adamax::default());
    check(Decay::coupled(Adam::default(), 0.1));
    check(Decay::decoupled(Adam::default(), 0.1));
}
