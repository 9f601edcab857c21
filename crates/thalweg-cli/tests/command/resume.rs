//! A fit that was killed goes on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use assert_cmd::cargo::CommandCargoExt;

use crate::output;

const FIT: [&str; 10] = [
    "fit",
    "@penguins",
    "--target",
    "bill_length_mm,bill_depth_mm",
    "--missing",
    "skip",
    "--members",
    "1",
    "--steps",
    "300",
];

fn scores(folder: &Path) -> String {
    output(folder, &["score", "penguins.safetensors", "@penguins"])
}

#[test]
fn a_killed_fit_ends_as_one_that_was_not() {
    let [whole, killed] = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
    output(whole.path(), &FIT);

    let mut command = Command::cargo_bin("thalweg").expect("the binary");
    command
        .args(FIT)
        .current_dir(killed.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut running = command.spawn().expect("a process");
    let unfinished = killed.path().join("penguins.safetensors.unfinished");
    let begun = || {
        std::fs::read_dir(&unfinished)
            .is_ok_and(|mut files| files.any(|file| file.is_ok_and(|f| f.path().is_file())))
    };
    while !begun() && running.try_wait().expect("a process").is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    running.kill().expect("a signal");
    running.wait().expect("an end");
    assert!(!killed.path().join("penguins.safetensors").exists());
    assert!(begun(), "the training is kept");

    output(killed.path(), &FIT);
    assert_eq!(scores(killed.path()), scores(whole.path()));
    assert!(!unfinished.exists(), "what was kept is removed");
}
