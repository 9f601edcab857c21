//! Batches whose members do not fit, that are empty, or that are divided wrongly.

use crate::common::{Line, Points, points, repeat, sgd, squared_error};
use burn::tensor::{Device, Tensor};
use thalweg_optim::EvaluationError;
use thalweg_train::{
    Accumulate, BatchSize, Data, Divide, Evaluate, IntoLoss, OneThread, Outcome, Shared,
    TrainError, Trained, Trainer, WithGradients, Workers,
};

fn row<const N: usize>(values: [f32; N]) -> Tensor<1> {
    Tensor::from_data(values, &Device::default())
}

/// Eight inputs and four targets: a loss that looks at the members by themselves does not notice.
fn unequal() -> Points {
    (row([1.0; 8]), row([2.0; 4]))
}

fn means(line: &Line, (x, y): Points, _seed: u64) -> Tensor<1> {
    ((x * line.weight.val() + line.bias.val()).mean() - y.mean()).square()
}

fn all_ways(check: impl Fn(&dyn Evaluate<Line, Points>)) {
    check(&OneThread(means));
    check(&Workers::new(2, means));
    check(&Accumulate::new(2, means));
    check(&WithGradients::new(means, |line: &Line, batch, seed| {
        let loss = means(line, batch, seed);
        let gradients = burn::optim::GradientsParams::from_grads(loss.backward(), line);
        (loss, gradients)
    }));
}

#[test]
fn members_of_different_sizes_are_an_error_with_both_numbers() {
    let is_unequal = |error: &EvaluationError| {
        let message = error.to_string();
        assert!(
            message.contains("member 0 has 8, member 1 has 4"),
            "{message}"
        );
        matches!(
            error,
            EvaluationError::UnequalBatch {
                samples: [8, 4],
                ..
            }
        )
    };
    all_ways(|evaluate| {
        let line = Line::zero();
        let error = evaluate.evaluate(&line, &unequal(), 0).err();
        assert!(error.is_some_and(|error| is_unequal(&error)));
        let error = evaluate.loss(&line, unequal(), 0).err();
        assert!(error.is_some_and(|error| is_unequal(&error)));
    });
}

#[test]
fn a_run_names_the_batch_that_does_not_fit() {
    let good = points([1.0], [1.0]);
    let check = |trained: Trained<Line>, place: &str| {
        let message = trained.outcome.to_string();
        assert!(message.contains(place), "{message}");
        assert!(
            message.contains("member 0 has 8, member 1 has 4"),
            "{message}"
        );
        assert!(matches!(
            trained.outcome,
            Outcome::Failed(TrainError::Batch { .. })
        ));
    };
    let data = repeat(vec![good.clone(), unequal()]);
    let fit = |workers| {
        let workers = Workers::new(workers, means);
        Trainer::new(1, 0.0).fit_with(Line::zero(), sgd(), &data, workers, &mut ())
    };
    check(fit(1), "training batch 1 of epoch 0");
    check(fit(2), "training batch 1 of epoch 0");
    let data = Data::train(|_| vec![good.clone()]);
    let data = data.validate(|_| vec![good.clone(), good.clone(), unequal()]);
    let trained = Trainer::new(1, 0.0).fit(Line::zero(), sgd(), &data, means, &mut ());
    check(trained, "validation batch 2 of epoch 0");
}

#[test]
fn every_tuple_is_counted() {
    let (three, two) = (row([0.0; 3]), row([0.0; 2]));
    let unequal = |result: Result<Option<usize>, EvaluationError>, at: [usize; 2]| match result {
        Err(EvaluationError::UnequalBatch { members, samples }) => {
            assert_eq!((members, samples), (at, [3, 2]));
        }
        other => panic!("{other:?}"),
    };
    let (a, b) = (three.clone(), two.clone());
    unequal((a.clone(), b.clone()).samples(), [0, 1]);
    unequal((&a, &b).samples(), [0, 1]);
    unequal(BatchSize::samples(&&(a.clone(), b.clone())), [0, 1]);
    unequal((a.clone(), a.clone(), b.clone()).samples(), [0, 2]);
    unequal(
        (a.clone(), vec![0; 3], a.clone(), vec![0; 2]).samples(),
        [0, 3],
    );
    unequal((a.clone(), (a.clone(), b.clone())).samples(), [0, 1]);
    unequal(((a.clone(), a.clone()), vec![0; 2]).samples(), [0, 1]);
    unequal((Shared(b.clone()), a.clone(), vec![0; 2]).samples(), [1, 2]);
    assert_eq!(
        (a.clone(), Shared(b.clone())).samples().expect("no error"),
        Some(3)
    );
    assert_eq!((Shared(b.clone()), a.clone()).batch_size(), 3);
    assert_eq!((Shared(b), ()).samples().expect("no error"), None);
    let divided = std::panic::catch_unwind(|| (three, two).divide(2));
    assert!(divided.is_err(), "a direct call panics");
}

#[test]
fn what_is_shared_goes_to_every_part() {
    let loss =
        |line: &Line, (x, y, Shared(shift)): (Tensor<1>, Tensor<1>, Shared<Tensor<1>>), _| {
            (x * line.weight.val() + line.bias.val() + shift - y)
                .square()
                .mean()
        };
    let line = Line::new(1.0, 0.5, &Device::default().autodiff());
    let batch = (
        row([1.0, 2.0, 3.0]),
        row([2.0, 0.0, 1.0]),
        Shared(row([0.25])),
    );
    let numbers = |result: Result<thalweg_optim::Evaluation, EvaluationError>| {
        let mut evaluation = result.expect("an evaluation");
        let gradient = evaluation
            .grads
            .get::<1>(line.weight.id)
            .expect("a gradient");
        let loss = evaluation.loss.read().expect("a loss");
        [loss, gradient.into_scalar::<f64>()]
    };
    let whole = numbers(OneThread(loss).evaluate(&line, &batch, 0));
    // Two workers, and more than there are samples.
    for parts in [2, 3, 7] {
        let by_workers = numbers(Workers::new(parts, loss).evaluate(&line, &batch, 0));
        let in_parts = numbers(Accumulate::new(parts, loss).evaluate(&line, &batch, 0));
        for found in [by_workers, in_parts] {
            let close = found.iter().zip(whole).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(close, "{parts} parts: {found:?}, not {whole:?}");
        }
    }
}

#[test]
fn the_parts_of_a_sum_are_added() {
    let sum = |line: &Line, batch: Points, seed| {
        squared_error(line, batch.clone(), seed) * batch.0.dims()[0] as f64
    };
    let line = Line::new(1.0, 0.5, &Device::default().autodiff());
    let batch = points([1.0, 2.0, 3.0, -1.0, 0.5], [2.0, 0.0, 1.0, 1.0, 4.0]);
    let read = |evaluate: &dyn Evaluate<Line, Points>| {
        let evaluation = evaluate.evaluate(&line, &batch, 0);
        evaluation
            .expect("an evaluation")
            .loss
            .read()
            .expect("a loss")
    };
    let whole = read(&OneThread(sum));
    assert!((read(&Workers::new(2, sum).summed()) - whole).abs() < 1e-5 * whole);
    assert!((read(&Accumulate::new(3, sum).summed()) - whole).abs() < 1e-5 * whole);
}

fn empty() -> Points {
    let none = || Tensor::zeros([0], &Device::default());
    (none(), none())
}

#[test]
fn an_empty_batch_to_train_on_is_an_error_with_its_place() {
    all_ways(|evaluate| {
        let result = evaluate.evaluate(&Line::zero(), &empty(), 0);
        assert!(matches!(result, Err(EvaluationError::EmptyBatch)));
    });
    let parts = empty().divide(3);
    assert_eq!(
        parts.iter().map(BatchSize::batch_size).collect::<Vec<_>>(),
        [0]
    );
    let data = repeat(vec![points([1.0], [1.0]), empty()]);
    let trained = Trainer::new(1, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    let message = trained.outcome.to_string();
    assert!(message.contains("training batch 1 of epoch 0"), "{message}");
    assert!(message.contains("has no samples"), "{message}");
}

#[test]
fn empty_validation_batches_weigh_nothing() {
    let full = || points([0.0, 0.0], [2.0, 2.0]);
    let fit = |held_out: Vec<Points>| {
        let data = Data::train(|_| vec![points([1.0], [1.0])]).validate(move |_| held_out.clone());
        Trainer::new(1, 0.0).fit(Line::zero(), sgd(), &data, squared_error, &mut ())
    };
    for held_out in [
        vec![empty(), full()],
        vec![full(), empty()],
        vec![full(), empty(), full()],
    ] {
        let trained = fit(held_out);
        assert!(
            matches!(trained.outcome, Outcome::Finished),
            "{}",
            trained.outcome
        );
        assert_eq!(trained.history.validations(), [4.0]);
    }
    let trained = fit(vec![empty(), empty()]);
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::NoValidationSamples { epoch: 0 })
    ));
}

/// Numbers that are divided by a user's own code.
#[derive(Clone)]
struct Own(Vec<f32>, fn(&[f32]) -> Vec<Vec<f32>>);

impl BatchSize for Own {
    fn batch_size(&self) -> usize {
        self.0.len()
    }
}

impl Divide for Own {
    fn divide(&self, _: usize) -> Vec<Self> {
        let parts = (self.1)(&self.0).into_iter();
        parts.map(|part| Self(part, self.1)).collect()
    }
}

#[test]
fn parts_that_are_not_the_whole_are_an_error() {
    let loss = |line: &Line, Own(x, _): Own, _| {
        let count = x.len();
        let x = Tensor::<1>::from_floats(x.as_slice(), &Device::default());
        assert_eq!(x.dims(), [count]);
        (x * line.weight.val() - 1.0).square().mean()
    };
    let error = |how| {
        let batch = Own(vec![1.0, 2.0, 3.0, 4.0], how);
        let by_workers = Workers::new(2, loss).evaluate(&Line::zero(), &batch, 0);
        let in_parts = Accumulate::new(2, loss).evaluate(&Line::zero(), &batch, 0);
        let [a, b] = [by_workers, in_parts].map(|result| result.err().map(|e| e.to_string()));
        assert_eq!(a, b);
        a
    };
    let half = error(|rows| vec![rows[..2].to_vec()]).expect("an error");
    assert!(
        half.contains("a batch of 4 samples") && half.contains("parts of 2"),
        "{half}"
    );
    let none = error(|_| vec![]).expect("an error");
    assert!(none.contains("parts of 0"), "{none}");
    let twice = error(|rows| vec![rows.to_vec(); 2]).expect("an error");
    assert!(twice.contains("parts of 8"), "{twice}");
    let many = error(|rows| rows.iter().map(|x| vec![*x]).collect()).expect("an error");
    assert!(many.contains("divided into 4 parts where 2"), "{many}");
    // A part without samples is left out.
    assert_eq!(error(|rows| vec![rows.to_vec(), vec![]]), None);
}

#[test]
fn what_a_loss_refuses_names_its_batch() {
    let loss = |line: &Line, batch: Points, seed| match batch.0.dims()[0] {
        1 => Ok(squared_error(line, batch, seed)),
        rows => Err(format!("{rows} rows are too many")),
    };
    let _: fn(Result<Tensor<1>, String>) -> _ = IntoLoss::into_loss;
    let data = repeat(vec![points([1.0], [1.0]), points([1.0, 2.0], [1.0, 2.0])]);
    let trained = Trainer::new(1, 0.1).fit(Line::zero(), sgd(), &data, loss, &mut ());
    let message = trained.outcome.to_string();
    assert!(message.contains("training batch 1 of epoch 0"), "{message}");
    assert!(message.contains("2 rows are too many"), "{message}");
}
