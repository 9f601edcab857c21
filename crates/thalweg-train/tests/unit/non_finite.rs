//! Losses that are not finite, and copies of a model that training does not touch.

use crate::common::{Line, Points, exact, points, repeat, sgd, squared_error};
use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::optim::AdamConfig;
use burn::tensor::{Device, Tensor};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, NonFinite, OnNonFinite, Origin, Outcome, Phase, Trained, Trainer};

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
        Outcome::NonFinite(NonFinite { epoch: 0, step: 2, loss, phase: Phase::Training, .. }) if loss.is_nan()
    ));
    assert!(
        trained.outcome.to_string().contains(
            "epoch 0, batch 2, after 2 steps: the batch holds values that are not finite"
        )
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
        Outcome::NonFinite(NonFinite {
            epoch: 2,
            step: 9,
            ..
        })
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
        Outcome::NonFinite(NonFinite { step: 2, .. })
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
        Outcome::NonFinite(NonFinite { step: 0, .. })
    ));
    assert_eq!(origins(&trained), [&Origin::Gradient("bias".into())]);
    assert_eq!(trained.model.values(), [0.0, 0.0]);
}

#[test]
fn a_bad_validation_row_ends_the_run_with_the_model() {
    let data = Data::train(|_| exact()).validate(|_| vec![bad()]);
    let trained = Trainer::new(3, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::NonFinite(NonFinite {
            epoch: 0,
            step: 3,
            phase: Phase::Validation,
            ..
        })
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
        Outcome::NonFinite(NonFinite { step: 1, .. })
    ));
    assert!(trained.model.running_mean().is_finite());
}

fn origins(trained: &Trained<Line>) -> Vec<&Origin> {
    let survived = trained.survived.iter().map(|found| &found.origin);
    let last = match &trained.outcome {
        Outcome::NonFinite(found) => Some(&found.origin),
        _ => None,
    };
    survived.chain(last).collect()
}

#[test]
fn a_bad_batch_can_be_left_out() {
    let mut batches = exact();
    batches.insert(1, bad());
    let policy = OnNonFinite::Skip { at_most: 3 };
    let trained = fit(&Trainer::new(3, 0.1).on_non_finite(policy), batches.clone());
    assert!(matches!(trained.outcome, Outcome::Finished));
    assert_eq!(origins(&trained), [&Origin::Batch; 3]);
    assert_eq!(trained.history.metric("non_finite"), [1.0, 2.0, 3.0]);
    let without = fit(&Trainer::new(3, 0.1), exact());
    assert_eq!(trained.model.values(), without.model.values());

    let policy = OnNonFinite::Skip { at_most: 2 };
    let trained = fit(&Trainer::new(3, 0.1).on_non_finite(policy), batches);
    assert!(matches!(&trained.outcome, Outcome::NonFinite(found) if found.epoch == 2));
}

#[test]
fn a_bad_gradient_is_named_and_the_best_come_back() {
    // The square root's derivative spoils that of the bias at the first batch of the second epoch.
    let loss = |line: &Line, (x, y): Points, seed: u64| {
        let spoiled = (line.bias.val() * 0.0).sqrt().mean();
        let spoil = x.clone().abs().max().into_scalar::<f32>() > 50.0;
        let loss = squared_error(line, (x, y), seed);
        if spoil { loss * 0.0 + spoiled } else { loss }
    };
    let data = Data::train(|epoch| {
        let mut batches = exact();
        if epoch == 1 {
            batches.insert(0, points([100.0], [0.0]));
        }
        batches
    });
    let fit = |trainer: Trainer| trainer.fit(Line::zero(), sgd(), &data, loss, &mut ());
    let trained = fit(Trainer::new(4, 0.1));
    assert_eq!(origins(&trained), [&Origin::Gradient("bias".into())]);
    let message = trained.outcome.to_string();
    assert!(
        message.contains("the gradient of the parameter bias is not finite"),
        "{message}"
    );
    let best = trained.best.as_ref().expect("a best");
    assert_eq!(trained.model.values(), best.model.values());

    let policy = OnNonFinite::Recover {
        at_most: 1,
        scale: 0.5,
    };
    let trained = fit(Trainer::new(4, 0.1).on_non_finite(policy));
    assert!(
        matches!(trained.outcome, Outcome::Finished),
        "{}",
        trained.outcome
    );
    assert_eq!(origins(&trained), [&Origin::Gradient("bias".into())]);
    let sizes: Vec<f64> = trained
        .history
        .epochs()
        .iter()
        .map(|row| row.step_size)
        .collect();
    assert_eq!(sizes, [0.1, 0.05, 0.05, 0.05]);
    assert!(trained.model.values().iter().all(|value| value.is_finite()));
}

/// Averages of gradients that were not finite would spoil all later steps.
#[test]
fn a_run_that_recovers_forgets_the_averages() {
    let loss = |line: &Line, (x, y): Points, seed: u64| {
        let root = (line.bias.val() * 0.0).sqrt().mean();
        let spoil = x.clone().max().into_scalar::<f32>() > 50.0;
        let loss = squared_error(line, (x, y), seed);
        if spoil { loss * 0.0 + root } else { loss }
    };
    let mut batches = exact();
    batches.insert(1, points([100.0], [0.0]));
    let adam = SingleGradient::new(AdamConfig::new().init());
    let policy = OnNonFinite::Recover {
        at_most: 2,
        scale: 0.5,
    };
    let trainer = Trainer::new(2, 0.1).on_non_finite(policy);
    let trained = trainer.fit(Line::zero(), adam, &repeat(batches), loss, &mut ());
    assert!(
        matches!(trained.outcome, Outcome::Finished),
        "{}",
        trained.outcome
    );
    assert_eq!(trained.survived.len(), 2);
    assert!(trained.model.values().iter().all(|value| value.is_finite()));
}

#[test]
fn a_learning_rate_that_is_not_finite_is_named() {
    let schedule = |step| if step == 4 { f64::NAN } else { 1.0 };
    let trained = fit(&Trainer::new(3, 0.1).schedule(schedule), exact());
    let message = trained.outcome.to_string();
    assert!(
        message.contains("the step size at step 4 is NaN"),
        "{message}"
    );
    let best = trained.best.expect("a best");
    assert!(best.model.values().iter().all(|value| value.is_finite()));
    assert!(trained.model.values().iter().all(|value| value.is_finite()));
}

#[test]
fn a_layer_is_named_where_it_can_be_found() {
    let find = |again: &mut dyn FnMut()| {
        again();
        Some("steps.3".to_owned())
    };
    let loss = |line: &Line, _: Points, _| line.weight.val() * f32::NAN;
    let trainer = Trainer::new(1, 0.1).explain(find);
    let trained = trainer.fit(Line::zero(), sgd(), &repeat(exact()), loss, &mut ());
    assert_eq!(origins(&trained), [&Origin::Layer("steps.3".into())]);
}
