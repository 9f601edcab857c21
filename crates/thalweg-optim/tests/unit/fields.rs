//! Fields against numbers worked out by hand.

use crate::common::{Position, assert_near, step};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_ode::tableau;
use thalweg_optim::EvaluationError;
use thalweg_optim::field::{
    ClipNorm, Decay, Epsilon, Gradient, Groups, Normalized, Polyak, Rms, ScalarRms, Sign,
};
use thalweg_optim::{Descent, Field};

/// `x²/2 + 2 y²`, whose gradient at (3, 1) is (3, 4), of norm 5; its value there is 6.5.
fn bowl(position: &Position) -> Tensor<1> {
    let weights = Tensor::from_floats([0.5, 2.0], &position.x.val().device());
    let weights = weights.cast(position.x.val().dtype());
    (position.x.val().square() * weights).sum()
}

fn after<F: Field>(field: F, h: f64, device: &Device) -> Vec<f64> {
    let start = Position::at(&[3.0, 1.0], device);
    let (moved, loss) = step(&mut Descent::euler(field), h, start, bowl);
    assert_near(&[loss.expect("a step")], &[6.5], 1e-12);
    moved.numbers()
}

#[test]
fn each_field_points_where_its_formula_says() {
    for device in cpu_devices() {
        let near = |found: Vec<f64>, expected: [f64; 2]| assert_near(&found, &expected, 1e-12);
        near(after(Gradient, 0.1, &device), [2.7, 0.6]);
        near(after(Sign, 0.1, &device), [2.9, 0.9]);
        near(after(Normalized, 0.5, &device), [2.7, 0.6]);
        // 6.5/25 of the gradient.
        near(
            after(
                Polyak {
                    bound: f64::INFINITY,
                },
                0.5,
                &device,
            ),
            [2.61, 0.48],
        );
        // Bounded: 0.1 · 6.5/5 of the gradient, the speed 0.1 · L.
        near(
            after(Polyak { bound: 0.1 }, 1.0, &device),
            [3.0 - 0.39, 1.0 - 0.52],
        );
        // G = (1 − λ) g², so each component moves by h/√(1 − λ).
        let rms = Rms {
            decay: 0.75,
            epsilon: Epsilon::Inside(0.0),
        };
        near(after(rms, 0.1, &device), [2.8, 0.8]);
        // G = (1 − λ) 25 = 6.25.
        let scalar = ScalarRms {
            decay: 0.75,
            epsilon: 0.0,
        };
        near(after(scalar, 0.25, &device), [2.7, 0.6]);
        near(
            after(ClipNorm::new(Gradient, 2.5), 0.2, &device),
            [2.7, 0.6],
        );
        near(
            after(ClipNorm::new(Gradient, 50.0), 0.1, &device),
            [2.7, 0.6],
        );
        near(after(Decay::coupled(Sign, 1.0), 0.1, &device), [2.9, 0.9]);
        near(after(Decay::decoupled(Sign, 1.0), 0.1, &device), [2.6, 0.8]);
    }
}

#[test]
fn epsilon_stands_inside_or_outside_the_root() {
    for device in cpu_devices() {
        let moved = |epsilon| {
            let rms = Rms {
                decay: 0.0,
                epsilon,
            };
            let [start, found] = [3.0, after(rms, 1.0, &device)[0]];
            start - found
        };
        assert_near(&[moved(Epsilon::Inside(7.0))], &[3.0 / 16f64.sqrt()], 1e-12);
        assert_near(&[moved(Epsilon::Outside(7.0))], &[3.0 / 10.0], 1e-12);
    }
}

/// The stages see one field: a second stage that moved the average itself would forget the first.
#[test]
fn memory_moves_once_a_step() {
    for device in cpu_devices() {
        let rms = Rms {
            decay: 0.5,
            epsilon: Epsilon::Inside(0.0),
        };
        let mut method = Descent::new(rms, &tableau::HEUN);
        let position = Position::at(&[1.0], &device);
        let loss = |p: &Position| p.x.val().square().sum().mul_scalar(0.5);
        let (_, _) = step(&mut method, 0.1, position, loss);
        let memory = method.memory();
        assert_eq!(memory[0].steps, 1);
        assert_near(
            &crate::common::host(memory[0].averages[0].clone()),
            &[0.5],
            1e-12,
        );
    }
}

#[test]
fn a_method_of_s_stages_takes_s_gradients() {
    let device = Device::default();
    for tableau in [&tableau::EULER, &tableau::HEUN, &tableau::RK4] {
        let mut calls = 0;
        let position = Position::at(&[1.0, 2.0], &device);
        let mut method = Descent::new(Gradient, tableau);
        let (_, result) = thalweg_optim::Minimizer::step(&mut method, 0.1, position, &mut |p| {
            calls += 1;
            thalweg_optim::Evaluation::new(bowl(p), p)
        });
        result.expect("a step");
        assert_eq!(calls, tableau.stages(), "{}", tableau.name);
    }
}

/// RK4 on `θ̇ = −θ` is the Taylor polynomial of `e⁻ʰ`.
#[test]
fn runge_kutta_follows_gradient_flow() {
    for device in cpu_devices() {
        let position = Position::at(&[1.0], &device);
        let loss = |p: &Position| p.x.val().square().sum().mul_scalar(0.5);
        let (moved, _) = step(
            &mut Descent::new(Gradient, &tableau::RK4),
            0.5,
            position,
            loss,
        );
        let h: f64 = 0.5;
        let expected = 1.0 - h + h * h / 2.0 - h.powi(3) / 6.0 + h.powi(4) / 24.0;
        assert_near(&moved.numbers(), &[expected], 1e-14);
    }
}

#[test]
fn a_gradient_that_is_not_finite_leaves_everything_as_it_was() {
    for device in cpu_devices() {
        let rms = Rms::default();
        let mut method = Descent::euler(rms);
        // √x at 0: the value is finite, the slope is not.
        let start = Position::at(&[0.0, 4.0], &device);
        let (after, error) = step(&mut method, 0.1, start, |p| p.x.val().sqrt().sum());
        assert!(
            matches!(error, Err(EvaluationError::NonFiniteGradient { .. })),
            "{error:?}"
        );
        assert_eq!(after.numbers(), [0.0, 4.0]);
        assert!(method.memory().is_empty());
    }
}

#[test]
fn groups_have_rates_and_decays_of_their_own() {
    #[derive(Module, Debug)]
    struct Two {
        slow: Position,
        fast: Position,
    }
    for device in cpu_devices() {
        let two = Two {
            slow: Position::at(&[3.0, 1.0], &device),
            fast: Position::at(&[3.0, 1.0], &device),
        };
        let field = Groups::new(Gradient, &two)
            .rates(|path| if path == "slow.x" { 0.0 } else { 2.0 })
            .decays(|path| if path.starts_with("fast") { 1.0 } else { 0.0 });
        let (moved, _) = step(&mut Descent::euler(field), 0.1, two, |two| {
            bowl(&two.slow) + bowl(&two.fast)
        });
        assert_eq!(moved.slow.numbers(), [3.0, 1.0]);
        // 0.1 (2 (3, 4) + (3, 1)).
        assert_near(&moved.fast.numbers(), &[2.1, 0.1], 1e-12);
    }
}

#[test]
fn a_gradient_of_zero_stays() {
    for device in cpu_devices() {
        let flat = |p: &Position| (p.x.val() * 0.0).sum().add_scalar(1.0);
        let start = || Position::at(&[2.0], &device);
        let (after, _) = step(&mut Descent::euler(Normalized), 0.1, start(), flat);
        assert_eq!(after.numbers(), [2.0]);
        let polyak = Polyak {
            bound: f64::INFINITY,
        };
        let (after, _) = step(&mut Descent::euler(polyak), 0.1, start(), flat);
        assert_eq!(after.numbers(), [2.0]);
    }
}

#[test]
#[should_panic(expected = "must be positive, got 0")]
fn a_norm_of_zero() {
    ClipNorm::new(Gradient, 0.0);
}
