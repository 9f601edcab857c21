//! Pieces of a batch as matrices.

use std::borrow::Cow;

use crate::host::filled::Unfilled;
use crate::host::matrix::Matrix;

/// A piece of a batch: a row of numbers a channel, or, where samples are rows of features, as it lies
/// in the batch, a row a sample.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) values: Cow<'a, [f32]>,
    pub(super) channels: usize,
    pub(super) by_samples: bool,
}

impl<'a> Block<'a> {
    /// A row a channel.
    pub(super) fn by_channels(values: impl Into<Cow<'a, [f32]>>, channels: usize) -> Self {
        Self {
            values: values.into(),
            channels,
            by_samples: false,
        }
    }

    /// A row a sample.
    pub(super) fn by_samples(values: impl Into<Cow<'a, [f32]>>, channels: usize) -> Self {
        Self {
            values: values.into(),
            channels,
            by_samples: true,
        }
    }

    /// A piece as it lies in the batch, `[samples, channels, positions]`.
    pub(super) fn from_batch(
        x: &'a [f32],
        [samples, channels, positions]: [usize; 3],
        by_samples: bool,
    ) -> Self {
        let values = match by_samples {
            true => Cow::Borrowed(x),
            false => regrouped(x, [samples, channels, positions]),
        };
        Self {
            values,
            channels,
            by_samples,
        }
    }

    /// Writes the same as it lies in a batch.
    pub(super) fn write_batch<'o>(&self, samples: usize, out: &'o mut Unfilled) -> &'o mut [f32] {
        let positions = self.columns() / samples;
        match self.by_samples {
            true => out.write_copy_of_slice(&self.values),
            false => {
                let x = regrouped(&self.values, [self.channels, samples, positions]);
                out.write_copy_of_slice(&x)
            }
        }
    }

    pub(super) fn columns(&self) -> usize {
        self.values.len() / self.channels
    }

    /// As it lies in memory: `[columns, channels]` if by samples, else `[channels, columns]`.
    pub(super) fn matrix(&self) -> Matrix<'_> {
        match self.by_samples {
            true => Matrix::new(&self.values, self.columns(), self.channels),
            false => Matrix::new(&self.values, self.channels, self.columns()),
        }
    }
}

/// `[a, b, positions]` as `[b, a, positions]`: samples of channels as channels of samples, or back.
fn regrouped(x: &[f32], [a, b, positions]: [usize; 3]) -> Cow<'_, [f32]> {
    if a == 1 || b == 1 {
        return Cow::Borrowed(x);
    }
    let mut out = Vec::with_capacity(x.len());
    for j in 0..b {
        for block in x.chunks_exact(b * positions) {
            out.extend_from_slice(&block[j * positions..][..positions]);
        }
    }
    Cow::Owned(out)
}
