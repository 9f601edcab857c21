//! A damaged file of a density is an error, or a density that takes images. It never panics. `PROPTEST_CASES` is the
//! number of cases of each test.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use thalweg_images::{FittedImages, ImageKind, ImagesError};
use thalweg_mutate::{ModelFile, cases, damaged, damages, edited, edits};

use crate::format_1::{patterns, place};

struct Sound {
    kind: ImageKind,
    bytes: Vec<u8>,
    model: ModelFile,
    config: Value,
}

/// The files of `format_1`.
static FILES: LazyLock<Vec<Sound>> = LazyLock::new(|| {
    let read = |kind| {
        let bytes = std::fs::read(place(kind, "safetensors")).expect("a file");
        let model = ModelFile::of(&bytes).expect("a model");
        Sound {
            kind,
            config: serde_json::from_str(model.text("thalweg.config")).expect("JSON"),
            bytes,
            model,
        }
    };
    ImageKind::ALL.map(read).into()
});

/// Reads a file, and asks a density that it holds about images.
fn read(bytes: &[u8]) -> Result<(), ImagesError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("density");
    std::fs::write(&path, bytes).expect("written");
    let density = FittedImages::load(&path, &Default::default())?;
    assert!(!density.to_string().is_empty());
    // Many samples of a bound are slow and no harm.
    if density.summary().importance <= 100 {
        let nats = density.log_prob(&patterns(2))?;
        density.p_values(&nats)?;
    }
    density.encode(&patterns(2))?;
    density.sample(2, 1.0, 0)?;
    Ok(())
}

fn with_config(sound: &Sound, config: &Value) -> Vec<u8> {
    let mut model = sound.model.clone();
    model.set_text("thalweg.config", config.to_string());
    model.sealed()
}

#[test]
fn sound_files_are_read_and_parts_that_no_fit_gives_are_refused() {
    for sound in FILES.iter() {
        read(&sound.bytes).expect("a sound file");
        for (place, new) in [
            ("/reference", json!([])),
            ("/image/levels", json!(1)),
            ("/image/levels", json!(1000)),
            ("/image/width", json!(0)),
            ("/image/height", json!(u64::MAX)),
            ("/image/channels", json!(3)),
            ("/summary/kind", json!("gan")),
            ("/summary/importance", json!(0)),
            ("/architecture", json!({"gan": {}})),
        ] {
            let mut config = sound.config.clone();
            *config.pointer_mut(place).expect("a place") = new.clone();
            match read(&with_config(sound, &config)) {
                Err(ImagesError::File(_)) => {}
                other => panic!("{}: {place} {new}: {other:?}", sound.kind),
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn to_bytes(of in any::<prop::sample::Index>(), damages in damages()) {
        let sound = of.get(&FILES);
        let bytes = damaged(&sound.bytes, &damages, &FILES[0].bytes);
        read(&bytes).ok();
        if let Some(model) = ModelFile::of(&bytes) {
            read(&model.sealed()).ok();
        }
    }

    #[test]
    fn to_descriptions(of in any::<prop::sample::Index>(), edits in edits()) {
        let sound = of.get(&FILES);
        read(&with_config(sound, &edited(&sound.config, &edits))).ok();
    }
}
