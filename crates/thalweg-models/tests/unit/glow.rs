//! Glow: its laws, sizes, presets, conditions and files.

use crate::common::{assert_close, host, parameters, trainable_numbers};
use burn::module::Module;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Latents, Noise};
use thalweg_laws::{bijection_laws, labels, scramble, unit};
use thalweg_models::ModelConfig;
use thalweg_models::glow::{ActNormInit, Mixing};
use thalweg_models::image::ImageConfig;
use thalweg_models::{
    ConditionalGlow, ConditionalGlowConfig, CouplingStyle, Glow, GlowConfig, ImageSize,
};

fn small(config: GlowConfig) -> GlowConfig {
    config.with_scales(2).with_depth(1).with_hidden(4)
}

fn openai(shape: [usize; 3]) -> GlowConfig {
    small(GlowConfig::openai(ImageSize::new(shape)))
}

fn blog(shape: [usize; 3]) -> GlowConfig {
    small(GlowConfig::blog(ImageSize::new(shape)))
}

fn pixels(shape: [usize; 4], levels: u32, seed: u64, device: &Device) -> Tensor<4> {
    let u = Noise::seeded(seed).uniform(shape, device, DType::F32);
    u.mul_scalar(f64::from(levels)).floor()
}

fn conditional(device: &Device) -> ConditionalGlow {
    let mut config = ConditionalGlowConfig::new(openai([1, 4, 4]), 3);
    config.width = 2;
    config.init(device)
}

bijection_laws! {
    devices: cpu_devices();
    openai: |device| openai([1, 4, 4]).init(device).flow.bijection,
        data: unit([3, 1, 4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
    blog: |device| blog([1, 4, 8]).init(device).flow.bijection,
        data: unit([3, 1, 4, 8]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
    three_channels: |device| {
            let config = openai([3, 4, 4]).with_scales(1);
            config.init(device).flow.bijection
        },
        data: unit([2, 3, 4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
    conditional: |device| conditional(device).flow.bijection,
        data: unit([3, 1, 4, 4]), context: labels([3], 3),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
}

#[test]
fn the_blogs_models_have_the_blogs_numbers_of_parameters() {
    let device = Device::default().autodiff();
    let count = |side, depth| {
        let config = GlowConfig::blog(ImageSize::new([3, side, side])).with_depth(depth);
        trainable_numbers(&config.init(&device))
    };
    assert_eq!(count(64, 10), 11_771_232);
    assert_eq!(count(32, 6), 7_064_088);
}

#[test]
fn a_model_is_at_least_as_large_as_its_configuration_says() {
    let device = Device::default();
    for config in [openai([3, 8, 8]), blog([1, 12, 8])] {
        let described = config.count();
        let found: usize = parameters(&config.init(&device))
            .values()
            .map(|p| p.data.shape().iter().product::<usize>())
            .sum();
        assert!(
            described <= found as u128 && found as u128 <= 2 * described + 2_000,
            "{described} {found}"
        );
    }
}

#[test]
fn every_number_of_an_image_is_in_the_latents_once() {
    let device = Device::default();
    for (shape, scales) in [
        ([1, 28, 28], 2),
        ([3, 16, 16], 3),
        ([5, 8, 24], 3),
        ([2, 6, 2], 1),
    ] {
        let config = openai(shape).with_scales(scales);
        let model = config.init(&device);
        let y = Noise::seeded(0).uniform([2, shape[0], shape[1], shape[2]], &device, DType::F32);
        let z = model.encode(y);
        assert_eq!(z.shapes(), config.latent_shapes());
        assert_eq!(z.flatten().dims(), [2, shape.iter().product()]);
    }
    // 5 channels squeezed are 20, of which 10 leave; 40 of which 20 leave; 80.
    assert_eq!(
        openai([5, 8, 24]).with_scales(3).latent_shapes(),
        [[10, 4, 12], [20, 2, 6], [80, 1, 3]]
    );
}

#[test]
fn an_untrained_model_is_exact_in_both_directions() {
    for device in cpu_devices() {
        for mixing in [
            Mixing::Plu,
            Mixing::Full,
            Mixing::Householder,
            Mixing::Rotation,
            Mixing::Shuffle,
        ] {
            let mut config = openai([3, 8, 8]);
            config.mixing = mixing;
            let model = scramble(config.init(&device), 0.1);
            let shape = [2, 3, 8, 8];
            let y = Noise::seeded(1).uniform(shape, &device, DType::F32);
            let z = model.encode(y.clone());
            let back = model.decode(z.clone());
            assert_close(&host(back.clone()), &host(y), 1e-4);
            let again = model.encode(back);
            assert_close(&host(again.flatten()), &host(z.flatten()), 1e-4);
        }
    }
}

#[test]
fn initialization_gives_every_step_data_of_unit_deviation() {
    for device in cpu_devices() {
        let levels = pixels([20, 3, 8, 8], 64, 2, &device); // dark: none above a quarter
        let noise = || Noise::seeded(3);
        let model = openai([3, 8, 8]).init(&device);
        let fitted = model.initialize(levels.clone(), &mut noise()).unwrap();
        let (y, _) = fitted.dequantize().apply(levels, &mut noise()).unwrap();
        let z = host(fitted.encode(y).flatten());
        let square = z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
        // The couplings contract by σ(2) = 0.88 in half of the channels.
        assert!((0.6..1.1).contains(&square), "{square}");
    }
}

#[test]
fn a_blog_model_does_not_look_at_data() {
    let device = Device::default();
    let config = blog([1, 8, 8]);
    assert_eq!(config.actnorm, ActNormInit::Zero);
    let model = config.init(&device);
    let levels = pixels([20, 1, 8, 8], 10, 4, &device);
    let fitted = model
        .clone()
        .initialize(levels, &mut Noise::seeded(0))
        .unwrap();
    assert_eq!(parameters(&fitted), parameters(&model));
}

#[test]
fn a_uniform_density_costs_eight_bits() {
    // Data to latents by volume-preserving maps and a doubled width: the density of a latent at
    // the centre is known.
    let device = Device::default();
    let mut config = blog([1, 8, 8]);
    config.data_width = 2.0;
    let model = config.init(&device);
    let levels = Tensor::<4>::full([2, 1, 8, 8], 127.0, &device);
    let nats = host(
        model
            .log_prob(levels.clone(), &mut Noise::seeded(5))
            .unwrap(),
    );
    let (y, _) = model
        .dequantize()
        .apply(levels, &mut Noise::seeded(5))
        .unwrap();
    let square: Vec<f64> = host(((y - 0.5) * 2.0).square().reshape([2, 64]).sum_dim(1));
    let tau = std::f64::consts::TAU;
    let expected: Vec<f64> = square
        .iter()
        .map(|square| -0.5 * square - 32.0 * tau.ln() + 64.0 * 2f64.ln())
        .collect();
    assert_close(&nats, &expected, 1e-5);
}

#[test]
fn temperatures_are_those_of_the_scales() {
    let device = Device::default();
    let model = scramble(openai([1, 8, 8]).init(&device), 0.1);
    let noise = || Noise::seeded(6);
    let one = model.sample(3, 0.7, &mut noise());
    let each = model.sample_scales(3, &[0.7, 0.7], &mut noise());
    assert_eq!(host(one), host(each));
    let cold = model.sample_scales(3, &[0.0, 0.7], &mut noise());
    let z = model.encode(cold).into_scales();
    let largest = |z: Tensor<4>| z.abs().max().into_scalar::<f32>();
    assert!(largest(z[0].clone()) < 1e-4);
    assert!(largest(z[1].clone()) > 0.1);
}

#[test]
#[should_panic(expected = "1 temperatures for 2 scales")]
fn a_temperature_is_missing() {
    let model = openai([1, 8, 8]).init(&Device::default());
    model.sample_scales(3, &[0.7], &mut Noise::seeded(0));
}

#[test]
fn a_loaded_model_gives_the_same_densities_to_the_bit() {
    for device in cpu_devices() {
        for config in [openai([1, 8, 8]), blog([3, 4, 4])] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let ImageSize {
                channels,
                height,
                width,
                levels,
            } = config.image;
            let levels = pixels([6, channels, height, width], levels, 7, &device);
            let model = config.init(&device);
            let model = model
                .initialize(levels.clone(), &mut Noise::seeded(0))
                .unwrap();
            let model = scramble(model, 0.1);
            model.save(&path).unwrap();
            let loaded = Glow::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            assert_eq!(parameters(&loaded), parameters(&model));
            let nats = |model: &Glow| {
                host(
                    model
                        .log_prob(levels.clone(), &mut Noise::seeded(8))
                        .unwrap(),
                )
            };
            assert_eq!(nats(&loaded), nats(&model));
        }
    }
}

#[test]
fn a_conditional_model_depends_on_its_labels_and_keeps_them_in_its_file() {
    for device in cpu_devices() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let model = scramble(conditional(&device), 0.3);
        model.save(&path).unwrap();
        let loaded = ConditionalGlow::load(&path, &device).unwrap();
        assert_eq!(loaded.config(), model.config());
        let levels = pixels([1, 1, 4, 4], 256, 9, &device).repeat_dim(0, 3);
        let labels = Tensor::<1, Int>::from_ints([0, 1, 1], &device);
        let (y, _) = model
            .dequantize()
            .apply(levels, &mut Noise::seeded(0))
            .unwrap();
        let y = y.narrow(0, 0, 1).repeat_dim(0, 3);
        let density = |model: &ConditionalGlow| host(model.flow.given(&labels).log_prob(y.clone()));
        let found = density(&model);
        assert_eq!(found, density(&loaded));
        assert_ne!(found[0], found[1]);
        assert_close(&found[1..2], &found[2..], 1e-5);

        let error = model
            .flow
            .bijection
            .embedding
            .check(&Tensor::from_ints([2, 3], &device));
        assert_eq!(
            error.unwrap_err().to_string(),
            "row 1 has label 3; labels are 0..3, one for each of 3 classes"
        );
    }
}

#[test]
fn latents_are_flattened_and_restored_exactly() {
    let device = Device::default();
    let model = openai([3, 8, 8]).init(&device);
    let y = Noise::seeded(0).uniform([4, 3, 8, 8], &device, DType::F32);
    let z = model.encode(y);
    let restored = Latents::restore(z.clone().flatten(), &model.config().latent_shapes());
    for (a, b) in z.scales().iter().zip(restored.scales()) {
        assert_eq!(a.to_data(), b.to_data());
    }
}

#[test]
fn images_that_cannot_be_halved_are_refused_with_what_works() {
    let message = |config: GlowConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    let sized = |height, width, scales| openai([1, height, width]).with_scales(scales);
    for (config, expected) in [
        (
            sized(28, 28, 3),
            "glow: 3 scales need an image that can be halved 3 times, 28 × 28 can be 2 times; use \
             1 or 2 scales, or pad or crop it",
        ),
        (
            sized(32, 24, 4),
            "glow: 4 scales need an image that can be halved 4 times, 32 × 24 can be 3 times; use \
             1 or 2 or 3 scales, or pad or crop it",
        ),
        (
            sized(15, 16, 1),
            "glow: 1 scales need an image that can be halved 1 times, 15 × 16 can be 0 times; pad \
             or crop it to even sizes",
        ),
        (
            sized(16, 16, 0),
            "glow: scales is 0, but must be at least 1",
        ),
        (
            openai([0, 16, 16]),
            "glow: channels is 0, but must be at least 1",
        ),
        (
            openai([1, 16, 16]).with_depth(0),
            "glow: depth is 0, but must be at least 1",
        ),
        (
            openai([1, 16, 16]).with_hidden(0),
            "glow: hidden is 0, but must be at least 1",
        ),
        (
            small(GlowConfig::openai(ImageSize::new([1, 8, 8]).with_levels(1))),
            "glow: levels is 1, but must be at least 2",
        ),
    ] {
        assert_eq!(message(config), expected);
    }
    let mut spline = openai([1, 8, 8]);
    spline.coupling = CouplingStyle::Spline {
        bins: 1,
        bound: 3.0,
    };
    assert_eq!(message(spline), "glow: bins is 1, but must be at least 2");
    let mut conditional = ConditionalGlowConfig::new(openai([1, 8, 8]), 0);
    let refusal = |config: &ConditionalGlowConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        refusal(&conditional),
        "conditional glow: classes is 0, but must be at least 1"
    );
    (conditional.classes, conditional.width) = (2, 0);
    assert_eq!(
        refusal(&conditional),
        "conditional glow: width is 0, but must be at least 1"
    );
}

#[test]
fn a_trained_module_is_valid_without_its_tape() {
    let model = openai([1, 8, 8]).init(&Device::default().autodiff());
    let y = Noise::seeded(0).uniform([1, 1, 8, 8], &Device::default(), DType::F32);
    assert!(!model.valid().encode(y).scales()[0].is_autodiff());
}
