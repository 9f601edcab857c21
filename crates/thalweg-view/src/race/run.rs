//! One method on its way down.

use serde::{Deserialize, Serialize};
use thalweg::burn::module::Param;
use thalweg::burn::tensor::{Device, Tensor};
use thalweg::optim::Evaluation;

use super::Landscape;
use super::method::{Position, find};
use crate::frame::frame;
use crate::grid::{SIDE, cells};
use crate::http::{Body, Refusal};
use crate::limits::within;

/// The most gradients of a race.
const GRADIENTS: usize = 2000;
/// The largest coordinate of a start, and of a place that is worth showing.
const FAR: f32 = 1e3;

/// A method and its way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    landscape: Landscape,
    method: String,
    start: [f32; 2],
    /// Multiplies the method's own step.
    scale: f64,
    /// The run ends with the step that reaches this many: methods race by what they cost.
    gradients: usize,
}

/// A grid of heights.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relief {
    landscape: Landscape,
    side: usize,
}

/// Places of the way lie behind it.
#[derive(Debug, Serialize)]
struct Ran {
    /// Gradients up to each place.
    gradients: Vec<usize>,
    heights: Vec<f64>,
    step: f64,
    /// Why the run ended early.
    ended: Option<String>,
}

/// The heights of a landscape.
pub(crate) fn relief(asked: &Relief, device: &Device) -> Result<Body, Refusal> {
    within("the side of a grid", asked.side, 1..=SIDE)?;
    let points = cells(asked.landscape.bounds(), asked.side);
    let axis = |axis: usize| {
        let numbers: Vec<f32> = points.iter().map(|point| point[axis]).collect();
        Tensor::from_floats(numbers.as_slice(), device)
    };
    let heights = asked.landscape.height(axis(0), axis(1));
    frame(
        asked,
        &heights.into_data().iter::<f32>().collect::<Vec<_>>(),
    )
}

/// The way of a method.
pub(crate) fn run(asked: &Run, device: &Device) -> Result<Body, Refusal> {
    let Run {
        landscape, start, ..
    } = asked;
    within("the number of gradients", asked.gradients, 1..=GRADIENTS)?;
    within("the factor of a step", asked.scale, 1e-3..=1e3)?;
    for x in start {
        within("a coordinate of the start", *x, -FAR..=FAR)?;
    }
    let method = find(&asked.method)
        .ok_or_else(|| Refusal::new(422, format!("no method is called \"{}\"", asked.method)))?;
    let mut minimizer = (method.make)().map_err(|problem| Refusal::new(500, problem))?;
    let pace = if method.by_slope {
        landscape.pace()
    } else {
        1.0
    };
    let step = method.step * pace * asked.scale;

    let height = |position: &Position| {
        let place = position.place.val();
        landscape.height(place.clone().narrow(0, 0, 1), place.narrow(0, 1, 1))
    };
    let place = Tensor::from_floats(*start, &device.clone().autodiff());
    let mut position = Position {
        place: Param::from_tensor(place),
    };
    let mut used = 0;
    let mut ran = Ran {
        gradients: vec![0],
        heights: vec![read(height(&position))],
        step,
        ended: None,
    };
    let mut places = start.to_vec();
    while used < asked.gradients {
        let before = used;
        let (moved, made) = minimizer.step(step, position, &mut |position: &Position| {
            used += 1;
            Evaluation::new(height(position), position)
        });
        position = moved;
        let place: Vec<f32> = position.place.val().into_data().iter::<f32>().collect();
        if let Err(problem) = made {
            ran.ended = Some(problem.to_string());
            break;
        }
        if place.iter().any(|x| !x.is_finite() || x.abs() > FAR) {
            ran.ended = Some("left the picture: the steps are too long".to_owned());
            break;
        }
        if used == before {
            ran.ended = Some("needs no more gradients".to_owned());
            break;
        }
        ran.gradients.push(used);
        ran.heights.push(read(height(&position)));
        places.extend(place);
    }
    frame(&ran, &places)
}

fn read(height: Tensor<1>) -> f64 {
    height.into_scalar::<f32>().into()
}
