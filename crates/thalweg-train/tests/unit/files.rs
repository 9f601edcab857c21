//! Logs, checkpoints, and what happens when they cannot be written.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::common::{Line, exact, points, repeat, sgd, squared_error};
use burn::module::Module;
use thalweg_train::{
    BestCheckpoint, Callback, CsvLog, Data, JsonLines, Outcome, Progress, ProgressBar, Signal,
    TrainError, Trained, Trainer, on_epoch_end,
};

/// Two epochs of three steps that change nothing: training loss 3.45, validation loss 4.
fn two_epochs(callbacks: &mut impl Callback<Line>) -> Trained<Line> {
    let data = Data::train(|_| exact()).validate(|_| vec![points([0.0], [2.0])]);
    Trainer::new(2, 0.0).fit(Line::zero(), sgd(), &data, squared_error, callbacks)
}

fn measure() -> impl Callback<Line> {
    on_epoch_end(|at: &Progress, _: &Line| match at.epoch {
        0 => Signal::CONTINUE,
        _ => Signal::metric("fit, good", 0.5),
    })
}

#[test]
fn the_csv_log_has_a_header_and_a_row_for_each_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let log = CsvLog::new(folder.path().join("log.csv")).metrics(["fit, good"]);
    let path = log.path().to_owned();
    let _ = two_epochs(&mut (measure(), log));
    let text = fs::read_to_string(path).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[0],
        "epoch,step,loss,validation,step_size,seconds,\"fit, good\""
    );
    let fields = |row: &str| row.split(',').map(str::to_owned).collect::<Vec<_>>();
    let (first, second) = (fields(rows[1]), fields(rows[2]));
    assert_eq!(first[..2], ["0", "3"]);
    assert!((first[2].parse::<f64>().unwrap() - 3.45).abs() < 1e-6);
    assert_eq!(first[3..5], ["4", "0"]);
    assert_eq!(first[6], "");
    assert_eq!(second[..2], ["1", "6"]);
    assert_eq!(second[6], "0.5");
}

#[test]
fn json_lines_have_an_object_for_each_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let log = JsonLines::new(folder.path().join("log.jsonl"));
    let path = log.path().to_owned();
    let _ = two_epochs(&mut (measure(), log));
    let text = fs::read_to_string(path).unwrap();
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["epoch"], 0);
    assert_eq!(rows[1]["step"], 6);
    assert_eq!(rows[1]["validation"], 4.0);
    assert_eq!(rows[0]["metrics"], serde_json::json!({}));
    assert_eq!(rows[1]["metrics"]["fit, good"], 0.5);
}

#[test]
fn rows_are_on_disk_while_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, json) = (folder.path().join("a.csv"), folder.path().join("a.jsonl"));
    let mut lines = Vec::new();
    let count = |path: &Path| fs::read_to_string(path).unwrap().lines().count();
    let mut callbacks = (
        CsvLog::new(&csv),
        JsonLines::new(&json),
        on_epoch_end(|_: &Progress, _: &Line| lines.push((count(&csv), count(&json)))),
    );
    let _ = two_epochs(&mut callbacks);
    assert_eq!(lines, [(2, 1), (3, 2)]);
}

#[test]
fn a_log_that_cannot_be_written_ends_the_run_with_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let no_folder = folder.path().join("no-folder");
    std::fs::write(&no_folder, "a file where the log wants a folder").unwrap();
    let path = no_folder.join("log");
    let check = |callbacks: &mut dyn Callback<Line>| {
        let trained = Trainer::new(2, 0.1).fit(
            Line::zero(),
            sgd(),
            &repeat(exact()),
            squared_error,
            callbacks,
        );
        assert_eq!(trained.model.values(), [0.0, 0.0]);
        let message = trained.outcome.to_string();
        assert!(message.contains("no-folder") && message.contains("can be written to"));
        assert!(matches!(
            trained.outcome,
            Outcome::Failed(TrainError::Log { .. })
        ));
    };
    check(&mut CsvLog::new(&path));
    check(&mut JsonLines::new(&path));
}

#[test]
fn the_best_checkpoint_holds_the_best_weights() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = BestCheckpoint::new(folder.path().join("best"));
    let path = checkpoint.path().to_owned();
    let data = Data::train(|epoch| match epoch {
        0 => exact(),
        _ => vec![points([1.0], [-50.0])],
    })
    .validate(|_| exact());
    let trained = Trainer::new(3, 0.1).fit(Line::zero(), sgd(), &data, squared_error, &mut {
        checkpoint
    });
    let loaded = Line::zero().try_load_file(&path).unwrap();
    assert_eq!(loaded.values(), trained.best.unwrap().model.values());
    assert_ne!(loaded.values(), trained.model.values());
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["best.bpk"]);
}

#[test]
fn a_checkpoint_that_fails_leaves_the_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("best.txt");
    let mut saved = 0;
    let checkpoint = BestCheckpoint::with(&path, move |_: &Line, path: &Path| {
        saved += 1;
        fs::write(path, "half")?;
        match saved {
            1 => fs::write(path, "whole"),
            _ => Err(io::Error::other("the disk is full")),
        }
    });
    let data = Data::train(|_| exact()).validate(|epoch| vec![points([0.0], [9.0 - epoch as f32])]);
    let trained = Trainer::new(5, 0.0).fit(Line::zero(), sgd(), &data, squared_error, &mut {
        checkpoint
    });
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::Checkpoint { .. })
    ));
    assert!(trained.outcome.to_string().contains("the disk is full"));
    assert_eq!(trained.history.epochs().len(), 2);
    assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn progress_lines_begin_with_their_label() {
    let output = Shared::default();
    let bar = ProgressBar::lines(output.clone()).label("numbers");
    let _ = two_epochs(&mut { bar });
    let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    for (line, start) in text
        .lines()
        .zip(["numbers: epoch 1/2", "numbers: epoch 2/2"])
    {
        assert!(line.starts_with(start), "{text}");
    }
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn without_a_terminal_progress_is_a_line_for_each_epoch() {
    let output = Shared::default();
    let bar = ProgressBar::lines(output.clone()).loss_format(|loss| format!("{loss:.1} bits/dim"));
    let _ = two_epochs(&mut { bar });
    let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("epoch 1/2  loss 3.5 bits/dim  validation 4.0 bits/dim"));
    assert!(lines[0].contains("ms/step"));
    assert!(lines[1].starts_with("epoch 2/2") && lines[1].ends_with("0:00 left"));
}
