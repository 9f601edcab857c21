//! Log-densities, and data of given latents.

use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::SafeTensors;
use thalweg_convert::{Model, Options, Source, convert};
use thalweg_flow::compiled::Scratch;
use thalweg_models::{ComposedConfig, ComposedFlow, ModelConfig};

use crate::{disagreement, vectors};

/// What the state dict of a case does not tell.
fn cases() -> Vec<(Source, &'static str, &'static str)> {
    use Source::{Nflows, Normflows, Zuko};
    vec![
        (Nflows, "nflows_affine", ""),
        (Nflows, "nflows_additive_elu", "activation = \"Elu\""),
        (Nflows, "nflows_spline", "tail_bound = 3.0"),
        (Nflows, "nflows_maf", ""),
        (Nflows, "nflows_maf_feedforward", "activation = \"Gelu\""),
        (Nflows, "nflows_maf_spline", "tail_bound = 2.5"),
        (Nflows, "nflows_realnvp", ""),
        (
            Normflows,
            "normflows_realnvp",
            "activation = { LeakySlope = 0.1 }",
        ),
        (
            Normflows,
            "normflows_coupling_swap",
            "without_tensors = \"swap\"\ntransforms = 6",
        ),
        (
            Normflows,
            "normflows_coupling_sigmoid",
            "scale = { InverseSigmoid = { shift = 2.0 } }",
        ),
        (Normflows, "normflows_spline", ""),
        (Normflows, "normflows_spline_autoregressive", ""),
        (Normflows, "normflows_planar_radial", ""),
        (Zuko, "zuko_maf", ""),
        (Zuko, "zuko_nsf", "activation = \"Tanh\""),
        (Zuko, "zuko_nsf_coupling", ""),
        (Zuko, "zuko_nice", ""),
        (Zuko, "zuko_nice_additive", ""),
        (Nflows, "nflows_householder", "tail_bound = 2.0"),
        (Nflows, "nflows_maf_norm", ""),
        (Nflows, "nflows_realnvp_norm", ""),
        (Zuko, "zuko_maf_residual", ""),
        (Zuko, "zuko_ncsf", ""),
        (Zuko, "zuko_rotation", ""),
        (Zuko, "zuko_gf", ""),
        (Zuko, "zuko_normalize", ""),
        (Zuko, "zuko_elementwise", ""),
        (Zuko, "zuko_naf", ""),
        (Zuko, "zuko_unaf", ""),
        (
            Nflows,
            "nflows_nonlinear",
            "transforms = 13\nwithout_tensors = { \
             \"_transform._transforms.1\" = \"logtanh\", \"_transform._transforms.3\" = \"tanh\", \
             \"_transform._transforms.4\" = \"inverselogtanh\", \"_transform._transforms.6\" = \"cauchycdf\", \
             \"_transform._transforms.8\" = \"cauchycdf\", \"_transform._transforms.9\" = \"inversecauchycdf\", \
             \"_transform._transforms.10\" = \"inverseleakyrelu\", \"_transform._transforms.12\" = \"leakyrelu\" }",
        ),
        (
            Nflows,
            "nflows_nonlinear_values",
            "cut_point = 2.0\nnegative_slope = 0.2\ntransforms = 4\nwithout_tensors = { \
             \"_transform._transforms.1\" = \"logtanh\", \"_transform._transforms.3\" = \"leakyrelu\" }",
        ),
        (Nflows, "nflows_mixture", ""),
        (Normflows, "normflows_circular", ""),
        (Normflows, "normflows_circular_autoregressive", ""),
        (
            Normflows,
            "normflows_circular_one_bound",
            "tail_bound = 2.0\nbound = 2.0\nshift = 0.5\nwithout_tensors = \"periodicshift\"",
        ),
        (Normflows, "normflows_circular_tails", ""),
        (Normflows, "normflows_residual", ""),
        (
            Normflows,
            "normflows_residual_forward",
            "reverse = false\nlipschitz_const = 0.8",
        ),
        (
            Nflows,
            "nflows_linear_constants",
            "univariate = \"Linear\"\ntails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_quadratic_constants",
            "univariate = \"Quadratic\"\ntails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_cubic_constants",
            "univariate = \"Cubic\"\ntails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_linear",
            "univariate = \"Linear\"\ntail_bound = 2.0",
        ),
        (
            Nflows,
            "nflows_linear_box",
            "univariate = \"Linear\"\ntails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_quadratic",
            "univariate = \"Quadratic\"\ntail_bound = 2.0",
        ),
        (
            Nflows,
            "nflows_quadratic_box",
            "univariate = \"Quadratic\"\ntails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_cubic",
            "univariate = \"Cubic\"\ntail_bound = 2.0",
        ),
        (
            Nflows,
            "nflows_cubic_box",
            "univariate = \"Cubic\"\ntails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_rational_box",
            "tails = false\nuniform = { low = [0.0], high = [1.0] }",
        ),
        (
            Nflows,
            "nflows_sigmoid",
            "univariate = \"Quadratic\"\ntails = false\nwithout_tensors = \"logit\"\ntransforms = 7",
        ),
        (
            Zuko,
            "zuko_sospf",
            "univariate = { SumOfSquares = { polynomials = 2 } }",
        ),
        (Zuko, "zuko_bpf", "univariate = \"Bernstein\""),
        (Normflows, "normflows_mixture", "without_tensors = \"swap\""),
        (
            Nflows,
            "nflows_least",
            "tail_bound = 2.0\nleast = { width = 0.05, height = 0.02, slope = 0.1 }",
        ),
    ]
}

fn vectors_model(case: (Source, &str, &str), dtype: DType, device: &Device) -> ComposedFlow {
    model(case, dtype, device).vectors().unwrap()
}

fn model(case: (Source, &str, &str), dtype: DType, device: &Device) -> Model {
    let (source, name, options) = case;
    let options: Options = options.parse().unwrap();
    let converted = convert(vectors(name), source, &options, device, dtype);
    let converted = converted.unwrap_or_else(|error| panic!("{name}: {error}"));
    converted.model
}

/// A tensor of the vectors of a case, `[rows, features]`, if it has it.
fn numbers(name: &str, key: &str, dtype: DType, device: &Device) -> Option<Tensor<2>> {
    let bytes = std::fs::read(vectors(&format!("{name}.vectors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let view = file.tensor(key).ok()?;
    let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), DType::F64);
    Some(Tensor::from_data(data, (device, dtype)))
}

/// In f32 a density of −20 nats a row has an error of some units in the last place for each layer.
#[test]
fn log_densities_are_those_of_the_library() {
    let device = Device::default();
    let mut wrong = vec![];
    for case in cases() {
        let (_, name, _) = case;
        for dtype in [DType::F64, DType::F32] {
            let model = model(case, dtype, &device);
            wrong.extend(disagreement(name, &model, (&device, dtype)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn data_of_latents_are_those_of_the_library() {
    let device = Device::default();
    let (mut compared, mut wrong) = (0, vec![]);
    for case in cases() {
        let (_, name, _) = case;
        for (dtype, tolerance) in [(DType::F64, 1e-8), (DType::F32, 1e-4)] {
            let of = |key| numbers(name, key, dtype, &device);
            let (Some(z), Some(x)) = (of("z_in"), of("x_out")) else {
                continue;
            };
            let found = vectors_model(case, dtype, &device).decode(z);
            let scale = x.clone().abs().add_scalar(1.0);
            let worst = ((found - x) / scale).abs().max().into_scalar::<f64>();
            if worst > tolerance {
                wrong.push(format!("{name}, {dtype:?}: {worst:e}"));
            }
            compared += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Two have layers whose inverse the library cannot compute with this torch.
    assert_eq!(compared, 2 * (cases().len() - 2));
}

/// The configuration describes the layers: what is saved is found again.
#[test]
fn models_are_saved_and_loaded() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let (_, name, _) = case;
        let path = folder.path().join(name);
        let saved = vectors_model(case, DType::F32, &device);
        saved.save(&path).unwrap();
        let loaded =
            ComposedFlow::load(&path, &device).unwrap_or_else(|error| panic!("{name}: {error}"));
        let x = Tensor::<2>::ones([2, saved.config().features], &device);
        let [before, after] = [&saved, &loaded].map(|model| model.log_prob(x.clone()).into_data());
        assert_eq!(before, after, "{name}");
        let config: &ComposedConfig = loaded.config();
        config.check().unwrap();
    }
}

/// The compiled form is that of the layers.
#[test]
fn compiled_forms_agree() {
    let device = Device::default();
    for case in cases() {
        let (_, name, _) = case;
        let model = vectors_model(case, DType::F32, &device);
        let x = numbers(name, "x", DType::F32, &device).unwrap();
        let tensor = x.narrow(0, 3, 1);
        let x = tensor.to_data().try_to_vec::<f32>().unwrap();
        let expected = model.log_prob(tensor).into_scalar::<f64>();
        let found = f64::from(model.compile().log_prob(&x, &mut Scratch::default()));
        assert!(
            (found - expected).abs() < 1e-4 * (1.0 + expected.abs()),
            "{name}: {found}, {expected}"
        );
    }
}
