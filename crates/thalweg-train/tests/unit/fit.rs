//! Runs: ends, validation, repeatability.

use crate::common::{Line, Points, Recorder, exact, points, repeat, sgd, squared_error};
use burn::module::{Module, Param};
use burn::optim::AdamConfig;
use burn::tensor::{Device, Tensor};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Outcome, TrainError, Trained, Trainer, schedule};

fn fit(trainer: &Trainer, batches: Vec<Points>) -> Trained<Line> {
    trainer.fit(
        Line::zero(),
        sgd(),
        &repeat(batches),
        squared_error,
        &mut (),
    )
}

#[test]
fn a_run_finds_the_line() {
    let trained = fit(&Trainer::new(100, 0.3), exact());
    let [weight, bias] = trained.model.values();
    assert!((weight - 2.0).abs() < 1e-3 && (bias - 1.0).abs() < 1e-3);
    let losses = trained.history.losses();
    assert_eq!(losses.len(), 100);
    assert!(losses[99] < 1e-5 && losses[99] < losses[0]);
}

#[test]
fn validation_weights_batches_by_their_size() {
    // Squared errors 1, 1, 1 and then 9: their mean is 3, the mean of batch means 5.
    let data = Data::train(|_| exact()).validate(|_| {
        vec![
            points([0.0, 0.0, 0.0], [1.0, -1.0, 1.0]),
            points([0.0], [3.0]),
        ]
    });
    let trained = Trainer::new(1, 0.0).fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    assert_eq!(trained.history.validations(), [3.0]);
}

#[test]
fn the_epoch_loss_weights_batches_by_their_size() {
    let batches = vec![
        points([0.0, 0.0, 0.0], [1.0, -1.0, 1.0]),
        points([0.0], [3.0]),
    ];
    assert_eq!(fit(&Trainer::new(1, 0.0), batches).history.losses(), [3.0]);
}

#[test]
fn validation_comes_every_n_epochs_and_last() {
    let data = Data::train(|_| exact()).validate(|_| exact());
    let trainer = Trainer::new(5, 0.1).validate_every(2);
    let trained = trainer.fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    let validated: Vec<bool> = trained
        .history
        .epochs()
        .iter()
        .map(|epoch| epoch.validation.is_some())
        .collect();
    assert_eq!(validated, [false, true, false, true, true]);
}

#[test]
fn validation_repeats_its_seeds_and_training_does_not() {
    let seeds = std::cell::RefCell::new((Vec::new(), Vec::new()));
    let loss = |line: &Line, batch: Points, seed: u64| {
        match line.weight.val().is_autodiff() {
            true => seeds.borrow_mut().0.push(seed),
            false => seeds.borrow_mut().1.push(seed),
        }
        squared_error(line, batch, seed)
    };
    let data = Data::train(|_| exact()).validate(|_| exact());
    let _ = Trainer::new(2, 0.1).fit(Line::zero(), sgd(), &data, loss, &mut ());
    let (mut training, validation) = seeds.into_inner();
    assert_eq!(validation.len(), 6);
    assert_eq!(validation[..3], validation[3..]);
    training.extend(&validation[..3]);
    training.sort_unstable();
    training.dedup();
    assert_eq!(training.len(), 9);
}

#[test]
fn max_steps_stops_within_an_epoch_and_runs_the_ends() {
    let data = Data::train(|_| exact()).validate(|_| exact());
    let mut recorder = Recorder::default();
    let trained = Trainer::new(5, 0.1).max_steps(4).fit(
        Line::zero(),
        sgd(),
        &data,
        squared_error,
        &mut recorder,
    );
    assert!(matches!(trained.outcome, Outcome::MaxSteps));
    let last = recorder.calls.len() - 4;
    assert_eq!(
        recorder.calls[last..],
        ["batch begin 0", "batch end 0", "epoch end 1", "train end 4"]
    );
    assert_eq!(trained.history.epochs().len(), 2);
    assert!(trained.history.epochs()[1].validation.is_some());
}

#[test]
fn no_batches_and_no_validation_samples_are_errors() {
    let trained = fit(&Trainer::new(5, 0.1), Vec::new());
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::NoBatches { epoch: 0 })
    ));
    let data = Data::train(|_| exact()).validate(|_| Vec::new());
    let trained = Trainer::new(5, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::NoValidationSamples { epoch: 0 })
    ));
}

/// Two layers, filled without a generator.
#[derive(Module, Debug)]
struct Net {
    first: Param<Tensor<2>>,
    second: Param<Tensor<2>>,
}

impl Net {
    fn new(device: &Device) -> Self {
        let fill = |rows: usize, columns: usize| {
            let values: Vec<f32> = (0..rows * columns).map(|i| (i as f32).sin()).collect();
            let data = burn::tensor::TensorData::new(values, [rows, columns]);
            Param::from_data(data, device)
        };
        Self {
            first: fill(3, 16),
            second: fill(16, 1),
        }
    }

    fn bits(&self) -> Vec<u32> {
        let both = [&self.first, &self.second];
        let values = both.map(|param| param.val().try_into_vec_as::<f32>().expect("f32 reads"));
        values.concat().into_iter().map(f32::to_bits).collect()
    }
}

fn noisy_run(seed: u64) -> Vec<u32> {
    let device = Device::default();
    let batches: Vec<Tensor<2>> = (0..4)
        .map(|batch| {
            let values: Vec<f32> = (0..24).map(|i| ((i + batch * 24) as f32).cos()).collect();
            Tensor::from_data(burn::tensor::TensorData::new(values, [8, 3]), &device)
        })
        .collect();
    let loss = |net: &Net, x: Tensor<2>, seed: u64| {
        let noise = (seed >> 40) as f64 / (1u64 << 24) as f64;
        let y = x.clone().sum_dim(1).sin();
        let x = x + noise * 0.1;
        (x.matmul(net.first.val()).tanh().matmul(net.second.val()) - y)
            .square()
            .mean()
    };
    let trainer = Trainer::new(5, 0.01)
        .seed(seed)
        .schedule(schedule::warm_up(3, schedule::cosine(17, 0.1)));
    let adam = SingleGradient::new(AdamConfig::new().init()).clip_norm(0.5);
    let trained = trainer.fit(
        Net::new(&device.autodiff()),
        adam,
        &repeat(batches),
        loss,
        &mut (),
    );
    assert!(trained.outcome.is_success());
    trained.model.bits()
}

#[test]
fn one_seed_gives_one_result_to_the_bit() {
    let weights = noisy_run(1);
    assert_eq!(weights, noisy_run(1));
    assert_ne!(weights, noisy_run(2));
}
