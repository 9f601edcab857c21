//! A run whose process is killed twenty times ends where the run that was left alone ends, to the
//! bit.

mod common;

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs, thread};

use burn::optim::AdamConfig;
use common::{Line, Points, points, squared_error};
use tempfile::TempDir;
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Outcome, ReduceOnPlateau, Trainer};

/// Tells the test that it is the process to be killed, and where its file lies.
const FILE: &str = "THALWEG_TEST_RUN";
const BATCHES: usize = 100;
const EPOCHS: usize = 25;

fn run(file: &Path, pace: Duration) -> [f32; 2] {
    let batches = |epoch: usize| -> Vec<Points> {
        let batch = |index: usize| {
            let x = (epoch * BATCHES + index) as f32 * 0.7;
            points([x.sin(), x.cos()], [x.cos(), 1.0 - x.sin()])
        };
        (0..BATCHES).map(batch).collect()
    };
    let trained = Trainer::new(EPOCHS, 0.01).resume(file).save_every(3).fit(
        Line::zero(),
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(batches),
        |line: &Line, batch, seed| {
            thread::sleep(pace);
            squared_error(line, batch, seed)
        },
        &mut ReduceOnPlateau::new(1, 0.9),
    );
    assert!(
        matches!(trained.outcome, Outcome::Finished),
        "{}",
        trained.outcome
    );
    trained.model.values()
}

fn spawn(file: &Path) -> Child {
    let mut command = Command::new(env::current_exe().expect("this test"));
    command.args(["--exact", "twenty_kills_change_nothing"]);
    command.env(FILE, file).spawn().expect("a process")
}

/// Kills a process some time after its first save; `false` if it was over before.
fn kill_after_progress(file: &Path, delay: Duration) -> bool {
    let before = fs::read(file).ok();
    let mut child = spawn(file);
    while fs::read(file).ok() == before {
        if child.try_wait().expect("its state").is_some() {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(delay);
    // SIGKILL: nothing of the process can react.
    let running = child.try_wait().expect("its state").is_none();
    child.kill().expect("a kill");
    child.wait().expect("its end");
    running
}

#[test]
fn twenty_kills_change_nothing() {
    if let Some(file) = env::var_os(FILE) {
        run(Path::new(&file), Duration::from_millis(1));
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (killed, whole) = (folder.path().join("killed"), folder.path().join("whole"));
    for kill in 0..20u64 {
        // Anywhere between two saves, and within a save.
        let delay = Duration::from_micros(kill * 7_919 % 13_000);
        assert!(
            kill_after_progress(&killed, delay),
            "over before kill {kill}"
        );
    }
    assert_eq!(run(&killed, Duration::ZERO), run(&whole, Duration::ZERO));
}
