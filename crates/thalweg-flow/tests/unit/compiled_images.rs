//! Parts of image flows as plain numbers, beside the same parts on tensors.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::compiled::{Batch, CompiledFlow, Direction, FlowStep, Lowering, Scratch};
use thalweg_flow::{
    ActNorm, Activation, Affine, Bijection, Checkerboard, ConvBlocksConfig, ConvNetConfig,
    Coupling, Exp, Flow, Full, Identity, Invertible1x1, Latents, Level, Logit, Lower, MultiScale,
    Noise, Permutation, Plu, RationalQuadratic, ResidualConvNetConfig, SameConvConfig, Split,
    Squeeze, SqueezeOrder, TanhLearned, WeightInit,
};
use thalweg_laws::scramble;

const IMAGES: usize = 5;
const SHAPE: [usize; 3] = [4, 6, 8];

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (index, (f, e)) in found.iter().zip(expected).enumerate() {
        let bound = 2e-5 * e.abs().max(1.0);
        assert!((f - e).abs() <= bound, "number {index}: {f} not {e}");
    }
}

fn images(device: &Device) -> Tensor<4> {
    let [channels, height, width] = SHAPE;
    Noise::seeded(1).open_uniform([IMAGES, channels, height, width], device, DType::F32)
}

/// A bijection of one scale, both ways, and its log-determinant.
fn same<B>(bijection: B, device: &Device)
where
    B: Bijection<Data = Tensor<4>, Latent = Tensor<4>> + Lower + Module + ModuleDisplay,
{
    let scales = MultiScale::new(Vec::<Level<Identity<4>, Identity<4>>>::new(), bijection);
    let [_, channels, height, width] = scales.forward(images(device), &()).0.scales()[0].dims();
    same_scales(scales, vec![[channels, height, width]], device);
}

fn same_scales<B>(bijection: B, shapes: Vec<[usize; 3]>, device: &Device)
where
    B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Module + ModuleDisplay,
{
    let flow = Flow::new(bijection, MultiScaleNormal::new(shapes));
    let x = images(device);
    let latents = numbers(flow.encode(x.clone()).flatten());
    let log_prob = numbers(flow.log_prob(x.clone()));
    let samples = numbers(flow.sample(IMAGES, 0.8, &mut Noise::seeded(2)));
    same_at_the_ends(&flow, device);
    let x = numbers(x);
    for at_a_time in [1, 2, IMAGES] {
        let compiled = flow.compile_images(SHAPE, at_a_time);
        let scratch = &mut Scratch::default();
        let mut found = x.clone();
        compiled.encode(&mut found, scratch);
        assert_close(&found, &latents);
        compiled.decode(&mut found, scratch);
        assert_close(&found, &x);
        let mut densities = [0.0; IMAGES];
        compiled.log_probs(&x, &mut densities, scratch);
        assert_close(&densities, &log_prob);
        compiled.sample(0.8, &mut Noise::seeded(2), &mut found, scratch);
        assert_close(&found, &samples);
    }
}

/// Both forms give the same densities, and no NaN, for images inside the cube, outside it, and at the
/// largest numbers of f32.
fn same_at_the_ends<B>(flow: &Flow<B, MultiScaleNormal>, device: &Device)
where
    B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Module + ModuleDisplay,
{
    let (compiled, scratch) = (flow.compile_images(SHAPE, 1), &mut Scratch::default());
    let [channels, height, width] = SHAPE;
    let ends = [
        0.0,
        1.0,
        1.2,
        -0.02,
        1e-45,
        1e3,
        -1e10,
        1e25,
        -1e30,
        f32::MAX,
    ];
    for end in ends {
        let mut image: Vec<f32> = numbers(images(device))[..channels * height * width].to_vec();
        for number in image.iter_mut().step_by(3) {
            *number = end;
        }
        let data = burn::tensor::TensorData::new(image.clone(), [1, channels, height, width]);
        let x = Tensor::<4>::from_data(data, device);
        let (found, expected) = (
            compiled.log_prob(&image, scratch),
            numbers(flow.log_prob(x.clone()))[0],
        );
        let close = (found - expected).abs() <= 1e-3 * expected.abs().max(1.0);
        assert!(
            close || found == expected,
            "{found}, not {expected}, at {end}"
        );
        compiled.encode(&mut image, scratch);
        assert!(image.iter().all(|z| !z.is_nan()), "at {end}");
        compiled.decode(&mut image, scratch);
        assert!(image.iter().all(|x| !x.is_nan()), "at {end}");
    }
}

fn statistics(device: &Device) -> ActNorm<4> {
    let vector = |seed| Noise::seeded(seed).normal([SHAPE[0]], device, DType::F32);
    ActNorm::from_parameters(vector(3) * 5.0, vector(4) * 0.5)
}

/// Maps of the channels, alone and in orders in which they are one map and in which they are not.
#[test]
fn maps_of_channels() {
    for device in cpu_devices() {
        let noise = &mut Noise::seeded(5);
        let matrix = Invertible1x1::new(scramble(Plu::rotation(SHAPE[0], noise, &device), 0.1));
        let other = Invertible1x1::new(scramble(Full::rotation(SHAPE[0], noise, &device), 0.1));
        let order = Permutation::<4>::shuffled(SHAPE[0], noise, &device);
        same(statistics(&device), &device);
        same((statistics(&device), matrix.clone()), &device);
        same((matrix.clone(), statistics(&device)), &device);
        same((statistics(&device), statistics(&device)), &device);
        same((order.clone(), other.clone(), matrix.clone()), &device);
        same(
            (statistics(&device), order, statistics(&device), other),
            &device,
        );
    }
}

#[test]
fn orders_and_functions_of_pixels() {
    for device in cpu_devices() {
        for order in [SqueezeOrder::ChannelFirst, SqueezeOrder::PixelFirst] {
            same(Squeeze::with(2, order), &device);
        }
        same(Logit::<4>::new(0.05), &device);
        same((Identity::<4> {}, Some(Logit::<4>::new(0.01))), &device);
    }
}

/// Every split, transformer and network.
#[test]
fn couplings() {
    for device in cpu_devices() {
        let noise = &mut Noise::seeded(6);
        for split in [
            Split::half(),
            Split::even_odd(),
            Split::at(1),
            Split::half().swapped(),
        ] {
            let (kept, transformed) = split.sizes(SHAPE[0]);
            let net = ConvNetConfig::new(kept, 9, 2 * transformed);
            let net = scramble(net.init(noise, &device), 0.1);
            same(
                Coupling::new(split, Affine::with_scale_map(Exp {}), net),
                &device,
            );
            let net = ResidualConvNetConfig::new(kept, 7, 2, 2 * transformed).with_actnorm(true);
            let net = scramble(net.init(noise, &device), 0.1);
            let scales = scramble(TanhLearned::new(transformed, &device), 0.1);
            same(
                Coupling::new(split, Affine::with_scale_map(scales), net),
                &device,
            );
            let spline = RationalQuadratic::new(3, 2.0);
            // SiLU is what the host's kernels do not have.
            let net =
                ConvNetConfig::new(kept, 9, 8 * transformed).with_activation(Activation::Silu);
            let net = scramble(net.init(noise, &device), 0.1);
            same(Coupling::new(split, spline, net), &device);
        }
        for blocks in [0, 2] {
            let net = ConvBlocksConfig::new(2, blocks).with_init(WeightInit::Glorot);
            let net = scramble(net.init(noise, &device), 0.1);
            let additive = thalweg_flow::Additive::new();
            same(Coupling::new(Split::half(), additive, net), &device);
        }
        for layer in [0, 1] {
            let net = SameConvConfig::new(SHAPE[0], 2 * SHAPE[0], 3).with_gain(true);
            let net = scramble(net.init(noise, &device), 0.1);
            same(
                Checkerboard::new(Affine::with_scale_map(Exp {}), net).alternating(layer),
                &device,
            );
        }
    }
}

/// Scales of which any half leaves.
#[test]
fn several_scales() {
    for device in cpu_devices() {
        let noise = &mut Noise::seeded(7);
        for split in [Split::half(), Split::even_odd(), Split::half().swapped()] {
            let mut prior = |channels| {
                let (kept, transformed) = split.sizes(channels);
                let net = SameConvConfig::new(kept, 2 * transformed, 3);
                let net = scramble(net.init(noise, &device), 0.1);
                let coupling: Coupling<Affine, _, 4> = Coupling::new(split, Affine::new(), net);
                coupling
            };
            let first = Level::new(Some(Squeeze::new()), prior(16), split);
            let second = Level::new(None, prior(8), split);
            let scales = MultiScale::new(vec![first, second], statistics(&device));
            let shapes = vec![[8, 3, 4], [4, 3, 4], [4, 3, 4]];
            same_scales(scales, shapes, &device);
        }
    }
}

/// A layer of one's own.
#[test]
fn layers_of_ones_own() {
    #[derive(Debug)]
    struct Double;

    impl FlowStep for Double {
        fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
            let factor = if direction == Direction::Forward {
                2.0
            } else {
                0.5
            };
            x.change(SHAPE.iter().product(), |_, x| {
                x.iter_mut().for_each(|x| *x *= factor);
                x.len() as f64 * f64::from(factor).ln()
            });
        }
    }

    impl Lower for Double {
        fn lower(&self, plan: &mut Lowering) {
            assert_eq!(
                (plan.shape(), plan.batch(), plan.positions()),
                (SHAPE, 3, 48)
            );
            plan.add(Self);
        }
    }

    let compiled = CompiledFlow::<()>::new(&Double, &normal(), SHAPE, 3);
    let (length, scratch) = (compiled.numbers(), &mut Scratch::default());
    let mut log_prob = [0.0; 4];
    compiled.log_probs(&vec![0.0; 4 * length], &mut log_prob, scratch);
    let expected = length as f32 * (2f32.ln() - 0.5 * std::f32::consts::TAU.ln());
    assert!(
        log_prob
            .iter()
            .all(|found| (found / expected - 1.0).abs() < 1e-6)
    );
    let mut samples = vec![0.0; 4 * length];
    compiled.sample(1.0, &mut Noise::seeded(0), &mut samples, scratch);
    let expected: Tensor<1> = Noise::seeded(0).normal([4 * length], &Device::default(), DType::F32);
    assert_close(&samples, &numbers(expected / 2.0));
}

/// The density of the latents of one scale.
fn normal() -> MultiScaleNormal {
    MultiScaleNormal::new(vec![SHAPE])
}

#[test]
#[should_panic(expected = "a layer of 96 features got a point of 48")]
fn a_network_of_other_outputs_is_refused() {
    let device = Device::default();
    let net = SameConvConfig::new(2, 1, 3).init(&mut Noise::seeded(0), &device);
    let coupling: Coupling<_, _, 4> =
        Coupling::new(Split::half(), thalweg_flow::Additive::new(), net);
    let compiled = CompiledFlow::<()>::new(&coupling, &normal(), SHAPE, 1);
    compiled.log_prob(&[0.0; 192], &mut Scratch::default());
}
