//! The division of a batch into pieces.

use super::Network;
use super::block::Shape;
use super::layer::LayerSize;
use super::phases::{Images, Phases};
use crate::host::product::Threads;
use crate::host::product::route::Route;

/// The division of a batch.
#[derive(Clone, Copy)]
pub(super) struct Pieces {
    /// Samples in each.
    pub(super) samples: usize,
    /// Who multiplies.
    pub(super) threads: Threads,
}

impl Network {
    pub(super) fn positions(&self) -> usize {
        self.height * self.width
    }

    /// The images of a piece, in phases if a layer goes the Winograd route.
    pub(super) fn images(&self) -> Images {
        let Pieces { samples, threads } = self.pieces();
        let (height, width) = (self.height, self.width);
        let of_period = |period| Images {
            phases: Phases {
                height,
                width,
                period,
            },
            samples,
            total: self.total,
        };
        let winograd = |size: &LayerSize| size.route(of_period(1)) == Route::Winograd;
        let in_phases = threads == Threads::One && self.layers.iter().any(winograd);
        of_period(if in_phases { 2 } else { 1 })
    }

    /// Numbers of an input sample.
    pub(super) fn each(&self) -> usize {
        self.channels * self.positions()
    }

    /// From one sample of the batch to the next.
    pub(super) fn stride(&self, batch: &[f32]) -> usize {
        match self.batch {
            0 | 1 => self.each(),
            samples => (batch.len() - self.each()) / (samples - 1),
        }
    }

    /// The shape of a piece of samples with a stride. Numbers between two samples may follow the last one.
    pub(super) fn shape_of(&self, x: &[f32], stride: usize) -> Shape {
        Shape {
            samples: (x.len() + stride - self.each()) / stride,
            channels: self.channels,
            phases: self.images().phases,
            stride,
        }
    }

    /// The shape of the output of this many samples.
    pub(super) fn output_shape(&self, samples: usize) -> Shape {
        let channels = self.outputs();
        Shape {
            samples,
            channels,
            phases: self.images().phases,
            stride: channels * self.positions(),
        }
    }

    pub(super) fn pieces(&self) -> Pieces {
        /// Columns of a piece, and of a piece of a large batch: enough for a product of matrices, and few
        /// enough for the cache.
        const COLUMNS: [usize; 2] = [128, 256];
        /// Pieces of a large batch.
        const MANY: usize = 16;
        /// Weights of a layer above which a piece spends more time to load them than to multiply.
        const LARGE: usize = 1 << 18;
        let positions = self.positions().max(1);
        let [few, many] = COLUMNS.map(|columns| columns.div_ceil(positions));
        let samples = if self.batch > MANY * few { many } else { few };
        let largest = self.layers.iter().map(LayerSize::weights).max();
        match largest > Some(LARGE) || self.batch < 2 * samples {
            true => Pieces {
                samples: self.batch.max(1),
                threads: Threads::All,
            },
            false => Pieces {
                samples,
                threads: Threads::One,
            },
        }
    }
}
