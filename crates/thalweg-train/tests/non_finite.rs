//! Losses that are not finite, and copies of a model that training does not touch.

mod common;

use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::{Device, Tensor};
use common::{Line, Points, exact, points, repeat, sgd, squared_error};
use thalweg_train::{Data, Outcome, Phase, Trained, Trainer};

fn fit(trainer: &Trainer, batches: Vec<Points>) -> Trained<Line> {
    trainer.fit(
        Line::zero(),
        sgd(),
        &repeat(batches),
        squared_error,
        &mut (),
    )
}

fn bad() -> Points {
    points([0.5, f32::NAN], [2.0, 1.0])
}

#[test]
fn a_bad_row_never_reaches_the_parameters() {
    let mut batches = exact();
    batches.insert(2, bad());
    let trained = fit(&Trainer::new(5, 0.1), batches);
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite { epoch: 0, step: 2, loss, phase: Phase::Training } if loss.is_nan()
    ));
    assert!(
        trained
            .outcome
            .to_string()
            .contains("lower the learning rate")
    );
    let before = fit(&Trainer::new(5, 0.1).max_steps(2), exact());
    assert_eq!(trained.model.values(), before.model.values());
}

#[test]
fn a_bad_row_that_is_not_read_falls_back_to_the_best() {
    let data = Data::train(|epoch| match epoch {
        0 | 1 => exact(),
        _ => vec![
            points([0.0], [1.0]),
            bad(),
            points([0.0], [1.0]),
            points([1.0], [3.0]),
        ],
    });
    let trainer = Trainer::new(9, 0.1).read_loss_every(3);
    let trained = trainer.fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite {
            epoch: 2,
            step: 9,
            ..
        }
    ));
    let best = trained.best.unwrap();
    assert_eq!(trained.model.values(), best.model.values());
}

#[test]
fn before_there_is_a_best_a_sound_model_comes_back() {
    let batches = vec![points([0.0], [1.0]), bad(), points([0.0], [1.0])];
    let trained = fit(&Trainer::new(2, 0.1).read_loss_every(2), batches);
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite { step: 2, .. }
    ));
    assert_eq!(trained.model.values(), [0.0, 0.0]);
}

#[test]
fn a_finite_loss_with_a_bad_gradient_does_not_spoil_the_model() {
    // The derivative of √x at 0 is infinite.
    let loss = |line: &Line, (x, _): Points, _seed: u64| {
        (x * line.weight.val()).mean() + (line.bias.val() * 0.0).sqrt().mean()
    };
    let trained = Trainer::new(3, 0.1).fit(Line::zero(), sgd(), &repeat(exact()), loss, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite { step: 1, .. }
    ));
    assert_eq!(trained.model.values(), [0.0, 0.0]);
}

#[test]
fn a_bad_validation_row_ends_the_run_with_the_model() {
    let data = Data::train(|_| exact()).validate(|_| vec![bad()]);
    let trained = Trainer::new(3, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite {
            epoch: 0,
            step: 3,
            phase: Phase::Validation,
            ..
        }
    ));
    let plain = fit(&Trainer::new(1, 0.1), exact());
    assert_eq!(trained.model.values(), plain.model.values());
}

/// Batch normalization keeps running statistics, which clones of a module share.
#[derive(Module, Debug)]
struct Normed {
    norm: BatchNorm,
    weight: Param<Tensor<1>>,
}

impl Normed {
    fn new() -> Self {
        let device = Device::default().autodiff();
        Self {
            norm: BatchNormConfig::new(1).init(&device),
            weight: Param::from_data([1.0], &device),
        }
    }

    fn running_mean(&self) -> f32 {
        self.norm.running_mean.value_sync().into_scalar()
    }
}

fn column(values: [f32; 2]) -> Tensor<2> {
    // Batch normalization trains only on inputs of the training device.
    Tensor::<1>::from_data(values, &Device::default().autodiff()).reshape([2, 1])
}

/// Grows with the mean of the batch, so that later epochs are worse.
fn normed_loss(model: &Normed, x: Tensor<2>, _seed: u64) -> Tensor<1> {
    let level = x.clone().mean();
    model.norm.forward(x).square().mean() * model.weight.val() + level
}

#[test]
fn the_best_model_keeps_its_running_statistics() {
    let data =
        Data::train(|epoch| vec![column([epoch as f32 * 100.0, epoch as f32 * 100.0 + 2.0])]);
    let trained = Trainer::new(3, 0.0).fit(Normed::new(), sgd(), &data, normed_loss, &mut ());
    let best = trained.best.unwrap();
    assert_eq!(best.epoch, 0);
    // Momentum 0.1 and a batch mean of 1.
    let mean = best.model.running_mean();
    assert!((mean - 0.1).abs() < 1e-6, "{mean}");
    assert!(trained.model.running_mean() > 10.0);
}

#[test]
fn a_bad_row_does_not_reach_the_running_statistics() {
    let batches = vec![column([0.0, 2.0]), column([f32::NAN, 2.0])];
    let data = repeat(batches);
    let trained = Trainer::new(2, 0.1).fit(Normed::new(), sgd(), &data, normed_loss, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite { step: 1, .. }
    ));
    assert!(trained.model.running_mean().is_finite());
}
