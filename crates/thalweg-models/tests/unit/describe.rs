//! What a file says of itself without a model being built.

use burn::tensor::Device;
use thalweg_flow::DiagonalScale;
use thalweg_models::file::{FileProblem, TensorInfo, describe, kind, save};
use thalweg_models::{CouplingFlowConfig, ModelConfig, NiceConfig};

#[test]
fn the_description_of_a_model_is_that_of_its_configuration_and_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let config = NiceConfig::paper(4, 16)
        .with_hidden(3)
        .with_depth(1)
        .with_couplings(2);
    config.init(&Device::default()).save(&path).unwrap();

    let info = describe(&path).unwrap();
    assert_eq!(info.kind, "nice");
    assert_eq!(info.version, 1);
    assert_eq!(info.config, serde_json::to_value(&config).unwrap());
    assert_eq!(info.bytes, std::fs::metadata(&path).unwrap().len());
    // Two couplings of 2 → 3 → 2; of 4 features the logarithms of scales, and mean and deviation of the data.
    assert_eq!(info.parameters(), 2 * (2 * 3 + 3 + 3 * 2 + 2) + 3 * 4);
    assert!(info.parameters() >= config.count());
    let name = "flow.bijection.steps.0.coupling.conditioner.layers.0.weight";
    let first = TensorInfo {
        name: name.to_owned(),
        dtype: "F32".to_owned(),
        shape: vec![2, 3],
    };
    assert!(info.tensors.contains(&first), "{:?}", info.tensors);
    assert!(info.tensors.is_sorted_by_key(|tensor| &tensor.name));
    assert_eq!(kind(&path).unwrap(), "nice");
}

#[test]
fn a_module_has_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("module");
    save(&DiagonalScale::<2>::new(3, &Device::default()), &path).unwrap();
    let info = describe(&path).unwrap();
    assert_eq!((info.kind.as_str(), &info.config), ("module", &().into()));
    assert_eq!(info.parameters(), 3);
}

#[test]
fn the_kind_is_read_without_the_tensors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let config = CouplingFlowConfig::realnvp(2).with_hidden(vec![4]);
    config.init(&Device::default()).save(&path).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(kind(&path).unwrap(), "coupling flow");
    let error = describe(&path).unwrap_err();
    assert!(matches!(error.problem, FileProblem::Altered), "{error}");
}
