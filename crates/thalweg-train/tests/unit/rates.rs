//! Callbacks that change the step size, on losses that are made up.

use std::cell::Cell;

use crate::common::{Line, exact, repeat, sgd};
use burn::tensor::Tensor;
use thalweg_train::{Callback, Progress, Recover, ReduceOnPlateau, Signal, Trainer};

/// Step sizes and weights at the end of each epoch.
#[derive(Default)]
struct Watch(Vec<(f64, f32)>);

impl Callback<Line> for Watch {
    fn on_epoch_begin(&mut self, at: &Progress, line: &Line) -> Signal {
        self.0.push((at.step_size, line.values()[0]));
        Signal::CONTINUE
    }
}

/// Runs epochs of one batch with these validation losses; every step adds 1 to the weight.
fn run(losses: &[f64], callback: impl Callback<Line>) -> Vec<(f64, f32)> {
    let epoch = Cell::new(0);
    let loss = |line: &Line, _: crate::common::Points, _: u64| {
        // −w in training; the made-up loss in validation, which does not train.
        let weight = line.weight.val();
        match weight.is_autodiff() {
            true => weight.neg(),
            false => {
                let made_up = losses[epoch.replace(epoch.get() + 1)];
                Tensor::full([1], made_up, &weight.device())
            }
        }
    };
    let data = repeat(exact()[..1].to_vec()).validate(|_| exact()[..1].to_vec());
    let mut callbacks = (Watch::default(), callback);
    let _ = Trainer::new(losses.len(), 1.0).fit(Line::zero(), sgd(), &data, loss, &mut callbacks);
    callbacks.0.0
}

fn sizes(seen: &[(f64, f32)]) -> Vec<f64> {
    seen.iter().map(|(size, _)| *size).collect()
}

#[test]
fn a_plateau_shortens_the_steps_again_and_again() {
    let losses = [3.0, 2.0, 2.0, 2.5, 2.0, 2.0, 1.0, 1.0];
    let seen = run(&losses, ReduceOnPlateau::new(2, 0.5));
    // Waited after epochs 2 and 3, and after 4 and 5.
    assert_eq!(sizes(&seen), [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
    let once = run(&losses, ReduceOnPlateau::new(2, 0.5).at_most(1));
    assert_eq!(sizes(&once), [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5]);
    let strict = run(
        &[3.0, 2.9, 2.8, 2.7],
        ReduceOnPlateau::new(2, 0.5).min_change(0.15),
    );
    assert_eq!(sizes(&strict), [1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_collapse_puts_the_best_weights_back_and_shortens_the_steps_once() {
    let losses = [-1.0, 5.0, -2.0, 3.0, 4.0, -3.0];
    let recover = Recover::above(0.0).after(2).scale(0.5);
    let seen = run(&losses, recover);
    // Epoch 1 is too early; epoch 3 ends at weight 4 and goes back to 3, epoch 4 again.
    let expected = [
        (1.0, 0.0),
        (1.0, 1.0),
        (1.0, 2.0),
        (1.0, 3.0),
        (0.5, 3.0),
        (0.5, 3.0),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_collapse_can_be_told_by_the_lowest_loss() {
    let seen = run(&[2.0, 2.9, 3.1, 2.0], Recover::above_best_by(1.0));
    assert_eq!(seen, [(1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (1.0, 1.0)]);
}

#[test]
#[should_panic(expected = "between 0 and 1, got 1.5")]
fn a_factor_that_grows() {
    ReduceOnPlateau::new(2, 1.5);
}
