//! `thalweg convert`.

use std::path::PathBuf;

use crate::{error, json, output};

/// A file among the vectors of the crate that converts.
fn vectors(name: &str) -> String {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = crates.join(format!("thalweg-convert/tests/vectors/{name}.safetensors"));
    file.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn a_checkpoint_becomes_a_model_that_agrees() {
    let folder = tempfile::tempdir().expect("a folder");
    let (checkpoint, numbers) = (vectors("nflows_affine"), vectors("nflows_affine.vectors"));
    let arguments = [
        "convert",
        &checkpoint,
        "--from",
        "nflows",
        "-o",
        "m.safetensors",
        "--verify",
        &numbers,
    ];
    let found = json(folder.path(), &arguments);
    assert_eq!(
        (&found["features"], &found["rows"]),
        (&5.into(), &24.into())
    );
    assert!(found["largest_difference"].as_f64().expect("a number") < 1e-4);
    let text = error(folder.path(), 1, &arguments);
    assert!(text.contains("--force"), "{text}");
    output(folder.path(), &[&arguments[..], &["--force"]].concat());
}

#[test]
fn a_model_that_disagrees_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (checkpoint, numbers) = (vectors("nflows_spline"), vectors("nflows_spline.vectors"));
    let arguments = [
        "convert",
        &checkpoint,
        "--from",
        "nflows",
        "-o",
        "m.safetensors",
        "--verify",
        &numbers,
    ];
    let text = error(folder.path(), 1, &arguments);
    assert!(text.contains("--config"), "{text}");
    assert!(!folder.path().join("m.safetensors").exists());
    std::fs::write(folder.path().join("c.toml"), "tail_bound = 3.0\n").expect("a file");
    output(
        folder.path(),
        &[&arguments[..], &["--config", "c.toml"]].concat(),
    );
    assert!(folder.path().join("m.safetensors").exists());
}

/// From the weights of a Glow to images of it.
#[test]
fn a_glow_becomes_a_model_of_images() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = vectors("glow_pytorch_affine");
    let numbers = vectors("glow_pytorch_affine.vectors");
    let arguments = [
        "convert",
        &checkpoint,
        "--from",
        "glow-pytorch",
        "-o",
        "m.safetensors",
        "--verify",
        &numbers,
    ];
    // The size of images is none that a state dict tells.
    let text = error(folder.path(), 1, &arguments);
    assert!(text.contains("`image`"), "{text}");
    std::fs::write(folder.path().join("c.toml"), "image = [8, 8]\n").expect("a file");
    let found = json(
        folder.path(),
        &[&arguments[..], &["--config", "c.toml"]].concat(),
    );
    assert_eq!(
        (&found["features"], &found["rows"]),
        (&192.into(), &8.into())
    );
    assert!(found["largest_difference"].as_f64().expect("a number") < 2e-3);
    let text = output(folder.path(), &["check", "m.safetensors"]);
    assert!(text.starts_with("Check: edge glow"), "{text}");
}

#[test]
fn another_library_is_a_wrong_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = vectors("zuko_maf");
    let arguments = [
        "convert",
        &checkpoint,
        "--from",
        "pyro",
        "-o",
        "m.safetensors",
    ];
    let text = error(folder.path(), 2, &arguments);
    assert!(text.contains("zuko"), "{text}");
}
