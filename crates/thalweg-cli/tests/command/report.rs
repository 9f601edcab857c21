//! Reports on tables and on images.

use std::fs;

use crate::images::{failure, glow, object, place, run};
use crate::{error, fitted, json, output, thalweg};

#[test]
fn a_report_of_many_rows_is_that_of_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = fitted().join("model.safetensors").display().to_string();
    // Rows that come again, in more chunks than one, and one that lacks a number.
    let row = |k: usize| format!("{},{},Adelie\n", 35 + k % 7, 15 + k % 5);
    let header = "bill_length_mm,bill_depth_mm,species\n";
    let few: String = (0..35).map(row).collect();
    let many: String = (0..35 * 600).map(row).collect();
    fs::write(folder.join("few.csv"), format!("{header}{few}")).expect("a file");
    let text = format!("{header}{many},15,Adelie\n");
    fs::write(folder.join("many.csv"), &text).expect("a file");
    let [few, many] = ["few.csv", "many.csv"].map(|rows| json(folder, &["report", &model, rows]));
    assert_eq!((&few["rows"], &many["rows"]), (&35.into(), &21_001.into()));
    assert_eq!(
        (&few["ranked"], &many["ranked"]),
        (&35.into(), &2000.into())
    );
    let first = many["first_error"].as_str().expect("an error");
    assert!(first.starts_with("row 21001: "), "{first}");
    let [a, b] = [&few, &many].map(|report| report["nats"].as_f64().expect("nats"));
    assert!((a - b).abs() < 1e-4, "{a} and {b}");
    let [a, b] = [&few, &many].map(|report| report["nats_error"].as_f64().expect("an error"));
    assert!((a / b - (600.0_f64).sqrt()).abs() < 0.5, "{a} and {b}");

    let piped = thalweg(folder)
        .args(["report", &model, "-", "--json", "-o", "report.svg"])
        .write_stdin(text)
        .assert()
        .success();
    let piped: serde_json::Value =
        serde_json::from_slice(&piped.get_output().stdout).expect("JSON");
    assert_eq!(piped["columns"], many["columns"]);
    assert!(folder.join("report.svg").exists());
}

#[test]
fn rows_count_by_the_weights_of_the_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let row = |k: usize| format!("{},{}\n", (k * 37 % 101) as f64 / 7.0, 1 + k % 3);
    let rows: String = (0..200).map(row).collect();
    fs::write(folder.join("rows.csv"), format!("x,w\n{rows}")).expect("a file");
    output(
        folder,
        &[
            "fit",
            "rows.csv",
            "--weights",
            "w",
            "--steps",
            "10",
            "--members",
            "1",
        ],
    );
    let report = json(folder, &["report", "rows.safetensors", "rows.csv"]);
    assert_eq!(report["weights"], "w");
    // Without the column, rows count alike; another column is none of the model's.
    let rows: String = rows
        .lines()
        .map(|row| format!("{},none\n", row.split(',').next().expect("x")))
        .collect();
    fs::write(folder.join("alike.csv"), format!("x,note\n{rows}")).expect("a file");
    let alike = json(folder, &["report", "rows.safetensors", "alike.csv"]);
    assert!(alike["weights"].is_null(), "{alike}");
    assert_ne!(alike["nats"], report["nats"]);
    fs::write(folder.join("bad.csv"), "x,w\n1,2\n3,-1\n").expect("a file");
    let text = error(folder, 1, &["report", "rows.safetensors", "bad.csv"]);
    assert!(text.contains("row 2 has -1"), "{text}");
}

#[test]
fn images_have_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = place("digits.safetensors");
    let text = run(
        folder,
        &format!("report {model} @digits -o report.png -o report.svg -o report.txt -o report.json"),
    );
    assert!(text.contains("the mean of 1797 images"), "{text}");
    for file in ["report.png", "report.svg", "report.txt", "report.json"] {
        assert!(folder.join(file).exists(), "{file}");
    }
    let report = object(folder, &format!("report {model} @digits"));
    assert_eq!(report["images"], 1797);
    let scores = run(glow(), "score digits.safetensors @digits");
    let bits = scores
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(2).and_then(|x| x.parse::<f64>().ok()));
    let bits: Vec<f64> = bits.map(|bits| bits.expect("a number")).collect();
    let mean = bits.iter().sum::<f64>() / 1797.0;
    let found = report["bits_per_dim"].as_f64().expect("bits");
    assert!((found - mean).abs() < 1e-6, "{found} and {mean}");
    let name = report["worst"][0]["name"].as_str().expect("a name");
    let worst = bits[name.parse::<usize>().expect("an index")];
    assert!(bits.iter().all(|bits| *bits <= worst));

    // Pictures have names, and damaged ones are counted.
    run(folder, &format!("sample {model} 12 -o pictures/"));
    fs::write(folder.join("pictures/05.png"), "").expect("a file");
    let report = object(folder, &format!("report {model} pictures"));
    assert_eq!(
        (&report["images"], &report["errors"]),
        (&12.into(), &1.into())
    );
    let first = report["first_error"].as_str().expect("an error");
    assert!(first.starts_with("05.png: "), "{first}");
    let name = report["best"][0]["name"].as_str().expect("a name");
    assert!(name.ends_with(".png"), "{name}");
    let text = failure(folder, 2, &format!("report {model} pictures --delimiter ;"));
    assert!(text.contains("--delimiter"), "{text}");
}
