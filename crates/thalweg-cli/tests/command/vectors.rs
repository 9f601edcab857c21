//! Densities of vectors: models of the library, which know no names of columns.

use std::fs;
use std::path::{Path, PathBuf};

use super::{error, json, output};

/// A model that the tests of `thalweg-models` keep.
fn model(folder: &Path, name: &str) -> PathBuf {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../thalweg-models/tests/fixtures/format-1")
        .join(format!("{name}.safetensors"));
    let copy = folder.join("model.safetensors");
    fs::copy(stored, &copy).expect("a fixture");
    copy
}

/// What the library said of the inputs of a fixture: `x`, perhaps `context`, and the log-densities.
fn stored(name: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../thalweg-models/tests/fixtures/format-1")
        .join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).expect("a fixture")).expect("JSON")
}

/// The numbers after the header of a column of CSV.
fn column(text: &str, name: &str) -> Vec<f64> {
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    let place = header.split(',').position(|column| column == name);
    let place = place.unwrap_or_else(|| panic!("no {name} in {header}"));
    lines
        .map(|line| {
            let field = line.split(',').nth(place).expect("a field");
            field.parse().unwrap_or(f64::NAN)
        })
        .collect()
}

/// The inputs of a fixture as a table: features, then conditions. Returns what the library said of them.
fn inputs(folder: &Path, name: &str) -> Vec<f64> {
    let stored = stored(name);
    let part = |part: &str| -> (Vec<f64>, usize) {
        let input = &stored["inputs"][part];
        let numbers = input["numbers"].as_array().expect("numbers");
        let numbers = numbers.iter().map(|x| x.as_f64().expect("a number"));
        let width = input["shape"][1].as_u64().expect("a shape") as usize;
        (numbers.collect(), width)
    };
    let (x, features) = part("x");
    let (context, given) = match stored["inputs"].get("context") {
        Some(_) => part("context"),
        None => (vec![], 0),
    };
    let mut text = (1..=features + given)
        .map(|k| format!("c{k}"))
        .collect::<Vec<_>>()
        .join(",");
    for row in 0..x.len() / features {
        let row = [
            &x[row * features..][..features],
            &context[row * given..][..given],
        ]
        .concat();
        let row: Vec<String> = row.iter().map(f64::to_string).collect();
        text += &format!("\n{}", row.join(","));
    }
    fs::write(folder.join("rows.csv"), text + "\n").expect("a file");
    let found = stored["found"].as_array().expect("numbers");
    found
        .iter()
        .map(|x| x.as_f64().expect("a number"))
        .collect()
}

#[test]
fn scores_are_the_library_s() {
    for name in [
        "coupling-nsf",
        "autoregressive-maf",
        "continuous-ffjord",
        "coupling-conditional",
        "continuous-conditional",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        model(folder, name);
        let expected = inputs(folder, name);
        let text = output(folder, &["score", "model.safetensors", "rows.csv"]);
        let found = column(&text, "nats");
        assert_eq!(found.len(), expected.len(), "{text}");
        for (found, expected) in found.iter().zip(&expected) {
            let bound = 1e-3 * (1.0 + expected.abs());
            assert!(
                (found - expected).abs() < bound,
                "{name}: {found}, {expected}"
            );
        }
        let compared = json(folder, &["compare", "rows.csv", "model.safetensors"]);
        let mean = expected.iter().sum::<f64>() / expected.len() as f64;
        let found = compared[0]["nats"].as_f64().expect("nats");
        assert!(
            (found - mean).abs() < 1e-3 * (1.0 + mean.abs()),
            "{compared}"
        );
    }
}

#[test]
fn a_row_without_a_number_has_a_problem_and_no_latent() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    model(folder, "coupling-nsf");
    fs::write(folder.join("rows.csv"), "a,b,c\n1,2,3\n1,,3\n0,1,0\n").expect("a file");
    let text = output(folder, &["score", "model.safetensors", "rows.csv"]);
    let problems: Vec<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().expect("a field"))
        .collect();
    assert!(problems[0].is_empty() && problems[2].is_empty(), "{text}");
    assert!(text.contains("no finite number in column"), "{text}");
    let object = json(folder, &["encode", "model.safetensors", "rows.csv"]);
    assert!(
        object["z_2"][0].is_number() && object["z_2"][1].is_null(),
        "{object}"
    );
    let latents = output(folder, &["encode", "model.safetensors", "rows.csv"]);
    let z = column(&latents, "z_2");
    assert!(
        z[0].is_finite() && z[1].is_nan() && z[2].is_finite(),
        "{latents}"
    );
}

#[test]
fn latents_of_vectors_are_decoded_in_32_bits() {
    for name in ["coupling-nsf", "coupling-conditional"] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        model(folder, name);
        inputs(folder, name);
        let rows = fs::read_to_string(folder.join("rows.csv")).expect("a file");
        let latents = output(folder, &["encode", "model.safetensors", "rows.csv"]);
        // The numbers of a condition stand after the latents.
        let features = latents.lines().next().expect("a header").split(',').count();
        let given = |line: &str| {
            line.split(',')
                .skip(features)
                .map(|x| format!(",{x}"))
                .collect::<String>()
        };
        let pairs = latents.lines().zip(rows.lines());
        let all: String = pairs
            .map(|(z, row)| format!("{z}{}\n", given(row)))
            .collect();
        fs::write(folder.join("z.csv"), all).expect("a file");
        let back = output(folder, &["decode", "model.safetensors", "z.csv"]);
        for k in 1..=features {
            let [x, expected] = [(&back, format!("x_{k}")), (&rows, format!("c{k}"))]
                .map(|(text, name)| column(text, &name));
            assert_eq!(x.len(), expected.len());
            for (x, expected) in x.iter().zip(expected) {
                assert!(
                    (x - expected).abs() < 1e-3 * (1.0 + expected.abs()),
                    "{name}: {x}, {expected}"
                );
            }
        }
    }
}

#[test]
fn draws_have_conditions_from_a_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    model(folder, "coupling-conditional");
    fs::write(folder.join("given.csv"), "p,q\n0.5,1\n-1,0\n").expect("a file");
    let sample = |more: &[&str]| {
        let first = [
            "sample",
            "model.safetensors",
            "3",
            "--given-table",
            "given.csv",
        ];
        output(folder, &[&first, more].concat())
    };
    let text = sample(&[]);
    assert_eq!(text.lines().next(), Some("x_1,x_2,x_3"));
    assert_eq!(text.lines().count(), 1 + 2 * 3);
    assert_eq!(text, sample(&["--seed", "0"]));
    assert_ne!(text, sample(&["--seed", "1"]));
    let said = error(folder, 2, &["sample", "model.safetensors", "3"]);
    assert!(said.contains("conditional on 2 numbers"), "{said}");
}

#[test]
fn a_flow_of_any_kind_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for name in ["coupling-realnvp", "nice", "glow-blog"] {
        model(folder, name);
        let report = json(folder, &["check", "model.safetensors"]);
        assert_eq!(report[0]["verdict"], "ok", "{name}: {report}");
    }
    model(folder, "coupling-conditional");
    inputs(folder, "coupling-conditional");
    let report = json(folder, &["check", "model.safetensors", "rows.csv"]);
    assert_eq!(report[0]["rows"], 4, "{report}");
}

#[test]
fn what_a_model_does_not_take_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    model(folder, "coupling-nsf");
    fs::write(folder.join("rows.csv"), "a,b\n1,2\n").expect("a file");
    let said = error(folder, 2, &["score", "model.safetensors", "rows.csv"]);
    assert!(
        said.contains("takes 3 features in order, and the table has 2 columns"),
        "{said}"
    );
    fs::write(folder.join("rows.csv"), "a,b,c\n1,2,x\n").expect("a file");
    let said = error(folder, 2, &["score", "model.safetensors", "rows.csv"]);
    assert!(said.contains("column \"c\" holds text"), "{said}");
    let said = error(
        folder,
        2,
        &["score", "model.safetensors", "rows.csv", "--explain"],
    );
    assert!(said.contains("`--explain` takes a density"), "{said}");
    let said = error(folder, 1, &["report", "model.safetensors", "rows.csv"]);
    assert!(
        said.contains("coupling flow, which knows no names of columns")
            && said.contains("thalweg compare"),
        "{said}"
    );
}
