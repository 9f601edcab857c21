//! A flow built by hand is saved and loaded in one line each, through the facade alone.

use std::path::PathBuf;

use thalweg::burn::module::list_param_ids;
use thalweg::burn::tensor::{DType, Device, Tensor};
use thalweg::flow::base::StandardNormal;
use thalweg::flow::precision::cast;
use thalweg::flow::{ActNorm, Affine, Coupling, Flow, Mlp, MlpConfig, Noise, Split};
use thalweg::models::file::{self, FileProblem, WeightProblem};

type HandBuilt = Flow<(ActNorm, Coupling<Affine, Mlp>), StandardNormal>;

fn flow(hidden: usize, seed: u64) -> HandBuilt {
    let (device, mut noise) = (Device::default(), Noise::seeded(seed));
    let net = MlpConfig::new(2, vec![hidden], 4).init(&mut noise, &device);
    let coupling = Coupling::new(Split::half(), Affine::new(), net);
    Flow::new((ActNorm::new(4, &device), coupling), StandardNormal::new(4))
}

fn data() -> Tensor<2> {
    Noise::seeded(9).normal([20, 4], &Device::default(), DType::F32) * 3.0
}

/// A path that no other test of this process has.
fn path(name: &str) -> PathBuf {
    let folder = format!("thalweg-facade-{}", std::process::id());
    std::env::temp_dir().join(folder).join(name)
}

#[test]
fn a_loaded_flow_is_the_saved_one_to_the_bit() {
    let path = path("same");
    let saved = flow(8, 0).initialize(data(), &()).expect("finite data");
    file::save(&saved, &path).expect("a writable folder");
    let loaded = file::load(flow(8, 1), &path).expect("a sound file");
    let log_prob = |flow: &HandBuilt| flow.log_prob(data()).into_data();
    assert_eq!(log_prob(&loaded), log_prob(&saved));
    assert_ne!(log_prob(&loaded), log_prob(&flow(8, 1)));
    // An optimizer finds its state by the ids.
    assert_eq!(list_param_ids(&loaded), list_param_ids(&saved));
}

#[test]
fn a_file_keeps_the_dtype() {
    let path = path("double");
    let double = cast(flow(8, 0), DType::F64).expect("floats alone");
    file::save(&double, &path).expect("a writable folder");
    let loaded = file::load(flow(8, 1), &path).expect("a sound file");
    let x = data().cast(DType::F64);
    let log_prob = loaded.log_prob(x.clone()).into_data();
    assert_eq!(log_prob.dtype(), DType::F64);
    assert_eq!(log_prob, double.log_prob(x).into_data());
}

#[test]
fn a_flow_of_another_width_is_refused_by_the_names_of_its_tensors() {
    let path = path("narrow");
    file::save(&flow(8, 0), &path).expect("a writable folder");
    let error = file::load(flow(9, 0), &path).expect_err("another width");
    let text = error.to_string();
    let name = "bijection.1.conditioner.layers.0.weight";
    let shapes = "has shape [2, 8], the model needs [2, 9]";
    assert!(text.contains(&format!("{name} {shapes}")), "{text}");
    let FileProblem::Weights(problems) = error.problem else {
        panic!("{text}");
    };
    assert_eq!(problems.len(), 3, "{text}");
    let shaped = |problem: &WeightProblem| matches!(problem, WeightProblem::Shape { .. });
    assert!(problems.iter().all(shaped), "{text}");
}

#[test]
fn an_altered_file_is_refused() {
    let path = path("altered");
    file::save(&flow(8, 0), &path).expect("a writable folder");
    let mut bytes = std::fs::read(&path).expect("a file");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("a writable file");
    let error = file::load(flow(8, 0), &path).expect_err("an altered file");
    assert!(matches!(error.problem, FileProblem::Altered), "{error}");
}
