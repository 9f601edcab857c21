//! Parts of the features on the host.

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::Tensor;

use super::{Grid, Places};
use crate::host::{HostOp, Pass, run as run_on_host};

/// When features are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copies {
    Always,
    /// Unless they lie side by side.
    IfScattered,
}

pub(super) fn gather<const D: usize>(
    x: &Tensor<D>,
    places: Places,
    copies: Copies,
) -> Option<Tensor<D>> {
    let mut shape = x.dims();
    let grid = Grid::of(shape);
    shape[1] = places.count;
    run_on_host(vec![x.into()], || {
        Arc::new(Gather {
            shape: shape.to_vec(),
            grid,
            places,
            copies,
        })
    })
}

pub(super) fn merge<const D: usize>(
    parts: &[Tensor<D>; 2],
    places: [Places; 2],
) -> Option<Tensor<D>> {
    let mut shape = parts[0].dims();
    shape[1] += parts[1].dims()[1];
    let inputs = parts.iter().map(Into::into).collect();
    run_on_host(inputs, || {
        Arc::new(Merge {
            shape: shape.to_vec(),
            grid: Grid::of(shape),
            places,
        })
    })
}

impl Grid {
    fn gather(self, x: &[f32], places: Places) -> Vec<f32> {
        let (starts, length) = self.runs(places);
        let each = self.each().max(1);
        let mut out = Vec::with_capacity(x.len() / each * places.count * self.positions);
        if length == 1 {
            let samples = x.chunks_exact(each);
            samples.for_each(|x| out.extend(starts.clone().map(|start| x[start])));
            return out;
        }
        for x in x.chunks_exact(each) {
            for start in starts.clone() {
                out.extend_from_slice(&x[start..start + length]);
            }
        }
        out
    }

    fn scatter(self, part: &[f32], places: Places, out: &mut [f32]) {
        let (starts, length) = self.runs(places);
        let each = places.count * self.positions;
        let samples = out.chunks_exact_mut(self.each().max(1));
        for (out, part) in samples.zip(part.chunks_exact(each.max(1))) {
            if length == 1 {
                starts
                    .clone()
                    .zip(part)
                    .for_each(|(start, x)| out[start] = *x);
                continue;
            }
            for (start, run) in starts.clone().zip(part.chunks_exact(length.max(1))) {
                out[start..start + length].copy_from_slice(run);
            }
        }
    }
}

/// Input: the whole.
#[derive(Debug)]
struct Gather {
    shape: Vec<usize>,
    grid: Grid,
    places: Places,
    copies: Copies,
}

impl HostOp for Gather {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        self.grid.gather(inputs[0], self.places)
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let mut to = vec![0.0; self.shape[0] * self.grid.each()];
        self.grid.scatter(pass.gradient, self.places, &mut to);
        vec![Some(to)]
    }

    fn part(&self) -> Option<Range<usize>> {
        let Places { first, step, count } = self.places;
        let as_it_lies = self.copies == Copies::IfScattered && step == 1;
        as_it_lies.then_some(first..first + count)
    }
}

/// Inputs: the two parts.
#[derive(Debug)]
struct Merge {
    shape: Vec<usize>,
    grid: Grid,
    places: [Places; 2],
}

impl HostOp for Merge {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let mut out = vec![0.0; self.shape.iter().product()];
        for (part, places) in inputs.iter().zip(self.places) {
            self.grid.scatter(part, places, &mut out);
        }
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let parts = self.places.iter().zip(pass.wanted);
        let found =
            parts.map(|(places, wanted)| wanted.then(|| self.grid.gather(pass.gradient, *places)));
        found.collect()
    }
}
