//! Scores of rows: in order, one for each, whatever the rows are.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{error, fitted, json, output, thalweg};

const HEADER: &str = "species,bill_length_mm,bill_depth_mm\n";

fn model() -> String {
    fitted().join("model.safetensors").display().to_string()
}

/// Rows of penguins' bills; the seventh lacks a number, the tenth has too many fields.
fn rows(folder: &Path, n: usize) {
    let species = ["Adelie", "Gentoo", "Chinstrap"];
    let line = |row: usize| match row {
        7 => "Adelie,,17\n".to_owned(),
        10 => "Adelie,39,17,1\n".to_owned(),
        row => format!(
            "{},{}.5,{}.25\n",
            species[row % 3],
            35 + row % 20,
            14 + row % 7
        ),
    };
    let lines: String = (1..=n).map(line).collect();
    fs::write(folder.join("rows.csv"), HEADER.to_owned() + &lines).expect("a file");
}

fn fields(line: &str) -> Vec<&str> {
    line.split(',').collect()
}

#[test]
fn rows_come_out_in_order_and_bad_ones_are_marked_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    rows(folder.path(), 5000);
    let text = output(folder.path(), &["score", &model(), "rows.csv"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "row,nats,score,p_value,problem");
    assert_eq!(lines.len(), 5001);
    for (place, line) in lines.iter().enumerate().skip(1) {
        let fields = fields(line);
        assert_eq!(fields[0], place.to_string());
        let is_bad = [7, 10].contains(&place);
        assert_eq!(fields[1].is_empty(), is_bad, "{line}");
    }
    assert!(lines[7].contains("bill_length_mm"), "{}", lines[7]);
    assert!(lines[10].contains("line 11"), "{}", lines[10]);
    // Equal rows have equal nats, in whatever chunk they are.
    assert_eq!(fields(lines[1])[1], fields(lines[1 + 20 * 21])[1]);
}

#[test]
fn formats_have_the_same_scores() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    rows(folder, 50);
    let csv = output(folder, &["score", &model(), "rows.csv"]);
    let lines = output(folder, &["score", &model(), "rows.csv", "--json"]);
    let objects: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(objects.len(), 50);
    for (line, object) in csv.lines().skip(1).zip(&objects) {
        let fields = fields(line);
        assert_eq!(object["row"].to_string(), fields[0]);
        match object["nats"].as_f64() {
            Some(nats) => assert_eq!(nats, fields[1].parse::<f64>().expect("a number")),
            None => assert!(object["problem"].is_string(), "{object}"),
        }
    }
    // From the standard input, and into a file.
    let text = fs::read(folder.join("rows.csv")).expect("a file");
    let mut command = thalweg(folder);
    command
        .args(["score", &model(), "-", "-o", "scores.csv.gz"])
        .write_stdin(text)
        .assert()
        .success();
    let again = output(folder, &["score", &model(), "rows.csv", "-o", "scores.csv"]);
    assert!(again.contains("50 rows"), "{again}");
    assert_eq!(
        fs::read_to_string(folder.join("scores.csv")).expect("a file"),
        csv
    );
    let text = error(
        folder,
        1,
        &["score", &model(), "rows.csv", "-o", "scores.csv"],
    );
    assert!(text.contains("--force"), "{text}");
}

#[test]
fn parts_have_each_row_once() {
    let folder = tempfile::tempdir().expect("a folder");
    rows(folder.path(), 9000);
    let mut all: Vec<String> = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let text = output(
            folder.path(),
            &[
                "score",
                &model(),
                "rows.csv",
                "--part",
                part,
                "--only",
                "nats",
            ],
        );
        all.extend(text.lines().skip(1).map(str::to_owned));
    }
    all.sort_by_key(|line| fields(line)[0].parse::<usize>().expect("a row"));
    let whole = output(
        folder.path(),
        &["score", &model(), "rows.csv", "--only", "nats"],
    );
    assert!(whole.lines().skip(1).eq(all.iter().map(String::as_str)));
    let text = error(
        folder.path(),
        2,
        &["score", &model(), "rows.csv", "--part", "4/3"],
    );
    assert!(text.contains("1/8"), "{text}");
}

/// Of Parquet the parts are ranges: one after another, they are the whole, bit for bit.
#[test]
fn parts_of_a_parquet_file_are_ranges() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |row| format!("Adelie,{}.5,{}.25\n", 35 + row % 20, 14 + row % 7);
    let lines = HEADER.to_owned() + &(1..=9000).map(line).collect::<String>();
    fs::write(folder.path().join("rows.csv"), lines).expect("a file");
    let table = thalweg::data::Table::read(folder.path().join("rows.csv")).expect("a table");
    table
        .write(folder.path().join("rows.parquet"))
        .expect("written");
    let scores = |part: Option<String>| {
        let model = model();
        let mut line = vec!["score", &model, "rows.parquet"];
        line.extend(part.iter().flat_map(|part| ["--part", part]));
        let text = output(folder.path(), &line);
        text.split_once('\n').expect("a header").1.to_owned()
    };
    let parts: String = (1..=4)
        .map(|part| scores(Some(format!("{part}/4"))))
        .collect();
    assert_eq!(parts, scores(None));
    assert!(scores(Some("2/4".to_owned())).starts_with("2251,"));
}

#[test]
fn a_bad_row_may_be_left_out_or_end_the_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    rows(folder, 30);
    let text = output(
        folder,
        &["score", &model(), "rows.csv", "--on-error", "skip"],
    );
    assert_eq!(text.lines().count(), 1 + 28);
    let text = error(
        folder,
        1,
        &[
            "score",
            &model(),
            "rows.csv",
            "--on-error",
            "stop",
            "-o",
            "scores.csv",
        ],
    );
    assert!(
        text.contains("row 7") && text.contains("--on-error"),
        "{text}"
    );
    assert!(
        !folder.join("scores.csv").exists(),
        "a file appears whole or not at all"
    );
}

#[test]
fn explanations_name_the_columns_of_strange_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let strange = "Adelie,39,18\nGentoo,47,90\n";
    fs::write(folder.path().join("rows.csv"), HEADER.to_owned() + strange).expect("a file");
    let text = output(
        folder.path(),
        &["score", &model(), "rows.csv", "--explain", "1", "--json"],
    );
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["explained"][0]["column"], "bill_depth_mm");
    assert!(last["p_value"].as_f64().is_some_and(|p| p < 0.05), "{last}");
}

/// Over many chunks, the mean is that of the scores, and rows without a score are counted.
#[test]
fn all_rows_are_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |row| match row {
        77 => "Adelie,,17\n".to_owned(),
        _ => format!("Adelie,{}.5,{}.25\n", 35 + row % 11, 16 + row % 4),
    };
    let lines = HEADER.to_owned() + &(1..=1000).map(line).collect::<String>();
    fs::write(folder.path().join("rows.csv"), lines).expect("a file");
    let compared = json(folder.path(), &["compare", "rows.csv", &model()]);
    let scores = output(folder.path(), &["score", &model(), "rows.csv"]);
    let nats: Vec<f64> = scores
        .lines()
        .filter_map(|line| fields(line)[1].parse().ok())
        .collect();
    assert_eq!((nats.len(), &compared[0]["rows"]), (999, &999.into()));
    assert_eq!(compared[0]["without_score"], 1, "{compared}");
    let mean = nats.iter().sum::<f64>() / 999.0;
    let found = compared[0]["nats"].as_f64().expect("nats");
    assert!((found - mean).abs() < 1e-5, "{found} {mean}");
    let said = output(folder.path(), &["compare", "rows.csv", &model()]);
    assert!(said.contains("and 1 without a density"), "{said}");
}

#[test]
fn models_are_compared_and_timed() {
    let labelled = tempfile::tempdir().expect("a folder");
    let table = "species,bill_length_mm,bill_depth_mm,label\nAdelie,39,18,0\nAdelie,38,18.5,0\nGentoo,47,90,1\n";
    fs::write(labelled.path().join("rows.csv"), table).expect("a file");
    let both = json(
        labelled.path(),
        &[
            "compare",
            "rows.csv",
            &model(),
            &model(),
            "--labels",
            "label",
        ],
    );
    assert_eq!(both[0]["nats"], both[1]["nats"]);
    assert_eq!(both[0]["roc_auc"], 1.0);
    let twice = ["compare", "-", &model(), &model()];
    let text = error(labelled.path(), 2, &twice);
    assert!(text.contains("read once"), "{text}");
    let speed = json(labelled.path(), &["bench", &model(), "rows.csv"]);
    assert!(
        speed["nats_per_second"]
            .as_f64()
            .is_some_and(|rate| rate > 0.0),
        "{speed}"
    );
}
