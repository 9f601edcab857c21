//! Runs that end by steps, time, or patience, and go on with more of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::common::{Line, Points, exact, points, repeat, sgd, squared_error};
use burn::tensor::Tensor;
use thalweg_train::schedule::{constant, cosine_by_time, warm_up};
use thalweg_train::{
    Callback, Data, EarlyStopping, Outcome, Progress, ReduceOnPlateau, Signal, TrainError, Trained,
    Trainer, Watch, on_epoch_end,
};

/// A clock that a step moves by a second.
#[derive(Clone, Default)]
struct Seconds(Arc<AtomicU64>);

impl Seconds {
    fn now(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let seconds = Arc::clone(&self.0);
        move || Duration::from_secs(seconds.load(Ordering::SeqCst))
    }
}

impl<M> Callback<M> for Seconds {
    fn on_batch_end(&mut self, _: &Progress, _: &M) -> Signal {
        self.0.fetch_add(1, Ordering::SeqCst);
        Signal::CONTINUE
    }
}

/// Notes the size of each step.
#[derive(Default)]
struct Sizes(Vec<f64>);

impl<M> Callback<M> for Sizes {
    fn on_batch_end(&mut self, at: &Progress, _: &M) -> Signal {
        self.0.push(at.step_size);
        Signal::CONTINUE
    }
}

fn fit(trainer: Trainer, callbacks: &mut dyn Callback<Line>) -> Trained<Line> {
    let data = repeat(exact()).validate(|_| exact());
    trainer.fit(Line::zero(), sgd(), &data, squared_error, callbacks)
}

#[test]
fn a_time_limit_ends_a_run_well_and_the_rate_falls_with_it() {
    let mut callbacks = (Sizes::default(), Seconds::default());
    let trainer = Trainer::for_time(Duration::from_secs(8), 0.1)
        .clock(callbacks.1.now())
        .schedule(warm_up(2, constant()))
        .schedule_by_time(cosine_by_time(0.01));
    let trained = fit(trainer, &mut callbacks);
    assert!(
        matches!(trained.outcome, Outcome::TimeUp),
        "{}",
        trained.outcome
    );
    assert_eq!(
        trained.outcome.to_string(),
        "finished: the time limit was reached"
    );
    // The time is looked at before the callbacks of the ninth step move it on.
    let factor = cosine_by_time(0.01);
    let wanted: Vec<f64> = (0..9)
        .map(|step| 0.1 * if step == 0 { 0.5 } else { 1.0 } * factor(step as f64 / 8.0))
        .collect();
    let close = wanted
        .iter()
        .zip(&callbacks.0.0)
        .all(|(a, b)| (a - b).abs() < 1e-15);
    assert!(close && callbacks.0.0.len() == 9, "{:?}", callbacks.0.0);
    // The last epoch is validated, and is what the best is picked from.
    assert_eq!(trained.history.validations().len(), 3);
    assert_eq!(trained.best.as_ref().expect("a best").epoch, 2);
    assert!(trained.finish().is_ok());
}

#[test]
fn the_time_of_all_parts_counts() {
    let folder = tempfile::tempdir().expect("no error");
    let part = |limit: u64, stop: usize| {
        let mut clock = Seconds::default();
        let trainer = Trainer::for_time(Duration::from_secs(limit), 0.1)
            .clock(clock.now())
            .resume(folder.path().join("run.state"));
        let mut interrupt = crate::common::Interrupt(stop);
        fit(trainer, &mut (&mut interrupt, &mut clock))
    };
    let first = part(5, 4);
    assert!(matches!(first.outcome, Outcome::Interrupted));
    let steps = |trained: &Trained<Line>| trained.history.epochs().last().expect("an epoch").step;
    assert_eq!(steps(&first), 4);
    // 4 seconds are gone, so there is one left: a step begins after 4 and one after 5.
    let second = part(5, usize::MAX);
    assert!(
        matches!(second.outcome, Outcome::TimeUp),
        "{}",
        second.outcome
    );
    assert_eq!(steps(&second), 6);
    // None is left, and a model all the same.
    let third = part(5, usize::MAX);
    assert!(matches!(third.outcome, Outcome::TimeUp));
    assert_eq!(third.model.values(), second.model.values());
    assert!(third.finish().is_ok());
    // More time goes on, and ends as a run that had it from the start.
    let more = part(9, usize::MAX);
    assert_eq!(steps(&more), 10);
    let whole = fit(Trainer::for_steps(10, 0.1), &mut ());
    assert_eq!(more.model.values(), whole.model.values());
}

#[test]
fn a_schedule_by_time_without_a_limit_is_an_error() {
    let trainer = Trainer::new(1, 0.1).schedule_by_time(cosine_by_time(0.0));
    let trained = fit(trainer, &mut ());
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::NoTimeLimit)
    ));
    assert_eq!(trained.model.values(), [0.0, 0.0]);
}

#[test]
fn the_time_left_is_that_of_the_nearest_end() {
    let mut seen = Vec::new();
    let mut clock = Seconds::default();
    let trainer = Trainer::new(100, 0.1).max_steps(6).clock(clock.now());
    let mut see = on_epoch_end(|at: &Progress, _: &Line| seen.push(at.time_left()));
    let trained = fit(trainer, &mut (&mut clock, &mut see));
    assert!(trained.outcome.is_success());
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(seen, [seconds(3), seconds(0)]);
}

/// Other losses in each epoch, which go up and down.
fn waves() -> Data<impl Fn(usize) -> Vec<Points>, impl Fn(usize) -> Vec<Points>> {
    let data = Data::train(|epoch| vec![points([epoch as f32 * 0.1], [1.0]); 2]);
    data.validate(|epoch| {
        let targets = [3.0, 2.0, 4.0, 4.0, 1.0, 4.0, 4.0, 4.0, 4.0, 4.0];
        vec![points([0.0], [targets[epoch]])]
    })
}

/// A validation loss that does not depend on the weights.
fn loss(line: &Line, (x, y): Points, seed: u64) -> Tensor<1> {
    match line.bias.val().is_autodiff() {
        true => squared_error(line, (x, y), seed),
        false => y.square().mean(),
    }
}

fn waving(trainer: Trainer, callbacks: &mut dyn Callback<Line>) -> Trained<Line> {
    trainer.fit(Line::zero(), sgd(), &waves(), loss, callbacks)
}

fn stopping(file: &Path, patience: usize) -> Trained<Line> {
    let mut callbacks = (EarlyStopping::new(patience), ReduceOnPlateau::new(1, 0.5));
    waving(Trainer::new(10, 0.05).resume(file), &mut callbacks)
}

#[test]
fn a_stopped_run_goes_on_with_a_larger_patience() {
    let folder = tempfile::tempdir().expect("no error");
    let [parts, whole] = ["parts", "whole"].map(|name| folder.path().join(name));
    let first = stopping(&parts, 2);
    assert_eq!(first.history.epochs().len(), 4);
    let same = stopping(&parts, 2);
    assert_eq!(same.history.epochs().len(), 4);
    let message = same.outcome.to_string();
    assert!(
        message.contains("to go on, give `EarlyStopping` a patience above 2"),
        "{message}"
    );
    let more = stopping(&parts, 3);
    let at_once = stopping(&whole, 3);
    assert_eq!(more.history.epochs().len(), 8);
    assert_eq!(more.model.values(), at_once.model.values());
    assert_eq!(more.outcome.to_string(), at_once.outcome.to_string());
    assert_eq!(more.history.losses(), at_once.history.losses());
    assert!(matches!(stopping(&parts, 99).outcome, Outcome::Finished));
}

#[test]
fn a_stop_of_another_callback_stays() {
    let folder = tempfile::tempdir().expect("no error");
    let fit = |patience| {
        let trainer = Trainer::new(9, 0.05).resume(folder.path().join("run.state"));
        let mut stop = on_epoch_end(|at: &Progress, _: &Line| match at.epoch {
            1 => Signal::stop("enough"),
            _ => Signal::CONTINUE,
        });
        waving(trainer, &mut (EarlyStopping::new(patience), &mut stop))
    };
    for patience in [2, 5] {
        let trained = fit(patience);
        assert_eq!(trained.outcome.to_string(), "stopped: enough");
        assert_eq!(trained.history.epochs().len(), 2);
    }
}

#[test]
fn a_watched_run_goes_on_with_a_higher_bound() {
    let folder = tempfile::tempdir().expect("no error");
    let fit = |bound: f64| {
        let trainer = Trainer::new(4, 0.05).resume(folder.path().join("run.state"));
        let mut epoch = 0.0;
        let watch = Watch::new("drift", move |_: &Line| {
            epoch += 1.0;
            epoch
        });
        waving(trainer, &mut watch.stop_above(bound))
    };
    assert_eq!(fit(1.5).history.epochs().len(), 2);
    let same = fit(1.5);
    let hint = "drift is 2, which is above 1.5; to go on, give `Watch` a higher bound";
    assert!(same.outcome.to_string().contains(hint), "{}", same.outcome);
    let more = fit(10.0);
    assert!(matches!(more.outcome, Outcome::Finished));
    assert_eq!(more.history.epochs().len(), 4);
}

fn sizes(reduce: ReduceOnPlateau) -> Vec<f64> {
    let trained = waving(Trainer::new(10, 1e-2), &mut { reduce });
    let rows = trained.history.epochs().iter();
    rows.map(|row| row.step_size / 1e-2).collect()
}

#[test]
fn a_step_is_not_reduced_below_the_least() {
    let reduce = || ReduceOnPlateau::new(1, 0.5);
    // Plateaus after epochs 2, 3, 5, 6, 7, 8.
    let free = [
        1.0, 1.0, 1.0, 0.5, 0.25, 0.25, 0.125, 0.0625, 0.03125, 0.015625,
    ];
    assert_eq!(sizes(reduce()), free);
    let least = sizes(reduce().least_step(1e-3));
    let wanted = free.map(|size: f64| size.max(0.1));
    let close = least.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-15);
    assert!(close, "{least:?}");
    // A rate below the least is left as it is.
    assert_eq!(sizes(reduce().least_step(1.0)), [1.0; 10]);
    // Epochs 3, 6 and 8 come after a reduction and do not count.
    let cooled = [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125];
    assert_eq!(sizes(reduce().cooldown(1)), cooled);
}

#[test]
fn changes_may_be_shares_and_first_epochs_may_not_count() {
    let epochs = |stop: EarlyStopping| {
        let trained = waving(Trainer::new(10, 0.0), &mut { stop });
        trained.history.epochs().len()
    };
    // Losses 9, 4, 16, 16, 1, 16 …
    assert_eq!(epochs(EarlyStopping::new(2)), 4);
    assert_eq!(epochs(EarlyStopping::new(2).after(3)), 7);
    assert_eq!(epochs(EarlyStopping::new(2).baseline(2.0)), 2);
    assert_eq!(epochs(EarlyStopping::new(4).baseline(2.0)), 4);
    assert_eq!(epochs(EarlyStopping::new(4).min_relative_change(0.7)), 9);
    assert_eq!(epochs(EarlyStopping::new(4).min_relative_change(0.9)), 5);
}

#[test]
fn steps_without_data() {
    let loss = |line: &Line, (), seed: u64| {
        let noise = (seed % 1000) as f64 / 1e4;
        (line.weight.val() - 2.0 + noise).square() + line.bias.val().square()
    };
    let fit = || {
        let data = Data::steps(7).validate(|_| vec![(); 2]);
        Trainer::new(5, 0.2).fit(Line::zero(), sgd(), &data, loss, &mut ())
    };
    let (trained, again) = (fit(), fit());
    assert_eq!(trained.model.values(), again.model.values());
    assert_eq!(trained.history.epochs()[4].step, 35);
    assert_eq!(trained.history.validations().len(), 5);
    let weight = trained.finish().expect("a success").values()[0];
    assert!((weight - 1.95).abs() < 0.1, "{weight}");
    let none = Trainer::new(5, 0.2).fit(Line::zero(), sgd(), &Data::steps(0), loss, &mut ());
    assert!(matches!(
        none.outcome,
        Outcome::Failed(TrainError::NoBatches { .. })
    ));
}
