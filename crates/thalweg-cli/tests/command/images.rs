//! Densities of images: fits, scores, samples, latents and ways between images.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use assert_cmd::cargo::CommandCargoExt;
use tempfile::TempDir;

use crate::{error, fitted, json, output};

/// A folder with `digits.safetensors`, a small Glow that is hardly trained.
pub(crate) fn glow() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let fit = "fit @digits --depth 1 --hidden 8 --steps 12 --quiet";
        output(folder.path(), &fit.split(' ').collect::<Vec<_>>());
        folder
    });
    folder.path()
}

pub(crate) fn run(folder: &Path, line: &str) -> String {
    output(folder, &line.split_whitespace().collect::<Vec<_>>())
}

pub(crate) fn object(folder: &Path, line: &str) -> serde_json::Value {
    json(folder, &line.split_whitespace().collect::<Vec<_>>())
}

pub(crate) fn failure(folder: &Path, code: i32, line: &str) -> String {
    error(folder, code, &line.split_whitespace().collect::<Vec<_>>())
}

/// A path of the folder of the Glow.
pub(crate) fn place(name: &str) -> String {
    glow().join(name).display().to_string()
}

#[test]
fn each_model_is_fitted_and_described() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let models = ["glow", "realnvp", "nice", "flow-matching", "vae", "fvae"];
    for model in models {
        let line = format!(
            "fit @digits --model {model} --depth 1 --hidden 8 --steps 2 -o {model}.safetensors"
        );
        let result = object(folder, &line);
        assert_eq!(result["kind"], model);
        assert_eq!(result["steps"], 2);
        assert_eq!(result["bound"], model.contains("vae"));
        let info = object(folder, &format!("info {model}.safetensors"));
        assert_eq!(info["kind"], "density of images");
        assert_eq!(info["images"]["nats"], result["nats"]);
        assert_eq!(info["images"]["size"], serde_json::json!([1, 8, 8]));
        let reference = info["reference"].as_array().expect("scores");
        assert_eq!(reference.len(), 180);
    }
    let text = run(folder, "info vae.safetensors");
    assert!(text.contains("a bound, of 64 samples"), "{text}");

    fs::create_dir(folder.join("few")).expect("a folder");
    run(
        folder,
        "sample glow.safetensors 12 -o few/ --temperature 0.5",
    );
    let all = models.map(|model| format!("{model}.safetensors")).join(" ");
    let rows = object(folder, &format!("compare few {all}"));
    let rows = rows.as_array().expect("models");
    assert_eq!(rows.len(), 6);
    for row in rows {
        assert_eq!(row["rows"], 12);
        assert!(
            row["bits_per_dim"].is_f64() && row["seconds"].is_f64(),
            "{row}"
        );
    }
}

#[test]
fn a_dry_run_shows_sizes_time_and_memory_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "fit @faces --dry-run --depth 1 --hidden 8 --epochs 2";
    let plan = object(folder.path(), line);
    assert_eq!(plan["images"], 997);
    assert_eq!(plan["size"], serde_json::json!([3, 16, 16]));
    assert_eq!(plan["steps"], 2 * 24);
    for field in ["step_seconds", "seconds", "bytes", "parameters"] {
        assert!(
            plan[field].as_f64().is_some_and(|x| x > 0.0),
            "{field}: {plan}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);

    let text = "data = \"@digits\"\nsteps = 7\n[images]\nmodel = \"realnvp\"\n";
    fs::write(folder.path().join("fit.toml"), text).expect("a file");
    let plan = object(folder.path(), "fit --config fit.toml --dry-run");
    assert_eq!(
        (&plan["kind"], &plan["steps"]),
        (&"realnvp".into(), &7.into())
    );
}

#[test]
fn scores_have_nats_bits_and_p_values_and_parts_are_the_whole() {
    let all = run(glow(), "score digits.safetensors @digits");
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines[0], "name,nats,bits_per_dim,p_value,problem");
    assert_eq!(lines.len(), 1798);
    let mut parts = Vec::new();
    for part in 1..=3 {
        let part = run(
            glow(),
            &format!("score digits.safetensors @digits --part {part}/3"),
        );
        parts.extend(part.lines().skip(1).map(str::to_owned));
    }
    let name = |line: &String| line.split(',').next().map(|name| name.parse::<usize>());
    parts.sort_by_key(|line| name(line).and_then(Result::ok));
    assert_eq!(parts, lines[1..]);

    let first = output(
        glow(),
        &[
            "score",
            "digits.safetensors",
            "@digits",
            "--json",
            "--only",
            "nats",
        ],
    );
    let first: serde_json::Value =
        serde_json::from_str(first.lines().next().unwrap_or_default()).expect("JSON");
    assert!(
        first["nats"].is_f64() && first["p_value"].is_null(),
        "{first}"
    );

    run(
        glow(),
        "score digits.safetensors @digits -o scores.parquet --quiet",
    );
    let table = run(glow(), "score digits.safetensors @digits -o scores.csv");
    assert!(table.contains("1797 images"), "{table}");
}

#[test]
fn a_damaged_picture_is_marked_skipped_or_an_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = place("digits.safetensors");
    run(folder, &format!("sample {model} 70 -o pictures/"));
    let whole = fs::read(folder.join("pictures/03.png")).expect("a picture");
    fs::write(folder.join("pictures/03.png"), &whole[..whole.len() - 20]).expect("a picture");
    let score = format!("score {model} pictures");

    let marked = run(folder, &score);
    let lines: Vec<&str> = marked.lines().collect();
    assert_eq!(lines.len(), 71);
    assert!(
        lines[4].contains("03.png") && lines[4].contains(",,,") && lines[4].contains("ends early"),
        "{}",
        lines[4]
    );
    assert!(lines[5].contains("04.png") && !lines[5].contains("ends early"));
    let skipped = run(folder, &format!("{score} --on-error skip"));
    assert_eq!(skipped.lines().count(), 70);
    let text = failure(folder, 1, &format!("{score} --on-error stop -o scores.csv"));
    assert!(
        text.contains("03.png") && text.contains("--on-error"),
        "{text}"
    );
    assert!(!folder.join("scores.csv").exists());

    let text = failure(
        folder,
        1,
        &format!("encode {model} pictures -o z.safetensors"),
    );
    assert!(
        text.contains("03.png") && text.contains("--skip-errors"),
        "{text}"
    );
    let done = object(
        folder,
        &format!("encode {model} pictures -o z.safetensors --skip-errors"),
    );
    assert_eq!(done["images"], 69);
}

#[test]
fn encoded_images_come_back_to_the_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = place("digits.safetensors");
    // Pictures of the model's own levels.
    run(
        folder,
        &format!("sample {model} 30 -o pictures/ --temperature 1"),
    );
    for (place, file) in ["z.safetensors", "z.parquet", "z.csv"].iter().enumerate() {
        let back = format!("back-{place}");
        run(folder, &format!("encode {model} pictures -o {file}"));
        run(folder, &format!("decode {model} {file} -o {back}/"));
        for at in 0..30 {
            let [one, other] = ["pictures", &back].map(|place| {
                fs::read(folder.join(format!("{place}/{at:02}.png"))).expect("a picture")
            });
            assert_eq!(one, other, "{file}, image {at}");
        }
    }
    // The embedded digits by way of IDX, which keeps levels.
    run(
        folder,
        &format!("encode {model} @digits -o all.safetensors"),
    );
    run(
        folder,
        &format!("decode {model} all.safetensors -o all.idx"),
    );
    let [before, after] =
        ["@digits", "all.idx"].map(|set| run(folder, &format!("score {model} {set}")));
    assert_eq!(before, after);
    let back = fs::read(folder.join("all.idx")).expect("a file");
    let digits = thalweg::data::digits();
    assert_eq!(&back[16..], digits.pixels());

    let text = failure(folder, 1, &format!("decode {model} {model} -o no.idx"));
    assert!(text.contains("no latents"), "{text}");
    let text = failure(
        folder,
        1,
        &format!("decode {model} all.safetensors -o all.idx"),
    );
    assert!(text.contains("--force"), "{text}");
}

#[test]
fn ways_between_images_are_strips_and_squares() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = place("digits.safetensors");
    run(
        folder,
        &format!("interpolate {model} @digits:0 @digits:5 --steps 4 -o strip.idx"),
    );
    let strip = fs::read(folder.join("strip.idx")).expect("a file");
    let digits = thalweg::data::digits();
    assert_eq!(strip.len(), 16 + 4 * 64);
    assert_eq!(&strip[16..][..64], digits.image(0));
    assert_eq!(&strip[16 + 3 * 64..], digits.image(5));

    run(folder, &format!("sample {model} 4 -o four/"));
    let corners = "four/0.png four/1.png four/2.png four/3.png";
    run(
        folder,
        &format!("interpolate {model} {corners} --steps 3 -o square.png"),
    );
    let png = fs::read(folder.join("square.png")).expect("a file");
    // Tiles of 8 × 8 are enlarged four times, with lines between.
    let side = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    assert_eq!([side(16), side(20)], [3 * 32 + 2; 2]);

    let cases = [
        ("@digits:0 @digits:1797", "below 1797"),
        ("@digits:0 nowhere", "no image"),
        ("@digits:0 @digits:1 @digits:2", "two or four"),
    ];
    for (ends, part) in cases {
        let text = failure(folder, 2, &format!("interpolate {model} {ends} -o no.png"));
        assert!(text.contains(part), "{ends}: {text}");
    }
}

#[test]
fn a_folder_of_pictures_is_learned_in_its_colours() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let model = place("digits.safetensors");
    run(folder, &format!("sample {model} 24 -o grey/"));
    let result = object(folder, "fit grey --side 8 --depth 1 --hidden 4 --steps 2");
    assert_eq!(result["model"], "grey.safetensors");
    assert_eq!(
        (&result["size"][0], &result["levels"]),
        (&1.into(), &256.into())
    );

    // IDX files keep their size, and have the levels that are said.
    run(folder, &format!("sample {model} 24 -o grey.idx"));
    let fit = "fit grey.idx -o idx.safetensors --depth 1 --hidden 4 --steps 2";
    let result = object(folder, &format!("{fit} --levels 17"));
    assert_eq!(result["levels"], 17);
    let text = failure(folder, 2, &format!("{fit} --side 4 --force"));
    assert!(text.contains("--side"), "{text}");
    let text = failure(folder, 1, &format!("{fit} --levels 3 --force"));
    assert!(text.contains("levels"), "{text}");
}

#[test]
fn options_of_the_other_data_and_verbs_of_other_models_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (images, table) = (
        place("digits.safetensors"),
        fitted().join("model.safetensors").display().to_string(),
    );
    let cases = [
        ("fit @digits --target a".to_owned(), 2, "--target"),
        ("fit @digits --delimiter ;".to_owned(), 2, "--delimiter"),
        ("fit @digits --hidden 3,4".to_owned(), 2, "--hidden"),
        ("fit @penguins --model glow".to_owned(), 2, "--model"),
        ("fit @penguins --side 8".to_owned(), 2, "--side"),
        ("fit @digits --model gan".to_owned(), 2, "flow-matching"),
        ("fit @digts".to_owned(), 1, "digits, faces and fashion"),
        (format!("score {images} @digits --explain"), 2, "--explain"),
        (format!("sample {images} 3"), 2, "-o sheet.png"),
        (format!("sample {images} 3 -o a.txt"), 2, ".png"),
        (
            format!("sample {images} 3 --given a=b -o a.png"),
            2,
            "--given",
        ),
        (
            format!("sample {table} 3 --temperature 1"),
            2,
            "--temperature",
        ),
        (format!("score {images} @faces"), 1, "16"),
        (
            format!("report {images} @digits -o a.txt --header true"),
            2,
            "--header",
        ),
        (
            format!("interpolate {table} a.png b.png -o a.png"),
            1,
            "decode",
        ),
        (format!("decode {images} z.safetensors"), 2, "-o pictures/"),
        (format!("decode {table} z.safetensors"), 1, "z.safetensors"),
        (
            format!("encode {images} @digits --latents-only"),
            2,
            "--latents-only",
        ),
    ];
    for (line, code, part) in cases {
        let text = failure(folder, code, &line);
        assert!(
            text.contains("error: ") || text.contains("error:"),
            "{line}: {text}"
        );
        assert!(text.contains(part), "{line}: {text}");
    }
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 0);
}

#[test]
fn a_killed_fit_of_images_ends_as_one_that_was_not() {
    let fit = "fit @digits --model realnvp --depth 1 --hidden 8 --steps 80";
    let [whole, killed] = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
    run(whole.path(), fit);
    let mut command = Command::cargo_bin("thalweg").expect("the binary");
    command
        .args(fit.split(' '))
        .current_dir(killed.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut running = command.spawn().expect("a process");
    let unfinished = killed.path().join("digits.safetensors.unfinished");
    let begun = || unfinished.join("training").exists();
    while !begun() && running.try_wait().expect("a process").is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    running.kill().expect("a signal");
    running.wait().expect("an end");
    assert!(begun() && !killed.path().join("digits.safetensors").exists());

    run(killed.path(), fit);
    let score = "score digits.safetensors @digits";
    assert_eq!(run(killed.path(), score), run(whole.path(), score));
    assert!(!unfinished.exists(), "what was kept is removed");
}
