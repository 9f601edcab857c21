//! Pieces of a batch as matrices.

use std::borrow::Cow;

use super::phases::Phases;
use crate::host::filled::Unfilled;
use crate::host::matrix::Matrix;

/// A piece of a batch: a row of numbers a channel, or, where samples are rows of features, as it lies
/// in the batch, a row a sample.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) values: Cow<'a, [f32]>,
    pub(super) channels: usize,
    pub(super) by_samples: bool,
    /// Numbers from one sample's first to the next one's: rows of features may lie apart.
    apart: usize,
}

/// The shape of a piece in the batch, `[samples, channels, height, width]`, how far apart samples lie, and
/// how pixels do in a block of them.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) samples: usize,
    pub(super) channels: usize,
    pub(super) phases: Phases,
    pub(super) apart: usize,
}

impl<'a> Block<'a> {
    /// A row a channel.
    pub(super) fn by_channels(values: impl Into<Cow<'a, [f32]>>, channels: usize) -> Self {
        Self {
            values: values.into(),
            channels,
            by_samples: false,
            apart: channels,
        }
    }

    /// A row a sample.
    pub(super) fn by_samples(values: impl Into<Cow<'a, [f32]>>, channels: usize) -> Self {
        Self {
            values: values.into(),
            channels,
            by_samples: true,
            apart: channels,
        }
    }

    /// A piece as it lies in the batch, with what lies between samples, which may follow the last one too.
    pub(super) fn from_batch(x: &'a [f32], shape: Shape, by_samples: bool) -> Self {
        let Shape {
            samples,
            channels,
            phases,
            apart,
        } = shape;
        if !by_samples {
            let values = match phases.keeps_order(samples, channels, apart) {
                true => Cow::Borrowed(&x[..samples * channels * phases.positions()]),
                false => phases.rows(x, channels, apart).into(),
            };
            return Self::by_channels(values, channels);
        }
        let length = samples.saturating_sub(1) * apart + channels;
        Self {
            apart,
            ..Self::by_samples(&x[..length.min(x.len())], channels)
        }
    }

    /// Writes the same as it lies in a batch.
    pub(super) fn write_batch<'o>(&self, shape: Shape, out: &'o mut Unfilled) -> &'o mut [f32] {
        let Shape {
            samples, phases, ..
        } = shape;
        let each = self.channels * phases.positions();
        if self.by_samples || phases.keeps_order(samples, self.channels, each) {
            return out.write_copy_of_slice(&self.values);
        }
        out.write_copy_of_slice(&phases.samples(&self.values, self.channels))
    }

    /// Its numbers, without what lies between rows.
    pub(super) fn numbers(&self) -> impl Iterator<Item = f32> {
        let (each, length) = match self.by_samples {
            true => (self.channels, self.apart),
            false => (self.values.len(), self.values.len().max(1)),
        };
        let rows = self.values.chunks(length);
        rows.flat_map(move |row| &row[..each.min(row.len())])
            .copied()
    }

    pub(super) fn columns(&self) -> usize {
        (self.values.len() + self.apart - self.channels) / self.apart
    }

    /// As it lies in memory: `[columns, channels]` if by samples, else `[channels, columns]`.
    pub(super) fn matrix(&self) -> Matrix<'_> {
        match self.by_samples {
            true => Matrix::apart(&self.values, self.columns(), self.channels, self.apart),
            false => Matrix::new(&self.values, self.channels, self.columns()),
        }
    }
}
