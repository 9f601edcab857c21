//! The command as people run it.

mod broken;
mod convert;
#[cfg(target_os = "linux")]
mod disks;
mod empty;
mod fit;
mod help;
mod images;
mod large;
mod latents;
mod models_of_images;
mod outputs;
mod report;
mod resume;
mod sample;
mod score;
mod vectors;
mod view;

use std::path::Path;
use std::sync::OnceLock;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// The command in a folder.
fn thalweg(folder: &Path) -> Command {
    let mut command =
        Command::cargo_bin("thalweg").expect("cargo builds the binary of its own package");
    command.current_dir(folder).env_remove("BURN_DEVICE");
    command
}

/// Runs the command, which has to succeed, and returns its standard output.
fn output(folder: &Path, arguments: &[&str]) -> String {
    let done = thalweg(folder).args(arguments).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).expect("text")
}

/// The one JSON object of a command.
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let text = output(folder, &[arguments, &["--json"]].concat());
    assert_eq!(text.lines().count(), 1, "one object on one line: {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// The error of a command that fails with this code.
fn error(folder: &Path, code: i32, arguments: &[&str]) -> String {
    let failed = thalweg(folder).args(arguments).assert().code(code);
    String::from_utf8(failed.get_output().stderr.clone()).expect("text")
}

/// A folder with `model.safetensors`, the density of the penguins' bill given their species, hardly trained.
fn fitted() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let fit = "fit @penguins -o model.safetensors --target bill_length_mm,bill_depth_mm --given species \
                   --missing skip --steps 30 --members 1";
        output(folder.path(), &fit.split_whitespace().collect::<Vec<_>>());
        folder
    });
    folder.path()
}
