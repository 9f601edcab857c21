//! Files of format 1 are read forever, and give what they gave when they were written.
//!
//! Each file in `tests/fixtures/format-1` has a JSON file beside it with inputs and what the model said of them. A new
//! kind of model gets a case in [`cases`] and its files by
//!
//! ```text
//! THALWEG_WRITE_FIXTURES=1 cargo test --workspace --test unit format_1::write_fixtures
//! ```
//!
//! which leaves the files that are there as they are. They are never written anew: the test is that a later program reads
//! them.

mod cases;
mod inputs;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::{Value, json};
use thalweg_device::cpu_devices;
use thalweg_models::file::{describe, kind};
use thalweg_models::vector::Conditional;
use thalweg_models::{
    AutoregressiveFlowConfig, CategoricalConfig, ComposedConfig, ConditionalGlowConfig,
    ConditionalVaeConfig, ContinuousFlowConfig, CouplingFlowConfig, DiagonalGlowConfig,
    EdgeGlowConfig, FvaeConfig, GlowConfig, ModelConfig, NiceConfig, RealNvpConfig, VaeConfig,
    VibConfig,
};

use crate::common::assert_close;
use cases::{Case, cases};
use inputs::Inputs;

/// Both CPU backends round in their own ways.
const TOLERANCE: f64 = 1e-5;

fn place(name: &str, ending: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    folder.join(format!("{name}.{ending}"))
}

/// Inputs and outputs of a case.
fn record(case: &Case) -> (Inputs, Vec<f64>) {
    let text = std::fs::read_to_string(place(case.name, "json")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    let found = record["found"].as_array().unwrap().iter();
    let found = found.map(|number| number.as_f64().unwrap()).collect();
    (Inputs::of_json(&record["inputs"]), found)
}

#[test]
fn each_kind_gives_what_it_gave() {
    for case in cases() {
        let path = place(case.name, "safetensors");
        let (inputs, expected) = record(&case);
        assert!(
            expected.iter().all(|number| number.is_finite()),
            "{}",
            case.name
        );
        for device in cpu_devices() {
            println!("{} on {device:?}", case.name);
            assert_close(&(case.find)(&path, &device, &inputs), &expected, TOLERANCE);
        }
    }
}

#[test]
fn each_kind_has_a_file() {
    let cases = cases();
    let found: BTreeSet<_> = cases
        .iter()
        .map(|case| kind(place(case.name, "safetensors")).unwrap())
        .collect();
    let kinds = [
        "module",
        NiceConfig::KIND,
        RealNvpConfig::KIND,
        CouplingFlowConfig::KIND,
        Conditional::<CouplingFlowConfig>::KIND,
        AutoregressiveFlowConfig::KIND,
        Conditional::<AutoregressiveFlowConfig>::KIND,
        ContinuousFlowConfig::KIND,
        Conditional::<ContinuousFlowConfig>::KIND,
        CategoricalConfig::KIND,
        ComposedConfig::KIND,
        Conditional::<ComposedConfig>::KIND,
        Conditional::<CategoricalConfig>::KIND,
        GlowConfig::KIND,
        EdgeGlowConfig::KIND,
        DiagonalGlowConfig::KIND,
        ConditionalGlowConfig::KIND,
        VaeConfig::KIND,
        ConditionalVaeConfig::KIND,
        FvaeConfig::KIND,
        VibConfig::KIND,
    ];
    assert_eq!(found, kinds.map(str::to_owned).into());
    for case in cases {
        let info = describe(place(case.name, "safetensors")).unwrap();
        assert_eq!(info.version, 1, "{}", case.name);
        assert!(info.parameters() > 0, "{}", case.name);
    }
}

#[test]
fn write_fixtures() {
    if std::env::var_os("THALWEG_WRITE_FIXTURES").is_none() {
        return;
    }
    for case in cases() {
        let (path, beside) = (place(case.name, "safetensors"), place(case.name, "json"));
        if path.exists() || beside.exists() {
            println!("{} is there, and stays", path.display());
            continue;
        }
        (case.save)(&path);
        let found = (case.find)(&path, &Device::default(), &case.inputs);
        let record = json!({"inputs": case.inputs.to_json(), "found": found});
        std::fs::write(&beside, format!("{record}\n")).unwrap();
    }
}
