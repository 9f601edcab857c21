//! Outputs and inputs that fail.

use std::fs;
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt;

use crate::{error, fitted, thalweg};

fn model() -> String {
    fitted().join("model.safetensors").display().to_string()
}

#[test]
fn a_broken_pipe_is_no_panic() {
    let mut command = Command::cargo_bin("thalweg").expect("the binary");
    command
        .args(["score", &model(), "@penguins"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().expect("a process");
    // The reader goes before anything is written.
    drop(running.stdout.take());
    let done = running.wait_with_output().expect("an end");
    assert_eq!(done.status.code(), Some(141));
    assert!(
        done.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = fs::File::create("/dev/full").expect("a device");
    let mut command = Command::cargo_bin("thalweg").expect("the binary");
    command
        .args(["score", &model(), "@penguins"])
        .stdout(full)
        .stderr(Stdio::piped());
    let done = command
        .spawn()
        .expect("a process")
        .wait_with_output()
        .expect("an end");
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1));
    assert!(text.contains("No space left"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    // A file in the place of the folder: permissions do not stop an administrator.
    fs::write(folder.path().join("file"), "").expect("a file");
    for arguments in [
        vec![
            "sample".to_owned(),
            model(),
            "3".to_owned(),
            "-g=species=Gentoo".to_owned(),
            "-o=file/rows.csv".to_owned(),
        ],
        vec![
            "score".to_owned(),
            model(),
            "@penguins".to_owned(),
            "-o=file/rows.jsonl".to_owned(),
        ],
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let text = error(folder.path(), 1, &arguments);
        assert!(text.contains("file/rows"), "{text}");
    }
}

#[test]
fn inputs_that_are_no_tables_or_models_are_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("empty.csv"), "").expect("a file");
    fs::write(folder.join("bytes.csv"), [0xff, 0x00, 0xfe, 0x80]).expect("a file");
    fs::write(folder.join("other.csv"), "a,b\n1,2\n").expect("a file");
    for (table, part) in [
        ("empty.csv", "empty.csv"),
        ("bytes.csv", "bytes.csv"),
        ("other.csv", "bill_length_mm"),
    ] {
        let text = error(folder, 1, &["score", &model(), table]);
        assert!(text.contains(part), "{text}");
    }
    for file in ["empty.csv", "nowhere.safetensors", "."] {
        let text = error(folder, 1, &["info", file]);
        assert!(text.contains(file), "{text}");
    }
    let failed = thalweg(folder)
        .args(["score", &model(), "-"])
        .write_stdin("")
        .assert()
        .code(1);
    assert!(!failed.get_output().stderr.is_empty());
}

/// A file, found by fuzzing, on which a parser of another crate panics: one line says so.
#[test]
fn a_panic_of_a_parser_is_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = include_bytes!("../fixtures/panic.parquet");
    fs::write(folder.path().join("rows.parquet"), bytes).expect("a file");
    let text = error(folder.path(), 1, &["fit", "rows.parquet", "--dry-run"]);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.starts_with("error: rows.parquet cannot be read as Parquet"),
        "{text}"
    );
}
