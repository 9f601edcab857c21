//! Compiled flows under conditions, and compiled base densities, beside the same on tensors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{DiagonalNormal, GaussianMixture, StandardNormal, UnitCube};
use thalweg_flow::compiled::{CompiledContext, CompiledFlow, LowerBase, Scratch};
use thalweg_flow::{
    Affine, Autoregressive, Base, Bijection, Condition, ContextTransform, Coupling, DiagonalScale,
    Embedded, Flow, Identity, InBlocks, Invert, LabelEmbedding, Logit, Lower, MaskedMlpConfig, Mlp,
    MlpConfig, ModulationConfig, Noise, RationalQuadratic, ResidualMlpConfig, Split, WithContext,
};
use thalweg_laws::scramble;

const FEATURES: usize = 3;
const CONTEXT: usize = 2;
const ROWS: usize = 70;

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn rows(seed: u64, width: usize, device: &Device) -> Tensor<2> {
    Noise::seeded(seed).normal([ROWS, width], device, DType::F32)
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (index, (f, e)) in found.iter().zip(expected).enumerate() {
        let close = (f - e).abs() <= 2e-5 * e.abs().max(1.0) || f == e;
        assert!(close, "number {index}: {f} not {e}");
    }
}

/// Densities, latents, data and samples, for a row of context each and for one row.
fn same<C, B, P>(flow: &Flow<B, P>, context: &C, device: &Device) -> CompiledFlow<C>
where
    C: Condition + CompiledContext,
    B: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>> + Lower<C>,
    P: Base<C, Latent = Tensor<2>> + LowerBase<C>,
{
    let (compiled, scratch) = (flow.compile_given::<C>(), &mut Scratch::default());
    assert_eq!((compiled.numbers(), compiled.scales()), (FEATURES, 1));
    let x = rows(1, FEATURES, device);
    for context in [context.clone(), context.one()] {
        let (tensors, host) = (flow.given(&context), context.to_host());
        let compiled = compiled.given(std::borrow::Borrow::borrow(&host));
        let mut found = numbers(x.clone());
        let mut nats = vec![0.0; ROWS];
        compiled.log_probs(&found, &mut nats, scratch);
        assert_close(&nats, &numbers(tensors.log_prob(x.clone())));
        compiled.encode(&mut found, scratch);
        assert_close(&found, &numbers(tensors.encode(x.clone())));
        let mut found = numbers(x.clone());
        compiled.decode(&mut found, scratch);
        assert_close(&found, &numbers(tensors.decode(x.clone())));
        compiled.sample(0.6, &mut Noise::seeded(2), &mut found, scratch);
        let expected = tensors.sample(ROWS, 0.6, &mut Noise::seeded(2));
        assert_close(&found, &numbers(expected));
    }
    compiled
}

fn mlp(inputs: usize, outputs: usize, device: &Device) -> Mlp {
    let config = MlpConfig::new(inputs, vec![20, 7], outputs);
    config.init(&mut Noise::seeded(3), device)
}

fn transform(width: usize, device: &Device) -> ContextTransform<Affine, Mlp> {
    ContextTransform::new(Affine::new(), mlp(width, 2 * FEATURES, device))
}

#[test]
fn vectors_as_contexts() {
    for device in cpu_devices() {
        let d = &device;
        let spline = RationalQuadratic::new(3, 3.0);
        let net = ResidualMlpConfig::new(1 + CONTEXT, 9, 2, 2 * 8);
        let net = WithContext::new(net.init(&mut Noise::seeded(4), d));
        let couple = |kept, width, outputs| WithContext::new(mlp(kept + width, outputs, d));
        let bijection = (
            Coupling::new(Split::half(), spline, net),
            transform(CONTEXT, d).inverted(),
            Embedded::new(
                mlp(CONTEXT, 4, d),
                Coupling::<Affine, _>::new(
                    Split::even_odd(),
                    Affine::new(),
                    Embedded::new(mlp(4, 5, d), couple(2, 5, 2)),
                ),
            ),
            Coupling::<Affine, _>::new(Split::at(2), Affine::new(), couple(2, CONTEXT, 2)),
        );
        let base = Flow::new(transform(CONTEXT, d), StandardNormal::new(FEATURES));
        let flow = scramble(Flow::new(bijection, base), 0.1);
        same(&flow, &rows(5, CONTEXT, d), d);
    }
}

/// Networks that a context shifts and gates.
#[test]
fn modulated_networks() {
    for device in cpu_devices() {
        let (d, noise) = (&device, &mut Noise::seeded(4));
        for blocks in [InBlocks::Nothing, InBlocks::Shift, InBlocks::Gate] {
            let config = ModulationConfig {
                first: true,
                blocks,
                norms: true,
            };
            let net = ResidualMlpConfig::new(1 + CONTEXT, 9, 2, 2 * 2).init(noise, d);
            let net = net.with_modulation(config.init([CONTEXT, 9, 2], noise, d));
            let masked = MaskedMlpConfig::new(FEATURES, vec![17, 17, 17], 2);
            let masked = masked.with_context(CONTEXT).with_residual(true);
            let changes = config.init([CONTEXT, 17, 3], noise, d);
            let masked = masked.init(noise, d).with_modulation(changes);
            let bijection = (
                Coupling::<Affine, _>::new(Split::half(), Affine::new(), WithContext::new(net)),
                Autoregressive::<Affine, _>::new(Affine::new(), WithContext::new(masked)),
            );
            let flow = Flow::new(bijection, StandardNormal::new(FEATURES));
            same(&scramble(flow, 0.1), &rows(5, CONTEXT, d), d);
        }
    }
}

type OfLabels<T> = Embedded<LabelEmbedding, T>;

type Labelled = Flow<
    OfLabels<ContextTransform<Affine, Mlp>>,
    OfLabels<Flow<ContextTransform<Affine, Mlp>, StandardNormal>>,
>;

fn labelled(device: &Device) -> Labelled {
    let labels = || LabelEmbedding::new(4, CONTEXT, &mut Noise::seeded(6), device);
    let base = Flow::new(transform(CONTEXT, device), StandardNormal::new(FEATURES));
    let bijection = Embedded::new(labels(), transform(CONTEXT, device));
    scramble(Flow::new(bijection, Embedded::new(labels(), base)), 0.1)
}

fn labels(device: &Device) -> Tensor<1, Int> {
    let labels: Vec<i64> = (0..ROWS as i64).map(|row| row % 4).collect();
    Tensor::from_data(&labels[..], device)
}

#[test]
fn labels_as_contexts() {
    for device in cpu_devices() {
        same(&labelled(&device), &labels(&device), &device);
    }
}

#[test]
fn base_densities() {
    for device in cpu_devices() {
        let d = &device;
        let scale = || DiagonalScale::from_log_scale(Tensor::from_floats([0.1, -0.3, 0.2], d));
        let mixture = GaussianMixture::new(5, FEATURES, &mut Noise::seeded(7), d);
        same(&Flow::new(scale(), scramble(mixture, 0.3)), &(), d);
        let diagonal = scramble(DiagonalNormal::new(FEATURES, d), 0.3);
        same(&Flow::new(scale(), diagonal), &(), d);
        let cube = UnitCube::new(FEATURES);
        same(&Flow::new(Logit::<2>::new(0.1).inverted(), cube), &(), d);
        same(&Flow::new(scale(), UnitCube::new(FEATURES)), &(), d);
        let inner = Flow::new(scale(), StandardNormal::new(FEATURES));
        let flow = Flow::new(Identity::<2> {}, Flow::new(scale(), inner));
        same(&flow, &(), d);
    }
}

#[test]
fn the_bits_of_a_vector_do_not_depend_on_the_batch() {
    let device = Device::default();
    let context = rows(5, CONTEXT, &device);
    let net = WithContext::new(mlp(1 + CONTEXT, 4, &device));
    let coupling: Coupling<Affine, _> = Coupling::new(Split::half(), Affine::new(), net);
    let flow = Flow::new(coupling, StandardNormal::new(FEATURES));
    let compiled = same(&flow, &context, &device);
    let (x, context) = (numbers(rows(1, FEATURES, &device)), context.to_host());
    let scratch = &mut Scratch::default();
    let mut all = vec![0.0; ROWS];
    compiled.given(&context).log_probs(&x, &mut all, scratch);
    let samples = x.chunks(FEATURES).zip(context.chunks(CONTEXT));
    for ((x, context), expected) in samples.zip(all) {
        let found = compiled.given(context).log_prob(x, scratch);
        assert_eq!(found.to_bits(), expected.to_bits());
    }
}

#[track_caller]
fn refused(run: impl FnOnce(), words: &[&str]) {
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("a panic");
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.unwrap_or_default();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

#[test]
fn contexts_of_other_shapes_are_refused() {
    let device = Device::default();
    let vectors = Flow::new(transform(CONTEXT, &device), StandardNormal::new(FEATURES));
    let vectors = vectors.compile_given::<Tensor<2>>();
    let labels = labelled(&device).compile_given::<Tensor<1, Int>>();
    let (x, mut nats) = ([0.1; 4 * FEATURES], [0.0; 4]);
    let mut given = |context: &[f32]| {
        let vectors = vectors.given(context);
        vectors.log_probs(&x, &mut nats, &mut Scratch::default());
    };
    given(&[0.0; CONTEXT]);
    refused(|| given(&[0.0; 3]), &["3 numbers", "contexts of 2"]);
    refused(|| given(&[0.0; 3 * CONTEXT]), &["3 rows", "4 samples"]);
    let mut given = |context: &[usize]| {
        let labels = labels.given(context);
        labels.log_probs(&x, &mut nats, &mut Scratch::default());
    };
    given(&[3]);
    refused(|| given(&[4]), &["label 4", "4 classes"]);
    refused(|| given(&[0, 1]), &["2 rows", "4 samples"]);
    // A layer that takes a context of another size than the one in front of it.
    let layers = (transform(CONTEXT, &device), transform(CONTEXT + 1, &device));
    refused(
        || drop(Flow::new(layers, StandardNormal::new(FEATURES)).compile_given::<Tensor<2>>()),
        &["context of 3", "2"],
    );
}
