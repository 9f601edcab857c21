//! Headers that lie.

use serde_json::{Value, json};
use thalweg_models::file::{FileProblem, describe, kind};
use thalweg_mutate::ModelFile;

use super::{file, refusal, sound_file};

/// That these bytes are malformed to every reader.
#[track_caller]
fn malformed(bytes: &[u8], reason: &str) {
    let problem = refusal("nice", bytes);
    assert!(matches!(problem, FileProblem::Malformed(_)), "{problem}");
    assert!(problem.to_string().contains(reason), "{problem}");
    let (_folder, path) = file(bytes);
    let problem = describe(&path).unwrap_err().problem;
    assert!(matches!(problem, FileProblem::Malformed(_)), "{problem}");
}

#[test]
fn files_shorter_than_the_length_of_a_header() {
    for length in 0..8 {
        malformed(
            &sound_file("nice")[..length],
            "it ends within its first 8 bytes",
        );
    }
}

#[test]
fn lengths_of_headers() {
    let sound = sound_file("nice");
    let size = sound.len() as u64;
    for length in [
        size,
        size - 7,
        100_000_000,
        100_000_001,
        1 << 40,
        1 << 63,
        u64::MAX,
    ] {
        let mut bytes = sound.clone();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        malformed(&bytes, &format!("declares a header of {length} bytes"));
    }
}

#[test]
fn a_header_longer_than_any() {
    // No byte of it is on the disk, and none is read.
    let (_folder, path) = file(&100_000_001_u64.to_le_bytes());
    let handle = std::fs::File::options().write(true).open(&path).unwrap();
    handle.set_len(1 << 33).unwrap();
    for error in [kind(&path).unwrap_err(), describe(&path).unwrap_err()] {
        assert!(
            error.to_string().contains("has at most 100000000"),
            "{error}"
        );
    }
}

#[test]
fn a_header_that_nests_deeply() {
    for depth in [200, 100_000] {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        let header = format!(r#"{{"__metadata__":{nested}}}"#);
        let length = (header.len() as u64).to_le_bytes();
        malformed(&[&length, header.as_bytes()].concat(), "");
        let mut model = ModelFile::of(&sound_file("nice")).unwrap();
        model.set_text("thalweg.config", nested);
        malformed(
            &model.sealed(),
            "its configuration does not read: recursion limit exceeded",
        );
    }
}

const WEIGHT: &str = "flow.bijection.steps.0.coupling.conditioner.layers.0.weight";

/// A sound file whose first weight, `[2, 4]`, has another entry.
fn with_entry(edit: impl Fn(&mut Value)) -> Vec<u8> {
    let mut model = ModelFile::of(&sound_file("nice")).unwrap();
    edit(&mut model.header[WEIGHT]);
    model.sealed()
}

#[test]
fn tensors_that_overlap_or_lie_apart() {
    let model = ModelFile::of(&sound_file("nice")).unwrap();
    let offsets = &model.header[WEIGHT]["data_offsets"];
    let [begin, end] = [0, 1].map(|k| offsets[k].as_u64().unwrap());
    let end_of_data = model.data.len() as u64;
    for [from, to] in [
        [begin - 4, end - 4],
        [begin + 4, end + 4],
        [begin - 4, end],
        [begin, end + 4],
        [end, begin],
        [begin, begin],
        [end_of_data, end_of_data + end - begin],
        [u64::MAX - 1, u64::MAX],
        [1 << 63, begin],
    ] {
        let bytes = with_entry(|entry| entry["data_offsets"] = json!([from, to]));
        malformed(&bytes, "");
    }
}

#[test]
fn tensors_of_impossible_shapes() {
    for shape in [
        json!([1, 5]),
        json!([8, 2]),
        json!([u64::MAX, u64::MAX]),
        json!([1_u64 << 32, 1_u64 << 32]),
        json!([1_u64 << 62]),
        json!([u64::MAX, 0]),
        json!([0, u64::MAX]),
        json!([-1, 4]),
        json!([1.5, 4]),
        json!("8"),
        json!(null),
    ] {
        malformed(&with_entry(|entry| entry["shape"] = shape.clone()), "");
    }
    // Another shape of as many numbers is the module's to refuse.
    for shape in [
        json!([8]),
        json!([4, 2]),
        json!([2, 2, 2]),
        json!([1, 2, 4, 1]),
    ] {
        let problem = refusal("nice", &with_entry(|entry| entry["shape"] = shape.clone()));
        assert!(
            problem.to_string().contains("the model needs [2, 4]"),
            "{problem}"
        );
    }
}

#[test]
fn tensors_of_other_types() {
    for dtype in ["F64", "F16", "U8", "BOOL", "F4", "I128", ""] {
        malformed(&with_entry(|entry| entry["dtype"] = json!(dtype)), "");
    }
    let problem = refusal("nice", &with_entry(|entry| entry["dtype"] = json!("I32")));
    assert!(problem.to_string().contains("is of type I32"), "{problem}");
}

#[test]
fn a_name_is_no_path() {
    let mut model = ModelFile::of(&sound_file("nice")).unwrap();
    for name in ["../../etc/passwd", "/dev/zero", "C:\\x", "", "a\u{0}b"] {
        let mut header = model.header.clone();
        let entry = header[WEIGHT].take();
        header.as_object_mut().unwrap().remove(WEIGHT);
        header[name] = entry;
        let renamed = ModelFile {
            header,
            data: model.data.clone(),
        };
        let problem = refusal("nice", &renamed.sealed()).to_string();
        assert!(
            problem.contains(&format!("{name} has no place in the model")),
            "{problem}"
        );
        assert!(
            problem.contains(&format!("{WEIGHT} is missing")),
            "{problem}"
        );
    }
    model.set_text("thalweg.model", "../../etc/passwd");
    let problem = refusal("nice", &model.sealed());
    assert!(
        matches!(problem, FileProblem::OtherModel { .. }),
        "{problem}"
    );
}
