//! Flows with a context.

use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::SafeTensors;
use thalweg_convert::{Model, Options, Source, convert};
use thalweg_flow::compiled::Scratch;
use thalweg_models::ConditionalComposedFlow;
use thalweg_models::any::{self, AnyVectors};

use crate::{disagreement, vectors};

const CASES: [(Source, &str, &str); 23] = [
    (Source::Nflows, "nflows_mixture_context", ""),
    (Source::Normflows, "normflows_circular_context", ""),
    (Source::Zuko, "zuko_maf_context", ""),
    (Source::Zuko, "zuko_nsf_context", ""),
    (Source::Zuko, "zuko_nice_context", ""),
    (Source::Zuko, "zuko_ncsf_context", ""),
    (Source::Zuko, "zuko_gf_context", ""),
    (Source::Zuko, "zuko_normalize_context", ""),
    (Source::Zuko, "zuko_elementwise_context", ""),
    (Source::Zuko, "zuko_naf_context", ""),
    (Source::Zuko, "zuko_unaf_context", ""),
    (
        Source::Nflows,
        "nflows_embedding_context",
        "embedding_activation = \"Tanh\"",
    ),
    (Source::Nflows, "nflows_standard_embedding_context", ""),
    (
        Source::Zuko,
        "zuko_bpf_context",
        "univariate = \"Bernstein\"",
    ),
    (
        Source::Zuko,
        "zuko_nsf_residual_context",
        "activation = \"Elu\"",
    ),
    (Source::Nflows, "nflows_nsf_context", "tail_bound = 3.0"),
    (
        Source::Nflows,
        "nflows_maf_context",
        "activation = \"Tanh\"",
    ),
    (
        Source::Nflows,
        "nflows_maf_residual_context",
        "activation = \"Elu\"\ntail_bound = 3.0",
    ),
    (
        Source::Nflows,
        "nflows_nsf_norm_context",
        "activation = \"Elu\"\ntail_bound = 3.0",
    ),
    (Source::Nflows, "nflows_one_context", "tail_bound = 3.0"),
    (Source::Nflows, "nflows_inverse_context", ""),
    (Source::Normflows, "normflows_spline_context", ""),
    (
        Source::Normflows,
        "normflows_spline_autoregressive_context",
        "",
    ),
];

/// The model of a checkpoint.
fn converted(case: (Source, &str, &str), dtype: DType, device: &Device) -> Model {
    let (source, name, options) = case;
    let options: Options = options.parse().unwrap();
    let converted = convert(vectors(name), source, &options, device, dtype);
    let converted = converted.unwrap_or_else(|error| panic!("{name}: {error}"));
    converted.model
}

fn model(case: (Source, &str, &str), dtype: DType, device: &Device) -> ConditionalComposedFlow {
    converted(case, dtype, device).given().expect("a context")
}

/// A tensor of the vectors of a case.
fn numbers(name: &str, key: &str, dtype: DType, device: &Device) -> Tensor<2> {
    let bytes = std::fs::read(vectors(&format!("{name}.vectors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let view = file.tensor(key).unwrap();
    let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), DType::F64);
    Tensor::from_data(data, (device, dtype))
}

#[test]
fn log_densities_given_a_context_are_those_of_the_library() {
    let device = Device::default();
    for case in CASES {
        let (_, name, _) = case;
        for dtype in [DType::F64, DType::F32] {
            let model = converted(case, dtype, &device);
            let wrong = disagreement(name, &model, (&device, dtype));
            assert_eq!(wrong, None);
        }
    }
}

#[test]
fn data_given_a_context_are_those_of_the_library() {
    let device = Device::default();
    for case in CASES {
        let (_, name, _) = case;
        let of = |key| numbers(name, key, DType::F64, &device);
        let model = model(case, DType::F64, &device);
        let found = model.given(&of("context")).decode(of("z_in"));
        let worst = (found - of("x_out")).abs().max().into_scalar::<f64>();
        assert!(worst < 1e-8, "{name}: {worst:e}");
    }
}

/// The file is a density given vectors; its compiled form is that of the layers.
#[test]
fn given_models_are_saved_loaded_and_compiled() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    for case in CASES {
        let (_, name, _) = case;
        let path = folder.path().join(name);
        let saved = model(case, DType::F32, &device);
        saved.save(&path).unwrap();
        let loaded = any::vectors(&path, &device).unwrap();
        assert_eq!(loaded.kind(), "conditional composed flow");
        let [x, context] = ["x", "context"].map(|key| numbers(name, key, DType::F32, &device));
        let expected = saved.log_prob(&x, Some(&context)).unwrap();
        assert_eq!(
            loaded.log_prob(&x, Some(&context)).unwrap(),
            expected,
            "{name}"
        );
        let row = |all: Tensor<2>| all.narrow(0, 3, 1).into_data().try_to_vec::<f32>().unwrap();
        let compiled = saved.compile();
        let mut scratch = Scratch::default();
        let found = compiled
            .given(&row(context))
            .log_prob(&row(x), &mut scratch);
        assert!(
            (f64::from(found) - expected[3]).abs() < 1e-4 * (1.0 + expected[3].abs()),
            "{name}: {found}, {}",
            expected[3]
        );
    }
}

/// A flow with a context is no flow without one.
#[test]
fn a_context_is_not_dropped() {
    let device = Device::default();
    let model = converted(CASES[0], DType::F32, &device);
    assert_eq!(model.context(), 2);
    assert!(model.vectors().is_none());
}
