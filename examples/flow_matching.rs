//! Flow matching on two moons, within 0.05 nats of the exact entropy; with `--images` digits by number of steps.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Parts, Toy};
use thalweg::flow::{Dequantize, FlowError, Integration, Scheme};
use thalweg::models::held_out::Estimate;
use thalweg::prelude::*;
use thalweg::train::{CsvLog, Ema};
use thalweg_examples::{
    Common, Example, around, centres, integral, integrations, motion, run, tiles,
};

/// A vector field learns to carry noise to data, without an integration in training.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Digits in place of two moons.
    #[arg(long)]
    images: bool,
}

const TOY: Toy = Toy::TwoMoons;

/// Trains a flow on rows, which `prepare` changes at each step, and returns the average of its weights.
fn fit(
    example: &Example,
    (config, steps, batch): (ContinuousFlowConfig, usize, usize),
    rows: &Tensor<2>,
    prepare: impl Fn(Tensor<2>, &mut Noise) -> Result<Tensor<2>, FlowError>,
) -> Result<ContinuousFlow, Box<dyn Error>> {
    let flow = config.with_seed(example.seed());
    let flow = flow.try_init(&example.autodiff())?;
    let flow = flow.initialize(&prepare(rows.clone(), &mut example.noise(0))?)?;
    let batches = Batches::new(rows.clone(), batch, example.seed());
    let mut average = Ema::new(0.99);
    let trained = Trainer::annealed(example.steps(steps), 5e-3)
        .seed(example.seed())
        .fit(
            flow,
            SingleGradient::adam().clip_norm(5.0),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &ContinuousFlow, x, seed| {
                let mut noise = Noise::seeded(seed);
                flow.loss(prepare(x, &mut noise)?, &mut noise)
            },
            &mut (
                &mut average,
                ProgressBar::new(),
                CsvLog::new(example.file("log.csv")),
            ),
        );
    example.trained(&trained);
    let flow = average.average(&trained.model);
    trained.finish()?;
    Ok(flow.ok_or("no step was made")?.valid())
}

fn plane(example: &Example) -> Result<(), Box<dyn Error>> {
    let rows = TOY.to_tensor(200_000, example.seed(), &example.device);
    let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![128; 3]);
    let flow = fit(example, (config, 16_000, 512), &rows, |x, _| Ok(x))?;

    let test = TOY.sample(10_000, example.seed() + 1);
    let exact: Vec<f64> = test
        .iter()
        .map(|p| TOY.log_density(p.map(f64::from)))
        .collect();
    println!(
        "exact entropy: {:.4} nats; the true density has {:.4} on the points below",
        TOY.entropy(),
        Estimate::of(&exact)
    );
    let test = TOY.to_tensor(10_000, example.seed() + 1, &example.device);
    integrations(example, &flow, &test)?;
    let region = around(TOY, 0.5);
    let centres = centres(region, 150, &example.device);
    let integral = integral(region, &flow.log_probs(&centres, 5000)?);
    println!("integral of the density over the plane: {integral:.4}");
    example.set("integral", integral);
    let times = [0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0];
    let ways = flow.path(1500, &times, 1.0, &mut example.noise(1))?;
    let velocity = |time, x| flow.velocity(time, x);
    motion(region, &times, ways, velocity, |name| example.file(name))?;
    Ok(())
}

fn digits(example: &Example) -> Result<(), Box<dyn Error>> {
    let Parts { train, .. } = Parts::digits();
    let dequantize = Dequantize::uniform(train.levels());
    let rows = train.to_tensor(&example.device);
    let config = ContinuousFlowConfig::flow_matching(train.dim()).with_hidden(vec![512; 2]);
    let unit = |x: Tensor<2>, noise: &mut Noise| Ok(dequantize.apply(x, noise)?.0);
    let flow = fit(example, (config, 6000, 256), &rows, unit)?;
    let [channels, height, width] = train.size();
    let mut pictures = vec![];
    for steps in [1, 2, 4, 8, 16, 64] {
        let integration = Integration::fixed(Scheme::Euler, steps);
        let samples = flow.sample_with(12, integration, 1.0, &mut example.noise(1))?;
        pictures.push(samples.reshape([12, channels, height, width]));
    }
    tiles(Tensor::cat(pictures, 0), 12, example.file("steps.png"))?;
    println!(
        "steps.png: 1, 2, 4, 8, 16 and 64 steps of Euler's method from the same noise, a row each"
    );
    Ok(())
}

fn main() -> ExitCode {
    run(|| {
        let options = Options::parse();
        let example = options.common.start("flow_matching")?;
        (if options.images { digits } else { plane })(&example)?;
        example.finish();
        Ok(())
    })
}
