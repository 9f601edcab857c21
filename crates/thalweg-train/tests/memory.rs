//! Memory does not grow from epoch to epoch.

#![cfg(target_os = "linux")] // where the process says what it holds

mod common;

use std::fs;

use burn::optim::AdamConfig;
use common::{Line, exact, repeat, squared_error};
use tempfile::TempDir;
use thalweg_optim::SingleGradient;
use thalweg_train::{
    BestCheckpoint, CsvLog, EarlyStopping, JsonLines, Outcome, ProgressBar, Trainer, on_epoch_end,
};

/// Kilobytes of this process that lie in memory.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[test]
fn a_thousand_epochs_hold_what_fifty_did() {
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let mut seen = vec![];
    let trained = Trainer::new(1000, 1e-3).resume(file("run.state")).fit(
        Line::zero(),
        SingleGradient::new(AdamConfig::new().init()),
        &repeat(exact()),
        squared_error,
        &mut (
            ProgressBar::lines(std::io::sink()),
            CsvLog::new(file("log.csv")),
            JsonLines::new(file("log.jsonl")),
            BestCheckpoint::new(file("best")),
            EarlyStopping::new(1000),
            on_epoch_end(|at, _: &Line| {
                if [49, 999].contains(&at.epoch) {
                    seen.push(resident());
                }
            }),
        ),
    );
    assert!(
        matches!(trained.outcome, Outcome::Finished),
        "{}",
        trained.outcome
    );
    let [early, late] = seen[..] else {
        panic!("{seen:?}");
    };
    println!("{early} kB after 50 epochs, {late} kB after 1,000");
    assert!(
        late < 1.05 * early,
        "{early} kB after 50 epochs, {late} kB after 1,000"
    );
}
