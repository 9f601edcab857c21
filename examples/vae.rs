//! A VAE with two latents on the embedded 8×8 digits; with `--data DIR` (the official MNIST files) 50 latents, dynamic binarization, and the bound of 5000 samples.

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use thalweg::flow::latent::quantile_grid;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::{Binarization, ElboLoss, KlForm, LatentUse, LikelihoodStyle};
use thalweg::prelude::*;
use thalweg_examples::{Common, ImageRun, ImageSet, Report, mean_importance, mean_log_prob};
use thalweg_examples::{run, tiles};

/// A variational autoencoder learns digits and draws what its latents mean.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Numbers in a latent [default: 50 on MNIST, 2 otherwise].
    #[arg(long)]
    latents: Option<usize>,
    /// Residual convolutions in place of two layers of 200.
    #[arg(long)]
    conv: bool,
    /// Which density the pixels have.
    #[arg(long, value_enum, default_value_t = Pixels::Dynamic)]
    pixels: Pixels,
    /// Weight of the divergence.
    #[arg(long, default_value_t = 1.0)]
    beta: f64,
    /// Nats that each latent may diverge at no cost.
    #[arg(long, default_value_t = 0.0)]
    free_nats: f64,
    /// Samples of the importance-weighted bound [default: 5000 on MNIST, 500 otherwise].
    #[arg(long)]
    importance: Option<usize>,
    /// Test images that it is computed on.
    #[arg(long, default_value_t = 1000)]
    importance_rows: usize,
    /// Passes over the training data [default: 300 on MNIST, 400 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Images a step.
    #[arg(long, default_value_t = 128)]
    batch: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Pixels {
    Dynamic,
    Static,
    Threshold,
    Gaussian,
    Logistic,
}

impl Pixels {
    fn likelihood(self) -> LikelihoodStyle {
        match self {
            Self::Dynamic => LikelihoodStyle::Bernoulli(Binarization::Dynamic),
            Self::Static => LikelihoodStyle::Bernoulli(Binarization::Static),
            Self::Threshold => LikelihoodStyle::Bernoulli(Binarization::Threshold),
            Self::Gaussian => LikelihoodStyle::Gaussian,
            Self::Logistic => LikelihoodStyle::DiscretizedLogistic,
        }
    }
}

fn vae(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, Report::start("vae", selected.name));
    let (mut set, defaults) = match &common.data {
        Some(folder) => (ImageSet::mnist(folder)?, [50, 5000, 300]),
        None => (ImageSet::digits(), [2, 500, 400]),
    };
    let [latents, k, epochs] = defaults;
    let (latents, k) = (
        options.latents.unwrap_or(latents),
        options.importance.unwrap_or(k),
    );
    set.batch_size = options.batch;
    let (size, likelihood) = (set.size(), options.pixels.likelihood());
    let once = &mut Noise::seeded(common.seed);
    let [train, validation, test] = set.planes(device).map(|part| match likelihood {
        LikelihoodStyle::Bernoulli(how) => how.prepare(part.flatten(1, 3), size.levels, once),
        _ => part.flatten(1, 3),
    });

    let mut config = VaeConfig::bernoulli(size, latents).with_seed(common.seed);
    config.likelihood = likelihood;
    if options.conv {
        let (channels, blocks) = (vec![16, 32], 2);
        config.network = VaeNetwork::Conv { channels, blocks };
    }
    let vae = config.try_init(&device.clone().autodiff())?;
    let first = train.clone().narrow(0, 0, train.dims()[0].min(256));
    let vae = vae.initialize(first, &(), &mut Noise::seeded(common.seed))?;
    let file = |name: &str| common.file("vae", &format!("{name}.png"));
    let planes = |rows: Tensor<2>| {
        rows.reshape([
            -1,
            size.channels as i32,
            size.height as i32,
            size.width as i32,
        ])
    };
    let sketch = |vae: &Vae, name: &str| {
        let vae = vae.valid();
        let samples = vae.sample(100, &(), 1.0, &mut Noise::seeded(common.seed));
        tiles(planes(samples), 10, file(name))
    };
    let run = ImageRun {
        common,
        name: "vae",
        set: &set,
        epochs: options.epochs.or(Some(epochs)),
        units: vae.units(),
    };
    let loss = ElboLoss {
        beta: options.beta,
        free_nats: options.free_nats,
        kl: KlForm::Analytic,
    };
    let trained = run.fit(
        vae,
        [train, validation],
        |vae: &Vae, x, seed| vae.loss(x, &(), &loss, &mut Noise::seeded(seed)),
        |vae, path| Ok(vae.save(path)?),
        sketch,
    );
    report.set("train_seconds", report.seconds());
    report.check(&trained.outcome)?;
    let vae = trained.best.ok_or("no epoch was validated")?.model;

    let (mut noise, mut latent_use) = (Noise::seeded(common.seed + 1), LatentUse::default());
    let (elbo, error) = mean_log_prob(test.clone(), |x| {
        vae.elbo(x, &(), KlForm::Analytic, &mut noise).bound()
    })?;
    let posterior = vae
        .autoencoder
        .posterior(vae.observe(test.clone(), &mut noise), &());
    latent_use
        .add(posterior.mean(), posterior.kl())
        .map_err(|error| format!("{error:?}"))?;
    let count = options.importance_rows.min(test.dims()[0]);
    let (nats, spread) = mean_importance(&test, count, |x| vae.importance(x, &(), k, &mut noise))?;
    println!("{likelihood}; held out: bound of one sample {elbo:.2} ± {error:.2} nats");
    println!("bound of {k} samples {nats:.2} ± {spread:.2} nats on the first {count}");
    println!(
        "{:.2} nats by {} active of {latents} latents",
        latent_use.rate(),
        latent_use.active_units()
    );
    run.report(&trained.history, nats, &mut report)?;

    sketch(&vae, "samples")?;
    let some = test.clone().narrow(0, 0, 50.min(test.dims()[0]));
    let x = vae.observe(some, &mut noise);
    let back = vae.autoencoder.reconstruct(x.clone(), &());
    tiles(
        planes(Tensor::cat(vec![x, back], 0)),
        10,
        file("reconstructions"),
    )?;
    if latents == 2 {
        tiles(
            planes(vae.decode(quantile_grid(15, device), &())),
            15,
            file("manifold"),
        )?;
    }
    report.set("likelihood", likelihood.to_string());
    report.set("elbo_nats", elbo);
    report.set("importance_samples", k);
    report.set("active_units", latent_use.active_units());
    report.finish(common, "vae");
    Ok(())
}

fn main() -> ExitCode {
    run(|| vae(&Options::parse()))
}
