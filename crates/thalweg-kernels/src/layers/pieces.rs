//! How a batch is divided.

use super::LayersOp;
use super::block::Shape;
use super::layer::LayerSize;
use super::phases::{Images, Phases};
use super::winograd::Winograd;
use crate::host::product::Threads;

/// How the batch is divided.
#[derive(Clone, Copy)]
pub(super) struct Pieces {
    /// Samples in each.
    pub(super) samples: usize,
    /// Who multiplies.
    pub(super) threads: Threads,
}

impl LayersOp {
    pub(super) fn positions(&self) -> usize {
        self.height * self.width
    }

    /// The images of a piece, whose pixels lie in phases where a layer wants them to.
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
            served: self.served,
        };
        let takes = |size: &LayerSize| {
            let channels = [size.inputs, size.outputs];
            Winograd::takes(channels, size.side, of_period(1))
        };
        let divided = threads == Threads::One && self.layers.iter().any(takes);
        of_period(if divided { 2 } else { 1 })
    }

    /// Numbers of a sample that goes in.
    pub(super) fn each(&self) -> usize {
        self.channels * self.positions()
    }

    /// How far apart the samples of the batch lie.
    pub(super) fn apart(&self, batch: &[f32]) -> usize {
        match self.batch {
            0 | 1 => self.each(),
            samples => (batch.len() - self.each()) / (samples - 1),
        }
    }

    /// A piece of samples that lie so far apart. Behind the last one may lie as much as between two.
    pub(super) fn shape_of(&self, x: &[f32], apart: usize) -> Shape {
        Shape {
            samples: (x.len() + apart - self.each()) / apart,
            channels: self.channels,
            phases: self.images().phases,
            apart,
        }
    }

    /// What comes out for so many samples.
    pub(super) fn output_shape(&self, samples: usize) -> Shape {
        let channels = self.outputs();
        Shape {
            samples,
            channels,
            phases: self.images().phases,
            apart: channels * self.positions(),
        }
    }

    pub(super) fn pieces(&self) -> Pieces {
        /// Columns of a piece, and of a piece of a batch that has many: enough for a product of
        /// matrices, and few enough for the cache.
        const COLUMNS: [usize; 2] = [128, 256];
        /// Pieces from which there are many.
        const MANY: usize = 16;
        /// Weights of a layer above which a piece costs more to fetch them for than to multiply.
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
