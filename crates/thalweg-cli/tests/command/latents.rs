//! Rows as latents and back.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;
use thalweg::data::{Table, Values};

use crate::{error, fitted, json, output, thalweg};

const HEADER: &str = "any,tenth,word,day,gap";

/// Rows of each type of column: digits of 64 bits, tenths, words, dates, missing values.
fn rows(count: usize) -> String {
    let row = |k: usize| {
        let any = 1e3 / (3.0 + (k * 7919 % 1000) as f64).sqrt();
        let tenth = ((k * 31 % 97) as f64 / 10.0 * 10.0).round() / 10.0;
        let word = ["north", "\"south, west\"", ""][k % 3];
        let day = format!("2021-{:02}-{:02}", 1 + k % 12, 1 + k % 28);
        let gap = if k.is_multiple_of(4) {
            String::new()
        } else {
            format!("{}", any.ln())
        };
        format!("{any},{tenth},{word},{day},{gap}\n")
    };
    let rows: String = (0..count).map(row).collect();
    format!("{HEADER}\n{rows}")
}

/// A folder with `model.safetensors`, of such rows given the words.
fn model() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("rows.csv"), rows(300)).expect("a file");
        let fit = "fit rows.csv -o model.safetensors --given word --missing indicator --steps 20 --members 1";
        output(folder.path(), &fit.split_whitespace().collect::<Vec<_>>());
        folder
    });
    folder.path()
}

fn run(folder: &Path, line: &str) -> String {
    let model = model().join("model.safetensors").display().to_string();
    let words = line.split_whitespace();
    let words: Vec<&str> = words
        .map(|word| if word == "MODEL" { &model } else { word })
        .collect();
    output(folder, &words)
}

fn assert_same(back: &Table, table: &Table) {
    assert_eq!(back.rows(), table.rows());
    let mut names = [back.names(), table.names()];
    names.iter_mut().for_each(|names| names.sort_unstable());
    assert_eq!(names[0], names[1]);
    let bits = |table: &Table, name: &str| -> Vec<String> {
        match table.require(name).expect("a column").values() {
            Values::Numbers(x) => x.iter().map(|x| format!("{:016x}", x.to_bits())).collect(),
            Values::Times(x) => x.iter().map(|x| format!("at {x:?}")).collect(),
            Values::Text(text) => text.iter().map(|word| format!("{word:?}")).collect(),
            _ => panic!("a known type"),
        }
    };
    for name in table.names() {
        assert_eq!(bits(back, name), bits(table, name), "{name}");
    }
}

#[test]
fn encoded_rows_come_back_to_the_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // Rows that the model did not see, and more than a chunk.
    fs::write(folder.join("rows.csv"), rows(9000)).expect("a file");
    let table = Table::read(folder.join("rows.csv")).expect("a table");
    for ending in ["csv", "parquet", "csv.gz"] {
        run(folder, &format!("encode MODEL rows.csv -o z.{ending}"));
        let written = run(
            folder,
            &format!("decode MODEL z.{ending} -o back.{ending} --json"),
        );
        assert!(written.contains("9000"), "{written}");
        let back = Table::read(folder.join(format!("back.{ending}"))).expect("a table");
        assert_same(&back, &table);
    }
    let latents = Table::read(folder.join("z.parquet")).expect("a table");
    let names = latents.names();
    for name in ["z_1", "rest:any", "step:any", "rest:day", "word"] {
        assert!(names.contains(&name), "{names:?}");
    }
    // By the standard input and output.
    let piped = thalweg(folder)
        .args([
            "decode",
            &model().join("model.safetensors").display().to_string(),
            "-",
        ])
        .write_stdin(fs::read(folder.join("z.csv")).expect("a file"))
        .assert()
        .success();
    let piped = String::from_utf8(piped.get_output().stdout.clone()).expect("text");
    assert_eq!(
        piped,
        fs::read_to_string(folder.join("back.csv")).expect("a file")
    );
}

#[test]
fn damaged_latents_are_errors_that_name_row_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("rows.csv"), rows(700)).expect("a file");
    let latents = run(folder, "encode MODEL rows.csv");
    // Row 500 lies in a later chunk.
    let mut lines: Vec<String> = latents.lines().map(str::to_owned).collect();
    let (_, rest) = lines[500].split_once(',').expect("columns");
    lines[500] = format!(",{rest}");
    fs::write(folder.join("z.csv"), lines.join("\n") + "\n").expect("a file");
    let model = model().join("model.safetensors").display().to_string();
    let text = error(folder, 1, &["decode", &model, "z.csv", "-o", "back.csv"]);
    assert!(
        text.contains("row 500 of the latents, column \"z_1\""),
        "{text}"
    );
    assert!(!folder.join("back.csv").exists());
    fs::write(folder.join("z.csv"), latents.replace("rest:any", "other")).expect("a file");
    let text = error(folder, 1, &["decode", &model, "z.csv"]);
    assert!(text.contains("rest:any"), "{text}");
    let text = error(folder, 1, &["encode", &model, "rows.csv", "-o", "z.csv"]);
    assert!(text.contains("--force"), "{text}");
}

#[test]
fn all_penguins_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = fitted().join("model.safetensors").display().to_string();
    output(folder, &["encode", &model, "@penguins", "-o", "z.csv"]);
    let object = json(folder, &["decode", &model, "z.csv"]);
    let penguins = Table::embedded("penguins").expect("a table");
    for name in ["bill_length_mm", "bill_depth_mm"] {
        let numbers = penguins.numbers(name).expect("numbers");
        let back = object[name].as_array().expect("numbers");
        assert_eq!(back.len(), penguins.rows());
        for (x, back) in numbers.iter().zip(back) {
            assert_eq!(back.as_f64(), Some(*x), "{name}");
        }
    }
}
