//! Damage to files of every kind. `PROPTEST_CASES` is the number of cases of each test.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use thalweg_models::file::{describe, kind};
use thalweg_mutate::{ModelFile, cases, damaged, damages, edited, edits};

use super::{file, load_kind, refusal, sound, sound_file};

/// Each sound file: its kind, its bytes, its parts.
static FILES: LazyLock<Vec<(String, Vec<u8>, ModelFile)>> = LazyLock::new(|| {
    let read = |path: std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let model = ModelFile::of(&bytes).unwrap();
        (model.text("thalweg.model").to_owned(), bytes, model)
    };
    sound().into_iter().map(read).collect()
});

/// Reads a file in every way. No way may panic; the file may be sound.
fn read(kind_of: &str, bytes: &[u8]) {
    let (_folder, path) = file(bytes);
    let (known, described) = (kind(&path), describe(&path));
    if let Ok(info) = &described {
        assert_eq!(known.unwrap(), info.kind);
    }
    if load_kind(kind_of, &path).is_ok() {
        described.unwrap();
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn to_bytes(
        of in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        damages in damages(),
    ) {
        let ((kind, bytes, _), (_, other, _)) = (of.get(&FILES), other.get(&FILES));
        let bytes = damaged(bytes, &damages, other);
        read(kind, &bytes);
        if let Some(model) = ModelFile::of(&bytes) {
            read(kind, &model.sealed());
        }
    }

    #[test]
    fn to_configurations(of in any::<prop::sample::Index>(), edits in edits()) {
        let (kind, _, model) = of.get(&FILES);
        let config: Value = serde_json::from_str(model.text("thalweg.config")).unwrap();
        let mut model = model.clone();
        model.set_text("thalweg.config", edited(&config, &edits).to_string());
        read(kind, &model.sealed());
    }

    #[test]
    fn to_headers(of in any::<prop::sample::Index>(), edits in edits()) {
        let (kind, _, model) = of.get(&FILES);
        let header = edited(&model.header, &edits);
        read(kind, &ModelFile { header, data: model.data.clone() }.sealed());
    }

    #[test]
    fn to_tensors(of in any::<prop::sample::Index>(), damages in damages()) {
        let (kind, _, model) = of.get(&FILES);
        let mut data = damaged(&model.data, &damages, &[0xff; 64]);
        data.resize(model.data.len(), 0);
        read(kind, &ModelFile { header: model.header.clone(), data }.sealed());
    }
}

/// Each number of each configuration, and each value that a size should not have.
#[test]
fn no_size_is_a_bomb() {
    for (kind, _, model) in FILES.iter() {
        let config: Value = serde_json::from_str(model.text("thalweg.config")).unwrap();
        for place in places(&config) {
            for size in [
                0,
                1,
                3,
                1000,
                100_000,
                u64::from(u32::MAX),
                1_000_000_000_000,
                u64::MAX,
            ] {
                let mut config = config.clone();
                *config.pointer_mut(&place).unwrap() = json!(size);
                let mut model = model.clone();
                model.set_text("thalweg.config", config.to_string());
                read(kind, &model.sealed());
            }
        }
    }
}

/// Found by `to_configurations`: matrices of channels by channels, and images larger than a number of 64 bits.
#[test]
fn images_of_many_channels_are_no_bomb() {
    let refused = |name: &str, sizes: &[(&str, u64)]| {
        let mut model = ModelFile::of(&sound_file(name)).unwrap();
        let mut config: Value = serde_json::from_str(model.text("thalweg.config")).unwrap();
        for (place, size) in sizes {
            *config
                .pointer_mut(place)
                .unwrap_or_else(|| panic!("{name} {place}")) = json!(size);
        }
        model.set_text("thalweg.config", config.to_string());
        refusal(model.text("thalweg.model"), &model.sealed()).to_string()
    };
    let most = u64::from(u32::MAX);
    for (name, channels, hidden) in [
        ("glow-openai", "/image/channels", "/hidden"),
        ("glow-edge", "/image/channels", "/hidden"),
        ("glow-conditional", "/glow/image/channels", "/glow/hidden"),
    ] {
        let said = refused(name, &[(channels, 400), (hidden, 1)]);
        assert!(said.contains("numbers, the file holds"), "{said}");
    }
    let said = refused("realnvp", &[("/image/channels", 65_536), ("/hidden", 1)]);
    assert!(said.contains("numbers, the file holds"), "{said}");
    let sizes = [
        ("/image/height", most),
        ("/image/width", most),
        ("/image/channels", 65_536),
    ];
    let said = refused("vae-gaussian", &sizes);
    assert!(
        said.contains("numbers of an image is 18446744073709551615"),
        "{said}"
    );
}

/// The pointers to all numbers.
fn places(value: &Value) -> Vec<String> {
    let inside = |key: String, value: &Value| {
        let places = places(value).into_iter();
        places
            .map(move |place| format!("/{key}{place}"))
            .collect::<Vec<_>>()
    };
    match value {
        Value::Number(_) => vec![String::new()],
        Value::Array(list) => {
            let values = list.iter().enumerate();
            values
                .flat_map(|(k, value)| inside(k.to_string(), value))
                .collect()
        }
        Value::Object(object) => object
            .iter()
            .flat_map(|(key, value)| inside(key.clone(), value))
            .collect(),
        _ => vec![],
    }
}
