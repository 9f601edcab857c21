//! Samples, latents and reports.

use std::fs;

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
    let encode = ["encode", &model(), "rows.csv", "--latents-only"];
    let latents = output(folder.path(), &encode);
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

#[test]
fn many_rows_are_encoded_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = |k: usize| format!("{},{},Adelie\n", 35 + k % 7, 15 + k % 5);
    let text: String = (0..20_000).map(row).collect();
    let text = format!("bill_length_mm,bill_depth_mm,species\n{text}");
    fs::write(folder.path().join("rows.csv"), text).expect("a file");
    let encode = ["encode", &model(), "rows.csv", "--latents-only"];
    let latents = output(folder.path(), &encode);
    let lines: Vec<&str> = latents.lines().collect();
    assert_eq!((lines[0], lines.len()), ("z_1,z_2", 20_001));
    // 35 different rows, which come again and again.
    let z = |line: &str| -> Vec<f64> {
        let numbers = line.split(',').map(|word| word.parse().expect("a number"));
        numbers.collect()
    };
    for (line, other) in lines[1..].iter().zip(&lines[36..]) {
        let pairs = z(line).into_iter().zip(z(other));
        assert!(
            pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-4),
            "{line} {other}"
        );
    }
    assert!((z(lines[1])[0] - z(lines[2])[0]).abs() > 1e-2);
}
