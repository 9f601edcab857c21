//! The optimizers that PyTorch has, to 1e-10 of its numbers after 1, 2, 10 and 100 steps.

use crate::common::{Mlp, Reference, assert_near, step};
use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_device::cpu_devices;
use thalweg_optim::field::{
    Adagrad, Adam, Adamax, ClipNorm, Decay, Epsilon, Gradient, Inertia, Rms,
};
use thalweg_optim::{Descent, Euler, Friction, Momentum, Parameters};
use thalweg_optim::{Evaluation, Minimizer, SingleGradient};

const STEPS: [usize; 4] = [1, 2, 10, 100];

/// Runs a method, and compares what `view` shows of the network and the losses with the file's.
fn compare<Z: Minimizer<Mlp>>(
    name: &str,
    rate: f64,
    minimizer: impl Fn() -> Z,
    view: impl Fn(&Z, Mlp) -> Mlp,
) {
    let reference = Reference::open();
    for device in cpu_devices() {
        let [x, y] = reference.data(&device);
        let losses = reference.numbers(&format!("{name}.losses"));
        let (mut minimizer, mut mlp) = (minimizer(), reference.mlp(&device));
        for (index, expected) in losses.iter().enumerate().take(100) {
            let (moved, loss) = step(&mut minimizer, rate, mlp, |mlp| mlp.loss(&x, &y));
            mlp = moved;
            assert_near(&[loss.expect("a step")], &[*expected], 1e-10);
            if STEPS.contains(&(index + 1)) {
                let expected = reference.numbers(&format!("{name}.step{}", index + 1));
                let seen = view(&minimizer, mlp.clone());
                assert_near(&seen.numbers(), &expected, 1e-10);
            }
        }
    }
}

/// As a vector field under Euler's method, and as an optimizer of Burn.
fn compare_rule<R: thalweg_optim::Rule>(name: &str, rate: f64, rule: R) {
    compare(name, rate, || Descent::euler(rule.clone()), |_, mlp| mlp);
    let burn = || SingleGradient::new(Euler::new(rule.clone()));
    compare(name, rate, burn, |_, mlp| mlp);
}

#[test]
fn gradient_descent() {
    compare_rule("sgd", 0.1, Gradient);
}

#[test]
fn gradient_descent_with_weight_decay() {
    compare_rule("sgd_wd", 0.1, Decay::coupled(Gradient, 0.01));
}

#[test]
fn momentum_one_parameter_a_time() {
    let inertia = |ahead| Inertia { decay: 0.9, ahead };
    compare_rule("sgd_momentum", 0.05, inertia(false));
    compare_rule("sgd_nesterov", 0.05, inertia(true));
}

#[test]
fn momentum() {
    let method = || Momentum::heavy_ball(Friction::Decay(0.9));
    compare("sgd_momentum", 0.05, method, |_, mlp| mlp);
}

/// PyTorch keeps the position where the next gradient is taken.
#[test]
fn nesterov() {
    let reference = Reference::open();
    for device in cpu_devices() {
        let [x, y] = reference.data(&device);
        let mut method = Momentum::nesterov(Friction::Decay(0.9));
        let mut mlp = reference.mlp(&device);
        for index in 1..=100 {
            (mlp, _) = step(&mut method, 0.05, mlp, |mlp| mlp.loss(&x, &y));
            if STEPS.contains(&index) {
                let seen = method.ahead(mlp.clone(), 0.05);
                let expected = reference.numbers(&format!("sgd_nesterov.step{index}"));
                assert_near(&seen.numbers(), &expected, 1e-10);
            }
        }
    }
}

#[test]
fn adam() {
    compare_rule("adam", 0.01, Adam::default());
}

#[test]
fn adam_with_weight_decay_in_the_gradient() {
    compare_rule("adam_l2", 0.01, Decay::coupled(Adam::default(), 0.01));
}

#[test]
fn adamw() {
    compare_rule("adamw", 0.01, Decay::decoupled(Adam::default(), 0.01));
}

#[test]
fn adamax() {
    compare_rule("adamax", 0.01, Adamax::default());
}

#[test]
fn rmsprop() {
    let rule = Rms {
        decay: 0.99,
        epsilon: Epsilon::Outside(1e-8),
    };
    compare_rule("rmsprop", 0.01, rule);
}

#[test]
fn adagrad() {
    compare_rule("adagrad", 0.1, Adagrad::default());
}

/// PyTorch adds 1e-6 to the norm, hence the tolerance.
#[test]
fn clipping_by_the_global_norm() {
    let reference = Reference::open();
    for device in cpu_devices() {
        let [x, y] = reference.data(&device);
        let start = reference.mlp(&device);
        let loss = |mlp: &Mlp| -> Tensor<1> { mlp.loss(&x, &y) };
        let evaluation = Evaluation::new(loss(&start), &start).expect("a gradient");
        let norm = Parameters::gradient(&start, evaluation.grads).norm();
        assert_near(&[norm], &reference.numbers("clip.total_norm"), 1e-12);

        let before = start.numbers();
        let mut method = Descent::euler(ClipNorm::new(Gradient, 0.25));
        let (after, _) = step(&mut method, 1.0, start, loss);
        let moved: Vec<f64> = before
            .iter()
            .zip(after.numbers())
            .map(|(b, a)| b - a)
            .collect();
        let names = [
            "0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias",
        ];
        let expected: Vec<f64> = names
            .iter()
            .flat_map(|name| reference.numbers(&format!("clip.grad.{name}")))
            .collect();
        assert_near(&moved, &expected, 1e-5);
        assert!(after.devices().len() == 1);
    }
}
