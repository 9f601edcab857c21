//! A run that stops and goes on is the run that did not stop, to the bit.

use crate::common::{Position, step};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_ode::{Adaptive, Tolerance};
use thalweg_optim::field::{Adam, Gradient, Polyak, ScalarRms};
use thalweg_optim::{AdaptiveDescent, Descent, Euler, Friction, Langevin, Momentum, Underdamped};
use thalweg_optim::{Evaluation, Minimizer, State, Stateful};

fn loss(p: &Position) -> Tensor<1> {
    let x = p.x.val();
    x.clone().square().square().sum() + x.cos().sum()
}

fn run<Z: Minimizer<Position>>(method: &mut Z, mut position: Position, steps: usize) -> Position {
    for _ in 0..steps {
        (position, _) = step(method, 0.01, position, loss);
    }
    position
}

fn check<Z: Minimizer<Position> + Stateful>(new: impl Fn() -> Z, device: &Device) {
    let start = Position::at(&[0.9, -1.3, 0.2], device);
    let whole = run(&mut new(), start.clone(), 10);
    let mut first = new();
    let half_way = run(&mut first, start, 4);
    let mut second = new();
    let plain = device.clone().without_autodiff();
    second
        .restore(&first.state(), &plain)
        .expect("its own state");
    assert_eq!(run(&mut second, half_way, 6).numbers(), whole.numbers());
}

#[test]
fn every_minimizer_goes_on_to_the_bit() {
    for device in cpu_devices() {
        check(|| Descent::euler(Gradient), &device);
        check(|| Descent::euler(Adam::default()), &device);
        check(
            || Descent::new(Adam::default(), &thalweg_ode::tableau::RK4),
            &device,
        );
        check(|| Descent::euler(ScalarRms::default()), &device);
        check(|| Descent::euler(Polyak { bound: 10.0 }), &device);
        check(|| Momentum::heavy_ball(Friction::Decay(0.9)), &device);
        check(|| Momentum::midpoint(Friction::Physical(1.0)), &device);
        check(|| Langevin::new(0.1, 5), &device);
        check(|| Underdamped::new(1.0, 0.1, 5), &device);
        let controller = Adaptive::pi(Tolerance::new(1e-4, 1e-3).expect("settings"));
        let adaptive = || {
            let method = AdaptiveDescent::new(
                Adam::default(),
                &thalweg_ode::tableau::BOGACKI_SHAMPINE,
                controller,
                1e-3,
            );
            method.expect("settings")
        };
        check(adaptive, &device);
    }
}

#[test]
fn a_state_of_another_minimizer_is_refused_by_name() {
    let device = Device::default();
    let error = Momentum::heavy_ball(Friction::Decay(0.9))
        .restore(&State::default(), &device)
        .expect_err("no velocity");
    assert_eq!(
        error.to_string(),
        "the state has no velocity.some: it is of other parts (another minimizer, other callbacks), \
         or of an older version of them"
    );
}

/// As a Burn optimizer, through Burn's own record.
#[test]
fn a_burn_optimizer_goes_on_to_the_bit() {
    for device in cpu_devices() {
        let new = || -> ModuleOptimizer { Euler::new(Adam::default()).init() };
        let advance = |optimizer: &mut ModuleOptimizer, mut position: Position, steps: usize| {
            for _ in 0..steps {
                let gradients = GradientsParams::from_grads(loss(&position).backward(), &position);
                position = optimizer.step(0.01, position, gradients);
            }
            position
        };
        let start = Position::at(&[0.9, -1.3, 0.2], &device);
        let whole = advance(&mut new(), start.clone(), 10);
        let mut first = new();
        let half_way = advance(&mut first, start, 4);
        let record: OptimizerRecord = first.to_record();
        let mut second = new().load_record(record);
        assert_eq!(advance(&mut second, half_way, 6).numbers(), whole.numbers());
    }
}

/// A batch in unequal parts is the batch at once, whatever the method.
#[test]
fn parts_of_a_batch_are_the_batch() {
    for device in cpu_devices() {
        let rows: Vec<f64> = (0..10).map(|i| 0.3 * f64::from(i) - 1.0).collect();
        let of = |p: &Position, rows: &[f64]| {
            let x = Tensor::<1>::from_floats(rows, &device).cast(p.x.val().dtype());
            let fit = p.x.val().narrow(0, 0, 1) * x.clone() + p.x.val().narrow(0, 1, 1);
            (fit - x.sin()).square().mean()
        };
        let start = || Position::at(&[0.5, -0.25], &device);
        let mut whole = |p: &Position| Evaluation::new(of(p, &rows), p);
        let mut parts = |p: &Position| {
            let parts = [&rows[..3], &rows[3..4], &rows[4..]];
            let parts = parts.map(|part| {
                let share = part.len() as f64 / rows.len() as f64;
                Evaluation::new(of(p, part).mul_scalar(share), p)
            });
            Evaluation::sum(p, parts)
        };
        let method = || Descent::new(Adam::default(), &thalweg_ode::tableau::RK4);
        let (mut a, mut b) = ((start(), method()), (start(), method()));
        for _ in 0..5 {
            a.0 = a.1.step(0.1, a.0, &mut whole).0;
            b.0 = b.1.step(0.1, b.0, &mut parts).0;
        }
        crate::common::assert_near(&b.0.numbers(), &a.0.numbers(), 1e-6); // the rows are in f32
        assert!(a.0.devices() == b.0.devices());
    }
}
