//! A run that did not succeed does not look like one that did.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::common::{Interrupt, Line, Points, exact, points, repeat, sgd, squared_error};
use burn::tensor::Device;
use thalweg_train::{
    Callback, Data, OnNonFinite, Outcome, Progress, ProgressBar, Signal, TrainError, Trained,
    Trainer, Watch, on_epoch_end,
};

fn fit(
    trainer: &Trainer,
    line: Line,
    batches: Vec<Points>,
    callbacks: &mut dyn Callback<Line>,
) -> Trained<Line> {
    trainer.fit(line, sgd(), &repeat(batches), squared_error, callbacks)
}

fn error(trained: Trained<Line>) -> TrainError {
    trained.finish().expect_err("the run did not succeed")
}

#[test]
fn a_run_that_succeeded_gives_the_best_model() {
    // The second epoch is worse than the first.
    let data = Data::train(|epoch| match epoch {
        0 => exact(),
        _ => vec![points([1.0], [-50.0])],
    });
    let data = data.validate(|_| exact());
    let ends: [(Trainer, Box<dyn Callback<Line>>); 4] = [
        (Trainer::new(2, 0.1), Box::new(())),
        (Trainer::new(9, 0.1).max_steps(4), Box::new(())),
        (Trainer::for_steps(4, 0.1), Box::new(())),
        (
            Trainer::new(9, 0.1),
            Box::new(on_epoch_end(|at: &Progress, _: &Line| match at.epoch {
                1 => Signal::stop("enough"),
                _ => Signal::CONTINUE,
            })),
        ),
    ];
    for (trainer, mut callback) in ends {
        let trained = trainer.fit(Line::zero(), sgd(), &data, squared_error, &mut callback);
        let best = trained.best.as_ref().expect("a best").model.values();
        assert_ne!(best, trained.model.values());
        assert_eq!(trained.finish().expect("a success").values(), best);
    }
}

#[test]
fn without_a_device_for_gradients_there_is_no_model_to_write() {
    let line = Line::new(0.0, 0.0, &Device::default());
    let trained = fit(&Trainer::new(2, 0.1), line, exact(), &mut ());
    let error = error(trained);
    assert!(
        error
            .to_string()
            .contains("the training did not succeed: failed: no parameter"),
        "{error}"
    );
    match error {
        TrainError::Ended(outcome) => assert!(matches!(*outcome, Outcome::Failed(_))),
        other => panic!("{other}"),
    }
}

#[test]
fn a_loss_that_is_not_finite_is_no_success_and_its_models_can_be_had() {
    let batches = vec![points([1.0], [1.0]), points([1.0], [f32::NAN])];
    let trained = fit(
        &Trainer::new(1, 0.1),
        Line::zero(),
        batches.clone(),
        &mut (),
    );
    assert!(trained.model.values()[0] > 0.0);
    match error(trained) {
        TrainError::Ended(outcome) => {
            assert!(matches!(*outcome, Outcome::NonFinite(_)));
            assert!(outcome.to_string().contains("the training loss became NaN"));
        }
        other => panic!("{other}"),
    }
    // `into_best` asks for weights whatever happened.
    let trained = fit(&Trainer::new(1, 0.1), Line::zero(), batches, &mut ());
    assert!(trained.into_best().values()[0] > 0.0);
}

#[test]
fn a_run_without_a_step_is_no_success() {
    let no_steps = [
        Trainer::new(0, 0.1),
        Trainer::new(5, 0.1).max_steps(0),
        Trainer::for_steps(0, 0.1),
        Trainer::for_time(std::time::Duration::ZERO, 0.1),
    ];
    for trainer in no_steps {
        let trained = fit(&trainer, Line::zero(), exact(), &mut ());
        assert!(trained.outcome.is_success(), "{}", trained.outcome);
        assert!(matches!(error(trained), TrainError::NoSteps { skipped: 0 }));
    }
    // All batches were left out.
    let trainer = Trainer::new(1, 0.1).on_non_finite(OnNonFinite::Skip { at_most: 9 });
    let bad = || points([1.0], [f32::NAN]);
    let trained = fit(&trainer, Line::zero(), vec![bad(), bad()], &mut ());
    let error = error(trained);
    assert!(matches!(error, TrainError::NoSteps { skipped: 2 }));
    assert!(
        error.to_string().contains("2 batches were left out"),
        "{error}"
    );
    // One was not.
    let trained = fit(
        &trainer,
        Line::zero(),
        vec![bad(), points([1.0], [1.0])],
        &mut (),
    );
    assert!(trained.finish().is_ok());
}

#[test]
fn an_interrupted_run_is_to_go_on() {
    let folder = tempfile::tempdir().expect("no error");
    let trainer = Trainer::new(2, 0.1).resume(folder.path().join("run.state"));
    let trained = fit(&trainer, Line::zero(), exact(), &mut Interrupt(2));
    assert!(trained.outcome.is_success());
    let error = error(trained);
    assert!(matches!(error, TrainError::Interrupted));
    assert!(
        error.to_string().contains("start it again to go on"),
        "{error}"
    );
    let trained = fit(&trainer, Line::zero(), exact(), &mut ());
    assert!(trained.finish().is_ok());
    // A run that is over already made its steps before.
    let trained = fit(&trainer, Line::zero(), exact(), &mut ());
    assert!(trained.finish().is_ok());
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output {
    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("no error").clone();
        let text = String::from_utf8(bytes).expect("no error");
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn the_progress_bar_says_how_a_run_failed() {
    let output = Output::default();
    let mut bar = ProgressBar::lines(output.clone());
    let bad = vec![points([1.0], [f32::NAN])];
    assert!(
        fit(&Trainer::new(3, 0.1), Line::zero(), bad, &mut bar)
            .finish()
            .is_err()
    );
    let lines = output.lines();
    let last = lines.last().expect("a line");
    assert!(
        last.starts_with("the training did not succeed: the training loss became NaN"),
        "{last}"
    );

    let output = Output::default();
    let mut bar = ProgressBar::lines(output.clone());
    assert!(
        fit(&Trainer::new(3, 0.1), Line::zero(), exact(), &mut bar)
            .finish()
            .is_ok()
    );
    assert_eq!(output.lines().len(), 3);
}

#[test]
fn warnings_are_printed_once_wherever_the_bar_stands() {
    let bias = || Watch::new("bias", |line: &Line| f64::from(line.values()[1])).warn_above(0.1);
    let (before, after) = (Output::default(), Output::default());
    let bar = |output: &Output| ProgressBar::lines(output.clone()).warnings(["a constant column"]);
    let mut callbacks = (bar(&before), bias(), bar(&after));
    assert!(
        fit(&Trainer::new(2, 0.1), Line::zero(), exact(), &mut callbacks)
            .finish()
            .is_ok()
    );
    for output in [before, after] {
        let lines = output.lines();
        assert_eq!(lines[0], "warning: a constant column");
        let warned = lines
            .iter()
            .filter(|line| line.starts_with("warning: bias is "));
        assert_eq!(warned.count(), 2, "{lines:?}");
    }
}
