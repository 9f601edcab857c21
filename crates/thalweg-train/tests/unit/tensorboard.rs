//! TensorBoard's event files, read back by this test and by TensorBoard itself where it is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{Interrupt, Line, exact, repeat, sgd, squared_error};
use thalweg_train::{
    Callback, DrawSamples, Outcome, TensorBoard, TrainError, Trained, Trainer, Watch,
};

/// A PNG of one white pixel.
const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\x0aIDAT\x78\x9c\x63\xf8\x0f\0\x01\x01\x01\0\xb6\xfe\xb6\xd5\0\0\0\0IEND\xae\x42\x60\x82";

/// Three epochs of three steps, each process interrupted after so many.
fn fit(folder: &Path, steps: usize) -> Trained<Line> {
    let draw = DrawSamples::new(folder.join("samples"), |_: &Line, _, path: &Path| {
        fs::write(path, PIXEL)
    });
    Trainer::new(3, 0.1).resume(folder.join("run.state")).fit(
        Line::zero(),
        sgd(),
        &repeat(exact()),
        squared_error,
        &mut (
            Watch::new("weight", |line: &Line| line.values()[0]),
            draw.temperatures([0.75]),
            TensorBoard::new(folder.join("events")).every_steps(2),
            Interrupt(steps),
        ),
    )
}

fn event_files(folder: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder.join("events")).expect("a folder");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| fs::read(path).expect("a file"))
        .collect()
}

/// The contents of a file's records, their checksums looked at.
fn records(mut file: &[u8]) -> Vec<&[u8]> {
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("4 bytes"));
    let masked = |bytes: &[u8]| {
        // CRC-32C bit by bit, as its definition says.
        let crc = bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 }
            })
        });
        (!crc).rotate_right(15).wrapping_add(0xa282ead8)
    };
    let mut records = Vec::new();
    while !file.is_empty() {
        let length = u64::from_le_bytes(file[..8].try_into().expect("8 bytes")) as usize;
        assert_eq!(number(&file[8..12]), masked(&file[..8]));
        let (content, rest) = file[12..].split_at(length);
        assert_eq!(number(&rest[..4]), masked(content));
        records.push(content);
        file = &rest[4..];
    }
    records
}

/// The step of an event: its second field, after nine bytes of time.
fn step(event: &[u8]) -> u8 {
    assert_eq!((event[0], event[9]), (0x09, 0x10));
    event[10]
}

fn holds(event: &[u8], word: &str) -> bool {
    event
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

#[test]
fn a_file_has_a_version_numbers_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let _ = fit(folder.path(), usize::MAX);
    let files = event_files(folder.path());
    assert_eq!(files.len(), 1);
    let events = records(&files[0]);
    assert!(events[0].ends_with(b"brain.Event:2"));
    let steps = |word: &str| -> Vec<u8> {
        let events = events.iter().filter(|event| holds(event, word));
        events.map(|event| step(event)).collect()
    };
    assert_eq!(steps("batch/loss"), [2, 4, 6, 8]);
    assert_eq!(steps("weight"), [3, 6, 9]);
    assert_eq!(steps("samples/t0.75"), [3, 6, 9]);
    assert_eq!(steps("IDAT"), [3, 6, 9]);
    assert!(steps("validation").is_empty());
}

#[test]
fn a_run_that_goes_on_writes_a_file_that_comes_later_and_says_from_where() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        assert!(matches!(
            fit(folder.path(), 4).outcome,
            Outcome::Interrupted
        ));
    }
    assert!(matches!(fit(folder.path(), 4).outcome, Outcome::Finished));
    let files = event_files(folder.path());
    assert_eq!(files.len(), 3);
    let restarts: Vec<u8> = files.iter().map(|file| step(records(file)[1])).collect();
    assert_eq!(restarts, [1, 5, 9]);
    let last: Vec<u8> = records(&files[2])[2..]
        .iter()
        .map(|event| step(event))
        .collect();
    assert_eq!(last, [9, 9]);
}

#[test]
fn what_cannot_be_written_or_shown_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    fs::write(&blocked, "").unwrap();
    let fit = |callbacks: &mut dyn Callback<Line>| {
        let data = repeat(exact());
        Trainer::new(2, 0.1).fit(Line::zero(), sgd(), &data, squared_error, callbacks)
    };
    let trained = fit(&mut TensorBoard::new(&blocked));
    assert!(matches!(
        trained.outcome,
        Outcome::Failed(TrainError::Log { .. })
    ));
    assert_eq!(trained.model.values(), [0.0, 0.0]);

    let draw = DrawSamples::new(folder.path(), |_: &Line, _, path: &Path| {
        fs::write(path, "no picture")
    });
    let trained = fit(&mut (draw, TensorBoard::new(folder.path().join("events"))));
    assert!(trained.outcome.to_string().contains("not a PNG"));
}

/// What the reader of TensorBoard finds, if Python has it.
fn read_by_tensorboard(folder: &Path) -> Option<serde_json::Value> {
    let import = ["-c", "import tensorboard"];
    let found = Command::new("python3").args(import).output();
    if !found.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tensorboard/read.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(folder.join("events"))
        .output()
        .expect("python3 ran before");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn tensorboard_reads_a_run_in_parts_as_the_whole_run() {
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let trained = fit(whole.path(), usize::MAX);
    let Some(read) = read_by_tensorboard(whole.path()) else {
        println!("skipped: `python3 -c 'import tensorboard'` fails");
        return;
    };
    let scalars = &read["scalars"];
    let losses = trained.history.losses();
    for (epoch, loss) in losses.iter().enumerate() {
        let point = &scalars["loss"][epoch];
        assert_eq!(point[0], 3 * (epoch + 1));
        assert!((point[1].as_f64().unwrap() - loss).abs() < 1e-6);
    }
    let steps: Vec<u64> = scalars["batch/loss"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point[0].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [2, 4, 6, 8]);
    let image = serde_json::json!([9, 1, 1, PIXEL.len()]);
    assert_eq!(read["images"]["samples/t0.75"][2], image);

    // Ended at the end of each epoch, and killed in between: what comes after the save is replaced.
    while !matches!(fit(parts.path(), 3).outcome, Outcome::Finished) {
        let saved = fs::read(parts.path().join("run.state")).unwrap();
        let _ = fit(parts.path(), 2);
        fs::write(parts.path().join("run.state"), saved).unwrap();
    }
    let again = read_by_tensorboard(parts.path()).expect("it was there before");
    assert_eq!(again["scalars"], read["scalars"]);
    assert_eq!(again["images"], read["images"]);
}
