//! Glow on faces in colour of 16 × 16 pixels, or with `--data DIR` on the official MNIST files or a folder of pictures: 1.47 bits/dim on MNIST in 53 minutes of two cores.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Parts, Resize};
use thalweg::flow::latent;
use thalweg::models::held_out::Estimate;
use thalweg::prelude::*;
use thalweg::train::{CtrlC, DrawSamples, Workers, records};
use thalweg_examples::{Common, bits_curve, first, run, tiles, walk_latents};

/// Glow learns images, draws new ones and goes from one to another.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Su Jianlin's Glow in place of OpenAI's.
    #[arg(long)]
    blog: bool,
    /// Side that the pictures of a folder are scaled to.
    #[arg(long, default_value_t = 32)]
    side: u32,
    /// Passes over the training data [default: 14 on grey images, 16 on colour].
    #[arg(long)]
    epochs: Option<usize>,
    /// Steps a scale.
    #[arg(long, default_value_t = 8)]
    depth: usize,
    /// Hidden channels of the couplings' networks.
    #[arg(long, default_value_t = 128)]
    hidden: usize,
}

fn glow(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("glow")?;
    let side = options.side;
    let parts = match &common.data {
        Some(folder) => Parts::open(folder, Resize { side }, common.seed)?,
        None => Parts::faces()?,
    };
    let size = ImageSize::new(parts.train.size()).with_levels(parts.train.levels());
    let images = parts.map(|images| images.to_planes(&example.device));

    let config = match options.blog {
        true => GlowConfig::blog(size),
        false => GlowConfig::openai(size),
    };
    let config = config.with_scales(size.scales()).with_depth(options.depth);
    let config = config.with_hidden(options.hidden).with_seed(common.seed);
    let temperature = config.temperature();
    let glow = config.try_init(&example.autodiff())?;
    let glow = glow.initialize(first(&images.train, 256), &mut example.noise(0))?;
    let units = glow.units();

    let draw = |glow: &Glow, temperature: f64, path: &Path| {
        let samples = glow.sample(100, temperature, &mut example.noise(0));
        tiles(samples, 10, path)
    };
    let (batch, epochs) = match size.channels {
        1 => (64, 14),
        _ => (32, 16),
    };
    let batches = Batches::new(images.train.clone(), batch, common.seed).drop_last(true);
    let held_out = Batches::new(images.validation, 250, 0);
    let steps = example.steps(options.epochs.unwrap_or(epochs) * batches.len());
    let loss = |glow: &Glow, levels, seed| glow.loss(levels, &mut Noise::seeded(seed));
    let samples = DrawSamples::new(example.folder(), &draw);
    let trainer = Trainer::annealed(steps, 1e-3).seed(common.seed);
    let trained = trainer.fit_with(
        glow,
        SingleGradient::adam().clip_norm(500.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        Workers::new(common.workers, loss),
        &mut (
            ProgressBar::new().loss_format(units.loss_format()),
            records(example.folder(), |glow: &Glow, path| glow.save(path)),
            samples.temperatures([temperature]).every(10),
            CtrlC::new(),
        ),
    );
    example.trained(&trained);
    let (history, glow) = (trained.history.clone(), trained.finish()?);

    let noise = &mut example.noise(1);
    let nats = Estimate::of(&glow.log_probs(&images.test, 500, noise)?);
    let bits = nats.in_bits(&units);
    println!("held out: {bits:.4} bits/dim");
    let (y, _) = glow.dequantize().apply(first(&images.test, 50), noise)?;
    let z = glow.latents(50, &vec![1.0; size.scales()], noise);
    let errors = glow.round_trip(y, z);
    println!("largest error of x → z → x: {:.1e}", errors.data);
    println!("largest error of z → x → z: {:.1e}", errors.latents);

    let file = |name: &str| example.file(name);
    bits_curve(&history, units).save(file("loss.png"))?;
    draw(&glow, temperature, &file("samples.png"))?;
    draw(&glow, 1.0, &file("samples_t1.png"))?;
    let rows = [0.0, 0.5, 0.7, 0.8, 0.9, 1.0];
    let rows = rows.map(|t| glow.sample(10, t, &mut example.noise(0)));
    tiles(Tensor::cat(rows.into(), 0), 10, file("temperatures.png"))?;
    let (y, _) = glow.dequantize().apply(first(&images.train, 18), noise)?;
    let decode = |z| glow.decode(z);
    walk_latents(glow.encode(y), latent::Path::Spherical, decode, file)?;

    example.set("nats", nats.mean);
    example.set("bits_per_dim", bits.mean);
    example.set("round_trip_data", errors.data);
    example.set("round_trip_latents", errors.latents);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| glow(&Options::parse()))
}
