//! Logs that a run goes on with: other metrics, torn lines, files of other programs.

use std::fs;
use std::path::Path;

use crate::common::{Interrupt, Line, exact, repeat, sgd, squared_error};
use thalweg_train::{
    Callback, CsvLog, JsonLines, Outcome, Progress, Signal, TensorBoard, TrainError, Trained,
    Trainer, on_epoch_end,
};

/// So many epochs of the run in this folder, with these callbacks.
fn part(folder: &Path, epochs: usize, callbacks: &mut dyn Callback<Line>) -> Trained<Line> {
    let trainer = Trainer::new(epochs, 0.1).resume(folder.join("run.state"));
    trainer.fit(
        Line::zero(),
        sgd(),
        &repeat(exact()),
        squared_error,
        callbacks,
    )
}

fn metrics(names: &'static [&'static str]) -> impl Callback<Line> {
    on_epoch_end(move |at: &Progress, _: &Line| {
        let metric = |name: &&str| Signal::metric(*name, at.epoch as f64 + 0.5);
        names.iter().map(metric).fold(Signal::CONTINUE, Signal::and)
    })
}

/// Rows of a log as maps from column to field, and its header.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<(String, String)>>) {
    let mut reader = csv::Reader::from_path(path).expect("no error");
    let header: Vec<String> = reader
        .headers()
        .expect("no error")
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader.records().map(|row| {
        let row = row.expect("as many fields as the header has");
        let fields = header.iter().cloned().zip(row.iter().map(str::to_owned));
        fields.collect()
    });
    let rows = rows.collect();
    (header, rows)
}

fn column(path: &Path, name: &str) -> Vec<String> {
    let (_, rows) = read(path);
    let field = |row: &Vec<(String, String)>| {
        let found = row.iter().find(|(column, _)| column == name);
        found.expect("the column").1.clone()
    };
    rows.iter().map(field).collect()
}

fn refused(trained: &Trained<Line>, words: &[&str]) {
    assert!(
        matches!(
            trained.outcome,
            Outcome::Failed(TrainError::LogRefused { .. })
        ),
        "{}",
        trained.outcome
    );
    let message = trained.outcome.to_string();
    for word in words {
        assert!(message.contains(word), "{message}");
    }
    assert_eq!(trained.model.values(), [0.0, 0.0]);
}

#[test]
fn a_run_that_goes_on_with_other_metrics_has_one_header_and_all_values() {
    let folder = tempfile::tempdir().expect("no error");
    let path = folder.path().join("log.csv");
    let log = |names: &[&str]| CsvLog::new(&path).metrics(names.iter().copied());
    let _ = part(
        folder.path(),
        1,
        &mut (metrics(&["a, b", "c"]), log(&["a, b", "c"])),
    );
    // One more, in another order.
    let _ = part(
        folder.path(),
        2,
        &mut (metrics(&["a, b", "c", "d"]), log(&["d", "a, b", "c"])),
    );
    // Fewer: the columns stay.
    let _ = part(folder.path(), 3, &mut (metrics(&["d"]), log(&["d"])));
    let _ = part(folder.path(), 4, &mut (metrics(&[]), log(&[])));
    let (header, _) = read(&path);
    assert_eq!(
        header[..6],
        [
            "epoch",
            "step",
            "loss",
            "validation",
            "step_size",
            "seconds"
        ]
    );
    assert_eq!(header[6..], ["d", "a, b", "c"]);
    assert_eq!(column(&path, "epoch"), ["0", "1", "2", "3"]);
    assert_eq!(column(&path, "step"), ["3", "6", "9", "12"]);
    assert_eq!(column(&path, "a, b"), ["0.5", "1.5", "", ""]);
    assert_eq!(column(&path, "c"), ["0.5", "1.5", "", ""]);
    assert_eq!(column(&path, "d"), ["", "1.5", "2.5", ""]);
}

#[test]
fn a_torn_line_and_rows_that_are_run_again_are_dropped() {
    let folder = tempfile::tempdir().expect("no error");
    let (csv, json) = (
        folder.path().join("log.csv"),
        folder.path().join("log.jsonl"),
    );
    let logs = || (CsvLog::new(&csv), JsonLines::new(&json));
    let _ = part(folder.path(), 2, &mut logs());
    // Killed while it wrote the row of the third epoch.
    for (path, torn) in [(&csv, "2,9,0."), (&json, "{\"epoch\":2,\"lo")] {
        let text = fs::read_to_string(path).expect("no error");
        fs::write(path, text + torn).expect("no error");
    }
    let state = fs::read(folder.path().join("run.state")).expect("no error");
    let _ = part(folder.path(), 4, &mut logs());
    assert_eq!(column(&csv, "epoch"), ["0", "1", "2", "3"]);
    assert_eq!(
        fs::read_to_string(&json).expect("no error").lines().count(),
        4
    );
    // From an earlier state: epochs 2 and 3 are run again.
    fs::write(folder.path().join("run.state"), state).expect("no error");
    let _ = part(folder.path(), 4, &mut logs());
    assert_eq!(column(&csv, "epoch"), ["0", "1", "2", "3"]);
    assert_eq!(
        fs::read_to_string(&json).expect("no error").lines().count(),
        4
    );
    // A log that is torn in its first line.
    for (path, torn) in [(&csv, "epoch,st"), (&json, "{\"ep")] {
        fs::write(path, torn).expect("no error");
    }
    let _ = part(folder.path(), 5, &mut logs());
    assert_eq!(column(&csv, "epoch"), ["4"]);
    assert_eq!(
        fs::read_to_string(&json).expect("no error").lines().count(),
        1
    );
}

#[test]
fn a_file_of_something_else_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("no error");
    let foreign: [&[u8]; 6] = [
        b"height,weight\n1.8,80\n",
        b"epoch,accuracy\n0,0.5\n",
        b"1;2;3",
        b"\x89PNG\r\n\x1a\n\xff",
        b"{\"name\":\"thalweg\"}\n",
        b"{\"epoch\":1,\"loss\":2}\n",
    ];
    for (index, content) in foreign.into_iter().enumerate() {
        for begun in [false, true] {
            let run = folder.path().join(format!("{index}-{begun}"));
            fs::create_dir(&run).expect("no error");
            if begun {
                let _ = part(&run, 3, &mut Interrupt(2));
            }
            let path = run.join("log");
            fs::write(&path, content).expect("no error");
            let callbacks: [Box<dyn Callback<Line>>; 2] = [
                Box::new(CsvLog::new(&path)),
                Box::new(JsonLines::new(&path)),
            ];
            for mut callback in callbacks {
                let trained = part(&run, 3, &mut callback);
                assert!(
                    matches!(
                        trained.outcome,
                        Outcome::Failed(TrainError::LogRefused { .. })
                    ),
                    "{content:?}: {}",
                    trained.outcome
                );
                assert!(trained.outcome.to_string().contains("name another file"));
                assert_eq!(fs::read(&path).expect("no error"), content);
            }
        }
    }
}

#[test]
fn a_damaged_row_is_not_dropped_in_silence() {
    let folder = tempfile::tempdir().expect("no error");
    let path = folder.path().join("log.csv");
    let _ = part(folder.path(), 2, &mut CsvLog::new(&path));
    let whole = fs::read_to_string(&path).expect("no error");
    let row = whole.lines().nth(1).expect("no error");
    for damaged in [format!("{row},7"), row.replacen('0', "x", 1)] {
        fs::write(&path, whole.replacen(row, &damaged, 1)).expect("no error");
        let trained = part(folder.path(), 3, &mut CsvLog::new(&path));
        let message = trained.outcome.to_string();
        assert!(message.contains("its row 1 is none"), "{message}");
        assert!(
            fs::read_to_string(&path)
                .expect("no error")
                .contains(&damaged)
        );
    }
}

#[test]
fn two_logs_on_one_path_are_refused() {
    let folder = tempfile::tempdir().expect("no error");
    let path = folder.path().join("log");
    let fit = |callbacks: &mut dyn Callback<Line>| {
        Trainer::new(1, 0.1).fit(
            Line::zero(),
            sgd(),
            &repeat(exact()),
            squared_error,
            callbacks,
        )
    };
    let words = ["another callback of this process", "a path of its own"];
    refused(&fit(&mut (CsvLog::new(&path), CsvLog::new(&path))), &words);
    let dotted = folder.path().join(".").join("log");
    refused(&fit(&mut (CsvLog::new(&path), CsvLog::new(dotted))), &words);
    refused(
        &fit(&mut (CsvLog::new(&path), JsonLines::new(&path))),
        &words,
    );
    let events = folder.path().join("events");
    refused(
        &fit(&mut (TensorBoard::new(&events), TensorBoard::new(&events))),
        &words,
    );
    // One run after the other is another matter, also while the first callback lives.
    let (mut first, mut second) = (CsvLog::new(&path), CsvLog::new(&path));
    assert!(fit(&mut first).outcome.is_success());
    assert!(fit(&mut second).outcome.is_success());
    assert!(fit(&mut first).outcome.is_success());
}

#[test]
fn a_metric_with_the_name_of_a_column_is_refused() {
    let folder = tempfile::tempdir().expect("no error");
    let mut log = CsvLog::new(folder.path().join("log.csv")).metrics(["accuracy", "loss"]);
    let trained = part(folder.path(), 1, &mut log);
    refused(&trained, &["\"loss\"", "give it another"]);
    // One that is named twice is one column.
    let path = folder.path().join("twice.csv");
    let mut log = CsvLog::new(&path).metrics(["a", "a"]).metrics(["a"]);
    assert!(part(folder.path(), 1, &mut log).outcome.is_success());
    assert_eq!(read(&path).0[6..], ["a"]);
}
