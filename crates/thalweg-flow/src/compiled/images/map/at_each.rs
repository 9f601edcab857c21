//! Maps of the channels of images of one size.

use thalweg_kernels::mix_channels;

use super::super::super::{HEADROOM, finite};
use super::super::{Batch, ImageLayer};
use super::ChannelMap;

/// A [`ChannelMap`] of images of one size.
#[derive(Debug)]
pub(in super::super) struct AtEach {
    centre: Vec<f32>,
    /// The centre of what comes out.
    zeros: Vec<f32>,
    is_matrix: bool,
    /// A matrix is divided by the headroom.
    weights: [Vec<f32>; 2],
    log_det: f64,
    each: usize,
    positions: usize,
}

impl AtEach {
    /// `W (x − from) + to`.
    fn apply(&self, x: &mut [f32], from: &[f32], weight: &[f32], to: &[f32]) {
        let channels = x.chunks_exact_mut(self.positions).zip(from);
        if !self.is_matrix {
            for ((x, from), (weight, to)) in channels.zip(weight.iter().zip(to)) {
                x.iter_mut()
                    .for_each(|x| *x = finite((*x - from) * weight + to));
            }
            return;
        }
        channels.for_each(|(x, from)| x.iter_mut().for_each(|x| *x -= from));
        let centred = x.to_vec();
        mix_channels(weight, &centred, &self.zeros, x);
        for (x, to) in x.chunks_exact_mut(self.positions).zip(to) {
            x.iter_mut().for_each(|x| *x = finite(*x * HEADROOM + to));
        }
    }
}

impl ImageLayer for AtEach {
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]) {
        x.change(self.each, |_, x| {
            self.apply(x, &self.centre, &self.weights[0], &self.zeros);
        });
        log_dets.iter_mut().for_each(|sum| *sum += self.log_det);
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        z.change(self.each, |_, z| {
            self.apply(z, &self.zeros, &self.weights[1], &self.centre);
        });
    }
}

impl ChannelMap {
    /// The layer of images of so many numbers at so many positions.
    pub(in super::super) fn at_each(self, each: usize, positions: usize) -> AtEach {
        let headroom = if self.is_matrix { HEADROOM } else { 1.0 };
        let round = |numbers: Vec<f64>| {
            let numbers = numbers.into_iter();
            numbers.map(|x| x as f32 / headroom).collect()
        };
        AtEach {
            zeros: vec![0.0; self.centre.len()],
            centre: self.centre,
            is_matrix: self.is_matrix,
            weights: self.weights.map(round),
            log_det: self.log_det * positions as f64,
            each,
            positions,
        }
    }
}
