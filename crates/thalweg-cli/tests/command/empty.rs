//! Files of no bytes, in every format that is read and for every verb that reads it.

use std::fs;
use std::path::Path;

use crate::images::place;
use crate::{error, fitted, thalweg};

/// A folder with an empty file of each name.
fn empty(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "").expect("a file");
    }
    folder
}

/// The command fails by one line that names the file.
fn refused(folder: &Path, line: &str, name: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let text = error(folder, 1, &words);
    assert!(text.starts_with("error: "), "{line}: {text}");
    assert!(text.contains(name), "{line}: {text}");
    assert_eq!(text.lines().count(), 1, "{line}: {text}");
}

fn table_model() -> String {
    fitted().join("model.safetensors").display().to_string()
}

#[test]
fn tables() {
    let names = ["rows.csv", "rows.csv.gz", "rows.csv.zst", "rows.parquet"];
    let folder = empty(&names);
    let model = table_model();
    for name in names {
        for line in [
            format!("fit {name} -q"),
            format!("fit {name} --dry-run -q"),
            format!("score {model} {name}"),
            format!("score {model} {name} -o scores.csv"),
            format!("encode {model} {name}"),
            format!("encode {model} {name} --json"),
            format!("decode {model} {name}"),
            format!("decode {model} {name} --json"),
            format!("report {model} {name}"),
            format!("compare {name} {model}"),
            format!("check {model} {name}"),
            format!("bench {model} {name}"),
            format!("sample {model} 3 --given-table {name}"),
        ] {
            refused(folder.path(), &line, name);
        }
    }
    for verb in ["score", "encode", "decode", "report", "check"] {
        let failed = thalweg(folder.path())
            .args([verb, &model, "-"])
            .write_stdin("")
            .assert()
            .code(1);
        let text = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(text.starts_with("error: the stream"), "{verb}: {text}");
    }
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, names.len(), "nothing was written");
}

#[test]
fn images() {
    let names = [
        "a.png",
        "b.jpg",
        "few/c.png",
        "images.idx",
        "set-idx3-ubyte.gz",
    ];
    let folder = empty(&names);
    let model = place("digits.safetensors");
    // An empty file of another name than a picture's is none of images.
    for name in ["a.png", "b.jpg"] {
        for line in [
            format!("score {model} {name} --on-error stop"),
            format!("encode {model} {name}"),
            format!("report {model} {name}"),
            format!("interpolate {model} {name} @digits:0 -o strip.png"),
        ] {
            refused(folder.path(), &line, name);
        }
    }
    for line in [
        "fit few -q".to_owned(),
        format!("report {model} few"),
        format!("encode {model} few"),
    ] {
        refused(folder.path(), &line, "c.png");
    }
    for name in ["images.idx", "set-idx3-ubyte.gz"] {
        for verb in ["score", "encode", "report", "check"] {
            refused(folder.path(), &format!("{verb} {model} {name}"), name);
        }
        refused(
            folder.path(),
            &format!("interpolate {model} {name}:0 @digits:0 -o strip.png"),
            name,
        );
        refused(folder.path(), &format!("fit {name} -q"), name);
    }
}

#[test]
fn models() {
    let folder = empty(&["model.safetensors"]);
    for line in [
        "score MODEL @penguins",
        "sample MODEL 3",
        "encode MODEL @penguins",
        "decode MODEL z.csv",
        "interpolate MODEL @digits:0 @digits:1 -o strip.png",
        "report MODEL @penguins",
        "compare @penguins MODEL",
        "check MODEL @penguins",
        "info MODEL",
        "bench MODEL",
    ] {
        refused(
            folder.path(),
            &line.replace("MODEL", "model.safetensors"),
            "model.safetensors",
        );
    }
}

#[test]
fn checkpoints() {
    let folder = empty(&["checkpoint.safetensors"]);
    let line = "convert checkpoint.safetensors --from zuko -o other.safetensors";
    refused(folder.path(), line, "no safetensors file");
    assert!(!folder.path().join("other.safetensors").exists());
}

#[test]
fn latents_and_options() {
    let names = [
        "z.safetensors",
        "z.csv",
        "z.parquet",
        "options.toml",
        "config.toml",
    ];
    let folder = empty(&names);
    let model = place("digits.safetensors");
    for name in &names[..3] {
        refused(
            folder.path(),
            &format!("decode {model} {name} -o back.idx"),
            name,
        );
        refused(
            folder.path(),
            &format!("decode {} {name}", table_model()),
            name,
        );
    }
    // No option is given, so what is asked for is the table.
    let text = error(folder.path(), 2, &["fit", "--config", "options.toml"]);
    assert!(text.contains("no table is given"), "{text}");
}
