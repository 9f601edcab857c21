//! A damaged file of a run is an error of the run, or a run that goes on. It never panics. `PROPTEST_CASES` is the
//! number of
//! cases.

use std::sync::LazyLock;

use burn::optim::AdamConfig;
use proptest::prelude::*;
use thalweg_mutate::{cases, damaged, damages, sealed_run};
use thalweg_optim::SingleGradient;
use thalweg_train::{EarlyStopping, Outcome, Recover, ReduceOnPlateau, Trained, Trainer};

use crate::common::{Interrupt, Line, exact, points, repeat, squared_error};

/// A run that is interrupted after some steps, with callbacks that keep a state.
fn run(path: &std::path::Path, steps: usize) -> Trained<Line> {
    let data = repeat(exact()).validate(|_| vec![points([0.0], [2.0])]);
    let callbacks = &mut (
        ReduceOnPlateau::new(1, 0.5),
        Recover::above_best_by(0.01).scale(0.5),
        EarlyStopping::new(50),
        Interrupt(steps),
    );
    let adam = SingleGradient::new(AdamConfig::new().init()).clip_norm(0.5);
    let trainer = Trainer::new(1000, 0.05).seed(3).resume(path);
    trainer.fit(Line::zero(), adam, &data, squared_error, callbacks)
}

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.state");
    assert!(matches!(run(&path, 5).outcome, Outcome::Interrupted));
    std::fs::read(path).expect("a state")
});

/// Where the content of the file begins: after `thalweg\n`, version and checksum.
const CONTENT: usize = 16;

/// How a run ends whose file holds these bytes.
fn outcome(bytes: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.state");
    std::fs::write(&path, bytes).expect("a file");
    run(&path, 2).outcome
}

#[test]
fn a_checksum_of_this_test_is_that_of_the_file() {
    assert_eq!(sealed_run(1, &SOUND[CONTENT..]), *SOUND);
    assert!(matches!(outcome(&SOUND), Outcome::Interrupted));
}

/// A pipe would keep the run waiting for ever.
#[cfg(unix)]
#[test]
fn a_pipe_is_no_file_of_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo").success());
    let ended = run(&path, 2).outcome.to_string();
    assert!(ended.contains("is a pipe, a socket or a device"), "{ended}");
}

/// A parameter of the optimizer's record without its id, which Burn's reader panics at.
#[test]
fn a_record_without_ids_is_an_error() {
    let content = &SOUND[CONTENT..];
    let key = b"param_id";
    let places: Vec<usize> = (0..content.len() - key.len())
        .filter(|at| content[*at..].starts_with(key))
        .collect();
    let ends = places.into_iter().map(|at| {
        let mut content = content.to_vec();
        content[at] ^= 1;
        outcome(&sealed_run(1, &content)).to_string()
    });
    let refused = ends.filter(|ended| ended.contains("the optimizer cannot read its record"));
    assert!(refused.count() > 0);
}

/// Found by `to_the_content`.
#[test]
fn seconds_that_are_no_time_are_an_error() {
    let content = &SOUND[CONTENT..];
    let key = b"seconds";
    let at = content.windows(key.len()).position(|bytes| bytes == key);
    // In CBOR a whole number of 8 bytes, behind the byte 0x1b: the bits of the number.
    let at = at.expect("the time of the run") + key.len();
    let begin = content[at..].iter().position(|byte| *byte == 0x1b);
    let begin = at + begin.expect("a number of 8 bytes") + 1;
    for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300, 1.8e19] {
        let mut content = content.to_vec();
        content[begin..begin + 8].copy_from_slice(&f64::to_bits(seconds).to_be_bytes());
        let ended = outcome(&sealed_run(1, &content)).to_string();
        assert!(
            ended.contains("must lie between 0 and 4294967295 s"),
            "{ended}"
        );
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn to_the_file(damages in damages()) {
        let bytes = damaged(&SOUND, &damages, b"thalweg\n");
        if bytes != *SOUND {
            prop_assert!(matches!(outcome(&bytes), Outcome::Failed(_)));
        }
    }

    #[test]
    fn to_the_content(damages in damages()) {
        let content = damaged(&SOUND[CONTENT..], &damages, &SOUND);
        let ended = outcome(&sealed_run(1, &content));
        prop_assert!(!ended.to_string().is_empty());
    }
}
