//! RealNVP for images: its laws, sizes and files.

use crate::common::{assert_close, host, parameters};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_laws::{bijection_laws, scramble, unit};
use thalweg_models::image::ImageConfig;
use thalweg_models::{ImageSize, RealNvp, RealNvpConfig};

fn small(shape: [usize; 3], scales: usize) -> RealNvpConfig {
    let config = RealNvpConfig::paper(ImageSize::new(shape)).with_scales(scales);
    config.with_hidden(3).with_blocks(1)
}

bijection_laws! {
    devices: cpu_devices();
    one_scale: |device| small([1, 3, 3], 1).init(device).flow.bijection,
        data: unit([3, 1, 3, 3]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
    two_scales: |device| small([1, 4, 6], 2).init(device).flow.bijection,
        data: unit([3, 1, 4, 6]),
        options: thalweg_laws::Options::default().with_amplitude(0.1);
}

#[test]
fn every_number_of_an_image_is_in_the_latents_once() {
    let device = Device::default();
    for (shape, scales) in [([1, 28, 28], 3), ([3, 8, 8], 3), ([2, 6, 10], 2)] {
        let config = small(shape, scales);
        let y = Noise::seeded(0).uniform([2, shape[0], shape[1], shape[2]], &device, DType::F32);
        let model = scramble(config.init(&device), 0.05);
        let z = model.encode(y.clone());
        assert_eq!(z.shapes(), config.latent_shapes());
        assert_eq!(z.clone().flatten().dims(), [2, shape.iter().product()]);
        assert_close(&host(model.decode(z)), &host(y), 1e-4);
    }
    assert_eq!(
        small([1, 28, 28], 3).latent_shapes(),
        [[2, 14, 14], [4, 7, 7], [4, 7, 7]]
    );
}

#[test]
fn a_loaded_model_gives_the_same_densities_to_the_bit() {
    for device in cpu_devices() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let levels = Tensor::<4>::full([4, 1, 4, 4], 17.0, &device);
        let levels = levels + Noise::seeded(0).uniform([4, 1, 4, 4], &device, DType::F32) * 9.0;
        let levels = levels.floor();
        let model = small([1, 4, 4], 2).init(&device);
        let model = model
            .initialize(levels.clone(), &mut Noise::seeded(0))
            .unwrap();
        model.save(&path).unwrap();
        let loaded = RealNvp::load(&path, &device).unwrap();
        assert_eq!(loaded.config(), model.config());
        assert_eq!(parameters(&loaded), parameters(&model));
        let nats = |model: &RealNvp| {
            host(
                model
                    .log_prob(levels.clone(), &mut Noise::seeded(8))
                    .unwrap(),
            )
        };
        assert_eq!(nats(&loaded), nats(&model));
    }
}

#[test]
fn configurations_out_of_their_bounds_are_errors() {
    let message = |config: RealNvpConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    for (config, expected) in [
        (
            small([1, 28, 28], 4),
            "realnvp: 4 scales need an image that can be halved 3 times, 28 × 28 can be 2 times; \
             use 1 or 2 or 3 scales, or pad or crop it",
        ),
        (
            small([1, 15, 15], 2),
            "realnvp: 2 scales need an image that can be halved 1 times, 15 × 15 can be 0 times; \
             use 1 scales, or pad or crop it",
        ),
        (
            small([1, 4, 4], 3),
            "realnvp: width of the last scale is 1, but must be at least 2",
        ),
        (
            small([1, 8, 8], 2).with_alpha(0.5),
            "realnvp: alpha is 0.5, but must be in 0..=0.499",
        ),
        (
            small([1, 8, 8], 2).with_alpha(f64::NAN),
            "realnvp: alpha is NaN, but must be in 0..=0.499",
        ),
        (
            small([1, 8, 8], 2).with_blocks(0),
            "realnvp: blocks is 0, but must be at least 1",
        ),
    ] {
        assert_eq!(message(config), expected);
    }
}
