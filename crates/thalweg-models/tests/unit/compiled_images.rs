//! Compiled image models give what the tensors give, always the same bits, from any number of threads.

use crate::common::{assert_close, assert_same_from_threads, host, levels, numbers, wide};
use burn::tensor::{Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Bijection, Latents, Lower, Noise, compiled::Scratch};
use thalweg_laws::scramble;
use thalweg_models::{
    ConditionalGlowConfig, CouplingStyle, DiagonalGlowConfig, EdgeGlowConfig, Glow, GlowConfig,
    ImageFlow, ImageSize, RealNvpConfig, glow::Mixing,
};

const IMAGES: usize = 9;

fn images(shape: [usize; 3], device: &Device) -> Tensor<4> {
    let [channels, height, width] = shape;
    let rows = levels([IMAGES, channels * height * width], 256, 3, device);
    rows.reshape([IMAGES, channels, height, width])
}

/// Densities, latents, images of latents and samples, of as many images at a time as there are, of fewer, and
/// of one.
fn compare<B, K>(model: &ImageFlow<B, K>, shape: [usize; 3], device: &Device)
where
    B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower,
    K: thalweg_models::image::ImageConfig<Bijection = B>,
{
    let (levels, noise) = (images(shape, device), || Noise::seeded(5));
    let (y, _) = model
        .dequantize()
        .apply(levels.clone(), &mut noise())
        .unwrap();
    let log_prob = host(model.log_prob(levels.clone(), &mut noise()).unwrap());
    let latents = host(model.encode(y.clone()).flatten());
    let samples = host(model.sample(IMAGES, 0.7, &mut noise()));
    let (y, levels) = (numbers(y), numbers(levels));
    for at_a_time in [1, 4, IMAGES, 100] {
        let (compiled, scratch) = (model.compile(at_a_time), &mut Scratch::default());
        let found = compiled.log_probs(&levels, &(), &mut noise(), scratch);
        assert_close(&wide(&found.unwrap()), &log_prob, 1e-5);
        let mut found = y.clone();
        compiled.flow.encode(&mut found, scratch);
        assert_close(&wide(&found), &latents, 2e-5);
        compiled.flow.decode(&mut found, scratch);
        assert_close(&wide(&found), &wide(&y), 2e-5);
        compiled.flow.sample(0.7, &mut noise(), &mut found, scratch);
        assert_close(&wide(&found), &samples, 2e-5);
        let tensor = Tensor::<1>::from_floats(&found[..], device);
        let expected = numbers(model.dequantize().quantize(tensor));
        assert_eq!(compiled.quantize(&found), expected);
    }
}

fn glow(config: GlowConfig, device: &Device) -> Glow {
    let image = config.image;
    let levels = images([image.channels, image.height, image.width], device);
    let glow = scramble(config.init(device), 0.05);
    glow.initialize(levels, &mut Noise::seeded(1)).unwrap()
}

fn openai(shape: [usize; 3]) -> GlowConfig {
    GlowConfig::openai(ImageSize::new(shape))
        .with_depth(2)
        .with_hidden(20)
}

#[test]
fn glow_of_every_style() {
    let (small, spline) = (
        [3, 8, 8],
        CouplingStyle::Spline {
            bins: 4,
            bound: 3.0,
        },
    );
    for device in cpu_devices() {
        let mut styles = vec![
            openai([3, 16, 16]).with_scales(3),
            openai([1, 8, 12]).with_scales(1),
            GlowConfig::blog(ImageSize::new(small))
                .with_scales(2)
                .with_depth(2)
                .with_hidden(20),
        ];
        for (coupling, mixing) in [
            (CouplingStyle::Affine, Mixing::Full),
            (spline, Mixing::Householder),
            (CouplingStyle::Additive, Mixing::Rotation),
        ] {
            let mut config = openai(small).with_scales(2);
            (config.coupling, config.mixing) = (coupling, mixing);
            styles.push(config);
        }
        for config in styles {
            let image = config.image;
            let shape = [image.channels, image.height, image.width];
            compare(&glow(config, &device), shape, &device);
        }
    }
}

#[test]
fn edge_glow() {
    for device in cpu_devices() {
        for (shape, additive) in [([3, 8, 8], false), ([1, 8, 12], true)] {
            let config = EdgeGlowConfig::new(ImageSize::new(shape), additive).with_scales(2);
            let model = scramble(config.with_depth(2).with_hidden(20).init(&device), 0.05);
            let model = model
                .initialize(images(shape, &device), &mut Noise::seeded(1))
                .unwrap();
            compare(&model, shape, &device);
        }
    }
}

#[test]
fn diagonal_glow() {
    for device in cpu_devices() {
        for (shape, additive) in [([3, 8, 8], false), ([1, 8, 12], true)] {
            let config = DiagonalGlowConfig::new(ImageSize::new(shape)).with_additive(additive);
            let config = config.with_scales(2).with_depth(2).with_hidden(20);
            let model = scramble(config.init(&device), 0.05);
            let model = model
                .initialize(images(shape, &device), &mut Noise::seeded(1))
                .unwrap();
            compare(&model, shape, &device);
        }
    }
}

#[test]
fn realnvp() {
    for device in cpu_devices() {
        for shape in [[3, 8, 8], [1, 4, 6]] {
            let config = RealNvpConfig::paper(ImageSize::new(shape)).with_scales(2);
            let model = scramble(config.with_hidden(8).with_blocks(2).init(&device), 0.05);
            let model = model
                .initialize(images(shape, &device), &mut Noise::seeded(1))
                .unwrap();
            compare(&model, shape, &device);
        }
    }
}

/// Between many channels, where products of images are not those of one image.
#[test]
fn glow_of_many_channels() {
    let device = Device::default();
    let config = openai([3, 16, 16]).with_scales(1).with_hidden(256);
    compare(&glow(config, &device), [3, 16, 16], &device);
}

/// One label for each image, and one for all.
#[test]
fn conditional_glow() {
    for device in cpu_devices() {
        let config = ConditionalGlowConfig::new(openai([3, 8, 8]).with_scales(2), 5);
        let labels: Vec<usize> = (0..IMAGES).map(|image| image % 5).collect();
        let tensor = |labels: &[usize]| {
            let labels: Vec<i64> = labels.iter().map(|label| *label as i64).collect();
            Tensor::<1, Int>::from_data(&labels[..], &device)
        };
        let (levels, noise) = (images([3, 8, 8], &device), || Noise::seeded(5));
        let model = scramble(config.init(&device), 0.05);
        let model = model.initialize_given(levels.clone(), &tensor(&labels), &mut noise());
        let model = model.unwrap();
        for labels in [&labels[..], &[3]] {
            let context = tensor(labels);
            let given = model.given(&context);
            let log_prob = host(given.log_prob(levels.clone(), &mut noise()).unwrap());
            let expected = host(given.sample(IMAGES, 0.7, &mut noise()));
            for at_a_time in [1, 4, IMAGES] {
                let compiled = model.compile_given::<Tensor<1, Int>>(at_a_time);
                let scratch = &mut Scratch::default();
                let levels = numbers(levels.clone());
                let found = compiled.log_probs(&levels, labels, &mut noise(), scratch);
                assert_close(&wide(&found.unwrap()), &log_prob, 1e-5);
                let mut found = levels;
                let given = compiled.given(labels);
                given.sample(0.7, &mut noise(), &mut found, scratch);
                assert_close(&wide(&found), &expected, 2e-5);
            }
        }
    }
}

#[test]
fn no_images_are_none() {
    let device = Device::default();
    let compiled = glow(openai([3, 8, 8]).with_scales(2), &device).compile(2);
    let (noise, scratch) = (&mut Noise::seeded(0), &mut Scratch::default());
    assert!(
        compiled
            .log_probs(&[], &(), noise, scratch)
            .unwrap()
            .is_empty()
    );
    compiled.flow.sample(1.0, noise, &mut [], scratch);
}

#[test]
fn threads_share_a_model_and_find_the_same_bits() {
    let device = Device::default();
    let compiled = glow(openai([3, 8, 8]).with_scales(2), &device).compile(2);
    let all = || {
        let scratch = &mut Scratch::default();
        let runs = (0..20).flat_map(|seed| {
            let mut images = vec![0.0; 3 * compiled.flow.numbers()];
            let noise = &mut Noise::seeded(seed);
            compiled.flow.sample(0.7, noise, &mut images, scratch);
            images
        });
        runs.map(f32::to_bits).collect::<Vec<_>>()
    };
    assert_same_from_threads(all);
}

#[test]
#[should_panic(expected = "5 numbers are no images of 192")]
fn images_of_another_size_are_refused() {
    let compiled = openai([3, 8, 8])
        .with_scales(2)
        .init(&Device::default())
        .compile(1);
    let (noise, scratch) = (&mut Noise::seeded(0), &mut Scratch::default());
    compiled.log_probs(&[0.0; 5], &(), noise, scratch).unwrap();
}
