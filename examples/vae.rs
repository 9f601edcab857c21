//! A VAE with two latents on the embedded 8×8 digits, −23.3 nats in half a minute (independent pixels: −26.66); with `--data DIR` (the official MNIST files) 50 latents, dynamic binarization, and the bound of 5000 samples.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::Parts;
use thalweg::flow::latent::quantile_grid;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::LikelihoodStyle;
use thalweg::prelude::*;
use thalweg::train::{CtrlC, DrawSamples, Workers, records};
use thalweg_examples::{Bound, Common, bits_curve, first, run, tiles};

/// A variational autoencoder learns digits and draws the plane of its latents.
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
    #[command(flatten)]
    bound: Bound,
    /// Passes over the training data.
    #[arg(long, default_value_t = 400)]
    epochs: usize,
    /// Images a step.
    #[arg(long, default_value_t = 128)]
    batch: usize,
}

fn vae(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("vae")?;
    let (parts, latents, k) = match &common.data {
        Some(folder) => (Parts::mnist(folder, 1000)?, 50, 5000),
        None => (Parts::digits(), 2, 500),
    };
    let size = ImageSize::new(parts.train.size()).with_levels(parts.train.levels());
    let latents = options.latents.unwrap_or(latents);
    let (likelihood, noise) = (options.bound.likelihood(), &mut example.noise(2));
    let parts = parts.map(|images| images.to_tensor(&example.device));
    let prepare = |rows| match likelihood {
        LikelihoodStyle::Bernoulli(style) => style.prepare(rows, size.levels, noise),
        _ => Ok(rows),
    };
    let images = parts.try_map(prepare)?;

    let mut config = VaeConfig::bernoulli(size, latents).with_seed(common.seed);
    config.likelihood = likelihood;
    if options.conv {
        let (channels, blocks) = (vec![16, 32], 2);
        config.network = VaeNetwork::Conv { channels, blocks };
    }
    let vae = config.try_init(&example.autodiff())?;
    let vae = vae.initialize(first(&images.train, 256), &(), &mut example.noise(0))?;
    let units = vae.units();
    let draw = |rows: Tensor<2>, columns, path: &Path| {
        let shape = [rows.dims()[0], size.channels, size.height, size.width];
        tiles(rows.reshape(shape), columns, path)
    };
    let sketch = |vae: &Vae, t: f64, path: &Path| {
        draw(vae.sample(100, &(), t, &mut example.noise(0)), 10, path)
    };

    let batches = Batches::new(images.train, options.batch, common.seed).drop_last(true);
    let held_out = Batches::new(images.validation, 250, 0);
    let steps = example.steps(options.epochs * batches.len());
    let elbo = options.bound.loss();
    let loss = |vae: &Vae, x, seed| vae.loss(x, &(), &elbo, &mut Noise::seeded(seed));
    let samples = DrawSamples::new(example.folder(), &sketch);
    let trainer = Trainer::annealed(steps, 1e-3).seed(common.seed);
    let trained = trainer.fit_with(
        vae,
        SingleGradient::adam().clip_norm(500.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        Workers::new(common.workers, loss),
        &mut (
            ProgressBar::new().loss_format(units.loss_format()),
            records(example.folder(), |vae: &Vae, path| vae.save(path)),
            samples.every(10),
            CtrlC::new(),
        ),
    );
    example.trained(&trained);
    let (history, vae) = (trained.history.clone(), trained.finish()?);

    let (test, noise) = (images.test, &mut example.noise(1));
    let k = options.bound.importance.unwrap_or(k);
    let bounds = vae.evaluate(&test, [k, options.bound.importance_rows], noise)?;
    println!("{likelihood}; bound of one sample: {:.2} nats", bounds.elbo);
    println!("bound of {k} samples: {:.2} nats", bounds.importance);
    let (rate, active) = (bounds.latents.rate(), bounds.latents.active_units());
    println!("{rate:.2} nats by {active} active of {latents} latents");

    bits_curve(&history, units).save(example.file("loss.png"))?;
    sketch(&vae, 1.0, &example.file("samples.png"))?;
    let x = vae.observe(first(&test, 50), noise)?;
    let back = vae.autoencoder.reconstruct(x.clone(), &());
    let both = Tensor::cat(vec![x, back], 0);
    draw(both, 10, &example.file("reconstructions.png"))?;
    if latents == 2 {
        let images = vae.decode(quantile_grid(15, &example.device), &());
        draw(images, 15, &example.file("manifold.png"))?;
    }
    example.set("nats", bounds.importance.mean);
    example.set("elbo_nats", bounds.elbo.mean);
    example.set("active_units", active);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| vae(&Options::parse()))
}
