//! Glow on faces in colour of 16 × 16 pixels, or with `--data DIR` on the official MNIST files or a folder of pictures.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::burn::optim::AdamConfig;
use thalweg::data::{Images, Resize, Split, noto_people};
use thalweg::plot::SampleGrid;
use thalweg::prelude::*;
use thalweg::train::schedule::{cosine, warm_up};
use thalweg::train::{BestCheckpoint, CsvLog, Progress, on_epoch_end};
use thalweg_examples::{Common, Report, loss_curve, mean_log_prob, numbers, run};

/// Glow learns images and draws new ones.
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
    /// Passes over the training data [default: 10 on MNIST, 60 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Hidden channels of the couplings' networks.
    #[arg(long, default_value_t = 128)]
    hidden: usize,
    /// Steps a scale.
    #[arg(long, default_value_t = 8)]
    depth: usize,
}

/// Images to train on, to pick the weights by, and to test with; scales, batch size and epochs.
type Task = ([Images; 3], [usize; 3]);

fn load(options: &Options) -> Result<Task, Box<dyn Error>> {
    let folder = options.common.data.as_deref();
    if let Some(folder) = folder.filter(|folder| folder.join("train-images-idx3-ubyte.gz").exists())
    {
        let (train, test) = Images::mnist(folder)?;
        let rows: Vec<usize> = (0..train.count()).collect();
        let (first, last) = rows.split_at(rows.len() * 59 / 60);
        return Ok(([train.select(first), train.select(last), test], [2, 64, 10]));
    }
    let (all, split) = match folder {
        Some(folder) => {
            let all = Images::from_folder(folder, Resize { side: options.side })?;
            let split = Split::random(all.count(), [0.8, 0.1, 0.1], options.common.seed)?;
            (all, split)
        }
        None => {
            let all = noto_people();
            // Skin tones of one design are near copies: all of them go to one part.
            let split = Split::by_group(all.groups().unwrap_or_default(), [0.8, 0.1, 0.1], 0)?;
            (all, split)
        }
    };
    let parts = [&split.train, &split.validation, &split.test].map(|rows| all.select(rows));
    Ok((parts, [3, 32, 60]))
}

fn glow(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, Report::start("glow", selected.name));
    let (images, [scales, batch_size, default_epochs]) = load(options)?;
    let [channels, height, width] = [images[0].channels(), images[0].height(), images[0].width()];
    let size = ImageSize::new([channels, height, width]).with_levels(images[0].levels());
    let white = f64::from(size.levels - 1);
    let [train, validation, test] = images.map(|part| part.to_planes(device));

    let config = match options.blog {
        true => GlowConfig::blog(size),
        false => GlowConfig::openai(size),
    };
    let config = config.with_scales(scales).with_depth(options.depth);
    let config = config.with_hidden(options.hidden).with_seed(common.seed);
    let temperature = config.temperature();
    let batches = Batches::new(train.clone(), batch_size, common.seed).drop_last(true);
    let first = Batches::new(train.clone(), 256, common.seed)
        .epoch(0)
        .next();
    let glow = config.try_init(&device.clone().autodiff())?;
    let glow = glow.initialize(first.ok_or("no images")?, &mut Noise::seeded(common.seed))?;
    let units = glow.units();
    let held_out = Batches::new(validation, 250, 0);
    let epochs = options.epochs.unwrap_or(default_epochs);
    let steps = common.steps(epochs * batches.len());
    let draw = |glow: &Glow, temperature: f64, name: &str| {
        let samples = glow
            .valid()
            .sample(100, temperature, &mut Noise::seeded(common.seed));
        let pixels = numbers(glow.quantize(samples) / white);
        let grid = SampleGrid::new(height, width, channels).columns(10);
        grid.save(&pixels, common.file("glow", &format!("{name}.png")))
    };
    let sketch =
        |at: &Progress, glow: &Glow| draw(glow, temperature, &format!("epoch_{}", at.epoch + 1));
    let best = common.file("glow", "model.safetensors");
    let trained = Trainer::new(epochs, 1e-3)
        .schedule(warm_up(200, cosine(steps, 0.01)))
        .seed(common.seed)
        .max_steps(steps)
        .fit(
            glow,
            SingleGradient::new(AdamConfig::new().init()).clip_norm(500.0),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            |glow: &Glow, levels, seed| glow.loss(levels, &mut Noise::seeded(seed)),
            &mut (
                ProgressBar::new()
                    .loss_format(move |loss| format!("{:.3} bits/dim", units.from_nats(-loss))),
                CsvLog::new(common.file("glow", "log.csv")),
                BestCheckpoint::with(best, |glow: &Glow, path| glow.save(path)),
                on_epoch_end(sketch).every(10),
            ),
        );
    report.set("train_seconds", report.seconds());
    report.check(&trained.outcome)?;
    let glow = trained.best.ok_or("no epoch was validated")?.model;

    let mut noise = Noise::seeded(common.seed + 1);
    let (nats, error) = mean_log_prob(test.clone(), |x| glow.log_prob(x, &mut noise))?;
    let bits = units.from_nats(nats);
    let error = units.from_nats(nats - error) - bits;
    println!("held out: {bits:.4} ± {error:.4} bits/dim");
    draw(&glow, 1.0, "samples_t1")?;
    draw(&glow, temperature, "samples")?;
    loss_curve(&trained.history, "bits/dim", |loss| units.from_nats(-loss))
        .save(common.file("glow", "loss.png"))?;
    report.set("steps", steps);
    report.set("nats", nats);
    report.set("bits_per_dim", bits);
    report.finish(common, "glow");
    Ok(())
}

fn main() -> ExitCode {
    run(|| glow(&Options::parse()))
}
