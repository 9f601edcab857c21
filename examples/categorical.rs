//! MADE on digits in black and white, each pixel a category given those before it: on the embedded 8×8 digits in seconds, or with
//! `--data DIR` on MNIST's files. Log-probabilities are exact, where those of the example `vae` are bounds.

use std::error::Error;
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

/// Black and white pixels, each given those before it.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Widths of the hidden layers [default: 1000 on MNIST, 500 otherwise].
    #[arg(long, value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Passes over the training data [default: 100 on MNIST, 300 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Learning rate at its highest.
    #[arg(long, default_value_t = 2e-3)]
    rate: f64,
}

fn categorical(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("categorical")?;
    let (parts, hidden, batch, epochs) = match &common.data {
        Some(folder) => (Parts::mnist(folder, 5000)?, 1000, 100, 100),
        None => (Parts::digits(), 500, 50, 300),
    };
    let ([channels, height, width], levels) = (parts.train.size(), parts.train.levels());
    let images = parts.map(|images| images.to_tensor(&example.device));
    // Grey levels are probabilities of white, drawn anew at each use.
    let codes = |images: Tensor<2>, noise: &mut Noise| -> Result<Tensor<2, Int>, FlowError> {
        Ok(Binarization::Dynamic.apply(images, levels, noise)?.int())
    };

    let pixels = height * width;
    let hidden = options.hidden.clone().unwrap_or(vec![hidden]);
    let config = CategoricalConfig::new(vec![2; pixels]).with_hidden(hidden);
    let model = config.with_seed(common.seed).init(&example.autodiff());
    // Starts as independent pixels.
    let train = codes(images.train.clone(), &mut example.noise(0))?;
    let model = model.initialize(&train, None)?;

    let test = Batches::new(codes(images.test, &mut example.noise(1))?, 500, 0);
    let held_out = |model: &Categorical| {
        let mut nats = vec![];
        for codes in test.in_order() {
            nats.extend(model.log_prob(codes).into_data().iter::<f64>());
        }
        Estimate::of(&nats)
    };
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
    println!("held out: {nats:.2} nats an image; independent pixels: {independent:.2}");
    let samples = model.sample(225, &mut example.noise(2)).float();
    let samples = samples.reshape([225, channels, height, width]);
    tiles(samples, 15, example.file("samples.png"))?;
    loss_curve(&history, "nats", |loss| -loss)
        .reference("independent pixels", independent)
        .save(example.file("loss.png"))?;

    example.set("nats", nats.mean);
    example.set("independent_nats", independent);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| categorical(&Options::parse()))
}
