//! The average of the weights, and who sees it.

use std::sync::{Arc, Mutex};

use crate::common::{Line, exact, points, sgd, squared_error};
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_train::{BestCheckpoint, Callback, Data, Ema, Progress, Signal, Trainer, on_epoch_end};

/// The weight after each step.
#[derive(Clone, Default)]
struct Weights(Arc<Mutex<Vec<f64>>>);

impl Callback<Line> for Weights {
    fn on_batch_end(&mut self, _: &Progress, line: &Line) -> Signal {
        let mut weights = self.0.lock().expect("no test panics");
        weights.push(f64::from(line.values()[0]));
        Signal::CONTINUE
    }
}

/// The average after five epochs of three steps, and the weights of each step.
fn average(mut ema: Ema) -> (f64, Vec<f64>) {
    let weights = Weights::default();
    let trained = Trainer::new(5, 0.1).fit(
        Line::zero(),
        sgd(),
        &crate::common::repeat(exact()),
        squared_error,
        &mut (&mut ema, weights.clone()),
    );
    let average = ema.average(&trained.model).expect("steps were made");
    let weights = weights.0.lock().expect("no test panics").clone();
    (f64::from(average.values()[0]), weights)
}

#[test]
fn it_is_the_average_of_its_definition() {
    let by_hand = |weights: &[f64], decay: fn(f64) -> f64| {
        let mut average = weights[0];
        for (step, weight) in weights.iter().enumerate().skip(1) {
            average = decay(step as f64) * average + (1.0 - decay(step as f64)) * weight;
        }
        average
    };
    let (plain, weights) = average(Ema::new(0.75).without_warm_up());
    assert_eq!(weights.len(), 15);
    assert!((plain - by_hand(&weights, |_| 0.75)).abs() < 1e-6);
    // (1 + t)/(10 + t) is 2/11 at the second step and reaches 1/2 at the ninth.
    let (warm, weights) = average(Ema::new(0.5));
    let decay = |t: f64| f64::min(0.5, (1.0 + t) / (10.0 + t));
    assert!((warm - by_hand(&weights, decay)).abs() < 1e-6);
    assert!((plain - warm).abs() > 1e-3);
}

#[test]
fn nothing_is_averaged_before_the_first_step() {
    assert!(Ema::new(0.9).average(&Line::zero()).is_none());
}

#[test]
fn the_average_is_validated_kept_and_shown_while_the_weights_train_on() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = BestCheckpoint::new(folder.path().join("best"));
    let path = checkpoint.path().to_owned();
    let mut ema = Ema::new(0.9).without_warm_up();
    let mut shown = Vec::new();
    let held_out = points([0.5, -1.0], [2.0, -1.0]);
    let data = Data::train(|_| exact()).validate(|_| vec![held_out.clone()]);
    let mut callbacks = (
        checkpoint,
        &mut ema,
        on_epoch_end(|at: &Progress, line: &Line| shown.push((at.validation, line.values()))),
    );
    let trained =
        Trainer::new(4, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut callbacks);
    drop(callbacks);

    let plain = Trainer::new(4, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    assert_eq!(trained.model.values(), plain.model.values());
    assert_ne!(trained.history.validations(), plain.history.validations());

    let average = ema.average(&trained.model).expect("steps were made");
    let (last, values) = shown[3];
    assert_eq!(values, average.values());
    assert_ne!(values, trained.model.values());
    let loss: f32 = squared_error(&average, held_out.clone(), 0).into_scalar();
    assert_eq!(last, Some(f64::from(loss)));
    let best = trained.best.expect("epochs were validated");
    assert_eq!((best.epoch, best.model.values()), (3, values));
    let loaded = Line::zero().try_load_file(path).unwrap();
    assert_eq!(loaded.values(), values);
}

#[test]
fn sixteen_bits_do_not_swallow_the_average() {
    let device = Device::default().autodiff();
    let half = |weight: f32| {
        let line = Line::new(weight, 0.0, &device);
        cast(line, DType::BF16)
    };
    let mut ema = Ema::new(0.999).without_warm_up();
    let mut at = Progress::default();
    for step in 1..=500 {
        at.step = step;
        let weight = if step == 1 { 1.0 } else { 2.0 };
        let _ = ema.on_batch_end(&at, &half(weight));
    }
    let average = ema.average(&half(0.0)).expect("steps were made");
    assert_eq!(average.weight.val().dtype(), DType::BF16);
    let value = average.weight.val().cast(DType::F32).into_scalar::<f32>();
    // 2 − 0.999^499; in 16 bits 1 + 0.001 is 1, for ever.
    assert!(
        (value - (2.0 - 0.999_f32.powi(499))).abs() < 0.01,
        "{value}"
    );
}

/// A line in another type.
fn cast(line: Line, dtype: DType) -> Line {
    let change = |tensor: Tensor<1>| tensor.inner().cast(dtype).autodiff().require_grad();
    Line {
        weight: line.weight.map(change),
        bias: line.bias.map(change),
    }
}

#[test]
fn a_step_that_was_not_made_does_not_count() {
    let mut ema = Ema::new(0.5).without_warm_up();
    let device = Device::default().autodiff();
    let mut at = Progress::default();
    for (step, weight) in [(1, 0.0), (1, 8.0), (2, 4.0)] {
        at.step = step;
        let _ = ema.on_batch_end(&at, &Line::new(weight, 0.0, &device));
    }
    let average = ema.average(&Line::zero()).expect("steps were made");
    assert_eq!(average.values()[0], 2.0);
}
