//! Pictures of a flow in time, and its integrations.

use std::path::PathBuf;

use thalweg::data::Toy;
use thalweg::flow::{FlowError, Integration, Scheme};
use thalweg::models::ContinuousFlow;
use thalweg::models::held_out::Estimate;
use thalweg::plot::{HeatMap, Panel, PlotError, Region};
use thalweg::prelude::Tensor;

use crate::picture::{centres, numbers, points};
use crate::{Example, paired};

/// Arrows along each side of a picture of a field.
const ARROWS: usize = 17;

/// A toy's part of the plane with a margin around it.
pub fn around(toy: Toy, margin: f64) -> Region {
    let [left, right, bottom, top] = toy.bounds();
    let [x, y] = [[left, right], [bottom, top]].map(|[low, high]| [low - margin, high + margin]);
    Region { x, y }
}

/// The integral of a density over a region by its values at the [`centres`] of cells.
pub fn integral(region: Region, log_probs: &[f64]) -> f64 {
    let area = (region.x[1] - region.x[0]) * (region.y[1] - region.y[0]);
    let sum: f64 = log_probs.iter().map(|log_prob| log_prob.exp()).sum();
    sum * area / log_probs.len() as f64
}

/// Points on their way from noise to data, a batch a time: as a strip, `paths.png`, and with the field that
/// moves them, `field.png`. `velocity` is the field at a time and at points.
pub fn motion(
    region: Region,
    times: &[f64],
    ways: Vec<Tensor<2>>,
    velocity: impl Fn(f64, Tensor<2>) -> Tensor<2>,
    file: impl Fn(&str) -> PathBuf,
) -> Result<(), PlotError> {
    let [mut strip, mut field] = [180, 300].map(|side| HeatMap::new(region).side(side));
    for (index, (time, way)) in times.iter().zip(ways).enumerate() {
        let places = centres(region, ARROWS, &way.device());
        let panel = Panel::from_points(format!("t = {time}"), points(way));
        if index % 2 == 0 {
            let vectors = points(velocity(*time, places));
            field = field.panel(panel.clone().arrows(ARROWS, ARROWS, vectors));
        }
        strip = strip.panel(panel);
    }
    strip.save(file("paths.png"))?;
    field.save(file("field.png"))
}

/// Prints the mean log-density of rows by adaptive and by fixed steps, and what each costs.
pub fn integrations(
    example: &Example<'_>,
    flow: &ContinuousFlow,
    rows: &Tensor<2>,
) -> Result<(), FlowError> {
    let adaptive = |tolerance| Integration::adaptive(Scheme::DormandPrince, tolerance);
    let mut first = vec![];
    for (name, integration) in [
        ("tolerance 1e-5", adaptive(1e-5)),
        ("tolerance 1e-3", adaptive(1e-3)),
        ("40 steps of order 4", Integration::fixed(Scheme::Rk4, 40)),
        ("40 steps of order 1", Integration::fixed(Scheme::Euler, 40)),
    ] {
        let found = flow.evaluate_with(rows.clone(), integration)?;
        let nats = numbers(found.log_prob).into_iter().map(f64::from);
        let nats: Vec<f64> = nats.collect();
        let (mean, evaluations) = (Estimate::of(&nats), found.report.evaluations);
        if first.is_empty() {
            first.clone_from(&nats);
            example.set("nats", mean.mean);
        }
        let shift = paired(&nats, &first).mean;
        println!("{name}: {mean:.4} nats, {shift:+.4} to the first, {evaluations} evaluations");
        example.set(name, mean.mean);
    }
    Ok(())
}
