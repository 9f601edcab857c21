//! Models in files, of each kind that there is.

use std::path::{Path, PathBuf};

use burn::tensor::{DType, Device, Tensor};
use thalweg_check::{Check, CheckError, Options, check_file};
use thalweg_flow::Noise;

/// The files of the models' own tests.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../thalweg-models/tests/fixtures/format-1")
        .join(format!("{name}.safetensors"))
}

fn report(name: &str, rows: Option<&Tensor<2>>) -> Result<Check, CheckError> {
    let options = Options {
        rows: 16,
        jacobians: 1,
        evaluations: 2000,
        ..Options::default()
    };
    check_file(fixture(name), rows, &options, &Device::default())
}

fn normal(columns: usize) -> Tensor<2> {
    Noise::seeded(1).normal([8, columns], &Device::default(), DType::F32)
}

#[test]
fn a_flow_of_each_kind_is_measured_on_its_own_draws() {
    for (name, kind) in [
        ("coupling-realnvp", "coupling flow"),
        ("coupling-circular", "coupling flow"),
        ("autoregressive-maf", "autoregressive flow"),
        ("continuous-ffjord", "continuous flow"),
        ("nice", "nice"),
        ("glow-openai", "glow"),
        ("glow-edge", "edge glow"),
        ("glow-diagonal", "diagonal glow"),
        ("realnvp", "realnvp"),
    ] {
        let report = report(name, None).unwrap();
        assert_eq!(report.model, kind);
        assert_eq!(report.rows, 16, "{name}");
        let trip = report.round_trip.done().unwrap();
        assert!(trip.data.largest < 1e-2, "{name}: {trip:?}");
        assert!(report.log_det.done().is_some(), "{name}");
        assert!(report.compiled.done().is_some(), "{name}");
    }
}

#[test]
fn conditions_are_the_last_columns() {
    for name in [
        "coupling-conditional",
        "autoregressive-conditional",
        "continuous-conditional",
    ] {
        let report = report(name, Some(&normal(5))).unwrap();
        assert_eq!((report.rows, report.numbers), (8, 3), "{name}");
        assert!(report.round_trip.done().is_some(), "{name}");
    }
}

#[test]
fn what_cannot_be_measured_says_why() {
    let message =
        |name: &str, rows: Option<&Tensor<2>>| report(name, rows).unwrap_err().to_string();
    assert_eq!(
        message("coupling-conditional", None),
        "a 'conditional coupling flow' is conditional on 2 numbers, so nothing is drawn from it alone; give rows with \
         conditions"
    );
    assert_eq!(
        message("coupling-conditional", Some(&normal(3))),
        "a 'conditional coupling flow' of 5 numbers a row, conditions included, got rows of 3"
    );
    for (name, kind) in [
        ("vae-bernoulli", "vae"),
        ("fvae-scalar", "f-vae"),
        ("vib", "vib"),
        ("categorical", "categorical"),
        ("glow-conditional", "conditional glow"),
        ("module", "module"),
    ] {
        assert_eq!(
            message(name, None),
            format!("holds a '{kind}', which has no flow of vectors or images to check")
        );
    }
    assert!(message("none", None).contains("none.safetensors"));
}
