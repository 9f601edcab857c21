//! A pointwise map as a step of the tape.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Tensor;

use super::block::{BLOCK, Layout};
use super::{Map, in_place};
use crate::host::filled::filled;
use crate::host::{HostOp, Input, Pass, run as run_on_host};
use crate::places::Grid;
use crate::share::{samples_a_piece, share};
use crate::{Direction, Places};

pub(crate) fn run<const D: usize>(
    map: Map,
    direction: Direction,
    x: &Tensor<D>,
    places: Places,
    parameters: &Tensor<D>,
) -> Option<(Tensor<D>, Tensor<1>)> {
    let shape = x.dims();
    let op = Arc::new(MapOp {
        map,
        direction,
        layout: Layout {
            grid: Grid::of(shape),
            places,
            parameters: map.parameters(),
        },
        shape: shape.to_vec(),
        log_dets: Mutex::default(),
        of_log_dets: Mutex::default(),
    });
    let y = run_on_host(vec![x.into(), parameters.into()], || op.clone())?;
    let log_det = run_on_host(vec![Input::from(&y)], || Arc::new(LogDetOp(op)))?;
    Some((y, log_det))
}

/// Inputs: `x` and the parameters.
///
/// One pass finds the outputs and the log-determinants, and one their gradients; but a step of the tape
/// has one output. So a second step, [`LogDetOp`], stands behind this one: it hands out the
/// log-determinants that this one left in `log_dets`, and on the way back, which reaches it first, leaves
/// their gradient in `of_log_dets`.
#[derive(Debug)]
struct MapOp {
    map: Map,
    direction: Direction,
    layout: Layout,
    shape: Vec<usize>,
    log_dets: Mutex<Vec<f32>>,
    of_log_dets: Mutex<Option<Vec<f32>>>,
}

/// Takes the value.
fn taken<V: Default>(place: &Mutex<V>) -> V {
    std::mem::take(&mut place.lock().unwrap_or_else(PoisonError::into_inner))
}

fn put<V>(place: &Mutex<V>, value: V) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

impl MapOp {
    /// Samples, and numbers and parameters of one of them.
    fn sizes(&self) -> [usize; 3] {
        let parameters = self.layout.parameters * self.layout.mapped();
        [self.shape[0], self.layout.grid.each(), parameters]
    }

    /// Samples that a thread takes at a time.
    fn samples(&self) -> usize {
        let [batch, each, parameters] = self.sizes();
        samples_a_piece(batch, each.max(parameters / 2))
    }

    fn block(&self) -> Vec<f32> {
        vec![0.0; self.layout.parameters * BLOCK]
    }
}

impl HostOp for MapOp {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let ([_, each, parameters_each], samples) = (self.sizes(), self.samples());
        let pieces = inputs[0]
            .chunks(samples * each)
            .zip(inputs[1].chunks(samples * parameters_each));
        let (y, log_dets) = filled(
            inputs[0].len(),
            samples * each,
            pieces,
            |(x, parameters), out| {
                let out = out.write_copy_of_slice(x);
                let mut log_dets = vec![0.0; x.len() / each];
                in_place::forward(
                    &self.map,
                    self.direction,
                    &self.layout,
                    out,
                    parameters,
                    &mut log_dets,
                    &mut self.block(),
                );
                (out, log_dets)
            },
        );
        let log_dets = log_dets.into_iter().flatten();
        put(&self.log_dets, log_dets.map(|sum| sum as f32).collect());
        y
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let ([batch, each, parameters_each], samples) = (self.sizes(), self.samples());
        let [x, parameters] = [pass.inputs[0], pass.inputs[1]];
        let mut to_x = match pass.gradient.len() == x.len() {
            true => pass.gradient.to_vec(),
            // Only the log-determinants had a gradient.
            false => vec![0.0; x.len()],
        };
        let mut to_parameters = vec![0.0; parameters.len()];
        let of_log_dets = taken(&self.of_log_dets).unwrap_or_else(|| vec![0.0; batch]);
        let pieces = x
            .chunks(samples * each)
            .zip(parameters.chunks(samples * parameters_each))
            .zip(of_log_dets.chunks(samples))
            .zip(to_x.chunks_mut(samples * each))
            .zip(to_parameters.chunks_mut(samples * parameters_each));
        share(pieces, |((((x, p), of_log_dets), to_x), to_p)| {
            in_place::backward(
                &self.map,
                self.direction,
                &self.layout,
                [x, p, of_log_dets],
                [to_x, to_p],
                &mut self.block(),
            );
        });
        vec![Some(to_x), Some(to_parameters)]
    }
}

/// Input: the output of the [`MapOp`].
#[derive(Debug)]
struct LogDetOp(Arc<MapOp>);

impl HostOp for LogDetOp {
    fn shape(&self) -> Vec<usize> {
        vec![self.0.shape[0]]
    }

    fn forward(&self, _: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        taken(&self.0.log_dets)
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        put(&self.0.of_log_dets, Some(pass.gradient.to_vec()));
        // The step in front is reached, and adds nothing of this one to its gradient.
        vec![Some(vec![0.0])]
    }
}
