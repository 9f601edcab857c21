//! MADE: each pixel is a category, whose probabilities are exact. On the embedded 8×8 digits of 17 levels, or with `--data DIR` on
//! MNIST's files in black and white, the paper's experiment.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::burn::tensor::Int;
use thalweg::data::Parts;
use thalweg::flow::FlowError;
use thalweg::models::held_out::Estimate;
use thalweg::models::variational::Binarization;
use thalweg::prelude::*;
use thalweg::train::{CtrlC, records};
use thalweg_examples::{Common, loss_curve, run, tiles};

/// Pixels as categories, each given those before it.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Widths of the hidden layers [default: 1000 on MNIST, 256 otherwise].
    #[arg(long, value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Passes over the training data [default: 40 on MNIST, 60 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Learning rate at its highest.
    #[arg(long, default_value_t = 1e-3)]
    rate: f64,
}

fn categorical(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("categorical")?;
    let (parts, hidden, batch, epochs) = match &common.data {
        Some(folder) => (Parts::mnist(folder, 5000)?, 1000, 100, 40),
        None => (Parts::digits(), 256, 50, 60),
    };
    let ([channels, height, width], grey) = (parts.train.size(), parts.train.levels());
    let images = parts.map(|images| images.to_tensor(&example.device));
    // Grey levels are probabilities of white, drawn anew at each use; the digits keep their levels.
    let binary = common.data.is_some();
    let levels = if binary { 2 } else { grey as usize };
    let codes = |images: Tensor<2>, noise: &mut Noise| -> Result<Tensor<2, Int>, FlowError> {
        Ok(match binary {
            true => Binarization::Dynamic.apply(images, grey, noise)?.int(),
            false => images.int(),
        })
    };

    let pixels = height * width;
    let hidden = options.hidden.clone().unwrap_or(vec![hidden]);
    let config = CategoricalConfig::new(vec![levels; pixels]).with_hidden(hidden);
    let model = config.with_seed(common.seed).init(&example.autodiff());
    // Starts as independent pixels.
    let train = codes(images.train.clone(), &mut example.noise(0))?;
    let model = model.initialize(&train, None)?;

    let test = Batches::new(codes(images.test, &mut example.noise(1))?, 500, 0);
    let held_out = |model: &Categorical| {
        let nats = test.in_order().into_iter();
        let nats = nats.flat_map(|codes| {
            model
                .log_prob(codes)
                .into_data()
                .iter::<f64>()
                .collect::<Vec<_>>()
        });
        Estimate::of(&nats.collect::<Vec<_>>())
    };
    let bits = |nats: f64| -nats / (pixels as f64 * std::f64::consts::LN_2);
    let independent = held_out(&model).mean;

    let batches = Batches::new(images.train, batch, common.seed);
    let validation = Batches::new(images.validation, 500, 0);
    let steps = example.steps(options.epochs.unwrap_or(epochs) * batches.len());
    let trained = Trainer::annealed(steps, options.rate)
        .seed(common.seed)
        .fit(
            model,
            SingleGradient::adam(),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| validation.in_order()),
            |model: &Categorical, images, seed| {
                Ok::<_, FlowError>(model.loss(codes(images, &mut Noise::seeded(seed))?))
            },
            &mut (
                ProgressBar::new(),
                records(example.folder(), |model: &Categorical, path| {
                    model.save(path)
                }),
                CtrlC::new(),
            ),
        );
    example.trained(&trained);
    let (history, model) = (trained.history.clone(), trained.finish()?);

    let nats = held_out(&model);
    println!(
        "held out: {nats:.2} nats an image = {:.4} bits/dim",
        bits(nats.mean)
    );
    println!(
        "independent pixels: {independent:.2} nats = {:.4} bits/dim",
        bits(independent)
    );
    let draw = |path: &Path| {
        let samples = model.sample(225, &mut example.noise(2)).float() / (levels - 1) as f64;
        tiles(samples.reshape([225, channels, height, width]), 15, path)
    };
    draw(&example.file("samples.png"))?;
    loss_curve(&history, "nats", |loss| -loss)
        .reference("independent pixels", independent)
        .save(example.file("loss.png"))?;

    example.set("nats", nats.mean);
    example.set("bits_per_dim", bits(nats.mean));
    example.set("independent_nats", independent);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| categorical(&Options::parse()))
}
