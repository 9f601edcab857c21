//! Ctrl-C ends a run so that it can go on; a second one ends the process. A file of its own, since
//! handlers of signals are the process's.
#![cfg(unix)]

mod common;

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use common::{Line, exact, repeat, sgd, squared_error};
use signal_hook::consts::SIGINT;
use signal_hook::low_level::raise;
use thalweg_train::{Callback, CtrlC, Outcome, Progress, Signal, Trained, Trainer};

/// Tells the test that it is the process to be ended, and how.
const HOW: &str = "THALWEG_TEST_CTRL_C";

/// Presses Ctrl-C so many times when a step has been made, and once at an epoch's end.
struct Press {
    step: usize,
    times: usize,
    epoch: Option<usize>,
}

impl Press {
    const NEVER: Self = Self {
        step: usize::MAX,
        times: 0,
        epoch: None,
    };
}

impl<M> Callback<M> for Press {
    fn on_batch_end(&mut self, at: &Progress, _: &M) -> Signal {
        match at.step == self.step {
            true => (0..self.times).try_for_each(|_| raise(SIGINT)).into(),
            false => Signal::CONTINUE,
        }
    }

    fn on_epoch_end(&mut self, at: &Progress, _: &M) -> Signal {
        match self.epoch == Some(at.epoch) {
            true => raise(SIGINT).into(),
            false => Signal::CONTINUE,
        }
    }
}

fn fit(file: Option<&Path>, press: Press) -> (Trained<Line>, usize) {
    let mut trainer = Trainer::new(3, 0.1);
    if let Some(file) = file {
        trainer = trainer.resume(file);
    }
    let mut steps = 0;
    let count = thalweg_train::on_epoch_end(|at: &Progress, _: &Line| steps = at.step);
    let trained = trainer.fit(
        Line::zero(),
        sgd(),
        &repeat(exact()),
        squared_error,
        &mut (press, CtrlC::new(), count),
    );
    (trained, steps)
}

#[test]
fn the_run_ends_at_the_next_batch_and_goes_on() {
    let whole = fit(None, Press::NEVER).0;
    // Within an epoch, at the last batch of one, at an epoch's end.
    let cases = [(Some(4), None, 4), (Some(6), None, 6), (None, Some(0), 3)];
    for (step, epoch, ended) in cases {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.state");
        let press = Press {
            step: step.unwrap_or(usize::MAX),
            times: 1,
            epoch,
        };
        let (trained, steps) = fit(Some(&file), press);
        assert!(matches!(trained.outcome, Outcome::Interrupted));
        assert_eq!(steps, ended);
        let (trained, steps) = fit(Some(&file), Press::NEVER);
        assert!(matches!(trained.outcome, Outcome::Finished));
        assert_eq!(steps, 9);
        assert_eq!(trained.model.values(), whole.model.values());
        assert_eq!(trained.history.losses(), whole.history.losses());
    }
    // A run that is over anyway is finished, not interrupted.
    let late = Press {
        step: 9,
        times: 1,
        epoch: None,
    };
    assert!(matches!(fit(None, late).0.outcome, Outcome::Finished));
}

/// The signal that ends this test in a process of its own.
fn end_of(how: &str) -> Option<i32> {
    let mut command = Command::new(env::current_exe().expect("this test"));
    command.args([
        "--exact",
        "a_second_one_and_one_without_a_run_end_the_process",
    ]);
    command.env(HOW, how).status().expect("a process").signal()
}

#[test]
fn a_second_one_and_one_without_a_run_end_the_process() {
    let twice = Press {
        step: 2,
        times: 2,
        epoch: None,
    };
    match env::var(HOW).as_deref() {
        Ok("twice") => drop(fit(None, twice)),
        Ok("after") => {
            let _ = fit(None, Press::NEVER);
            raise(SIGINT).unwrap();
        }
        Ok("never") => drop(fit(None, Press::NEVER)),
        _ => {
            assert_eq!(end_of("twice"), Some(SIGINT));
            assert_eq!(end_of("after"), Some(SIGINT));
            assert_eq!(end_of("never"), None);
        }
    }
}
