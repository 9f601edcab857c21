//! Continuous flows.

use burn::tensor::{DType, Device};
use thalweg_convert::{Model, Options, Source, convert};
use thalweg_models::ContinuousFlow;
use thalweg_models::any;

use crate::{disagreement, vectors};

const CASES: [&str; 2] = ["zuko_cnf", "zuko_cnf_context"];

fn model(name: &str, dtype: DType, device: &Device) -> Model {
    // What f32 resolves.
    let tolerance = if dtype == DType::F64 { 1e-11 } else { 1e-6 };
    let options = format!("activation = \"Tanh\"\ntolerance = {tolerance:e}");
    let options: Options = options.parse().unwrap();
    let converted = convert(vectors(name), Source::Zuko, &options, device, dtype);
    converted
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .model
}

#[test]
fn log_densities_of_continuous_flows_are_those_of_the_library() {
    let device = Device::default();
    for name in CASES {
        for dtype in [DType::F64, DType::F32] {
            let model = model(name, dtype, &device);
            let wrong = disagreement(name, &model, (&device, dtype));
            assert_eq!(wrong, None);
        }
    }
}

#[test]
fn continuous_flows_are_saved_and_loaded() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cnf");
    let saved = model(CASES[0], DType::F32, &device);
    saved.save(&path).unwrap();
    let saved = saved.continuous().unwrap();
    let loaded = ContinuousFlow::load(&path, &device).unwrap();
    assert_eq!(loaded.config(), saved.config());
    let given = model(CASES[1], DType::F32, &device);
    assert_eq!((given.context(), given.shape()), (2, vec![2]));
    given.save(&path).unwrap();
    let loaded = any::vectors(&path, &device).unwrap();
    assert_eq!(loaded.features(), 2);
}
