//! A run that is interrupted and goes on is the run that was not, to the bit.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use crate::common::{Interrupt, Line, Points, Recorder, points};
use burn::optim::AdamConfig;
use tempfile::TempDir;
use thalweg_optim::SingleGradient;
use thalweg_train::{
    Callback, CsvLog, Data, EarlyStopping, JsonLines, NoValidation, Outcome, Progress, Recover,
    ReduceOnPlateau, Signal, TrainError, Trained, Trainer, on_epoch_end,
};

const BATCHES: usize = 5;
const EPOCHS: usize = 4;

/// Other batches in each epoch.
fn data() -> Data<impl Fn(usize) -> Vec<Points>, NoValidation<Points>> {
    Data::train(|epoch| {
        let batch = |index: usize| {
            let x = (epoch * BATCHES + index) as f32 * 0.7;
            points([x.sin(), x.cos()], [x.cos(), 1.0 - x.sin()])
        };
        (0..BATCHES).map(batch).collect()
    })
}

fn decay(step: usize) -> f64 {
    1.0 / (1.0 + 0.1 * step as f64)
}

fn trainer(file: &Path) -> Trainer {
    Trainer::new(EPOCHS, 0.05)
        .schedule(decay)
        .seed(3)
        .resume(file)
}

/// Noise on the targets that comes from the seed.
fn noisy_error(line: &Line, (x, y): Points, seed: u64) -> burn::tensor::Tensor<1> {
    let noise = (seed % 1000) as f64 / 1000.0 - 0.5;
    crate::common::squared_error(line, (x, y + noise), seed)
}

fn adam() -> SingleGradient {
    SingleGradient::new(AdamConfig::new().init()).clip_norm(0.5)
}

/// Runs until it is over, interrupted every `steps` steps; each part makes everything anew.
fn in_parts(steps: usize, folder: &Path) -> Trained<Line> {
    for _ in 0..=EPOCHS * BATCHES / steps {
        let trained = trainer(&folder.join("run.state")).fit(
            Line::zero(),
            adam(),
            &data(),
            noisy_error,
            &mut (
                CsvLog::new(folder.join("log.csv")),
                JsonLines::new(folder.join("log.jsonl")),
                ReduceOnPlateau::new(1, 0.5),
                Recover::above_best_by(0.01).scale(0.5),
                Interrupt(steps),
            ),
        );
        match trained.outcome {
            Outcome::Interrupted => {}
            Outcome::Finished => return trained,
            other => panic!("{other}"),
        }
    }
    panic!("the run does not end");
}

fn columns_without_time(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("a log");
    let cut = |line: &str| line.rsplit_once(',').map_or("", |(row, _)| row).to_owned();
    text.lines().map(cut).collect()
}

#[test]
fn a_run_in_parts_is_the_whole_run_to_the_bit() {
    let whole_folder = TempDir::new().expect("a folder");
    let whole = in_parts(usize::MAX, whole_folder.path());
    for steps in [1, 2, 3, 5, 7] {
        let folder = TempDir::new().expect("a folder");
        let parts = in_parts(steps, folder.path());
        assert_eq!(parts.model.values(), whole.model.values(), "{steps}");
        assert_eq!(parts.history.losses(), whole.history.losses());
        let best = |trained: &Trained<Line>| {
            let best = trained.best.as_ref().expect("a best");
            (best.model.values(), best.loss, best.epoch)
        };
        assert_eq!(best(&parts), best(&whole));
        let log = |folder: &TempDir| columns_without_time(&folder.path().join("log.csv"));
        assert_eq!(log(&folder), log(&whole_folder), "{steps}");
        let rows = fs::read_to_string(folder.path().join("log.jsonl")).expect("a log");
        assert_eq!(rows.lines().count(), EPOCHS);
    }
}

/// The scale of the steps is part of what goes on: without it the runs above would be equal only if
/// no callback had scaled.
#[test]
fn the_runs_above_scale_their_steps() {
    let folder = TempDir::new().expect("a folder");
    let whole = in_parts(usize::MAX, folder.path());
    let sizes = whole.history.epochs().iter().map(|row| row.step_size);
    let unscaled = |epoch: usize| 0.05 / (1.0 + 0.1 * ((epoch + 1) * BATCHES - 1) as f64);
    let scales: Vec<f64> = sizes.enumerate().map(|(e, h)| h / unscaled(e)).collect();
    assert!(scales.iter().any(|scale| *scale < 0.9), "{scales:?}");
}

#[test]
fn a_run_that_is_over_stays_so_and_more_epochs_go_on() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let fit = |epochs: usize| {
        let trainer = Trainer::new(epochs, 0.05).schedule(decay).seed(3);
        let trainer = trainer.resume(&file);
        let mut measure =
            on_epoch_end(|at: &Progress, _: &Line| Signal::metric("half", at.epoch as f64 / 2.0))
                .every(2);
        trainer.fit(Line::zero(), adam(), &data(), noisy_error, &mut measure)
    };
    let first = fit(2);
    let again = fit(2);
    assert_eq!(again.model.values(), first.model.values());
    assert_eq!(again.history, first.history);
    assert_eq!(again.history.metric("half"), [0.5]);
    let more = fit(EPOCHS);
    let whole = trainer(&folder.path().join("other")).fit(
        Line::zero(),
        adam(),
        &data(),
        noisy_error,
        &mut (),
    );
    assert_eq!(more.model.values(), whole.model.values());
}

/// Steps that end within an epoch: the only validation comes after the file was written.
#[test]
fn a_run_that_is_over_within_an_epoch_ends_again_as_it_did() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let steps = BATCHES + 1;
    let fit = || {
        let mut ended = vec![];
        let trainer = Trainer::for_steps(steps, 0.05).seed(3).resume(&file);
        let trainer = trainer.validate_every(9);
        let data = data().validate(|_| [points([0.1, 0.9], [1.0, 0.5])]);
        let mut end = on_epoch_end(|at: &Progress, _: &Line| ended.push((at.epoch, at.step)));
        let trained = trainer.fit(Line::zero(), adam(), &data, noisy_error, &mut end);
        (trained, ended)
    };
    let ((first, ended), (again, once_more)) = (fit(), fit());
    assert_eq!(ended, [(0, BATCHES), (1, steps)]);
    assert_eq!(once_more, [(1, steps)]);
    let [one, other] = [&first, &again].map(|trained| trained.best.as_ref().expect("a best model"));
    assert_eq!((one.epoch, one.loss), (1, other.loss));
    assert_eq!((other.epoch, other.model.values()), (1, one.model.values()));
    assert_eq!(first.model.values(), again.model.values());
    assert_eq!(first.history.losses(), again.history.losses());
    assert_eq!(first.outcome.to_string(), again.outcome.to_string());
}

#[test]
fn a_run_that_is_stopped_for_good_does_not_go_on() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let fit = |patience| {
        let trainer = Trainer::new(1000, 0.05).resume(&file);
        let mut stop = EarlyStopping::new(patience).for_good();
        trainer.fit(Line::zero(), adam(), &data(), noisy_error, &mut stop)
    };
    let (first, again) = (fit(2), fit(5));
    assert!(matches!(&first.outcome, Outcome::Stopped(_)));
    assert_eq!(first.outcome.to_string(), again.outcome.to_string());
    assert_eq!(first.model.values(), again.model.values());
}

#[test]
fn a_stopped_run_stays_stopped() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let fit = || {
        let trainer = Trainer::new(1000, 0.05).resume(&file);
        let mut stop = EarlyStopping::new(2);
        trainer.fit(Line::zero(), adam(), &data(), noisy_error, &mut stop)
    };
    let (first, again) = (fit(), fit());
    assert!(
        matches!(&first.outcome, Outcome::Stopped(_)),
        "{}",
        first.outcome
    );
    // And it says how to go on.
    let [first_end, again_end] = [&first, &again].map(|trained| trained.outcome.to_string());
    let hint = "; to go on, give `EarlyStopping` a patience above 2";
    assert_eq!(first_end + hint, again_end);
    assert_eq!(first.model.values(), again.model.values());
}

#[test]
fn callbacks_see_a_run_that_goes_on() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let fit = |steps: usize| {
        let recorder = RefCell::new(Recorder::default());
        let trainer = trainer(&file);
        let _ = trainer.fit(
            Line::zero(),
            adam(),
            &data(),
            noisy_error,
            &mut (&mut *recorder.borrow_mut(), Interrupt(steps)),
        );
        recorder.into_inner().calls
    };
    let first = fit(2);
    assert_eq!(
        first[first.len() - 3..],
        ["batch end 1", "epoch end 0", "train end 2"]
    );
    let second = fit(1);
    let wanted = [
        "train begin",
        "batch begin 2",
        "batch end 2",
        "epoch end 0",
        "train end 3",
    ];
    assert_eq!(second, wanted);
}

/// Interrupts at the n-th begin of a batch or of an epoch.
struct AtBegin {
    batches: bool,
    left: usize,
}

impl AtBegin {
    fn count(&mut self) -> Signal {
        self.left -= 1;
        match self.left {
            0 => Signal::interrupt(),
            _ => Signal::CONTINUE,
        }
    }
}

impl<M> Callback<M> for AtBegin {
    fn on_epoch_begin(&mut self, _: &Progress, _: &M) -> Signal {
        match self.batches {
            false => self.count(),
            true => Signal::CONTINUE,
        }
    }

    fn on_batch_begin(&mut self, _: &Progress, _: &M) -> Signal {
        match self.batches {
            true => self.count(),
            false => Signal::CONTINUE,
        }
    }
}

/// Halves the steps at the begin of each epoch.
struct Halve;

impl<M> Callback<M> for Halve {
    fn on_epoch_begin(&mut self, _: &Progress, _: &M) -> Signal {
        Signal::scale(0.5)
    }
}

#[test]
fn an_interruption_before_a_step_skips_no_batch_and_repeats_no_wish() {
    let folder = TempDir::new().expect("a folder");
    let fit = |name: &str, at: AtBegin| {
        let trainer = trainer(&folder.path().join(name));
        let callbacks = &mut (Halve, at);
        trainer.fit(Line::zero(), adam(), &data(), noisy_error, callbacks)
    };
    let never = |batches| AtBegin {
        batches,
        left: usize::MAX,
    };
    let whole = fit("whole", never(true));
    for (name, batches, left) in [("first", true, 1), ("fourth", true, 4), ("epoch", false, 2)] {
        let first = fit(name, AtBegin { batches, left });
        assert!(
            matches!(first.outcome, Outcome::Interrupted),
            "{}",
            first.outcome
        );
        let second = fit(name, never(batches));
        assert_eq!(second.model.values(), whole.model.values(), "{name}");
        assert_eq!(second.history.losses(), whole.history.losses(), "{name}");
    }
}

fn failure(trained: &Trained<Line>) -> &TrainError {
    match &trained.outcome {
        Outcome::Failed(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_run_that_does_not_fit_ends_before_its_first_step() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let mut interrupt = Interrupt(2);
    let _ = trainer(&file).fit(Line::zero(), adam(), &data(), noisy_error, &mut interrupt);
    let before = fs::read(&file).expect("a state");

    let start = Line::zero().values();
    let check = |trained: Trained<Line>, message: &str| {
        let error = failure(&trained).to_string();
        assert!(error.contains(message), "{error}");
        assert_eq!(trained.model.values(), start);
        assert_eq!(fs::read(&file).expect("a state"), before);
    };
    let other_seed = trainer(&file).seed(4);
    check(
        other_seed.fit(Line::zero(), adam(), &data(), noisy_error, &mut ()),
        "seed in the state cannot be used: it is 3, this trainer's is 4",
    );
    let fewer = Data::train(|_| vec![points([1.0], [1.0]); 3]);
    let trained = trainer(&file).fit(Line::zero(), adam(), &fewer, noisy_error, &mut ());
    let error = failure(&trained).to_string();
    assert!(
        error.contains("the epoch had 5 batches, now it has 3"),
        "{error}"
    );
    let mut other_callback = (EarlyStopping::new(3),);
    check(
        trainer(&file).fit(
            Line::zero(),
            adam(),
            &data(),
            noisy_error,
            &mut other_callback,
        ),
        "the state has no lowest",
    );
}

#[test]
fn no_damaged_file_is_loaded() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("run.state");
    let mut interrupt = Interrupt(2);
    let _ = trainer(&file).fit(Line::zero(), adam(), &data(), noisy_error, &mut interrupt);
    let whole = fs::read(&file).expect("a state");
    let fit = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("a file");
        trainer(&file).fit(Line::zero(), adam(), &data(), noisy_error, &mut ())
    };
    let refused = |bytes: &[u8]| {
        let trained = fit(bytes);
        assert_eq!(trained.model.values(), Line::zero().values());
        match failure(&trained) {
            TrainError::State(error) => error.to_string(),
            other => panic!("{other}"),
        }
    };
    for length in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        let error = refused(&whole[..length]);
        let foreign = length == 0 && error.contains("not a state written by thalweg");
        assert!(
            foreign || error.contains("cut short or damaged"),
            "{length}: {error}"
        );
    }
    for bit in (0..whole.len() * 8).step_by(331) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let error = refused(&bytes);
        let foreign = bit < 64 && error.contains("not a state written by thalweg");
        assert!(
            foreign || error.contains("cut short or damaged"),
            "{bit}: {error}"
        );
    }
    assert!(refused(b"PK\x03\x04 something else").contains("not a state written by thalweg"));
    // Of a later version: its checksum is right.
    let mut newer = whole.clone();
    newer[8..12].copy_from_slice(&2u32.to_le_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&newer[8..12]);
    hasher.update(&newer[16..]);
    newer[12..16].copy_from_slice(&hasher.finalize().to_le_bytes());
    assert!(refused(&newer).contains("format version 2, but this program reads up to 1"));
    // And the file itself still goes on.
    assert!(matches!(fit(&whole).outcome, Outcome::Finished));
}
