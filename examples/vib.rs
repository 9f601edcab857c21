//! A classifier with a variational information bottleneck, and the same network without, on the embedded part of Fashion-MNIST or with `--data DIR` on MNIST's files.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser;
use thalweg::burn::tensor::Int;
use thalweg::models::vib::{Classification, DualAscent, VibLoss};
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg::train::Workers;
use thalweg::train::schedule::{cosine, warm_up};
use thalweg_examples::{Common, ImageSet, Report, loss_curve, numbers, run};

/// A bottleneck against the same network without.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Price of a nat that comes through.
    #[arg(long, default_value_t = 1e-3)]
    lambda: f64,
    /// Nats a sample that cost nothing.
    #[arg(long)]
    threshold: Option<f64>,
    /// Nats that are to come through: the price then finds itself.
    #[arg(long)]
    target: Option<f64>,
    /// Samples that probabilities are averaged over.
    #[arg(long, default_value_t = 12)]
    samples: usize,
    /// Passes over the training data [default: 60 on MNIST, 20 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Images a step.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Learning rate at its highest.
    #[arg(long, default_value_t = 5e-4)]
    rate: f64,
    /// Widths of the two hidden layers.
    #[arg(long, default_value_t = 1024)]
    hidden: usize,
}

type Labelled = (Tensor<2>, Tensor<1, Int>);

/// Trains one of the two networks and measures it on the test images.
fn learn(
    name: &str,
    price: Option<&Mutex<VibLoss>>,
    options: &Options,
    set: &ImageSet,
    report: &mut Report,
) -> Result<Classification, Box<dyn Error>> {
    let (common, selected) = (&options.common, options.common.device()?);
    let device = &selected.device;
    let white = f64::from(set.size().levels - 1);
    let labels = set.labels(device)?;
    let rows = set
        .planes(device)
        .map(|part| part.flatten(1, 3).mul_scalar(2.0 / white).sub_scalar(1.0));
    let [train, validation, test]: [Labelled; 3] = {
        let mut labels = labels.into_iter();
        rows.map(|x| (x, labels.next().expect("as many parts of labels")))
    };
    let config = VibConfig::new(set.size().numbers(), 10).with_seed(common.seed);
    let vib = config
        .with_hidden(vec![options.hidden; 2])
        .try_init(&device.clone().autodiff())?;
    let (batches, held_out) = (
        Batches::new(train, options.batch, common.seed),
        Batches::new(validation, 500, 0),
    );
    let epochs = options.epochs.unwrap_or(set.epochs);
    let steps = common.steps(epochs * batches.len());
    let ascent = options
        .target
        .map(|target| Mutex::new(DualAscent::new(options.lambda, 1e-6, target)));
    let loss = |vib: &Vib, (x, labels): Labelled, seed| {
        let Some(price) = price else {
            return vib.plain_loss(x, labels);
        };
        if let Some(ascent) = &ascent {
            let rate = f64::from(numbers(vib.valid().rate(x.clone()))[0]);
            price.lock().expect("no panic").lambda = ascent.lock().expect("no panic").update(rate);
        }
        let now = *price.lock().expect("no panic");
        vib.loss(x, labels, &now, &mut Noise::seeded(seed))
    };
    let trained = Trainer::new(epochs, options.rate)
        .schedule(warm_up(200, cosine(steps, 0.0)))
        .seed(common.seed)
        .max_steps(steps)
        .fit_with(
            vib,
            SingleGradient::new(Euler::new(Adam::default()).init()),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            Workers::new(common.workers, loss),
            &mut ProgressBar::new(),
        );
    report.check(&trained.outcome)?;
    // The last weights: the loss of what is held out rises before its errors do.
    let vib = trained.model.valid();
    vib.save(common.file("vib", &format!("{name}.safetensors")))?;
    loss_curve(&trained.history, "nats", |loss| loss)
        .save(common.file("vib", &format!("{name}.png")))?;

    let (samples, noise) = (
        price.map_or(0, |_| options.samples),
        &mut Noise::seeded(common.seed + 1),
    );
    let (mut found, mut rate) = (Classification::default(), 0.0);
    let total = test.0.dims()[0] as f64;
    for (x, labels) in Batches::new(test, 500, 0).in_order() {
        rate += f64::from(numbers(vib.rate(x.clone()))[0]) * x.dims()[0] as f64 / total;
        vib.classify(x, labels, samples, noise, &mut found)
            .map_err(|error| format!("{error:?}"))?;
    }
    println!(
        "{name}: test error {:.2} %, cross-entropy {:.4} nats, calibration error {:.2} %",
        100.0 * found.error(),
        found.cross_entropy(),
        100.0 * found.calibration_error()
    );
    if price.is_some() {
        println!("{name}: {rate:.2} nats come through, {samples} samples averaged");
        report.set("nats", rate);
    }
    report.set(&format!("{name}_error"), found.error());
    report.set(
        &format!("{name}_calibration_error"),
        found.calibration_error(),
    );
    report.set(&format!("{name}_cross_entropy"), found.cross_entropy());
    Ok(found)
}

fn vib(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut report = Report::start("vib", options.common.device()?.name);
    let mut set = match &options.common.data {
        Some(folder) => ImageSet::mnist(folder)?,
        None => ImageSet::fashion(),
    };
    if options.common.data.is_some() {
        set.epochs = 60;
    }
    let price = Mutex::new(VibLoss {
        lambda: options.lambda,
        threshold: options.threshold,
    });
    let with = learn("bottleneck", Some(&price), options, &set, &mut report)?;
    report.set("bottleneck_seconds", report.seconds());
    let without = learn("plain", None, options, &set, &mut report)?;
    println!(
        "errors: {:.2} % with the bottleneck, {:.2} % without",
        100.0 * with.error(),
        100.0 * without.error()
    );
    report.set("lambda", price.lock().expect("no panic").lambda);
    report.finish(&options.common, "vib");
    Ok(())
}

fn main() -> ExitCode {
    run(|| vib(&Options::parse()))
}
