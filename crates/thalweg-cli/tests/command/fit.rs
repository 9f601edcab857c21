//! Fits, their options and their plans.

use std::fs;

use crate::{error, fitted, json, output};

#[test]
fn a_fit_says_what_was_reached_and_info_says_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let fit = [
        "fit",
        "@penguins",
        "--target",
        "flipper_length_mm",
        "--missing",
        "skip",
        "--steps",
        "20",
    ];
    let result = json(folder, &fit);
    assert_eq!(result["model"], "penguins.safetensors");
    assert!(
        result["nats"].as_f64().is_some_and(f64::is_finite),
        "{result}"
    );
    assert_eq!(result["columns"][0]["name"], "flipper_length_mm");

    let info = json(folder, &["info", "penguins.safetensors"]);
    assert_eq!(info["kind"], "density of a table");
    assert_eq!(info["columns"], result["columns"]);
    assert_eq!(info["summary"]["rows"], result["rows"]);
    assert!(!folder.join("penguins.safetensors.unfinished").exists());
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = json(
        folder.path(),
        &[
            "fit",
            "@weather",
            "--dry-run",
            "--kind",
            "wind_dir=angle:360",
        ],
    );
    assert_eq!(plan["rows"], 23_006);
    let columns = plan["columns"].as_array().expect("columns");
    let direction = columns
        .iter()
        .find(|column| column["name"] == "wind_dir")
        .expect("a column");
    assert_eq!(direction["kind"], "angle, a circle of length 360");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_file_gives_options_and_the_command_line_comes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    output(folder, &["init"]);
    let all = fs::read_to_string(folder.join("thalweg.toml")).expect("a file");
    // With every option uncommented, it is a file of options, but for those that exclude each other.
    let options: Vec<&str> = all
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.contains(" = ") || line.starts_with('['))
        .collect();
    fs::write(folder.join("every.toml"), options.join("\n")).expect("a file");
    let text = error(folder, 2, &["fit", "--config", "every.toml"]);
    assert!(text.contains("`steps` and `epochs` both say"), "{text}");
    let options = options
        .into_iter()
        .filter(|line| !line.starts_with("steps") && !line.starts_with("epochs"));
    fs::write(
        folder.join("all.toml"),
        options.collect::<Vec<_>>().join("\n"),
    )
    .expect("a file");
    fs::write(
        folder.join("sales.csv"),
        "price;qty;store;weekday;id;weight\n1;2;a;1;x;1\n",
    )
    .expect("a file");
    // All are known, and those of images are not for a table.
    let text = error(folder, 2, &["fit", "--config", "all.toml", "--dry-run"]);
    assert!(text.contains("`--model` is an option of images"), "{text}");

    fs::write(
        folder.join("fit.toml"),
        "data = \"@penguins\"\ntarget = [\"year\"]\nsteps = 7\n",
    )
    .expect("a file");
    let plan = json(folder, &["fit", "--config", "fit.toml", "--dry-run"]);
    assert_eq!(plan["steps"], 7);
    let plan = json(
        folder,
        &["fit", "--config", "fit.toml", "--dry-run", "--steps", "9"],
    );
    assert_eq!(plan["steps"], 9);
    let clock = ["fit", "--config", "fit.toml", "--dry-run", "--minutes", "2"];
    let plan = json(folder, &clock);
    assert_eq!(
        (&plan["steps"], &plan["minutes"]),
        (&().into(), &2.0.into())
    );
    let text = error(folder, 2, &["fit", "@penguins", "--steps", "9", "-m", "2"]);
    assert!(text.contains("cannot be used with"), "{text}");

    fs::write(folder.join("bad.toml"), "steeps = 7\n").expect("a file");
    let text = error(folder, 2, &["fit", "--config", "bad.toml"]);
    assert!(
        text.contains("steeps") && text.contains("bad.toml"),
        "{text}"
    );
}

#[test]
fn nothing_is_overwritten_without_force() {
    let model = fitted().join("model.safetensors");
    let before = fs::read(&model).expect("a model");
    let text = error(
        fitted(),
        1,
        &["fit", "@penguins", "-o", "model.safetensors"],
    );
    assert!(
        text.contains("exists") && text.contains("--force"),
        "{text}"
    );
    assert_eq!(fs::read(&model).expect("a model"), before);
}

#[test]
fn errors_say_what_and_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let cases: [(&[&str], i32, &str); 7] = [
        (&["fit"], 2, "no table is given"),
        (&["fit", "nowhere.csv"], 1, "nowhere.csv"),
        (&["fit", "@weathr"], 1, "weather and penguins"),
        (&["fit", "@penguins", "--target", "bill"], 1, "bill"),
        (
            &["fit", "@penguins", "--kind", "year=arc"],
            2,
            "angle:PERIOD",
        ),
        (&["fit", "@penguins", "--kind", "year"], 2, "COLUMN=KIND"),
        (&["fit", "-"], 2, "-o MODEL"),
    ];
    for (arguments, code, part) in cases {
        let text = error(folder, code, arguments);
        assert!(
            text.contains("error: ") && text.contains(part),
            "{arguments:?}: {text}"
        );
    }
}
