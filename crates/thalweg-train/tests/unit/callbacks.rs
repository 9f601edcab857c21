//! When callbacks are called, and what their wishes do.

use crate::common::{Line, Recorder, exact, points, repeat, sgd, squared_error};
use thalweg_train::{
    Callback, Data, EarlyStopping, Outcome, Progress, Signal, TrainError, Trained, Trainer,
    on_epoch_end,
};

fn fit(trainer: &Trainer, callbacks: &mut impl Callback<Line>) -> Trained<Line> {
    trainer.fit(
        Line::zero(),
        sgd(),
        &repeat(exact()),
        squared_error,
        callbacks,
    )
}

#[test]
fn the_six_moments_come_in_order() {
    let mut recorder = Recorder::default();
    let data = repeat(exact()[..2].to_vec());
    let trained =
        Trainer::new(2, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut recorder);
    assert!(matches!(trained.outcome, Outcome::Finished));
    let batches = [
        "batch begin 0",
        "batch end 0",
        "batch begin 1",
        "batch end 1",
    ];
    let mut expected = vec!["train begin", "epoch begin 0"];
    expected.extend(batches);
    expected.extend(["epoch end 0", "epoch begin 1"]);
    expected.extend(batches);
    expected.extend(["epoch end 1", "train end 4"]);
    assert_eq!(recorder.calls, expected);
}

/// Stops at one moment.
struct StopAt(&'static str);

impl<M> Callback<M> for StopAt {
    fn on_train_begin(&mut self, _: &Progress, _: &M) -> Signal {
        self.at("train begin")
    }
    fn on_epoch_begin(&mut self, _: &Progress, _: &M) -> Signal {
        self.at("epoch begin")
    }
    fn on_batch_begin(&mut self, _: &Progress, _: &M) -> Signal {
        self.at("batch begin")
    }
    fn on_batch_end(&mut self, _: &Progress, _: &M) -> Signal {
        self.at("batch end")
    }
}

impl StopAt {
    fn at(&self, moment: &str) -> Signal {
        match moment == self.0 {
            true => Signal::stop("enough"),
            false => Signal::CONTINUE,
        }
    }
}

#[test]
fn every_begin_has_its_end_wherever_the_run_stops() {
    let expected: [(&str, &[&str]); 4] = [
        ("train begin", &["train begin", "train end 0"]),
        (
            "epoch begin",
            &["train begin", "epoch begin 0", "epoch end 0", "train end 0"],
        ),
        (
            "batch begin",
            &[
                "train begin",
                "epoch begin 0",
                "batch begin 0",
                "batch end 0",
                "epoch end 0",
                "train end 0",
            ],
        ),
        (
            "batch end",
            &[
                "train begin",
                "epoch begin 0",
                "batch begin 0",
                "batch end 0",
                "epoch end 0",
                "train end 1",
            ],
        ),
    ];
    for (moment, calls) in expected {
        let mut callbacks = (StopAt(moment), Recorder::default());
        let trained = fit(&Trainer::new(3, 0.1), &mut callbacks);
        assert_eq!(callbacks.1.calls, calls);
        assert!(matches!(&trained.outcome, Outcome::Stopped(reason) if reason == "enough"));
        assert_eq!(trained.outcome.to_string(), "stopped: enough");
    }
}

#[test]
fn boxes_options_and_references_pass_all_moments_on() {
    let mut direct = Recorder::default();
    let _ = fit(&Trainer::new(2, 0.1), &mut direct);

    let (mut boxed, mut optional) = (Recorder::default(), Recorder::default());
    {
        let nothing: Option<Recorder> = None;
        let list: Vec<Box<dyn Callback<Line> + '_>> = vec![
            Box::new(&mut boxed),
            Box::new(Some(&mut optional)),
            Box::new(nothing),
        ];
        let _ = fit(&Trainer::new(2, 0.1), &mut (list, ()));
    }
    assert_eq!(boxed.calls, direct.calls);
    assert_eq!(optional.calls, direct.calls);
}

#[test]
fn every_n_sees_each_nth_epoch() {
    let mut epochs = Vec::new();
    let mut see = on_epoch_end(|at: &Progress, _: &Line| epochs.push(at.epoch)).every(3);
    let _ = fit(&Trainer::new(7, 0.01), &mut see);
    assert_eq!(epochs, [2, 5]);
}

/// Validation whose loss in each epoch is the square of the given number: the model does not
/// move, since the step size is 0.
fn validate_to(losses: &[f32], callbacks: &mut impl Callback<Line>) -> Trained<Line> {
    let data = Data::train(|_| exact()).validate(|epoch| vec![points([0.0], [losses[epoch]])]);
    Trainer::new(losses.len(), 0.0).fit(Line::zero(), sgd(), &data, squared_error, callbacks)
}

#[test]
fn on_best_sees_improvements_only() {
    let mut seen = Vec::new();
    let mut see =
        on_epoch_end(|at: &Progress, _: &Line| seen.push((at.epoch, at.monitor))).on_best();
    let trained = validate_to(&[3.0, 4.0, 2.0, 2.0, 1.0], &mut see);
    assert_eq!(seen, [(0, Some(9.0)), (2, Some(4.0)), (4, Some(1.0))]);
    let best = trained.best.unwrap();
    assert_eq!((best.loss, best.epoch), (1.0, 4));
}

#[test]
fn early_stopping_waits_for_its_patience() {
    let trained = validate_to(
        &[3.0, 2.0, 4.0, 1.0, 1.0, 5.0, 0.5],
        &mut EarlyStopping::new(2),
    );
    assert_eq!(
        trained.history.validations(),
        [9.0, 4.0, 16.0, 1.0, 1.0, 25.0]
    );
    assert_eq!(
        trained.outcome.to_string(),
        "stopped: the loss has not improved on 1 for 2 epochs"
    );
}

#[test]
fn early_stopping_rounds_the_loss_in_its_reason() {
    let trained = validate_to(&[1.111_111, 2.0], &mut EarlyStopping::new(1));
    // 1.111111² = 1.23456…
    assert_eq!(
        trained.outcome.to_string(),
        "stopped: the loss has not improved on 1.2346 for 1 epochs"
    );
}

#[test]
fn early_stopping_can_ask_for_more_than_any_change() {
    let mut stop = EarlyStopping::new(1).min_change(6.0);
    let trained = validate_to(&[3.0, 2.0, 1.0], &mut stop);
    assert_eq!(trained.history.validations(), [9.0, 4.0]);
}

/// Ascends from the second epoch on and remembers the model after the first.
#[derive(Default)]
struct Spoil {
    first: Option<[f32; 2]>,
}

impl Callback<Line> for Spoil {
    fn on_epoch_end(&mut self, at: &Progress, line: &Line) -> Signal {
        if at.epoch == 0 {
            self.first = Some(line.values());
        }
        Signal::CONTINUE
    }
}

#[test]
fn early_stopping_restores_the_best_weights() {
    // The second epoch's batches pull the line elsewhere.
    let data = Data::train(|epoch| match epoch {
        0 => exact(),
        _ => vec![points([1.0], [-50.0]); 3],
    })
    .validate(|_| exact());
    let mut callbacks = (Spoil::default(), EarlyStopping::new(1).restore_best());
    let trained =
        Trainer::new(9, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut callbacks);
    assert!(matches!(trained.outcome, Outcome::Stopped(_)));
    assert_eq!(trained.history.epochs().len(), 2);
    assert_eq!(Some(trained.model.values()), callbacks.0.first);
    assert_eq!(trained.best.unwrap().epoch, 0);

    let mut kept = EarlyStopping::new(1);
    let trained = Trainer::new(9, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut kept);
    assert_ne!(Some(trained.model.values()), callbacks.0.first);
    assert_eq!(Some(trained.into_best().values()), callbacks.0.first);
}

#[test]
fn a_restored_model_goes_on_training() {
    let mut restore = on_epoch_end(|at: &Progress, _: &Line| match at.epoch {
        1 => Signal::restore_best(),
        _ => Signal::CONTINUE,
    });
    let data = Data::train(|epoch| match epoch {
        1 => vec![points([1.0], [-50.0]); 3],
        _ => exact(),
    })
    .validate(|_| exact());
    let trained = Trainer::new(3, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut restore);
    let validations = trained.history.validations();
    assert!(validations[1] > validations[0]);
    assert!(validations[2] < validations[0]);

    let plain = fit(&Trainer::new(2, 0.1), &mut ());
    assert_eq!(trained.model.values(), plain.model.values());
}

#[test]
fn scales_multiply_the_step_size() {
    let mut sizes = Vec::new();
    let mut callbacks = (
        on_epoch_end(|at: &Progress, _: &Line| sizes.push(at.step_size)),
        on_epoch_end(|_: &Progress, _: &Line| Signal::scale(0.5)),
        on_epoch_end(|_: &Progress, _: &Line| Signal::scale(0.25)),
    );
    let trainer = Trainer::new(3, 0.5).schedule(|step| if step < 6 { 1.0 } else { 2.0 });
    let _ = fit(&trainer, &mut callbacks);
    assert_eq!(sizes, [0.5, 0.0625, 0.015625]);
}

#[test]
fn a_scale_before_a_batch_acts_on_that_step() {
    struct Zero;
    impl Callback<Line> for Zero {
        fn on_batch_begin(&mut self, _: &Progress, _: &Line) -> Signal {
            Signal::scale(0.0)
        }
    }
    assert_eq!(
        fit(&Trainer::new(1, 0.1), &mut Zero).model.values(),
        [0.0, 0.0]
    );
}

#[test]
fn a_scale_that_is_no_number_fails_the_run() {
    let mut scale = on_epoch_end(|_: &Progress, _: &Line| Signal::scale(-1.0));
    let trained = fit(&Trainer::new(2, 0.1), &mut scale);
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::StepSize { step: 3, .. })
    ));
}

#[test]
fn metrics_reach_later_callbacks_and_the_history() {
    let mut seen = Vec::new();
    let mut callbacks = (
        on_epoch_end(|at: &Progress, _: &Line| Signal::metric("double", 2.0 * at.epoch as f64)),
        on_epoch_end(|at: &Progress, _: &Line| seen.push(at.metrics.get("double").copied())),
    );
    let trained = fit(&Trainer::new(2, 0.1), &mut callbacks);
    assert_eq!(seen, [Some(0.0), Some(2.0)]);
    assert_eq!(trained.history.metric("double"), [0.0, 2.0]);
    assert!(trained.history.metric("other").is_empty());
}

#[test]
fn the_error_of_a_closure_ends_the_run_before_a_stop() {
    let mut callbacks = (
        on_epoch_end(|_: &Progress, _: &Line| Signal::stop("enough")),
        on_epoch_end(|_: &Progress, _: &Line| Err::<(), _>("no pencil")),
    );
    let trained = fit(&Trainer::new(2, 0.1), &mut callbacks);
    assert_eq!(
        trained.outcome.to_string(),
        "failed: a callback failed: no pencil"
    );
    assert!(!trained.outcome.is_success());
    assert_eq!(trained.history.epochs().len(), 1);
}

#[test]
fn a_failure_after_a_stop_is_not_hidden() {
    let fail = on_epoch_end(|_: &Progress, _: &Line| Err::<(), _>("no pencil"));
    let trained = fit(&Trainer::new(2, 0.1), &mut (StopAt("batch end"), fail));
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::Callback(_))
    ));
}
