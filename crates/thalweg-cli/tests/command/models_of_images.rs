//! Models of images that a Rust program saved or `thalweg convert` wrote: the verbs of images, without p-values.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thalweg::burn::tensor::Device;
use thalweg::data::Images;
use thalweg::images::AnyImages;

use crate::{error, json, output};

/// A folder with `NAME.safetensors`, which the tests of `thalweg-models` keep, and six draws of it, `drawn.idx`.
fn folder(name: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let stored = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../thalweg-models/tests/fixtures/format-1")
        .join(format!("{name}.safetensors"));
    fs::copy(stored, folder.path().join(format!("{name}.safetensors"))).expect("a fixture");
    run(
        folder.path(),
        &format!("sample {name}.safetensors 6 --temperature 1 -o drawn.idx"),
    );
    folder
}

fn run(folder: &Path, line: &str) -> String {
    output(folder, &line.split_whitespace().collect::<Vec<_>>())
}

fn object(folder: &Path, line: &str) -> serde_json::Value {
    json(folder, &line.split_whitespace().collect::<Vec<_>>())
}

fn failure(folder: &Path, code: i32, line: &str) -> String {
    error(folder, code, &line.split_whitespace().collect::<Vec<_>>())
}

/// What the library says of the draws.
fn nats(folder: &Path, name: &str) -> Vec<f64> {
    let model = folder.join(format!("{name}.safetensors"));
    let model = AnyImages::load(model, None, &Device::default()).expect("a model");
    let images = Images::from_idx(&folder.join("drawn.idx"), None).expect("images");
    let images = images.with_levels(model.image().levels).expect("levels");
    model.log_prob(&images).expect("nats")
}

/// Flows, and whether their latents are lossless.
const MODELS: [(&str, bool); 7] = [
    ("glow-openai", true),
    ("glow-edge", true),
    ("realnvp", true),
    ("nice", true),
    ("nice-f64", true),
    ("vae-logistic", false),
    ("fvae-scalar", false),
];

#[test]
fn scores_are_the_library_s_and_have_no_p_values() {
    for (name, lossless) in MODELS {
        let folder = folder(name);
        let folder = folder.path();
        let expected = nats(folder, name);
        let text = run(folder, &format!("score {name}.safetensors drawn.idx"));
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("name,nats,bits_per_dim,problem"));
        for (line, expected) in lines.zip(&expected) {
            let found: f64 = line.split(',').nth(1).expect("nats").parse().expect("nats");
            assert!(
                (found - expected).abs() < 1e-3,
                "{name}: {line}, {expected}"
            );
        }
        let compared = object(folder, &format!("compare drawn.idx {name}.safetensors"));
        let mean = expected.iter().sum::<f64>() / expected.len() as f64;
        let found = compared[0]["nats"].as_f64().expect("nats");
        assert!((found - mean).abs() < 1e-3, "{compared}, {mean}");
        assert_eq!(compared[0]["bound"], !lossless, "{compared}");
        assert!(compared[0]["bits_per_dim"].is_f64(), "{compared}");
    }
    let folder = folder("realnvp");
    let said = failure(
        folder.path(),
        1,
        "score realnvp.safetensors drawn.idx --only p-value",
    );
    assert!(said.contains("no scores of held-out images"), "{said}");
}

#[test]
fn encoded_images_come_back_and_ways_begin_and_end_at_them() {
    for (name, lossless) in MODELS {
        let folder = folder(name);
        let folder = folder.path();
        let model = format!("{name}.safetensors");
        run(
            folder,
            &format!("encode {model} drawn.idx -o z.safetensors"),
        );
        run(folder, &format!("decode {model} z.safetensors -o back.idx"));
        let read = |name: &str| fs::read(folder.join(name)).expect("a file");
        assert_eq!(read("back.idx") == read("drawn.idx"), lossless, "{name}");
        let ends = "drawn.idx:0 drawn.idx:3";
        run(
            folder,
            &format!("interpolate {model} {ends} --steps 4 -o way.idx"),
        );
        let way = Images::from_idx(&folder.join("way.idx"), None).expect("images");
        let drawn = Images::from_idx(&folder.join("drawn.idx"), None).expect("images");
        assert_eq!(way.count(), 4);
        let ends = way.image(0) == drawn.image(0) && way.image(3) == drawn.image(3);
        assert_eq!(ends, lossless, "{name}");
    }
}

#[test]
fn draws_go_to_a_sheet_and_a_folder_and_pictures_are_read_again() {
    let folder = folder("glow-edge");
    let folder = folder.path();
    let sample = |more: &str| run(folder, &format!("sample glow-edge.safetensors 6 {more}"));
    sample("-o sheet.png");
    sample("--temperature 1 -o drawn/");
    let png = fs::read(folder.join("sheet.png")).expect("a sheet");
    assert!(png.starts_with(b"\x89PNG"));
    // The levels of pictures are those of the file of draws.
    let scores = |data: &str| {
        let text = run(folder, &format!("score glow-edge.safetensors {data}"));
        let nats = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(1).map(str::to_owned));
        nats.collect::<Vec<_>>()
    };
    assert_eq!(scores("drawn"), scores("drawn.idx"));
    // The default is that of the authors.
    sample("-o a.idx");
    sample("--temperature 0.7 -o b.idx");
    let read = |name: &str| fs::read(folder.join(name)).expect("a file");
    assert_eq!(read("a.idx"), read("b.idx"));
}

/// From the weights of another library to images and back.
#[test]
fn weights_of_other_libraries_have_the_verbs_of_images() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../thalweg-convert/tests/vectors");
    for (name, library, options) in [
        ("glow_pytorch_affine", "glow-pytorch", "image = [8, 8]"),
        ("normflows_glow", "normflows", ""),
        (
            "normflows_glow_class",
            "normflows",
            "shift = -0.5\nclass = 2",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        fs::write(folder.join("c.toml"), options).expect("a file");
        let at = |file: &str| {
            vectors
                .join(format!("{file}.safetensors"))
                .display()
                .to_string()
        };
        let line = format!(
            "convert {} --from {library} --config c.toml --verify {} -o m.safetensors",
            at(name),
            at(&format!("{name}.vectors"))
        );
        let found = object(folder, &line);
        assert_eq!(found["rows"], 8, "{found}");
        run(folder, "sample m.safetensors 5 -o drawn.idx");
        let scores = run(folder, "score m.safetensors drawn.idx");
        assert_eq!(scores.lines().count(), 6, "{scores}");
        run(folder, "encode m.safetensors drawn.idx -o z.parquet");
        run(folder, "decode m.safetensors z.parquet -o back.idx");
        let read = |name: &str| fs::read(folder.join(name)).expect("a file");
        assert_eq!(read("back.idx"), read("drawn.idx"), "{name}");
    }
}

#[test]
fn speed_and_a_report() {
    let folder = folder("realnvp");
    let folder = folder.path();
    let found = object(folder, "bench realnvp.safetensors drawn.idx");
    assert_eq!(found["images"], 6, "{found}");
    for field in ["nats_per_second", "samples_per_second", "load_seconds"] {
        assert!(found[field].as_f64().is_some_and(|x| x > 0.0), "{found}");
    }
    let report = object(folder, "check realnvp.safetensors drawn.idx");
    assert_eq!(
        (&report[0]["rows"], &report[0]["verdict"]),
        (&6.into(), &"ok".into())
    );
}

#[test]
fn the_shape_of_a_nice_is_said_or_square() {
    let folder = folder("nice");
    let folder = folder.path();
    // Three numbers are a pixel in colour, or a row of grey ones.
    let drawn = Images::from_idx(&folder.join("drawn.idx"), None).expect("images");
    assert_eq!(drawn.size(), [3, 1, 1]);
    run(
        folder,
        "sample nice.safetensors 6 --temperature 1 --shape 1x1x3 -o rows.idx",
    );
    let rows = Images::from_idx(&folder.join("rows.idx"), None).expect("images");
    assert_eq!((rows.size(), rows.pixels()), ([1, 1, 3], drawn.pixels()));
    let cases = [
        ("score nice.safetensors rows.idx", 1, "1 × 1 × 3"),
        (
            "score nice.safetensors rows.idx --shape 1x2x2",
            1,
            "3 numbers",
        ),
        (
            "score nice.safetensors rows.idx --shape 1x2",
            2,
            "CHANNELSxHEIGHTxWIDTH",
        ),
    ];
    for (line, code, part) in cases {
        let said = failure(folder, code, line);
        assert!(said.contains(part), "{line}: {said}");
    }
}

#[test]
fn what_such_a_model_does_not_do_is_said() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../thalweg-models/tests/fixtures");
    let model = |name: &str| -> PathBuf { models.join(format!("format-1/{name}.safetensors")) };
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("vae-bernoulli", 1, "the likelihood of the VAE is Bernoulli"),
        (
            "glow-conditional",
            1,
            "conditional glow, which this verb does not take",
        ),
        ("vib", 1, "info and check do"),
    ];
    for (name, code, part) in cases {
        let model = model(name);
        let line = format!("score {} @digits", model.display());
        let said = failure(folder.path(), code, &line);
        assert!(said.contains(part), "{name}: {said}");
    }
    let line = format!(
        "score {} @digits --shape 1x8x8",
        model("coupling-nsf").display()
    );
    let said = failure(folder.path(), 2, &line);
    assert!(said.contains("is a density of rows"), "{said}");
}
