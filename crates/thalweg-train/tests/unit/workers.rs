//! Several threads on a batch do what one does.

use std::sync::{Barrier, Mutex};

use crate::common::{Line, Points, points_on, sgd, squared_error};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_optim::EvaluationError;
use thalweg_train::{
    Accumulate, BatchSize, Data, Divide, Evaluate, OneThread, Outcome, Trainer, WithGradients,
    Workers,
};

fn batch(device: &Device) -> Points {
    points_on(
        [1.0, 2.0, -1.0, 0.5, 3.0],
        [3.0, 5.0, 0.0, 1.0, 9.0],
        device,
    )
}

#[test]
fn a_batch_is_divided_in_order_and_almost_evenly() {
    let device = Device::default();
    let rows = Tensor::<1>::from_floats([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &device);
    let values = |part: &Tensor<1>| part.to_data().iter::<f64>().collect::<Vec<_>>();
    let parts = rows.divide(3);
    let expected = [vec![0.0, 1.0, 2.0], vec![3.0, 4.0], vec![5.0, 6.0]];
    assert_eq!(parts.iter().map(values).collect::<Vec<_>>(), expected);
    assert_eq!(rows.divide(20).len(), 7);
    assert_eq!(vec![1, 2, 3].divide(2), [vec![1, 2], vec![3]]);
    let triple = (rows.clone(), vec![0; 7], rows);
    let sizes = triple
        .divide(2)
        .iter()
        .map(BatchSize::batch_size)
        .collect::<Vec<_>>();
    assert_eq!(sizes, [4, 3]);
}

/// The parts are of unequal size, so a mean of means would be wrong.
#[test]
fn any_number_of_workers_gives_the_mean_over_the_batch() {
    for device in cpu_devices() {
        let line = Line::new(1.0, 0.0, &device.clone().autodiff());
        let batch = batch(&device);
        let step = |workers: usize| {
            let evaluation = Workers::new(workers, squared_error).evaluate(&line, &batch, 0);
            let mut evaluation = evaluation.expect("a gradient");
            let loss = evaluation.loss.read().expect("a loss");
            let [w, b] = [&line.weight, &line.bias].map(|param| {
                let gradient = evaluation.grads.get::<1>(param.id).expect("a gradient");
                gradient.into_scalar::<f64>()
            });
            [loss, w, b]
        };
        let one = OneThread(squared_error).evaluate(&line, &batch, 0);
        let mut one = one.expect("a gradient").loss;
        let one = one.read().expect("a loss");
        for workers in [1, 2, 3, 5, 9] {
            let found = step(workers);
            assert!(
                (found[0] - one).abs() < 1e-6 * one,
                "{workers} workers: {found:?}"
            );
            for (found, expected) in found.iter().zip(step(1)) {
                assert!(
                    (found - expected).abs() < 1e-5,
                    "{workers}: {found} not {expected}"
                );
            }
        }
    }
}

#[test]
fn a_batch_in_parts_gives_the_mean_over_the_batch() {
    let device = Device::default();
    let line = Line::new(1.0, 0.0, &device.clone().autodiff());
    let numbers = |evaluate: &dyn Evaluate<Line, Points>| {
        let evaluation = evaluate.evaluate(&line, &batch(&device), 0);
        let mut evaluation = evaluation.expect("a gradient");
        let slope = evaluation
            .grads
            .get::<1>(line.weight.id)
            .expect("a gradient");
        let loss = evaluation.loss.read().expect("a loss");
        [loss, slope.into_scalar::<f64>()]
    };
    let whole = numbers(&OneThread(squared_error));
    for parts in [1, 2, 3, 9] {
        let found = numbers(&Accumulate::new(parts, squared_error));
        for (found, expected) in found.iter().zip(whole) {
            assert!(
                (found - expected).abs() < 1e-5,
                "{parts}: {found} not {expected}"
            );
        }
    }
    let data = Data::train(|_| vec![batch(&device)]);
    let accumulate = Accumulate::new(2, squared_error);
    let trained = Trainer::new(9, 0.05).fit_with(line, sgd(), &data, accumulate, &mut ());
    assert!(matches!(trained.outcome, Outcome::Finished));
}

/// The model stays on one backend, half of each batch goes to another.
#[test]
fn devices_of_two_backends_give_the_mean_over_the_batch() {
    let devices = cpu_devices();
    let [main, other, ..] = &devices[..] else {
        return println!("skipped: one backend is compiled in");
    };
    assert_ne!(main, other);
    let line = Line::new(1.0, 0.0, &main.clone().autodiff());
    let gradients = |evaluate: &dyn Evaluate<Line, Points>| {
        let evaluation = evaluate.evaluate(&line, &batch(main), 0);
        let mut evaluation = evaluation.expect("a gradient");
        let loss = evaluation.loss.read().expect("a loss");
        let [w, b] = [&line.weight, &line.bias].map(|param| {
            let gradient = evaluation.grads.get::<1>(param.id).expect("a gradient");
            assert_eq!(&gradient.device(), main);
            gradient.into_scalar::<f64>()
        });
        [loss, w, b]
    };
    let alone = gradients(&OneThread(squared_error));
    let both = [main.clone(), other.clone(), main.clone()];
    let together = gradients(&Workers::on(both.clone(), squared_error));
    for (found, expected) in together.iter().zip(alone) {
        assert!((found - expected).abs() < 1e-5, "{found} not {expected}");
    }

    let data = Data::train(|_| vec![batch(main)]);
    let workers = Workers::on(both, squared_error);
    let trained = Trainer::new(200, 0.05).fit_with(line.clone(), sgd(), &data, workers, &mut ());
    let alone = Trainer::new(200, 0.05).fit(line, sgd(), &data, squared_error, &mut ());
    for (found, expected) in trained.model.values().iter().zip(alone.model.values()) {
        assert!((found - expected).abs() < 1e-4, "{found} not {expected}");
    }
}

/// Every worker records its graph before any goes back through it.
#[test]
fn workers_that_record_together_do_not_disturb_each_other() {
    for device in cpu_devices() {
        let line = Line::new(1.0, 0.0, &device.clone().autodiff());
        let all_recorded = Barrier::new(4);
        let loss = |line: &Line, batch: Points, seed: u64| {
            let loss = squared_error(line, batch, seed);
            all_recorded.wait();
            loss
        };
        let evaluation = Workers::new(4, loss).evaluate(&line, &batch(&device), 0);
        let mut found = evaluation.expect("a gradient").loss;
        let alone = OneThread(squared_error).evaluate(&line, &batch(&device), 0);
        let mut alone = alone.expect("a gradient").loss;
        let (found, alone) = (found.read().expect("a loss"), alone.read().expect("a loss"));
        assert!(
            (found - alone).abs() < 1e-6 * alone,
            "{found}, alone {alone}"
        );
    }
}

#[test]
fn each_part_has_a_seed_of_its_own_and_the_same_in_every_run() {
    let device = Device::default();
    let run = || {
        let seeds = Mutex::new(vec![]);
        let loss = |line: &Line, batch: Points, seed: u64| {
            seeds.lock().expect("no panic").push(seed);
            squared_error(line, batch, seed)
        };
        let line = Line::new(1.0, 0.0, &device.clone().autodiff());
        let data = Data::train(|_| vec![batch(&device), batch(&device)]);
        let trained =
            Trainer::new(1, 0.01).fit_with(line, sgd(), &data, Workers::new(2, loss), &mut ());
        assert!(
            matches!(trained.outcome, Outcome::Finished),
            "{}",
            trained.outcome
        );
        let mut seeds = seeds.into_inner().expect("no panic");
        seeds.sort_unstable();
        (seeds, trained.model.values())
    };
    let (seeds, values) = run();
    let mut distinct = seeds.clone();
    distinct.dedup();
    assert_eq!((seeds.len(), distinct.len()), (4, 4));
    assert_eq!(run(), (seeds, values));
}

#[test]
#[should_panic(expected = "a worker fell over")]
fn a_panic_of_a_worker_goes_on() {
    let device = Device::default();
    let loss = |_: &Line, _: Points, _: u64| -> Tensor<1> { panic!("a worker fell over") };
    let line = Line::new(1.0, 0.0, &device.clone().autodiff());
    let _ = Workers::new(2, loss).evaluate(&line, &batch(&device), 0);
}

#[test]
#[should_panic(expected = "at least one worker, got 0")]
fn no_workers() {
    Workers::new(0, squared_error);
}

/// The gradient is what the function says, and the loss of validation that of the other one.
#[test]
fn gradients_of_ones_own_are_taken_as_they_are() {
    let device = Device::default();
    let line = Line::new(1.0, 0.0, &device.clone().autodiff());
    let given = |line: &Line, batch: Points, seed| {
        let mut gradients = GradientsParams::new();
        gradients.register(line.weight.id, Tensor::<1>::from_floats([7.0], &device));
        (squared_error(line, batch, seed).inner() * 2.0, gradients)
    };
    let evaluate = WithGradients::new(squared_error, given);
    let mut evaluation = evaluate
        .evaluate(&line, &batch(&device), 0)
        .expect("a gradient");
    let gradient = evaluation
        .grads
        .get::<1>(line.weight.id)
        .expect("a gradient");
    assert_eq!(gradient.into_scalar::<f32>(), 7.0);
    assert!(evaluation.grads.get::<1>(line.bias.id).is_none());
    let loss = evaluate.loss(&line, batch(&device), 0).expect("a loss");
    let loss = loss.into_scalar::<f64>();
    assert_eq!(evaluation.loss.read().expect("a loss"), 2.0 * loss);

    let without = |line: &Line, batch: Points, seed| {
        (squared_error(line, batch, seed), GradientsParams::new())
    };
    let evaluate = WithGradients::new(squared_error, without);
    let error = evaluate.evaluate(&line, &batch(&device), 0).unwrap_err();
    assert!(matches!(error, EvaluationError::NoGradient));
}
