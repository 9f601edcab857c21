//! Diagonal Glow: its laws, its start, and what its priors see.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{ActNorm, Activation, ConvNetConfig, Invertible1x1, Noise, Plu, PositionAffine};
use thalweg_laws::{bijection_laws, scramble, unit};
use thalweg_models::composed::ScaleConfig;
use thalweg_models::diagonal_glow::diagonal_scales;
use thalweg_models::edge_glow::EdgeStep;
use thalweg_models::image::ImageConfig;
use thalweg_models::{DiagonalGlow, DiagonalGlowConfig, ImageSize};

use crate::common::host;

fn small(shape: [usize; 3]) -> DiagonalGlowConfig {
    DiagonalGlowConfig::new(ImageSize::new(shape))
        .with_scales(2)
        .with_depth(1)
        .with_hidden(4)
}

bijection_laws! {
    devices: cpu_devices();
    affine: |device| small([1, 4, 8]).init(device).flow.bijection,
        data: unit([3, 1, 4, 8]),
        options: thalweg_laws::Options::default().with_amplitude(0.2),
        skip: [TotalOnFiniteInputs(
            "as published, log-deviations have no bound: far beyond the unit cube their exponentials overflow"
        )];
    exponential: |device| {
            let config = small([3, 4, 4]).with_scales(1).with_scale(ScaleConfig::Exp);
            config.with_activation(Activation::LeakySlope(0.1)).init(device).flow.bijection
        },
        data: unit([2, 3, 4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2),
        skip: [TotalOnFiniteInputs(
            "as published, log-scales have no bound: far beyond the unit cube their exponentials overflow"
        )];
    additive: |device| small([1, 4, 4]).with_additive(true).init(device).flow.bijection,
        data: unit([3, 1, 4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
}

/// The couplings of an untrained model scale by `σ(2)`, and half of the numbers pass each.
#[test]
fn an_untrained_model_mixes_and_contracts() {
    let device = Device::default();
    let y = Noise::seeded(1).uniform([2, 1, 4, 4], &device, DType::F32);
    let config = small([1, 4, 4]).with_scales(1).with_depth(3);
    let model = config.init(&device);
    let z = model.encode(y.clone()).flatten();
    let normal = z.square().sum_dim(1).mul_scalar(-0.5);
    let normal = normal.sub_scalar(8.0 * (2.0 * std::f64::consts::PI).ln());
    let expected = 3.0 * 8.0 * (1.0 / (1.0 + (-2.0_f64).exp())).ln();
    for found in host(model.flow.log_prob(y) - normal.flatten(0, 1)) {
        assert!((found - expected).abs() < 1e-4, "{found}, {expected}");
    }
}

/// A step that maps 0 to 0 leaves a normal density with a mean and a deviation of each number.
#[test]
fn priors_are_normal_densities_of_each_number() {
    let (device, noise) = (Device::default(), &mut Noise::seeded(3));
    let config = small([1, 2, 4]).with_scales(1).with_additive(true);
    let network = ConvNetConfig::new(2, 4, 2).init(noise, &device);
    let step = EdgeStep::new(
        ActNorm::identity(4, &device),
        Invertible1x1::new(Plu::rotation(4, noise, &device)),
        config.coupling(network),
    );
    let mean = noise.normal([4, 1, 2], &device, DType::F32);
    let log_scale = noise.normal([4, 1, 2], &device, DType::F32) * 0.3;
    let prior = PositionAffine::from_parameters(mean.clone(), log_scale.clone());
    let model = DiagonalGlow::from_scales(&config, diagonal_scales(vec![(vec![step], prior)]));
    let y = Tensor::<4>::zeros([1, 1, 2, 4], &device);
    let found = host(model.unwrap().flow.log_prob(y))[0];
    // Of a standard normal `(0 − μ) eˢ`.
    let z = mean * log_scale.clone().exp();
    let kernel = z.square().mul_scalar(-0.5) + log_scale;
    let constant = 4.0 * (2.0 * std::f64::consts::PI).ln();
    let expected = kernel.sum().into_scalar::<f64>() - constant;
    assert!((found - expected).abs() < 1e-5, "{found}, {expected}");
}

#[test]
fn sizes_are_checked() {
    let device = Device::default();
    let problem = |config: DiagonalGlowConfig| config.try_init(&device).unwrap_err().to_string();
    let found = problem(small([1, 6, 8]));
    assert!(
        found.starts_with("diagonal glow: 2 scales need an image"),
        "{found}"
    );
    let found = problem(small([1, 8, 8]).with_hidden(0));
    assert_eq!(found, "diagonal glow: hidden is 0, but must be at least 1");
    let found = problem(small([1, 8, 8]).with_scale(ScaleConfig::SoftBounded(-1.0)));
    assert!(found.contains("bound is -1"), "{found}");
    let found = problem(small([1, 8, 8]).with_activation(Activation::LeakySlope(f64::NAN)));
    assert!(found.contains("NaN"), "{found}");
}

/// A file is refused that holds fewer numbers than its configuration describes: that is never more than there are.
#[test]
fn the_count_is_a_lower_bound() {
    for (shape, additive) in [([1, 4, 8], false), ([3, 8, 8], true)] {
        let config = small(shape).with_additive(additive);
        let model = scramble(config.init(&Device::default()), 0.1);
        let count = thalweg_models::ModelConfig::count(&config);
        let (held, latents) = (model.num_params() as u128, config.latent_shapes().len());
        assert!(count <= held && count * 2 > held, "{count}, {held}");
        assert_eq!(latents, 2);
    }
}
