//! Pieces of a batch as matrices.

use std::borrow::Cow;

use super::phases::Phases;
use crate::NETWORK_LIMIT;
use crate::host::filled::Unfilled;
use crate::host::matrix::Matrix;
use crate::most::most_single;

/// A piece of a batch: a row a channel; or, where samples are rows of features, a row a sample.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) values: Cow<'a, [f32]>,
    pub(super) channels: usize,
    pub(super) by_samples: bool,
    /// From one row to the next, if by samples.
    stride: usize,
}

/// The shape of a piece in the batch: samples with a stride, of `[channels, height, width]`; and the
/// order of the pixels in a block of them.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) samples: usize,
    pub(super) channels: usize,
    pub(super) phases: Phases,
    pub(super) stride: usize,
}

impl<'a> Block<'a> {
    pub(super) fn by_channels(values: impl Into<Cow<'a, [f32]>>, channels: usize) -> Self {
        Self {
            values: values.into(),
            channels,
            by_samples: false,
            stride: channels,
        }
    }

    pub(super) fn by_samples(values: impl Into<Cow<'a, [f32]>>, channels: usize) -> Self {
        Self {
            by_samples: true,
            ..Self::by_channels(values, channels)
        }
    }

    /// A piece of the batch. The numbers between two samples may follow the last one too.
    pub(super) fn from_batch(x: &'a [f32], shape: Shape, by_samples: bool) -> Self {
        let Shape {
            samples,
            channels,
            phases,
            stride,
        } = shape;
        if !by_samples {
            let values = match phases.keeps_order(samples, channels, stride) {
                true => Cow::Borrowed(&x[..samples * channels * phases.positions()]),
                false => phases.rows(x, channels, stride).into(),
            };
            return Self::by_channels(values, channels);
        }
        let length = samples.saturating_sub(1) * stride + channels;
        Self {
            stride,
            ..Self::by_samples(&x[..length.min(x.len())], channels)
        }
    }

    /// Writes the piece in the order of the batch.
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

    pub(super) fn columns(&self) -> usize {
        (self.values.len() + self.stride - self.channels) / self.stride
    }

    /// `[columns, channels]` if by samples, else `[channels, columns]`.
    pub(super) fn matrix(&self) -> Matrix<'_> {
        match self.by_samples {
            true => Matrix::with_stride(&self.values, self.columns(), self.channels, self.stride),
            false => Matrix::new(&self.values, self.channels, self.columns()),
        }
    }

    /// Clamps the numbers to ±[`NETWORK_LIMIT`]. They are searched first: hardly ever is one beyond, and
    /// then the input need not be copied.
    pub(super) fn limit(&mut self) {
        if self.reaches(NETWORK_LIMIT.to_bits() + 1) {
            let limited = |x: f32| match x.abs() > NETWORK_LIMIT {
                true => NETWORK_LIMIT.copysign(x),
                false => x,
            };
            let values = self.values.to_mut().iter_mut();
            values.for_each(|x| *x = limited(*x));
        }
    }

    /// Clears this gradient where the input, after [`limit`](Self::limit), is at the limit.
    pub(super) fn stop_at_limit(&mut self, input: &Block<'_>) {
        if !input.reaches(NETWORK_LIMIT.to_bits()) {
            return;
        }
        let (each, length) = match input.by_samples {
            true => (input.channels, input.stride),
            false => (input.values.len(), input.values.len().max(1)),
        };
        let rows = input.values.chunks(length);
        let inputs = rows.flat_map(|row| &row[..each.min(row.len())]);
        for (g, x) in self.values.to_mut().iter_mut().zip(inputs) {
            if x.abs() >= NETWORK_LIMIT {
                *g = 0.0;
            }
        }
    }

    /// Whether one of the numbers is as large as the one of these bits.
    fn reaches(&self, bits: u32) -> bool {
        most_single(&self.values) >= bits
    }
}
