//! VAEs: sizes, files, conditions, training.

use crate::common::{assert_close, host, levels, mean, parameters, trainable_numbers};
use burn::module::{Module, ModuleMapper, Param};
use burn::optim::AdamConfig;
use burn::tensor::{Device, Int, Tensor};
use thalweg_data::{Batches, RowSplit, digits};
use thalweg_device::cpu_devices;
use thalweg_flow::{Activation, Noise};
use thalweg_laws::scramble;
use thalweg_models::ModelConfig;
use thalweg_models::vae::VaeNetwork;
use thalweg_models::variational::{
    Binarization, Elbo, ElboLoss, KlForm, LatentUse, LikelihoodStyle,
};
use thalweg_models::{ConditionalVae, ConditionalVaeConfig, ImageSize, Vae, VaeConfig};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

fn size() -> ImageSize {
    ImageSize::new([1, 8, 8]).with_levels(17)
}

fn conv(channels: &[usize]) -> VaeNetwork {
    VaeNetwork::Conv {
        channels: channels.to_vec(),
        blocks: 1,
    }
}

/// Both networks under each likelihood.
fn configs() -> Vec<VaeConfig> {
    let mlp = VaeNetwork::Mlp {
        hidden: vec![9, 7],
        activation: Activation::Tanh,
    };
    let likelihoods = [
        LikelihoodStyle::Bernoulli(Binarization::Dynamic),
        LikelihoodStyle::Gaussian,
        LikelihoodStyle::DiscretizedLogistic,
    ];
    let config = |likelihood| VaeConfig::new(size(), likelihood, 3);
    let networks = [mlp, conv(&[4, 6])];
    likelihoods
        .into_iter()
        .flat_map(|likelihood| {
            networks
                .clone()
                .map(|net| config(likelihood).with_network(net))
        })
        .collect()
}

#[test]
fn a_loaded_model_gives_the_same_bounds_to_the_bit() {
    for device in cpu_devices() {
        for config in configs() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let data = levels([6, 64], 17, 1, &device);
            let vae = config.init(&device);
            let vae = vae
                .initialize(data.clone(), &(), &mut Noise::seeded(2))
                .unwrap();
            let vae = scramble(vae, 0.1);
            vae.save(&path).unwrap();
            let loaded = Vae::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            assert_eq!(parameters(&loaded), parameters(&vae));
            let bound = |vae: &Vae| {
                let noise = &mut Noise::seeded(3);
                host(
                    vae.elbo(data.clone(), &(), KlForm::Analytic, noise)
                        .unwrap()
                        .bound(),
                )
            };
            assert_eq!(bound(&loaded), bound(&vae));
        }
    }
}

#[test]
fn a_model_is_at_least_as_large_as_its_configuration_says() {
    for config in configs() {
        let described = config.count();
        let found: usize = parameters(&config.init(&Device::default()))
            .values()
            .map(|p| p.data.shape().iter().product::<usize>())
            .sum();
        assert!(
            described <= found as u128 && found as u128 <= 2 * described,
            "{described} {found} {config:?}"
        );
    }
}

#[test]
fn the_blogs_vae_has_its_size() {
    let config = VaeConfig::blog(ImageSize::new([1, 28, 28]));
    let vae = config.init(&Device::default().autodiff());
    let layer = |inputs: usize, outputs: usize| (inputs + 1) * outputs;
    let wanted = layer(784, 256) + 2 * layer(256, 2) + layer(2, 256) + layer(256, 784);
    assert_eq!(trainable_numbers(&vae), wanted);
}

#[test]
fn bad_sizes_are_refused() {
    let message = |config: VaeConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    let config = |latents| VaeConfig::bernoulli(size(), latents);
    assert_eq!(
        message(config(0)),
        "vae: latents is 0, but must be at least 1"
    );
    let none = VaeNetwork::Mlp {
        hidden: vec![],
        activation: Activation::Relu,
    };
    assert_eq!(
        message(config(2).with_network(none)),
        "vae: hidden layers is 0, but must be at least 1"
    );
    assert_eq!(
        message(config(2).with_network(conv(&[4, 0]))),
        "vae: channels of a stage is 0, but must be at least 1"
    );
    assert_eq!(
        message(config(2).with_network(conv(&[2, 2, 2, 2]))),
        "vae: 4 scales need an image that can be halved 4 times, 8 × 8 can be 3 times; use 1 or 2 \
         or 3 scales, or pad or crop it"
    );
}

#[test]
fn every_parameter_learns() {
    for config in configs() {
        let vae = config.init(&Device::default().autodiff());
        let data = levels([5, 64], 17, 4, &Device::default());
        let loss = vae
            .loss(data, &(), &ElboLoss::default(), &mut Noise::seeded(0))
            .unwrap();
        let found = crate::common::gradients(&vae, &loss.backward());
        assert_eq!(
            found.len(),
            parameters(&vae).values().filter(|p| p.trainable).count(),
            "{config:?}"
        );
    }
}

#[test]
fn more_samples_give_a_tighter_bound() {
    for config in configs() {
        let device = Device::default();
        let vae = scramble(config.init(&device), 0.2);
        let data = levels([4, 64], 17, 5, &device);
        let bound = |k| {
            // The same binarization or dequantization for each.
            let x = vae.observe(data.clone(), &mut Noise::seeded(6)).unwrap();
            let noise = &mut Noise::seeded(7);
            mean(&vae.autoencoder.importance(x, &(), k, noise).unwrap())
        };
        let [one, some, many] = [1, 20, 2000].map(bound);
        assert!(one < some && some < many, "{one} {some} {many} {config:?}");
    }
}

/// With a decoder that ignores its input, log p(x) is known and every bound on it is exact once the
/// posterior is the prior.
#[test]
fn the_bound_is_exact_where_the_posterior_is_the_prior() {
    let device = Device::default();
    struct Zero;
    impl ModuleMapper for Zero {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.zeros_like())
        }
    }
    let vae = VaeConfig::bernoulli(size(), 2).init(&device);
    let vae = vae.map(&mut Zero);
    let data = levels([3, 64], 17, 8, &device);
    let wanted = [-64.0 * 2f64.ln(); 3];
    let bound = vae.importance(data.clone(), &(), 100, &mut Noise::seeded(0));
    assert_close(&bound.unwrap(), &wanted, 1e-5);
    let elbo = vae
        .elbo(data, &(), KlForm::Analytic, &mut Noise::seeded(0))
        .unwrap();
    assert_close(&host(elbo.bound()), &wanted, 1e-5);
    assert_eq!(vae.units().from_nats(wanted[0]), 1.0);
}

#[test]
fn units_count_what_the_likelihood_is_of() {
    let of = |likelihood| {
        let vae = VaeConfig::new(size(), likelihood, 2).init(&Device::default());
        vae.units().from_nats(0.0)
    };
    assert_eq!(of(LikelihoodStyle::Gaussian), 17f64.log2());
    assert_eq!(of(LikelihoodStyle::DiscretizedLogistic), 0.0);
}

fn conditional(device: &Device, network: VaeNetwork) -> ConditionalVae {
    let vae = VaeConfig::bernoulli(size(), 3).with_network(network);
    ConditionalVaeConfig::new(vae, 4).with_width(2).init(device)
}

#[test]
fn a_conditional_model_depends_on_its_labels_and_keeps_them_in_its_file() {
    for device in cpu_devices() {
        for network in [VaeConfig::blog(size()).network, conv(&[4, 6])] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let model = scramble(conditional(&device, network), 0.3);
            model.save(&path).unwrap();
            let loaded = ConditionalVae::load(&path, &device).unwrap();
            let data = levels([1, 64], 17, 9, &device).repeat_dim(0, 3);
            let labels = Tensor::<1, Int>::from_ints([0, 3, 3], &device);
            let x = model
                .observe(data, &mut Noise::seeded(0))
                .unwrap()
                .narrow(0, 0, 1);
            let x = x.repeat_dim(0, 3);
            let u = Tensor::<3>::ones([2, 3, 3], &device);
            let weights = |model: &ConditionalVae| {
                let weights = model.autoencoder.log_weights(x.clone(), &labels, u.clone());
                host(weights)
            };
            let found = weights(&model);
            assert_eq!(found, weights(&loaded));
            assert!((found[0] - found[1]).abs() > 1e-3, "{found:?}");
            assert_close(&found[1..2], &found[2..3], 1e-5);
            // The second sample of the same noise is the first again, so labels repeat with rows.
            assert_close(&found[..3], &found[3..], 1e-5);
        }
    }
}

#[test]
fn a_vae_learns_digits_and_uses_its_latents() {
    let split = RowSplit::modulo(digits().count());
    let device = Device::default();
    let rows = |rows: &[usize]| digits().select(rows).to_tensor(&device);
    let (train, test) = (rows(&split.train), rows(&split.test));
    let config = VaeConfig::blog(size());
    let batches = Batches::new(train, 64, 0);
    let run = Trainer::new(15, 3e-3).fit(
        config.init(&device.clone().autodiff()),
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |vae: &Vae, levels, seed| {
            vae.loss(levels, &(), &ElboLoss::default(), &mut Noise::seeded(seed))
        },
        &mut (),
    );
    assert!(run.outcome.is_success(), "{}", run.outcome);
    let vae = run.model.valid();
    let noise = &mut Noise::seeded(1);
    let Elbo { log_likelihood, kl } = vae
        .elbo(test.clone(), &(), KlForm::Analytic, noise)
        .unwrap();
    let nats = mean(&host(log_likelihood - kl.clone().sum_dim(1).reshape([-1])));
    // Each pixel by itself, at its share of white in the training set: −26.6.
    assert!(nats > -25.5, "{nats}");
    let x = vae.observe(test, noise).unwrap();
    let posterior = vae.autoencoder.posterior(x, &());
    let mut latents = LatentUse::default();
    latents.add(posterior.mean(), posterior.kl()).unwrap();
    assert_eq!(latents.active_units(), 2);
    assert!(latents.rate() > 1.0, "{:?}", latents.kl());
}
