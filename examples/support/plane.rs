//! What a flow of any kind learns of a density of the plane.

use std::error::Error;
use std::time::Instant;

use thalweg::data::{Batches, Toy};
use thalweg::flow::{FlowError, Noise};
use thalweg::models::any::AnyVectors;
use thalweg::models::held_out::Estimate;
use thalweg::prelude::{Data, Module, ProgressBar, SingleGradient, Tensor, Trainer};
use thalweg::train::{Ema, IntoLoss};

use crate::{Example, density_map};

/// Points a step.
const BATCH: usize = 512;

/// Trains a model on points in some unit, averages its weights, prints its held-out nats of points in the unit 1, and draws
/// its density in a picture of that name.
pub fn learn_plane<M: Module + AnyVectors, L: IntoLoss>(
    (example, name): (&Example<'_>, &str),
    (toy, unit): (Toy, f64),
    (model, steps): (M, usize),
    loss: impl Fn(&M, Tensor<2>, &mut Noise) -> L,
) -> Result<(), Box<dyn Error>> {
    let points = |n: usize| toy.to_tensor(n, example.seed() + n as u64, &example.device) / unit;
    // Both numbers of a point have the unit.
    let log_unit = 2.0 * unit.ln();
    let batches = Batches::new(points(200 * BATCH), BATCH, example.seed());
    let (mut average, started) = (Ema::new(0.99), Instant::now());
    let steps = example.steps(steps);
    let trained = Trainer::annealed(steps, 2e-3).seed(example.seed()).fit(
        model,
        SingleGradient::adam().clip_norm(5.0),
        &Data::train(|epoch| batches.epoch(epoch)),
        |model: &M, x, seed| loss(model, x, &mut Noise::seeded(seed)),
        &mut (&mut average, ProgressBar::new()),
    );
    let seconds = started.elapsed().as_secs_f64();
    let model = average.average(&trained.model).map(|model| model.valid());
    trained.finish()?;

    let model = model.ok_or("no step was made")?;
    let log_prob = |x: &Tensor<2>| {
        let nats = model.log_prob(x, None)?;
        Ok::<Vec<f64>, FlowError>(nats.into_iter().map(|nats| nats - log_unit).collect())
    };
    let nats = Estimate::of(&log_prob(&points(10_000))?);
    let parameters = model.num_params();
    println!("{name}: {nats:.3} nats, {parameters} parameters, {steps} steps in {seconds:.0} s");
    let samples = model.sample(2000, 1.0, None, &mut example.noise(0))? * unit;
    let density = |x: Tensor<2>| {
        let nats = log_prob(&(x.clone() / unit));
        let nats = nats.unwrap_or_else(|error| panic!("{error}"));
        let nats: Vec<f32> = nats.into_iter().map(|nats| nats as f32).collect();
        Tensor::from_floats(nats.as_slice(), &x.device())
    };
    density_map(toy, density, samples, example.file(&format!("{name}.png")))?;
    example.set(name, nats.mean);
    example.set("nats", nats.mean);
    Ok(())
}
