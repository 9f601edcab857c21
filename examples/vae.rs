//! A VAE with two latents on the embedded 8×8 digits, −23.3 nats in half a minute (each pixel by itself: −26.6); with `--data DIR` (the official MNIST files) 50 latents, dynamic binarization, and the bound of 5000 samples.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::flow::latent::quantile_grid;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::{ElboLoss, KlForm, LikelihoodStyle};
use thalweg::prelude::*;
use thalweg_examples::{Common, ImageRun, ImageSet, Pixels, report_bounds, run, tiles};

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
    /// Passes over the training data.
    #[arg(long, default_value_t = 400)]
    epochs: usize,
    /// Images a step.
    #[arg(long, default_value_t = 128)]
    batch: usize,
}

fn vae(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, common.report("vae", selected.name)?);
    let (mut set, [latents, k]) = match &common.data {
        Some(folder) => (ImageSet::mnist(folder)?, [50, 5000]),
        None => (ImageSet::digits(), [2, 500]),
    };
    (set.batch_size, set.epochs) = (options.batch, options.epochs);
    let latents = options.latents.unwrap_or(latents);
    let (size, likelihood) = (set.size(), options.pixels.likelihood());
    let seeded = |seed| Noise::seeded(common.seed + seed);
    let once = &mut seeded(2);
    let mut parts = set.rows(device);
    if let LikelihoodStyle::Bernoulli(binarization) = likelihood {
        for part in &mut parts {
            *part = binarization.prepare(part.clone(), size.levels, once)?;
        }
    }
    let [train, validation, test] = parts;

    let mut config = VaeConfig::bernoulli(size, latents).with_seed(common.seed);
    config.likelihood = likelihood;
    if options.conv {
        let (channels, blocks) = (vec![16, 32], 2);
        config.network = VaeNetwork::Conv { channels, blocks };
    }
    let vae = config.try_init(&device.clone().autodiff())?;
    let first = train.clone().narrow(0, 0, train.dims()[0].min(256));
    let vae = vae.initialize(first, &(), &mut seeded(0))?;
    let draw = |rows: Tensor<2>, columns, path: &Path| {
        let [c, h, w] = [size.channels, size.height, size.width].map(|n| n as i32);
        tiles(rows.reshape([-1, c, h, w]), columns, path)
    };
    let sketch = |vae: &Vae, temperature: f64, path: &Path| {
        let samples = vae.valid().sample(100, &(), temperature, &mut seeded(0));
        draw(samples, 10, path)
    };
    let loss = ElboLoss {
        beta: options.beta,
        free_nats: options.free_nats,
        kl: KlForm::Analytic,
    };
    let run = ImageRun::new(common, "vae", &set, vae.units());
    let trained = run.fit(
        vae,
        [train, validation],
        |vae: &Vae, x, seed| vae.loss(x, &(), &loss, &mut Noise::seeded(seed)),
        |vae, path| Ok(vae.save(path)?),
        sketch,
    );
    report.outcome(&trained.outcome);
    let (history, vae) = (trained.history.clone(), trained.finish()?);
    let (noise, k) = (&mut seeded(1), options.importance.unwrap_or(k));
    let limits = [k, options.importance_rows];
    let nats = report_bounds(&vae, &test, limits, noise, &mut report)?;
    run.report(&history, nats, &mut report)?;
    let file = |name: &str| common.file("vae", name);
    sketch(&vae, 1.0, &file("samples.png"))?;
    let x = vae.observe(test.clone().narrow(0, 0, 50), noise)?;
    let back = vae.autoencoder.reconstruct(x.clone(), &());
    let both = Tensor::cat(vec![x, back], 0);
    draw(both, 10, &file("reconstructions.png"))?;
    if latents == 2 {
        let grid = quantile_grid(15, device);
        draw(vae.decode(grid, &()), 15, &file("manifold.png"))?;
    }
    report.finish(common, "vae");
    Ok(())
}

fn main() -> ExitCode {
    run(|| vae(&Options::parse()))
}
