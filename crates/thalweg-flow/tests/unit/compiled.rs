use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{DiagonalNormal, StandardLogistic};
use thalweg_flow::compiled::{LowerBase, Scratch};
use thalweg_flow::{
    ActNorm, Activation, Additive, Affine, Base, Bijection, Coupling, DiagonalScale,
    ElementwiseAffine, Exp, Flow, Full, Householder, Identity, Invert, InvertibleLinear, Lower,
    MlpConfig, Noise, Permutation, RationalQuadratic, Reverse, Split, TanhLearned, Transformer,
};

const FEATURES: usize = 5;
const ROWS: usize = 6;

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn vector(seed: u64, device: &Device) -> Tensor<1> {
    Noise::seeded(seed).normal([FEATURES], device, DType::F32) * 0.5
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!(
            (f - e).abs() <= 1e-5 * e.abs().max(1.0),
            "{found:?} not {expected:?}"
        );
    }
}

/// The largest and smallest numbers of f32: if the log-density overflows, it does so in both forms.
const ENDS: [f32; 12] = [
    0.0,
    1e-45,
    -1e-38,
    30.0,
    -30.0,
    1e4,
    -1e8,
    1e12,
    -1e15,
    1e25,
    -1e30,
    f32::MAX,
];

/// Neither form gives NaN, and both the same numbers.
#[track_caller]
fn assert_same_ends(found: f32, expected: f32) {
    let close = (found - expected).abs() <= 1e-4 * expected.abs().max(1.0);
    assert!(
        close || found == expected,
        "{found}, not {expected}, at the ends"
    );
}

/// Both directions and the log-density against the tensors; and the memory stays where it is.
fn same<B, P>(bijection: B, base: P, device: &Device)
where
    B: Bijection<Data = Tensor<2>, Latent = Tensor<2>> + Lower,
    P: Base<Latent = Tensor<2>> + LowerBase,
{
    let flow = Flow::new(bijection, base);
    let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    assert_eq!(compiled.numbers(), FEATURES);
    let x: Tensor<2> = Noise::seeded(1).normal([ROWS, FEATURES], device, DType::F32);
    let points = numbers(x.clone());
    let densities: Vec<f32> = points
        .chunks(FEATURES)
        .map(|x| compiled.log_prob(x, &mut scratch))
        .collect();
    assert_close(&densities, &numbers(flow.log_prob(x.clone())));
    // Registers hold numbers of several samples, and the bits of a sample do not depend on the others.
    let mut together = vec![0.0; ROWS];
    compiled.log_probs(&points, &mut together, &mut scratch);
    assert_eq!(together, densities);
    let mut z = points.clone();
    compiled.encode(&mut z, &mut scratch);
    for (together, x) in z.chunks(FEATURES).zip(points.chunks(FEATURES)) {
        let mut alone = x.to_vec();
        compiled.encode(&mut alone, &mut scratch);
        assert_eq!(together, alone);
    }
    assert_close(&z, &numbers(flow.encode(x.clone())));
    let mut decoded = points;
    compiled.decode(&mut decoded, &mut scratch);
    assert_close(&decoded, &numbers(flow.decode(x)));
    for end in ENDS {
        for point in [[end; FEATURES], [0.5, end, -0.3, 0.1, -end]] {
            let x = Tensor::<2>::from_floats([point], device);
            let expected = numbers(flow.log_prob(x.clone()))[0];
            assert_same_ends(compiled.log_prob(&point, &mut scratch), expected);
            for (found, expected) in [
                (point, numbers(flow.encode(x.clone()))),
                (point, numbers(flow.decode(x))),
            ]
            .into_iter()
            .zip([true, false])
            .flat_map(|((mut found, expected), forward)| {
                match forward {
                    true => compiled.encode(&mut found, &mut scratch),
                    false => compiled.decode(&mut found, &mut scratch),
                }
                found.into_iter().zip(expected)
            }) {
                assert_same_ends(found, expected);
            }
        }
    }
    let mut samples = vec![0.0; ROWS * FEATURES];
    compiled.sample(0.5, &mut Noise::seeded(2), &mut samples, &mut scratch);
    let expected = flow.sample(ROWS, 0.5, &mut Noise::seeded(2));
    assert_close(&samples, &numbers(expected));
}

fn logistic() -> StandardLogistic {
    StandardLogistic::new(FEATURES)
}

#[test]
fn layers_without_a_network() {
    for device in cpu_devices() {
        let noise = &mut Noise::seeded(4);
        let norm = || ActNorm::from_parameters(vector(1, &device), vector(2, &device));
        let affine = ElementwiseAffine::from_parameters(vector(3, &device), vector(4, &device));
        let order = Permutation::shuffled(FEATURES, noise, &device);
        let scale = DiagonalScale::from_log_scale(vector(5, &device));
        let base = DiagonalNormal::from_parameters(vector(6, &device), vector(7, &device));
        let layers = (
            norm(),
            affine,
            order,
            Reverse::<2> {},
            scale,
            Identity::<2> {},
        );
        same((layers, vec![norm(), norm()], Some(norm())), base, &device);

        let reflections = InvertibleLinear::new(Householder::new(3, FEATURES, noise, &device));
        let full = InvertibleLinear::new(Full::rotation(FEATURES, noise, &device));
        let order = Permutation::shuffled(FEATURES, noise, &device);
        let inverted = (order, full.inverted(), norm()).inverted();
        same(
            (reflections, inverted, None::<ActNorm>),
            logistic(),
            &device,
        );
    }
}

fn coupling<T: Transformer>(
    split: Split,
    transformer: impl Fn(usize) -> T,
    activation: Activation,
    device: &Device,
) -> Coupling<T, thalweg_flow::Mlp> {
    let (kept, transformed) = split.sizes(FEATURES);
    let transformer = transformer(transformed);
    let outputs = transformer.parameters_per_feature() * transformed;
    let net = MlpConfig::new(kept, vec![37, 18], outputs).with_activation(activation);
    Coupling::new(split, transformer, net.init(&mut Noise::seeded(8), device))
}

#[test]
fn couplings_of_every_split_transformer_and_activation() {
    for device in cpu_devices() {
        let d = &device;
        let additive = coupling(
            Split::even_odd(),
            |_| Additive::subtracting(),
            Activation::Tanh,
            d,
        );
        let swapped = Split::even_odd().swapped();
        let exp = coupling(
            swapped,
            |_| Affine::with_scale_map(Exp {}),
            Activation::Silu,
            d,
        );
        let tanh = |features| {
            Affine::with_scale_map(TanhLearned::from_amplitude(Tensor::full(
                [features],
                0.7,
                d,
            )))
        };
        let tanh = coupling(Split::at(1), tanh, Activation::LeakyRelu, d);
        let spline = |_| RationalQuadratic::new(4, 1.5);
        let spline = coupling(Split::half().swapped(), spline, Activation::Relu, d);
        same((additive, exp, tanh, spline), logistic(), d);
    }
}
