//! f-VAEs: the general form and its special cases, sizes, files, training.

use crate::common::{assert_close, host, mean, parameters, trainable_numbers};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor};
use thalweg_data::{Batches, RowSplit, digits};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{MultiScaleNormal, StandardNormal};
use thalweg_flow::numerics::sum_features;
use thalweg_flow::{Base, Bijection, Noise};
use thalweg_laws::{bijection_laws, cast, normal, scramble};
use thalweg_models::fvae::{FlowPosterior, FvaeFlow};
use thalweg_models::variational::{Gaussian, KlForm, LikelihoodStyle, Reparametrize};
use thalweg_models::{
    CouplingFlowConfig, Fvae, FvaeConfig, FvaeStyle, ImageSize, ModelConfig, VaeConfig,
};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

fn rows<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F64)
}

fn pixels(shape: [usize; 4], levels: u32, seed: u64, device: &Device) -> Tensor<4> {
    let u = Noise::seeded(seed).uniform(shape, device, DType::F32);
    u.mul_scalar(f64::from(levels)).floor()
}

/// Of images so small that all laws run on it.
fn tiny(style: FvaeStyle) -> FvaeConfig {
    let config = FvaeConfig::fvae_small(ImageSize::new([1, 8, 8])).with_style(style);
    let mut config = config.with_stages(vec![4, 8]);
    config.blocks = 1;
    config.flow = config.flow.with_scales(1).with_depth(1).with_hidden(4);
    config
}

const STYLES: [FvaeStyle; 2] = [FvaeStyle::Scalar, FvaeStyle::Staged { steps: 1 }];

bijection_laws! {
    devices: cpu_devices();
    scalar_place: |device| tiny(STYLES[0]).init(device).place,
        data: normal([3, 8, 2, 1]), context: normal([3, 8, 2, 1]),
        skip: [
            record_round_trip("its one number is the one that scrambling leaves as it is"),
            compiled_agrees("its context is an image"),
        ];
    staged_place: |device| tiny(STYLES[1]).init(device).place,
        data: normal([3, 8, 2, 1]), context: normal([3, 8, 2, 1]),
        options: thalweg_laws::Options::default().with_amplitude(0.2),
        skip: [compiled_agrees("its context is an image")];
    flow: |device| tiny(STYLES[0]).init(device).posterior.flow,
        data: normal([3, 8, 2, 2]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
}

/// (a) With an affine map of the noise the general form is the VAE.
#[test]
fn an_affine_flow_gives_the_vae() {
    for device in cpu_devices() {
        let config = VaeConfig::new(ImageSize::new([1, 1, 6]), LikelihoodStyle::Gaussian, 4);
        let vae = scramble(config.init(&device), 0.3).autoencoder;
        let vae = cast(vae, DType::F64).unwrap();
        let (x, u) = (rows::<2>([5, 6], 1, &device), rows::<2>([5, 4], 2, &device));
        let wanted = vae.elbo_at(x.clone(), &(), KlForm::MonteCarlo, u.clone());

        let posterior = FlowPosterior::new(Reparametrize::<2> {}, StandardNormal::new(4));
        let densities = vae.posterior(x.clone(), &());
        let found = posterior.elbo(u, &densities, |z| {
            let output = thalweg_flow::Network::apply(&vae.decoder, z, &());
            vae.likelihood.log_prob(x, output)
        });
        assert_close(
            &host(found.kl()),
            &host(sum_features(wanted.kl.clone())),
            1e-12,
        );
        assert_close(&host(found.bound()), &host(wanted.bound()), 1e-12);
        // And its divergence is far from 0, so that there was something to agree on.
        assert!(mean(&host(wanted.kl)) > 0.01);
    }
}

/// (b) With F(σ u + x) and q(x|z) around F⁻¹(z) it is the flow on noisy data.
#[test]
fn a_flow_behind_the_noise_gives_the_flow_on_noisy_data() {
    for device in cpu_devices() {
        let flow = scramble(CouplingFlowConfig::realnvp(3).init(&device), 0.2).flow;
        let flow = cast(flow, DType::F64).unwrap();
        let (x, u) = (rows::<2>([5, 3], 3, &device), rows::<2>([5, 3], 4, &device));
        let sigma = 0.3f64;
        let noisy = x.clone() + u.clone() * sigma;
        let wanted = flow.log_prob(noisy);

        let log_variance = x.full_like(2.0 * sigma.ln());
        let around = Gaussian::new(x.clone(), log_variance);
        let conditional = (Reparametrize::<2> {}, flow.bijection.clone());
        let posterior = FlowPosterior::new(conditional, StandardNormal::new(3));
        let found = posterior.elbo(u, &around, |z| {
            let (h, _) = flow.bijection.inverse(z, &());
            let standard = (x - h) / sigma;
            let log_two_pi = std::f64::consts::TAU.ln();
            sum_features(standard.square() * -0.5 - sigma.ln() - 0.5 * log_two_pi)
        });
        assert_close(&host(found.bound()), &host(wanted), 1e-10);
    }
}

/// The model decodes `h`; the general form would decode `F⁻¹(z)`.
#[test]
fn the_model_is_the_general_form() {
    for device in cpu_devices() {
        for style in STYLES {
            let fvae = scramble(tiny(style).init(&device), 0.1);
            let fvae = cast(fvae, DType::F64).unwrap();
            let levels = pixels([3, 1, 8, 8], 256, 5, &device).cast(DType::F64);
            let found = fvae.bound(levels.clone(), &mut Noise::seeded(6)).unwrap();

            let noise = &mut Noise::seeded(6);
            let (y, _) = fvae.dequantize().apply(levels, noise).unwrap();
            let x = y.mul_scalar(2.0).sub_scalar(1.0);
            let code = fvae.encoder.forward(x.clone());
            let u: Tensor<4> = noise.normal(code.dims(), &device, DType::F64);
            let conditional = (fvae.place.clone(), fvae.posterior.flow.clone());
            let prior = MultiScaleNormal::new(fvae.config().flow_latents());
            let general = FlowPosterior::new(conditional, prior);
            let elbo = general.elbo(u, &code, |z| {
                let image = fvae.decode(z).mul_scalar(2.0).sub_scalar(1.0);
                fvae.likelihood.log_prob(x, image)
            });
            let wanted = elbo.bound() + 64.0 * 2f64.ln();
            assert_close(&host(found), &host(wanted), 1e-9);
        }
    }
}

/// A Gaussian model whose likelihood is known: the bound is below it, and close when the posterior
/// is nearly exact.
#[test]
fn the_bound_is_below_a_known_likelihood() {
    let device = Device::default();
    // Untrained, E and G are each other's inverse and F rotates: h is x moved, z normal of any
    // width. Then p(x) is N(0, 1 + σ₂²) in [−1, 1].
    let mut config = tiny(FvaeStyle::Scalar).with_stages(vec![4, 16]);
    config.flow = thalweg_models::GlowConfig::blog(config.flow.image)
        .with_scales(1)
        .with_depth(1)
        .with_hidden(4);
    // The best σ₁ for σ₂ is σ₂ / √(1 + σ₂²), at a mean x / (1 + σ₂²); equal deviations come close.
    let deviation = 0.05;
    config.deviation = deviation;
    let fvae = cast(config.init(&device), DType::F64).unwrap();
    let levels = pixels([2, 1, 8, 8], 256, 7, &device).cast(DType::F64);
    let y = (levels.clone() + 0.5) / 256.0;
    let x = y * 2.0 - 1.0;
    let variance = 1.0 + deviation * deviation;
    let log_p = sum_features(x.square() * (-0.5 / variance))
        + 64.0 * (2f64.ln() - 0.5 * (std::f64::consts::TAU * variance).ln());
    let log_p = host(log_p);

    let noise = &mut Noise::seeded(8);
    let one: Vec<Vec<f64>> = (0..300)
        .map(|_| host(fvae.bound(levels.clone(), noise).unwrap()))
        .collect();
    let many = fvae.importance(levels, 3000, noise).unwrap();
    for row in 0..2 {
        let one = mean(&one.iter().map(|bound| bound[row]).collect::<Vec<_>>());
        assert!(one < log_p[row], "{one} {}", log_p[row]);
        assert!(log_p[row] - one < 0.3, "{one} {}", log_p[row]);
        assert!(
            (many[row] - log_p[row]).abs() < 0.05,
            "{} {}",
            many[row],
            log_p[row]
        );
    }
}

/// The authors' model at its width but with fewer blocks and steps, of which it has equally large
/// ones: the number of parameters is `a + b blocks + c steps`.
#[test]
fn the_blogs_model_has_the_blogs_number_of_parameters() {
    let device = Device::default().autodiff();
    let count = |mut config: FvaeConfig, blocks, steps| {
        config.blocks = blocks;
        config.flow = config.flow.with_depth(steps);
        trainable_numbers(&config.init(&device))
    };
    let full = |config: &FvaeConfig, blocks: usize, steps: usize| {
        let start = count(config.clone(), 1, 1);
        let block = count(config.clone(), 2, 1) - start;
        let step = count(config.clone(), 1, 2) - start;
        start + (blocks - 1) * block + (steps - 1) * step
    };
    // That the number is of this form, where all of it can be made.
    let small = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16]));
    assert_eq!(full(&small, 3, 4), count(small.clone(), 3, 4));

    let blog = FvaeConfig::fvae_blog(ImageSize::new([3, 128, 128]));
    assert_eq!(blog.code(), [192, 16, 16]);
    assert_eq!(blog.code().iter().product::<usize>(), 3 * 128 * 128);
    assert_eq!((blog.blocks, blog.flow.depth), (12, 12));
    assert_eq!(full(&blog, 12, 12), 95_830_082);
}

#[test]
fn a_model_is_at_least_as_large_as_its_configuration_says() {
    for style in STYLES {
        let config = tiny(style);
        let described = config.count();
        let found: usize = parameters(&config.init(&Device::default()))
            .values()
            .map(|p| p.data.shape().iter().product::<usize>())
            .sum();
        assert!(
            described <= found as u128 && found as u128 <= 3 * described,
            "{described} {found}"
        );
    }
}

#[test]
fn a_loaded_model_gives_the_same_bounds_to_the_bit() {
    for device in cpu_devices() {
        for style in STYLES {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let levels = pixels([6, 1, 8, 8], 256, 9, &device);
            let fvae = tiny(style).init(&device);
            let fvae = fvae
                .initialize(levels.clone(), &mut Noise::seeded(0))
                .unwrap();
            let fvae = scramble(fvae, 0.1);
            fvae.save(&path).unwrap();
            let loaded = Fvae::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), fvae.config());
            assert_eq!(parameters(&loaded), parameters(&fvae));
            let bound =
                |fvae: &Fvae| host(fvae.bound(levels.clone(), &mut Noise::seeded(1)).unwrap());
            assert_eq!(bound(&loaded), bound(&fvae));
        }
    }
}

#[test]
fn codes_can_be_smaller_than_images() {
    let device = Device::default();
    let config = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16])).with_stages(vec![12, 16]);
    assert_eq!(config.code(), [16, 4, 4]);
    let fvae = config.init(&device);
    let y = Noise::seeded(0).uniform([2, 3, 16, 16], &device, DType::F32);
    let z = fvae.encode(y.clone());
    assert_eq!(z.clone().flatten().dims(), [2, 16 * 4 * 4]);
    assert_eq!(fvae.decode(z).dims(), [2, 3, 16, 16]);
    assert_eq!(fvae.reconstruct(y).dims(), [2, 3, 16, 16]);
}

#[test]
fn an_untrained_model_reconstructs_exactly() {
    for device in cpu_devices() {
        for (channels, side) in [(1, 8), (3, 16), (3, 32)] {
            let config = FvaeConfig::fvae_small(ImageSize::new([channels, side, side]));
            let fvae = config.init(&device);
            let y = Noise::seeded(0).uniform([2, channels, side, side], &device, DType::F32);
            assert_close(&host(fvae.reconstruct(y.clone())), &host(y.clone()), 1e-6);
            let back = fvae.decode(fvae.encode(y.clone()));
            assert_close(&host(back), &host(y), 1e-4);
        }
    }
}

#[test]
fn every_parameter_learns() {
    for style in STYLES {
        let fvae = tiny(style).init(&Device::default().autodiff());
        let levels = pixels([3, 1, 8, 8], 256, 10, &Device::default());
        let loss = fvae.loss(levels, &mut Noise::seeded(0)).unwrap();
        let found = crate::common::gradients(&fvae, &loss.backward());
        let trainable = parameters(&fvae);
        let missing: Vec<&String> = trainable
            .iter()
            .filter(|(name, p)| p.trainable && !found.contains_key(*name))
            .map(|(name, _)| name)
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn bad_sizes_are_refused() {
    let message = |config: FvaeConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    let small = || FvaeConfig::fvae_small(ImageSize::new([3, 16, 16]));
    assert_eq!(
        message(small().with_stages(vec![12, 6])),
        "f-vae: channels of the last stage is 6, but must be a multiple of 4"
    );
    assert_eq!(
        message(small().with_stages(vec![])),
        "f-vae: stages is 0, but must be at least 1"
    );
    assert_eq!(
        message(FvaeConfig::fvae_small(ImageSize::new([1, 10, 10]))),
        "f-vae: 2 scales need an image that can be halved 2 times, 10 × 10 can be 1 times; use 1 \
         scales, or pad or crop it"
    );
    let mut other = small();
    other.flow.image = ImageSize::new([4, 8, 8]);
    assert_eq!(
        message(other),
        "f-vae: channels of the flow's image is 4, but must be at least 12"
    );
    let mut negative = small();
    negative.deviation = -1.0;
    assert_eq!(
        message(negative),
        "f-vae: deviation is -1, but must be a finite number above 0"
    );
}

#[test]
fn an_fvae_learns_digits() {
    let split = RowSplit::modulo(digits().count());
    let device = Device::default();
    let planes = |rows: &[usize]| digits().select(rows).to_planes(&device);
    let (train, test) = (planes(&split.train), planes(&split.test));
    let size = ImageSize::new([1, 8, 8]).with_levels(17);
    let mut config = FvaeConfig::fvae_small(size);
    config.blocks = 1;
    config.flow = config.flow.with_scales(1).with_depth(2).with_hidden(16);
    let fvae = config.init(&device.clone().autodiff());
    let fvae = fvae.initialize(train.clone().narrow(0, 0, 200), &mut Noise::seeded(0));
    let batches = Batches::new(train, 64, 0);
    let run = Trainer::new(8, 3e-3).fit(
        fvae.unwrap(),
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |fvae: &Fvae, levels, seed| fvae.loss(levels, &mut Noise::seeded(seed)),
        &mut (),
    );
    assert!(run.outcome.is_success(), "{}", run.outcome);
    let fvae = run.model.valid();
    let nats = mean(&host(fvae.bound(test, &mut Noise::seeded(1)).unwrap()));
    let bits = fvae.units().from_nats(nats);
    assert!(bits < 3.4, "{bits} bits/dim"); // uniform: 4.09
    let samples = host(fvae.sample(4, 0.8, &mut Noise::seeded(2)));
    assert!(samples.iter().all(|y| y.is_finite() && y.abs() < 10.0));
}

#[test]
fn the_flow_is_the_scales_of_a_glow() {
    let device = Device::default();
    let fvae = scramble(tiny(FvaeStyle::Scalar).init(&device), 0.2);
    let h = Noise::seeded(0).normal([2, 8, 2, 2], &device, DType::F32);
    let flow: &FvaeFlow = &fvae.posterior.flow;
    let (z, _) = flow.forward(h, &());
    assert_eq!(z.shapes(), fvae.config().flow_latents());
    assert_eq!(Base::log_prob(&fvae.posterior.prior, z, &()).dims(), [2]);
}
