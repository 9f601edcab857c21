//! Samples, latents and reports.

use crate::{error, fitted, json, output};

fn model() -> String {
    fitted().join("model.safetensors").display().to_string()
}

#[test]
fn rows_are_drawn_given_conditions() {
    let folder = tempfile::tempdir().expect("a folder");
    let draw = |seed: &str| {
        output(
            folder.path(),
            &[
                "sample",
                &model(),
                "5",
                "--given",
                "species=Gentoo",
                "--seed",
                seed,
            ],
        )
    };
    let text = draw("1");
    assert_eq!(
        text.lines().next(),
        Some("bill_length_mm,bill_depth_mm,species")
    );
    assert_eq!(text.lines().count(), 6);
    assert!(
        text.lines().skip(1).all(|line| line.ends_with(",Gentoo")),
        "{text}"
    );
    assert_eq!(draw("1"), text);
    assert_ne!(draw("2"), text);
}

#[test]
fn a_condition_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = error(folder.path(), 1, &["sample", &model(), "5"]);
    assert!(text.contains("species"), "{text}");
    let text = error(
        folder.path(),
        2,
        &["sample", &model(), "5", "--given", "island=Biscoe"],
    );
    assert!(text.contains("those are species"), "{text}");
    let text = error(
        folder.path(),
        2,
        &["sample", &model(), "5", "--given", "species"],
    );
    assert!(text.contains("COLUMN=VALUE"), "{text}");
}

#[test]
fn latents_are_a_table_and_reports_are_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = [
        "sample",
        &model(),
        "40",
        "--given",
        "species=Gentoo",
        "-o",
        "rows.csv",
    ];
    let written = json(folder.path(), &drawn);
    assert_eq!(written["rows"], 40);
    let latents = output(folder.path(), &["encode", &model(), "rows.csv"]);
    assert_eq!(latents.lines().next(), Some("z_1,z_2"));
    assert_eq!(latents.lines().count(), 41);
    let report = json(
        folder.path(),
        &[
            "report",
            &model(),
            "rows.csv",
            "-o",
            "report.png",
            "-o",
            "report.txt",
        ],
    );
    assert_eq!(report["rows"], 40);
    assert!(folder.path().join("report.png").exists() && folder.path().join("report.txt").exists());
}

#[test]
fn a_model_is_checked_on_a_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = error(folder.path(), 2, &["check", &model()]);
    assert!(text.contains("MODEL TABLE"), "{text}");
    let reports = json(
        folder.path(),
        &["check", &model(), "@penguins", "-o", "check.png"],
    );
    assert_eq!(reports.as_array().map(Vec::len), Some(1));
    assert_ne!(reports[0]["verdict"], "failed");
    assert!(folder.path().join("check.png").exists());
}
