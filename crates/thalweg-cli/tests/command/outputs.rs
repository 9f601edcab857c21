//! Outputs that cannot be written are errors before any work: data that are missing are not noticed then.

use std::fs;

use crate::images::glow;
use crate::{error, fitted, json, output};

/// Runs a command line, in which `MODEL` is the density of a table and `GLOW` one of images.
fn failure(folder: &std::path::Path, line: &str) -> String {
    let models = [
        ("MODEL", fitted().join("model.safetensors")),
        ("GLOW", glow().join("digits.safetensors")),
    ];
    let word = |word: &str| {
        let model = models.iter().find(|(name, _)| *name == word);
        model.map_or(word.to_owned(), |(_, path)| path.display().to_string())
    };
    let words: Vec<String> = line.split(' ').map(word).collect();
    error(
        folder,
        1,
        &words.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

const LINES: [&str; 12] = [
    "score MODEL missing.csv -o FILE",
    "score GLOW missing -o FILE",
    "report MODEL missing.csv -o FILE",
    "report GLOW missing -o FILE",
    "check MODEL missing.csv -o FILE",
    "check GLOW missing -o FILE",
    "encode MODEL missing.csv -o FILE",
    "encode GLOW missing -o FILE",
    "decode MODEL missing.csv -o FILE",
    "decode GLOW missing.safetensors -o FILE",
    "sample MODEL 3 --given-table missing.csv -o FILE",
    "sample GLOW 100000 -o FILE",
];

/// The ending that a verb takes.
fn ending(line: &str) -> &'static str {
    match line.split(' ').collect::<Vec<_>>()[..2] {
        ["report" | "check", _] => "txt",
        ["decode" | "sample", "GLOW"] => "png",
        _ => "csv",
    }
}

#[test]
fn an_ending_of_no_format_is_an_error_before_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    for line in LINES {
        let line = line.replace("FILE", "out.pdf");
        // A format of images is part of the command line.
        if line.contains("GLOW") && ending(&line) == "png" {
            let words: Vec<&str> = line.split(' ').collect();
            let model = glow().join("digits.safetensors").display().to_string();
            let said = error(
                folder.path(),
                2,
                &[&[words[0], &model], &words[2..]].concat(),
            );
            assert!(said.contains("out.pdf says no format"), "{line}: {said}");
            continue;
        }
        let said = failure(folder.path(), &line);
        assert!(
            said.contains("out.pdf") && said.contains(".csv") | said.contains(".svg"),
            "{line}: {said}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_file_that_is_there_is_an_error_before_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    for line in LINES {
        let file = format!("there.{}", ending(line));
        fs::write(folder.path().join(&file), "kept").expect("a file");
        let said = failure(folder.path(), &line.replace("FILE", &file));
        assert!(said.contains(&format!("{file} exists")), "{line}: {said}");
        let kept = fs::read(folder.path().join(&file)).expect("a file");
        assert_eq!(kept, b"kept", "{line}");
    }
}

/// A file in the place of the folder.
#[test]
fn a_place_for_no_file_is_an_error_before_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("a file");
    let fits = [
        "fit missing.csv -o FILE",
        "convert missing.safetensors --from zuko -o FILE",
        "init FILE",
    ];
    for line in LINES.into_iter().chain(fits) {
        let file = format!("file/new/out.{}", ending(line));
        let said = failure(folder.path(), &line.replace("FILE", &file));
        assert!(said.contains(&file), "{line}: {said}");
        assert!(said.contains("Not a directory"), "{line}: {said}");
    }
}

#[test]
fn pictures_that_are_there_are_an_error_before_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("drawn")).expect("a folder");
    fs::write(folder.path().join("drawn/99999.png"), "kept").expect("a file");
    // A hundred thousand images take minutes.
    let said = failure(folder.path(), "sample GLOW 100000 -o drawn/");
    assert!(said.contains("99999.png exists"), "{said}");
    let files = fs::read_dir(folder.path().join("drawn")).expect("a folder");
    assert_eq!(files.count(), 1);
}

/// Of a density with several flows each report has a file of its own.
#[test]
fn reports_of_all_members_are_files_that_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let fit = "fit @penguins -o two.safetensors --target bill_length_mm,bill_depth_mm --missing skip --steps 20 --members 2";
    output(folder, &fit.split(' ').collect::<Vec<_>>());
    let check = ["check", "two.safetensors", "-o", "check.txt"];
    let reports = json(folder, &check);
    assert_eq!(reports.as_array().map(Vec::len), Some(2));
    for file in ["check-1.txt", "check-2.txt"] {
        assert!(folder.join(file).exists(), "{file}");
    }
    let said = error(folder, 1, &check);
    assert!(said.contains("check-1.txt exists"), "{said}");
}
