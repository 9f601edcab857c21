//! Single steps against numbers worked out by hand, on each CPU backend.

use std::cell::RefCell;

use crate::common::{Line, Points, points_on, sgd, squared_error};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_optim::{
    EvaluationError, Loss, Minimizer, Objective, SingleGradient, State, StateError, Stateful,
};
use thalweg_train::{TrainError, Trainer};

fn one_step(minimizer: SingleGradient, h: f64, line: Line, batch: &Points) -> ([f32; 2], f64) {
    let trainer = Trainer::new(1, h);
    let (line, loss) = trainer
        .stepper(minimizer, squared_error)
        .train_step(line, batch);
    let loss = loss.expect("the step is made").expect("each loss is read");
    (line.values(), loss)
}

#[test]
fn a_descent_step_is_the_one_worked_out_by_hand() {
    for device in cpu_devices() {
        // Residuals −2 and −3, so ∂w = 2·(−2·1 − 3·2)/2 = −8 and ∂b = 2·(−2 − 3)/2 = −5.
        let batch = points_on([1.0, 2.0], [3.0, 5.0], &device);
        let line = Line::new(1.0, 0.0, &device.autodiff());
        let (values, loss) = one_step(sgd(), 0.125, line, &batch);
        assert_eq!(values, [2.0, 0.625]);
        assert_eq!(loss, 6.5);
    }
}

#[test]
fn clipping_scales_the_whole_gradient_by_its_global_norm() {
    for device in cpu_devices() {
        // Gradient (−3, −4), of norm 5.
        let batch = points_on([0.75], [2.0], &device);
        let line = || Line::new(0.0, 0.0, &device.clone().autodiff());
        let clipped = |norm| one_step(sgd().clip_norm(norm), 1.0, line(), &batch).0;
        assert_eq!(clipped(2.5), [1.5, 2.0]);
        assert_eq!(clipped(5.0), [3.0, 4.0]);
        assert_eq!(clipped(100.0), [3.0, 4.0]);
    }
}

#[test]
fn clipping_leaves_a_zero_gradient_alone() {
    for device in cpu_devices() {
        let batch = points_on([1.0], [0.0], &device);
        let line = Line::new(0.0, 0.0, &device.autodiff());
        let (values, loss) = one_step(sgd().clip_norm(1.0), 1.0, line, &batch);
        assert_eq!((values, loss), ([0.0, 0.0], 0.0));
    }
}

#[test]
#[should_panic(expected = "must be positive, got 0")]
fn clipping_to_nothing_panics() {
    let _ = sgd().clip_norm(0.0);
}

#[test]
fn a_model_without_gradient_is_an_error_that_says_what_to_do() {
    let device = Device::default();
    let batch = points_on([1.0], [1.0], &device);
    let plain = Line::new(0.0, 0.0, &device);
    let trainer = Trainer::new(1, 0.1);
    let mut stepper = trainer.stepper(sgd(), squared_error);
    let (_, result) = stepper.train_step(plain, &batch);
    let error = result.unwrap_err();
    assert!(matches!(
        error,
        TrainError::Evaluation(EvaluationError::NoGradient)
    ));
    assert!(error.to_string().contains("device.autodiff()"));
    assert_eq!(stepper.step(), 0);
}

#[test]
fn a_step_size_that_is_no_number_is_an_error() {
    let batch = points_on([1.0], [1.0], &Device::default());
    let trainer = Trainer::new(1, 0.1).schedule(|_| f64::NAN);
    let (line, result) = trainer
        .stepper(sgd(), squared_error)
        .train_step(Line::zero(), &batch);
    assert!(matches!(
        result.unwrap_err(),
        TrainError::StepSize { step: 0, .. }
    ));
    assert_eq!(line.values(), [0.0, 0.0]);
}

#[test]
fn the_optimizer_keeps_its_state_over_steps() {
    // Adam's first step is h·sign(gradient); a fresh optimizer would repeat that length.
    let batch = points_on([1.0], [1.0], &Device::default());
    let trainer = Trainer::new(1, 0.5);
    let mut adam = SingleGradient::new(AdamConfig::new().init());
    let mut stepper = trainer.stepper(&mut adam, squared_error);
    let (line, _) = stepper.train_step(Line::zero(), &batch);
    assert!((line.values()[0] - 0.5).abs() < 1e-4);
    let (line, _) = stepper.train_step(line, &batch);
    assert!((line.values()[0] - 0.5).abs() < 0.49);
    assert!(!adam.optimizer().to_record().is_empty());
}

/// Evaluates three times and moves nothing.
struct Thrice;

impl Stateful for Thrice {
    fn state(&self) -> State {
        State::default()
    }

    fn restore(&mut self, _: &State, _: &Device) -> Result<(), StateError> {
        Ok(())
    }
}

impl Minimizer<Line> for Thrice {
    fn step(
        &mut self,
        _h: f64,
        model: Line,
        objective: &mut Objective<'_, Line>,
    ) -> (Line, Result<Loss, EvaluationError>) {
        for _ in 0..2 {
            if let Err(error) = objective(&model) {
                return (model, Err(error));
            }
        }
        let loss = objective(&model).map(|evaluation| {
            let _: GradientsParams = evaluation.grads;
            evaluation.loss
        });
        (model, loss)
    }
}

#[test]
fn all_evaluations_of_a_step_see_one_batch_and_one_seed() {
    let seen = RefCell::new(Vec::new());
    let loss = |line: &Line, batch: Points, seed: u64| -> Tensor<1> {
        let x: f32 = batch.0.clone().into_scalar();
        seen.borrow_mut().push((x, seed));
        squared_error(line, batch, seed)
    };
    let trainer = Trainer::new(1, 0.1).seed(7);
    let mut stepper = trainer.stepper(Thrice, loss);
    let mut line = Line::zero();
    for x in [1.0, 2.0] {
        let batch = points_on([x], [0.0], &Device::default());
        line = stepper.train_step(line, &batch).0;
    }
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 6);
    assert!(seen[..3].iter().all(|one| *one == seen[0]));
    assert!(seen[3..].iter().all(|one| *one == seen[3]));
    assert_ne!(seen[0], seen[3]);
    assert_ne!(seen[0].1, seen[3].1);
}

#[test]
#[should_panic(expected = "a loss has one element, this one has 2")]
fn a_loss_for_each_sample_panics() {
    let batch = points_on([1.0, 2.0], [0.0, 0.0], &Device::default());
    let loss = |line: &Line, (x, _): Points, _seed: u64| x * line.weight.val();
    let trainer = Trainer::new(1, 0.1);
    let _ = trainer
        .stepper(sgd(), loss)
        .train_step(Line::zero(), &batch);
}
