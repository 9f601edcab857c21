//! A damaged file of a density is an error, or a density that takes rows. It never panics. `PROPTEST_CASES` is the
//! number
//! of cases of each test.

use std::path::Path;
use std::sync::LazyLock;

use burn::tensor::Device;
use proptest::prelude::*;
use serde_json::{Value, json};
use thalweg_data::Table;
use thalweg_mutate::{ModelFile, cases, damaged, damages, edited, edits};
use thalweg_tabular::{DensityError, FittedDensity};

use crate::format_1::tables;

struct Sound {
    name: String,
    bytes: Vec<u8>,
    model: ModelFile,
    config: Value,
    table: Table,
}

/// The files of `format_1`.
static FILES: LazyLock<Vec<Sound>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap();
        let record = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let record: Value = serde_json::from_str(&record).unwrap();
        let model = ModelFile::of(&bytes).unwrap();
        Sound {
            name: name.to_owned(),
            config: serde_json::from_str(model.text("thalweg.config")).unwrap(),
            table: tables::of_json(&record["table"]),
            bytes,
            model,
        }
    };
    ["mixed", "numbers", "affine", "maf"].map(read).into()
});

/// Reads a file, and asks a density that it holds about rows.
fn read(bytes: &[u8], table: &Table) -> Result<(), DensityError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("density");
    std::fs::write(&path, bytes).unwrap();
    let density = FittedDensity::load(&path, &Device::default())?;
    assert!(!density.to_string().is_empty());
    density.log_prob(table)?;
    density.anomaly(table)?;
    let latents = density.encode(table)?;
    density.decode(&latents)?;
    match density.sample(3, 0) {
        Err(DensityError::NoConditions(_)) => density.sample_given(table, 1, 0)?,
        other => other?,
    };
    Ok(())
}

fn with_config(sound: &Sound, config: &Value) -> Vec<u8> {
    let mut model = sound.model.clone();
    model.set_text("thalweg.config", config.to_string());
    model.sealed()
}

#[test]
fn the_sound_files_are_read() {
    for sound in FILES.iter() {
        match read(&sound.bytes, &sound.table) {
            Ok(()) | Err(DensityError::NotCalibrated) => {}
            Err(error) => panic!("{}: {error}", sound.name),
        }
        assert_eq!(
            with_config(sound, &sound.config).len(),
            sound.model.sealed().len()
        );
    }
}

/// A configuration of columns, maps and parts that do not belong together is refused.
#[test]
fn maps_and_parts_that_no_fit_gives() {
    let mixed = &FILES[0];
    for (place, new) in [
        ("/members", json!([])),
        ("/schema/columns/0/role", json!("Condition")),
        ("/members/0/maps", json!([])),
        ("/members/0/maps/0/Number/step", json!(0.0)),
        ("/members/0/maps/1/Number/step", json!(-1.0)),
        ("/members/0/maps/0/Number/marginal/scale", json!(0.0)),
        (
            "/members/0/maps/1/Number/support",
            json!({"Between": [1.0, 1.0]}),
        ),
        ("/members/0/maps/2/Category/words/Text", json!([])),
        (
            "/members/0/maps/2/Category/words/Text",
            json!(["red", "green", "blue"]),
        ),
        ("/members/0/maps/2/Category/common", json!(3)),
        ("/members/0/maps/2/Category/unseen", json!(1.5)),
        ("/members/0/maps/3/Angle/period", json!(0.0)),
        ("/members/0/categories/levels", json!([3, 3])),
        ("/members/0/categories/levels", json!([3, u64::MAX])),
        ("/members/0/categories/context", json!(3)),
        (
            "/members/0/categories/hidden",
            json!([1_000_000_000_000_u64]),
        ),
        ("/members/0/angles/width", json!(0)),
        ("/members/0/angles/context", json!(u64::MAX)),
        ("/members/0/angles/network/layers", json!(1_000_000_000)),
        ("/members/0/angles/network/hidden", json!([0])),
        ("/members/0/numbers/width", json!(0)),
        ("/members/0/numbers/context", json!(6)),
        (
            "/members/0/numbers/space/regression/inputs",
            json!(u64::MAX),
        ),
        ("/members/0/numbers/space/whitening/lower", json!([1.0])),
        ("/members/0/numbers/kernels/width", json!(u64::MAX)),
        (
            "/members/0/numbers/kernels/centres",
            json!([u64::MAX, u64::MAX]),
        ),
        ("/members/0/numbers/kernels/centres", json!([49, 48])),
        ("/members/0/numbers", json!(null)),
    ] {
        let mut config = mixed.config.clone();
        *config
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("{place}")) = new.clone();
        match read(&with_config(mixed, &config), &mixed.table) {
            Err(DensityError::File(_)) => {}
            other => panic!("{place} {new}: {other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn to_bytes(of in any::<prop::sample::Index>(), damages in damages()) {
        let sound = of.get(&FILES);
        let bytes = damaged(&sound.bytes, &damages, &FILES[0].bytes);
        read(&bytes, &sound.table).ok();
        if let Some(model) = ModelFile::of(&bytes) {
            read(&model.sealed(), &sound.table).ok();
        }
    }

    #[test]
    fn to_descriptions(of in any::<prop::sample::Index>(), edits in edits()) {
        let sound = of.get(&FILES);
        read(&with_config(sound, &edited(&sound.config, &edits)), &sound.table).ok();
    }
}
