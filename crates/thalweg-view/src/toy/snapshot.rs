//! A flow as it was at one step, without tensors.

use std::sync::OnceLock;

use thalweg::data::Toy;
use thalweg::flow::Noise;
use thalweg::flow::compiled::{CompiledBijection, CompiledFlow, Direction, Scratch};
use thalweg::kernels::share;
use thalweg::metrics::Calibration;

use super::PLANE;
use super::choice::{Choice, PlaneFlow};
use crate::grid::cells;

/// Points whose nats are averaged, and draws that p-values count.
const REFERENCE: usize = 1000;

/// A flow at one step of its training, compiled.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) choice: Choice,
    pub(super) step: usize,
    flow: CompiledFlow,
    /// Standardization, then the couplings.
    layers: Vec<CompiledBijection>,
    nats: OnceLock<f64>,
    calibration: OnceLock<Option<Calibration>>,
}

impl Snapshot {
    pub(super) fn new(choice: Choice, step: usize, flow: &PlaneFlow) -> Self {
        const ONE: [usize; 3] = [PLANE, 1, 1];
        let (standardize, couplings) = &flow.bijection;
        let first = CompiledBijection::new(standardize, ONE, 1);
        let others = couplings
            .iter()
            .map(|coupling| CompiledBijection::new(coupling, ONE, 1));
        Self {
            choice,
            step,
            flow: flow.compile(),
            layers: [first].into_iter().chain(others).collect(),
            nats: OnceLock::new(),
            calibration: OnceLock::new(),
        }
    }

    /// `ln p` of points, in nats.
    pub(super) fn log_probs(&self, points: &[[f32; 2]]) -> Vec<f32> {
        /// Points that a thread takes at a time.
        const PART: usize = 1024;
        let mut nats = vec![0.0; points.len()];
        let parts = points.chunks(PART).zip(nats.chunks_mut(PART));
        share(parts, |(points, nats)| {
            self.flow
                .log_probs(points.as_flattened(), nats, &mut Scratch::default());
        });
        nats
    }

    /// `ln p` at the middles of the cells of a grid over the toy's bounds, row by row from the top.
    pub(super) fn grid(&self, side: usize) -> Vec<f32> {
        self.log_probs(&cells(self.choice.toy.bounds(), side))
    }

    /// Points that the flow draws.
    pub(super) fn draw(&self, count: usize, seed: u64) -> Vec<[f32; 2]> {
        let mut points = vec![[0.0; 2]; count];
        let numbers = points.as_flattened_mut();
        self.flow.sample(
            1.0,
            &mut Noise::seeded(seed),
            numbers,
            &mut Scratch::default(),
        );
        points
    }

    /// The mean nats of points that the flow has not seen.
    pub(super) fn nats(&self) -> f64 {
        *self.nats.get_or_init(|| {
            let nats = self.log_probs(&held_out(self.choice.toy));
            mean(nats.into_iter().map(f64::from))
        })
    }

    /// The share of the flow's own draws that are at most as likely as a point of these nats; `None` where the flow has
    /// numbers that are not finite.
    pub(super) fn p_value(&self, nats: f32) -> Option<f64> {
        let calibration = self.calibration.get_or_init(|| {
            let nats = self.log_probs(&self.draw(REFERENCE, 1));
            let surprises: Vec<f64> = nats.into_iter().map(|nats| -f64::from(nats)).collect();
            Calibration::new(&surprises).ok()
        });
        let found = calibration.as_ref()?.p_values(&[-f64::from(nats)]).ok()?;
        found.first().copied()
    }

    /// The ways of points from their latents to themselves, a stage a layer. Latents are shown in the data's units, by the
    /// standardization, so that all stages share one picture.
    pub(super) fn ways(&self, points: &[[f32; 2]]) -> Vec<Vec<[f32; 2]>> {
        let mut at = points.to_vec();
        let mut stages = vec![at.clone()];
        let [standardize, couplings @ ..] = self.layers.as_slice() else {
            return stages;
        };
        through(standardize, Direction::Forward, &mut at);
        for coupling in couplings {
            through(coupling, Direction::Forward, &mut at);
            let mut shown = at.clone();
            through(standardize, Direction::Inverse, &mut shown);
            stages.push(shown);
        }
        stages.reverse();
        stages
    }
}

fn through(layer: &CompiledBijection, direction: Direction, points: &mut [[f32; 2]]) {
    let mut log_dets = vec![0.0; points.len()];
    let scratch = &mut Scratch::default();
    layer.apply(
        direction,
        points.as_flattened_mut(),
        &(),
        &mut log_dets,
        scratch,
    );
}

/// Points of a toy that no flow is trained on.
pub(super) fn held_out(toy: Toy) -> Vec<[f32; 2]> {
    toy.sample(REFERENCE, u64::MAX)
}

pub(super) fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len() as f64;
    numbers.sum::<f64>() / count
}
