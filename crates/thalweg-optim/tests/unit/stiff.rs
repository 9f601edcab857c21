//! Stiff problems: where more stages, or an implicit equation, win.

use crate::common::{Position, assert_near, step};
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_ode::{Accuracy, Adaptive, Chebyshev, Method, Solver, Stabilized, Tolerance, tableau};
use thalweg_optim::field::Gradient;
use thalweg_optim::{AdaptiveDescent, Descent, Proximal, largest_curvature};
use thalweg_optim::{Evaluation, EvaluationError, Minimizer};

/// `½ Σ λᵢ xᵢ²`, λ from 1 to 1000.
fn valley(p: &Position) -> Tensor<1> {
    let x = p.x.val();
    let stiffness = Tensor::<1>::from_floats([1.0, 10.0, 100.0, 1000.0], &x.device());
    (x.clone().square() * stiffness.cast(x.dtype()))
        .sum()
        .mul_scalar(0.5)
}

fn start(device: &Device) -> Position {
    Position::at(&[1.0, 1.0, 1.0, 1.0], device)
}

/// Gradients until the loss is a millionth of what it was; the rate is given.
fn gradients(mut method: impl Minimizer<Position>, h: f64) -> usize {
    let (mut position, mut calls) = (start(&Device::default()), 0);
    let mut objective = |p: &Position| {
        calls += 1;
        Evaluation::new(valley(p), p)
    };
    for _ in 0..100_000 {
        let (moved, loss) = method.step(h, position, &mut objective);
        position = moved;
        if loss.expect("a step").read().expect("a loss") < 1111.0 / 2.0 * 1e-6 {
            return calls;
        }
    }
    panic!("no end after {calls} gradients");
}

/// The best fixed step of gradient descent is `2/(μ + L)`.
#[test]
fn chebyshev_needs_a_third_of_the_gradients_of_tuned_descent() {
    let descent = gradients(Descent::euler(Gradient), 2.0 / 1001.0);
    let stages = 16;
    // The second order damps stiff parts by a third a step, the first by a twentieth.
    let method = Chebyshev::new(Accuracy::Second, stages).expect("stages");
    let h = 0.9 * method.stability() / 1000.0;
    let chebyshev = gradients(Descent::new(Gradient, method), h);
    assert!(3 * chebyshev < descent, "{chebyshev} against {descent}");
    println!("{chebyshev} gradients against {descent}");
}

/// `x' = x/(1 + hλ)`, also where gradient descent would explode.
#[test]
fn the_proximal_step_is_that_of_its_formula() {
    for device in cpu_devices() {
        for solver in [
            Solver::newton_krylov(1e-12, 30, 4).expect("settings"),
            Solver::anderson(1e-12, 200, 4).expect("settings"),
        ] {
            let mut method = Proximal::new(Gradient, solver);
            let (moved, loss) = step(&mut method, 1.0, start(&device), valley);
            loss.expect("a step");
            let expected = [1.0 / 2.0, 1.0 / 11.0, 1.0 / 101.0, 1.0 / 1001.0];
            assert_near(&moved.numbers(), &expected, 1e-8);
        }
        let solver = Solver::newton_krylov(1e-12, 30, 4).expect("settings");
        let mut method = Proximal::new(Gradient, solver).trapezoid();
        let (moved, _) = step(&mut method, 0.1, start(&device), valley);
        let expected = [1.0, 10.0, 100.0, 1000.0].map(|l: f64| (1.0 - 0.05 * l) / (1.0 + 0.05 * l));
        assert_near(&moved.numbers(), &expected, 1e-8);
    }
}

#[test]
fn a_solver_that_does_not_arrive_leaves_everything_as_it_was() {
    for device in cpu_devices() {
        // `hλ = 1000`: x ← g(x) diverges.
        let solver = Solver::fixed_point(1e-10, 50).expect("settings");
        let mut method = Proximal::new(Gradient, solver);
        let (same, error) = step(&mut method, 1.0, start(&device), valley);
        assert!(matches!(error, Err(EvaluationError::Step(_))), "{error:?}");
        assert_eq!(same.numbers(), [1.0; 4]);
        // Halved twelve times it converges, and makes the step of that size.
        let mut method = Proximal::new(Gradient, solver).halvings(12);
        let (moved, loss) = step(&mut method, 1.0, start(&device), valley);
        loss.expect("a step");
        assert!(moved.numbers()[3] < 0.9);
    }
}

/// The controller finds the step that stability allows, from one that is far too small, and keeps
/// the curve of gradient flow in between.
#[test]
fn an_adaptive_step_finds_its_size() {
    for device in cpu_devices() {
        let tolerance = Tolerance::new(1e-4, 1e-4).expect("settings");
        let mut method = AdaptiveDescent::new(
            Gradient,
            &tableau::BOGACKI_SHAMPINE,
            Adaptive::pi(tolerance),
            1e-6,
        )
        .expect("settings");
        let mut position = start(&device);
        for _ in 0..60 {
            (position, _) = step(&mut method, 1.0, position, valley);
        }
        let size = method.next_step();
        assert!((1e-3..4e-3).contains(&size), "{size}"); // stability allows 2.5/1000
        assert!(position.numbers()[3].abs() < 1e-3);
        // The step of the trainer is the longest.
        let mut bounded = AdaptiveDescent::new(
            Gradient,
            &tableau::BOGACKI_SHAMPINE,
            Adaptive::pi(tolerance),
            1.0,
        )
        .expect("settings");
        let (moved, _) = step(&mut bounded, 1e-4, start(&device), valley);
        assert_near(&moved.numbers()[..1], &[(-1e-4f64).exp()], 1e-9);
    }
}

#[test]
fn the_largest_curvature_is_found() {
    for device in cpu_devices() {
        let position = start(&device);
        let mut objective = |p: &Position| Evaluation::new(valley(p), p);
        let found = largest_curvature(&position, &mut objective, 12, 0).expect("gradients");
        assert!((found / 1000.0 - 1.0).abs() < 1e-3, "{found}");
    }
}

/// Five stages are stable to 15.6/1000: a step of 1 would explode, and is shortened.
#[test]
fn a_step_is_never_longer_than_the_method_allows() {
    for device in cpu_devices() {
        let stabilized = Stabilized::new(Accuracy::Second, 1000.0, 5).expect("settings");
        let longest = stabilized.largest_step();
        let moved = |h| {
            let mut method = Descent::new(Gradient, stabilized);
            step(&mut method, h, start(&device), valley).0.numbers()
        };
        assert_eq!(moved(1.0), moved(longest));
        assert!(moved(1.0).iter().all(|x| x.abs() < 1.0));
    }
}
