//! Fits that go on, and the function that sees each epoch.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, DensityError, FittedDensity, Kind, Missing, Summary};
use thalweg_train::{Progress, Signal};

use crate::tables::mixed;

/// Words, angles and numbers, so that a member has three trainings, and gaps, so that each step draws noise.
fn table() -> Table {
    let angle = (0..200).map(|k| f64::from(k * k % 360)).collect();
    let mixed = mixed(200, 1.0, 1);
    let mut gaps = mixed.numbers("y").unwrap().to_vec();
    gaps.iter_mut().step_by(7).for_each(|y| *y = f64::NAN);
    let table = mixed.with_column(Column::numbers("angle", angle)).unwrap();
    table.with_column(Column::numbers("y", gaps)).unwrap()
}

/// 140 rows of 200 train in two batches an epoch, so that 13 steps end within the seventh.
const STEPS: usize = 13;
const EPOCHS: usize = 7;

fn density() -> Density {
    Density::of_all()
        .kind("angle", Kind::angle(360.0))
        .missing(Missing::Indicator)
        .steps(STEPS)
        .members(1)
}

/// The bits of all that a density says.
#[derive(Debug, PartialEq)]
struct Said {
    logs: Vec<u64>,
    p_values: Vec<u64>,
    sample: String,
    losses: Vec<Vec<f64>>,
    summary: Summary,
}

fn said(model: &FittedDensity) -> Said {
    let table = table();
    let logs = model.log_prob(&table).unwrap().into_iter();
    let anomalies = model.anomaly(&table).unwrap().into_iter();
    let trainings = model.trainings().iter().flatten();
    Said {
        logs: logs.map(|log| log.unwrap().to_bits()).collect(),
        p_values: anomalies
            .map(|anomaly| anomaly.unwrap().p_value.to_bits())
            .collect(),
        sample: format!("{:?}", model.sample(50, 1).unwrap()),
        losses: trainings
            .flat_map(|training| [training.history.losses(), training.history.validations()])
            .collect(),
        summary: Summary {
            seconds: 0.0,
            ..model.summary().clone()
        },
    }
}

fn files(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_interrupted_fit_goes_on_to_the_bit() {
    let whole = said(&density().fit(&table()).unwrap());
    for (part, epoch, left) in [
        ("categories", 2, &["fit.json", "member-0.categories"][..]),
        (
            "numbers",
            4,
            &[
                "fit.json",
                "member-0.angles",
                "member-0.categories",
                "member-0.numbers",
            ],
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let interrupted = density().resume(folder.path()).on_epoch(move |of, at| {
            match of == part && at.epoch == epoch {
                true => Signal::interrupt(),
                false => Signal::CONTINUE,
            }
        });
        let error = interrupted.fit(&table()).unwrap_err();
        assert!(matches!(error, DensityError::Interrupted), "{error}");
        assert_eq!(files(folder.path()), left);
        let model = density().resume(folder.path()).fit(&table()).unwrap();
        assert_eq!(said(&model), whole, "{part}");
        assert!(files(folder.path()).is_empty());
    }
}

/// Interrupts all trainings but the first, once the first is done.
#[derive(Default)]
struct FirstAlone {
    first: Mutex<Option<ThreadId>>,
    calls: AtomicUsize,
    is_done: Mutex<bool>,
}

impl FirstAlone {
    fn see(&self, at: &Progress) -> Signal {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let own = thread::current().id();
        let is_first = *self.first.lock().unwrap().get_or_insert(own) == own;
        if is_first && !*self.is_done.lock().unwrap() {
            *self.is_done.lock().unwrap() = at.step == STEPS;
            return Signal::CONTINUE;
        }
        while !*self.is_done.lock().unwrap() {
            thread::yield_now();
        }
        Signal::interrupt()
    }
}

#[test]
fn members_that_are_done_are_not_trained_again() {
    const MEMBERS: usize = 4;
    let rows = mixed(240, 1.0, 1).without("level").unwrap();
    let density = Density::of_all().steps(STEPS).members(MEMBERS);
    let whole = density.clone().fit(&rows).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let first = Arc::new(FirstAlone::default());
    let seen = Arc::clone(&first);
    let interrupted = density.clone().resume(folder.path());
    let error = interrupted
        .on_epoch(move |_, at| seen.see(at))
        .fit(&rows)
        .unwrap_err();
    assert!(matches!(error, DensityError::Interrupted), "{error}");
    let before = first.calls.load(Ordering::SeqCst);
    // One was trained to its end, and one was interrupted.
    assert!((EPOCHS + 1..EPOCHS + MEMBERS).contains(&before), "{before}");

    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let resumed = density.resume(folder.path()).on_epoch(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Signal::CONTINUE
    });
    let model = resumed.fit(&rows).unwrap();
    // Each epoch of each member was trained once, before or after.
    assert_eq!(calls.load(Ordering::SeqCst), MEMBERS * EPOCHS - before);
    for (row, (one, other)) in model
        .log_prob(&rows)
        .unwrap()
        .into_iter()
        .zip(whole.log_prob(&rows).unwrap())
        .enumerate()
    {
        assert_eq!(one.unwrap().to_bits(), other.unwrap().to_bits(), "{row}");
    }
}

#[test]
fn a_training_that_stopped_early_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let stops = |of: &str, at: &Progress| match (of, at.epoch) {
        ("categories", 1) => Signal::stop("enough"),
        ("numbers", 0) => Signal::interrupt(),
        _ => Signal::CONTINUE,
    };
    let fit = density().resume(folder.path()).on_epoch(stops);
    let error = fit.fit(&table()).unwrap_err();
    assert!(matches!(error, DensityError::Interrupted), "{error}");
    let model = density().resume(folder.path()).fit(&table()).unwrap();
    let part = &model.summary().parts[0][0];
    assert_eq!((part.part.as_str(), part.steps), ("categories", 4));
    assert_eq!(part.outcome, "stopped: enough");
}

#[test]
fn a_folder_of_another_fit_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let begin = density()
        .resume(folder.path())
        .on_epoch(|_, _| Signal::interrupt());
    begin.fit(&table()).unwrap_err();
    let before = files(folder.path());
    let differs = |density: Density, table: &Table, what: &str| {
        let error = density.resume(folder.path()).fit(table).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the trainings in {} began with another {what}; repeat that call to go on with them, or choose another \
                 folder",
                folder.path().display()
            )
        );
        assert!(matches!(error, DensityError::Resume(_)));
        assert_eq!(files(folder.path()), before);
    };
    let mut x = table().numbers("x").unwrap().to_vec();
    x[199] += 1e-9;
    let other = table().with_column(Column::numbers("x", x)).unwrap();
    differs(density(), &other, "column \"x\"");
    let words = (0..200).map(|row| ["high", "low"][row % 2]);
    let other = table().with_column(Column::text("level", words)).unwrap();
    differs(density(), &other, "column \"level\"");
    let fewer: Vec<usize> = (0..199).collect();
    differs(density(), &table().select(&fewer), "number of rows");
    differs(density().without(["y"]), &table(), "column \"y\"");
    differs(density().seed(1), &table(), "seed");
    differs(density().members(2), &table(), "number of members");
    std::fs::write(folder.path().join("fit.json"), "{").unwrap();
    differs(density(), &table(), "file fit.json");
}

#[test]
fn each_epoch_of_each_part_is_told() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let fit = density().on_epoch(move |part, at| {
        told.lock().unwrap().push((part.to_owned(), at.epoch));
        assert!(at.loss.is_some_and(f64::is_finite), "{part}");
        match part == "angles" && at.epoch == 1 {
            true => Signal::stop("two are enough"),
            false => Signal::CONTINUE,
        }
    });
    let model = fit.fit(&table()).unwrap();
    let wanted = [("categories", EPOCHS), ("angles", 2), ("numbers", EPOCHS)];
    let epochs =
        |(part, epochs): (&'static str, usize)| (0..epochs).map(move |k| (part.to_owned(), k));
    let wanted: Vec<(String, usize)> = wanted.into_iter().flat_map(epochs).collect();
    assert_eq!(*seen.lock().unwrap(), wanted);
    let parts = &model.summary().parts[0];
    let outcomes: HashSet<&str> = parts.iter().map(|part| part.outcome.as_str()).collect();
    assert!(outcomes.contains("stopped: two are enough"), "{outcomes:?}");
    let steps: Vec<usize> = parts.iter().map(|part| part.steps).collect();
    assert_eq!(steps, [STEPS, 4, STEPS]);
}
