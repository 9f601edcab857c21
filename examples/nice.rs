//! Reaches 2.72 bits/dim on the embedded 8×8 digits (a full Gaussian: 2.92) in 13 seconds on two cores;
//! with `--data DIR` (the official MNIST files) 2079 nats in 30 epochs of 65 seconds (the paper: 1980).

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Images, RowSplit, digits};
use thalweg::optim::{Euler, field::Adam};
use thalweg::plot::SampleGrid;
use thalweg::prelude::*;
use thalweg::train::schedule::{cosine, warm_up};
use thalweg::train::{BestCheckpoint, CsvLog, CtrlC, DrawSamples, TensorBoard};
use thalweg_examples::{Common, gaussian_nats, loss_curve, mean_log_prob, numbers, run};

/// NICE learns handwritten digits and draws new ones.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Su Jianlin's NICE in place of the paper's.
    #[arg(long)]
    blog: bool,
    /// Passes over the training data [default: 30 on MNIST, 60 on the embedded digits].
    #[arg(long)]
    epochs: Option<usize>,
}

/// Training rows, validation rows that pick the weights, rows that nothing sees until the end;
/// hidden width, batch size and epochs that suit them.
fn load(common: &Common) -> Result<([Images; 3], [usize; 3]), Box<dyn Error>> {
    let Some(folder) = &common.data else {
        let (all, split) = (digits(), RowSplit::modulo(digits().count()));
        let parts = [&split.train, &split.validation, &split.test].map(|rows| all.select(rows));
        return Ok((parts, [256, 64, 60]));
    };
    let (train, test) = Images::mnist(folder)?;
    let rows: Vec<usize> = (0..train.count()).collect();
    let (first, last) = rows.split_at(rows.len() * 11 / 12);
    let parts = [train.select(first), train.select(last), test];
    Ok((parts, [1000, 128, 30]))
}

fn nice(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, common.report("nice", selected.name)?);
    let (images, [hidden, batch_size, default_epochs]) = load(common)?;
    let (height, width) = (images[0].height(), images[0].width());
    let levels = images[0].levels();
    let [train, validation, test] = images.map(|part| part.to_tensor(device));

    let config = match options.blog {
        true => NiceConfig::blog(height * width, levels),
        false => NiceConfig::paper(height * width, levels),
    };
    let config = config.with_hidden(hidden).with_seed(common.seed);
    let nice = config.init(&device.clone().autodiff());
    let nice = match options.blog {
        true => nice, // the blog's code starts without looking at the data
        false => nice.initialize(train.clone(), &mut Noise::seeded(common.seed))?,
    };
    let units = nice.units();
    let batches = Batches::new(train.clone(), batch_size, common.seed);
    let held_out = Batches::new(validation, 500, 0);
    let epochs = options.epochs.unwrap_or(default_epochs);
    let steps = common.steps(epochs * batches.len());
    let seeded = || Noise::seeded(common.seed);
    let draw = |nice: &Nice, temperature: f64, path: &Path| {
        let samples = nice.sample(225, temperature, &mut seeded());
        let pixels = numbers(nice.quantize(samples) / f64::from(levels - 1));
        let grid = SampleGrid::new(height, width, 1).columns(15);
        grid.save(&pixels, path)
    };
    let samples = DrawSamples::new(common.out.join("nice"), &draw);
    let best = common.file("nice", "model.safetensors");
    let trained = Trainer::new(epochs, 1e-3)
        .schedule(warm_up(50, cosine(steps, 0.01)))
        .seed(common.seed)
        .max_steps(steps)
        .fit(
            nice,
            SingleGradient::new(Euler::new(Adam::default()).init()),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            |nice: &Nice, levels, seed| nice.loss(levels, &mut Noise::seeded(seed)),
            &mut (
                ProgressBar::new().loss_format(|loss| format!("{:.2} nats", -loss)),
                CsvLog::new(common.file("nice", "log.csv")),
                BestCheckpoint::with(best, |nice: &Nice, path| nice.save(path)),
                samples.temperatures([1.0, 0.75]).every(10),
                TensorBoard::new(common.file("nice", "events")),
                CtrlC::new(),
            ),
        );
    report.set("train_seconds", report.seconds());
    report.outcome(&trained.outcome);
    let (history, nice) = (trained.history.clone(), trained.finish()?);

    let mut noise = Noise::seeded(common.seed + 1);
    let (nats, error) = mean_log_prob(test.clone(), |x| nice.log_prob(x, &mut noise))?;
    let baseline = gaussian_nats(train, test, levels, &mut noise)?;
    let [bits, baseline] = [nats, baseline].map(|nats| units.from_nats(nats));
    println!("held out: {nats:.2} ± {error:.2} nats a digit = {bits:.4} bits/dim");
    println!("full-covariance Gaussian, same rows: {baseline:.4} bits/dim");

    draw(&nice, 1.0, &common.file("nice", "samples_t1.png"))?;
    draw(&nice, 0.75, &common.file("nice", "samples_t0.75.png"))?;
    loss_curve(&history, "bits/dim", |loss| units.from_nats(-loss))
        .reference("full Gaussian", baseline)
        .save(common.file("nice", "loss.png"))?;

    report.set("steps", steps);
    report.set("nats", nats);
    report.set("bits_per_dim", bits);
    report.set("gaussian_bits_per_dim", baseline);
    report.finish(common, "nice");
    Ok(())
}

fn main() -> ExitCode {
    run(|| nice(&Options::parse()))
}
