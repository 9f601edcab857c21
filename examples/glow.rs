//! Glow on faces in colour of 16 × 16 pixels, or with `--data DIR` on the official MNIST files or a folder of pictures: 1.47 bits/dim on MNIST in 53 minutes of two cores.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::flow::Latents;
use thalweg::flow::latent::Path;
use thalweg::models::image::RoundTrip;
use thalweg::prelude::*;
use thalweg_examples::{Common, ImageRun, ImageSet, mean_log_prob, run, tiles};

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
    /// Passes over the training data [default: 14 on MNIST, 16 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Steps a scale.
    #[arg(long, default_value_t = 8)]
    depth: usize,
    /// Hidden channels of the couplings' networks.
    #[arg(long, default_value_t = 128)]
    hidden: usize,
}

const TEMPERATURES: [f64; 6] = [0.0, 0.5, 0.7, 0.8, 0.9, 1.0];
const STRIP: usize = 9;

fn load(options: &Options) -> Result<ImageSet, Box<dyn Error>> {
    match &options.common.data {
        Some(folder) if ImageSet::is_mnist(folder) => ImageSet::mnist(folder),
        Some(folder) => ImageSet::folder(folder, options.side, options.common.seed),
        None => ImageSet::faces(),
    }
}

/// Samples at several temperatures, ways between training images, and a square among four.
fn draw(glow: &Glow, images: Tensor<4>, common: &Common) -> Result<(), Box<dyn Error>> {
    let file = |name: &str| common.file("glow", name);
    let seeded = || Noise::seeded(common.seed);
    let rows = TEMPERATURES.map(|temperature| glow.sample(10, temperature, &mut seeded()));
    tiles(Tensor::cat(rows.into(), 0), 10, file("temperatures.png"))?;
    tiles(
        glow.sample(100, 1.0, &mut seeded()),
        10,
        file("samples_t1.png"),
    )?;

    let pairs = (images.dims()[0] / 2).min(9);
    if pairs < 2 {
        return Ok(());
    }
    let (y, _) = glow
        .dequantize()
        .apply(images.narrow(0, 0, 2 * pairs), &mut seeded())?;
    let z = glow.encode(y);
    let shapes = z.shapes();
    let z = z.flatten();
    let decode = |z| glow.decode(Latents::restore(z, &shapes));
    let [from, to] = [0, pairs].map(|first| z.clone().narrow(0, first, pairs));
    let strip = Path::Spherical.strip(from, to, STRIP);
    tiles(decode(strip), STRIP, file("interpolation.png"))?;
    let square = Path::Spherical.grid(z.narrow(0, 0, 4), STRIP);
    tiles(decode(square), STRIP, file("four_corners.png"))?;
    Ok(())
}

fn glow(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, common.report("glow", selected.name)?);
    let set = load(options)?;
    let [train, validation, test] = set.planes(device);

    let config = match options.blog {
        true => GlowConfig::blog(set.size()),
        false => GlowConfig::openai(set.size()),
    };
    let config = config.with_scales(set.scales).with_depth(options.depth);
    let config = config.with_hidden(options.hidden).with_seed(common.seed);
    let temperature = config.temperature();
    let glow = config.try_init(&device.clone().autodiff())?;
    let glow = glow.initialize(ImageRun::first(&train), &mut Noise::seeded(common.seed))?;
    let units = glow.units();
    let sketch = |glow: &Glow, temperature: f64, path: &std::path::Path| {
        let samples = glow.sample(100, temperature, &mut Noise::seeded(common.seed));
        tiles(samples, 10, path)
    };
    let mut run = ImageRun::new(common, "glow", &set, units);
    (run.epochs, run.temperature) = (options.epochs, temperature);
    let some_seen = Batches::new(train.clone(), 18, 1)
        .epoch(0)
        .next()
        .ok_or("no images")?;
    let trained = run.fit(
        glow,
        [train, validation],
        |glow, levels, seed| glow.loss(levels, &mut Noise::seeded(seed)),
        |glow, path| Ok(glow.save(path)?),
        sketch,
    );
    report.set("train_seconds", report.seconds());
    report.outcome(&trained.outcome);
    let (history, glow) = (trained.history.clone(), trained.finish()?);

    let mut noise = Noise::seeded(common.seed + 1);
    let (nats, error) = mean_log_prob(test.clone(), |x| glow.log_prob(x, &mut noise))?;
    let bits = run.report(&history, nats, &mut report)?;
    let error = units.from_nats(nats - error) - bits;
    println!("held out: {bits:.4} ± {error:.4} bits/dim");
    let some = test.clone().narrow(0, 0, test.dims()[0].min(50));
    let (y, _) = glow.dequantize().apply(some, &mut noise)?;
    let z = glow.latents(50, &vec![1.0; set.scales], &mut noise);
    let RoundTrip { data, latents } = glow.round_trip(y, z);
    println!("largest error of x → z → x: {data:.1e}, of z → x → z: {latents:.1e}");
    sketch(&glow, temperature, &common.file("glow", "samples.png"))?;
    draw(&glow, some_seen, common)?;

    report.set("round_trip_data", data);
    report.set("round_trip_latents", latents);
    report.finish(common, "glow");
    Ok(())
}

fn main() -> ExitCode {
    run(|| glow(&Options::parse()))
}
