//! Momentum as leapfrog, and its relatives.

use crate::common::{Position, assert_near, step};
use burn::tensor::Tensor;
use thalweg_device::cpu_devices;
use thalweg_ode::Leapfrog;
use thalweg_optim::{Friction, Momentum};

/// The decay for a rate is the one of the leapfrog step of that friction and rate.
#[test]
fn physical_friction_is_that_of_leapfrog() {
    for (friction, time) in [(0.0, 0.3), (1.0, 0.1), (7.0, 0.2), (0.01, 2.0)] {
        let step = Leapfrog::from_friction(friction, time).expect("settings");
        let decay = Friction::Physical(friction).decay(step.alpha());
        assert_near(&[decay], &[step.beta()], 1e-12);
    }
    assert_eq!(Friction::Physical(3.0).decay(0.0), 1.0);
}

/// With the friction kept, `1 − β` goes like the root of the step: the rule of the blog.
#[test]
fn the_rule_for_a_falling_step_keeps_the_friction() {
    let (beta, alpha) = (0.99, 1e-4);
    let friction = Leapfrog::new(beta, alpha).expect("settings").friction();
    for factor in [1.0, 0.5, 0.1, 0.01] {
        let scaled = Friction::Scaled {
            decay: beta,
            step: alpha,
        }
        .decay(factor * alpha);
        assert_near(&[scaled], &[1.0 - (1.0 - beta) * factor.sqrt()], 1e-15);
        let physical = Friction::Physical(friction).decay(factor * alpha);
        assert_near(&[1.0 - scaled], &[1.0 - physical], 1e-4);
        assert!(((1.0 - scaled) / (1.0 - physical) - 1.0).abs() < 0.01);
    }
    assert_eq!(Friction::Decay(beta).decay(7.0), beta);
}

fn bowl(p: &Position) -> Tensor<1> {
    p.x.val().square().sum().mul_scalar(0.5)
}

/// Two steps on `θ²/2` from 1 with α = 0.1 and β = 0.5, by hand.
#[test]
fn two_steps_by_hand() {
    for device in cpu_devices() {
        let two = |mut method: Momentum| {
            let start = Position::at(&[1.0], &device);
            let (one, _) = step(&mut method, 0.1, start, bowl);
            let (two, loss) = step(&mut method, 0.1, one, bowl);
            (two.numbers()[0], loss.expect("a step"))
        };
        // v₁ = −0.1, θ₁ = 0.9; then the gradient at θ₁ + c v₁.
        let by_hand = |ahead: f64| {
            let there: f64 = 0.9 - 0.1 * ahead;
            (0.9 - 0.05 - 0.1 * there, 0.5 * there * there)
        };
        let beta = Friction::Decay(0.5);
        for (method, ahead) in [
            (Momentum::heavy_ball(beta), 0.0),
            (Momentum::nesterov(beta), 0.5),
            (Momentum::midpoint(beta), 0.25),
        ] {
            let ((found, loss), (expected, loss_there)) = (two(method), by_hand(ahead));
            assert_near(&[found, loss], &[expected, loss_there], 1e-14);
        }
    }
}

/// Without friction leapfrog keeps the energy to `O(γ²)`, for ever: it oscillates and does not
/// stop, as the blog says of λ = 0.
#[test]
fn without_friction_it_does_not_stop() {
    for device in cpu_devices() {
        let mut method = Momentum::heavy_ball(Friction::Physical(0.0));
        let mut position = Position::at(&[1.0], &device);
        let mut largest: f64 = 0.0;
        for index in 0..500 {
            (position, _) = step(&mut method, 0.01, position, bowl);
            if index >= 400 {
                largest = largest.max(position.numbers()[0].abs());
            }
        }
        assert!((0.98..1.02).contains(&largest), "{largest}");
    }
}
