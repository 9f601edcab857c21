//! Images as a matrix.

use burn::tensor::Tensor;

/// A batch of images as `[channels, batch · height · width]`.
#[derive(Clone)]
pub(super) struct Columns {
    values: Tensor<2>,
    grid: [usize; 3],
}

impl Columns {
    pub(super) fn from_images(images: Tensor<4>) -> Self {
        let [batch, channels, height, width] = images.dims();
        Self {
            values: images.swap_dims(0, 1).reshape([channels as i32, -1]),
            grid: [batch, height, width],
        }
    }

    pub(super) fn into_images(self) -> Tensor<4> {
        self.planes().swap_dims(0, 1)
    }

    fn channels(&self) -> usize {
        self.values.dims()[0]
    }

    pub(super) fn map(self, function: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Self {
        Self {
            values: function(self.values),
            grid: self.grid,
        }
    }

    /// im2col: each channel `c` as the `k²` channels `(c, dy, dx)`, shifted by `(dy, dx) − (k − 1)/2`, zero
    /// outside the image.
    fn im2col(self, k: usize) -> Self {
        if k == 1 {
            return self;
        }
        let (channels, [batch, height, width]) = (self.channels(), self.grid);
        let margin = k / 2;
        let padded = self.planes().pad((margin, margin, margin, margin), 0.0);
        let shifted = (0..k * k).map(|at| {
            let rows = padded.clone().narrow(2, at / k, height);
            rows.narrow(3, at % k, width)
                .reshape([channels, 1, batch * height * width])
        });
        let copies: Tensor<3> = Tensor::cat(shifted.collect(), 1);
        Self {
            values: copies.reshape([channels * k * k, batch * height * width]),
            grid: [batch, height, width],
        }
    }

    /// col2im, the transpose of [`im2col`](Self::im2col) with reversed shifts: channels `(c, dy, dx)` to `c`,
    /// each shifted by `(k − 1)/2 − (dy, dx)` and added up.
    fn col2im(self, k: usize) -> Self {
        if k == 1 {
            return self;
        }
        let [batch, height, width] = self.grid;
        let channels = self.channels() / (k * k);
        // One direction after the other: 2 k slices in place of k², whose gradients are each a tensor as
        // large as the whole.
        let values = self.values.reshape([channels, k, k, batch, height, width]);
        let values: Tensor<6> = shift_and_add(values, 1, 4);
        let values: Tensor<6> = shift_and_add(values, 2, 5);
        Self {
            values: values.reshape([channels as i32, -1]),
            grid: self.grid,
        }
    }

    fn planes(self) -> Tensor<4> {
        let (channels, [batch, height, width]) = (self.channels(), self.grid);
        self.values.reshape([channels, batch, height, width])
    }
}

/// `W ∗ x`, by im2col or col2im, whichever has fewer numbers.
pub(super) fn convolve(weight: Tensor<4>, x: Columns) -> Columns {
    let [outputs, inputs, k, _] = weight.dims();
    if inputs <= outputs {
        let weight = weight.reshape([outputs, inputs * k * k]);
        return x.im2col(k).map(|x| weight.matmul(x));
    }
    let weight = weight
        .permute([0, 2, 3, 1])
        .reshape([outputs * k * k, inputs]);
    x.map(|x| weight.matmul(x)).col2im(k)
}

/// Adds up the entries of axis `over`, entry `i` shifted by `(k − 1)/2 − i` along axis `along`.
fn shift_and_add(x: Tensor<6>, over: usize, along: usize) -> Tensor<6> {
    let (k, length) = (x.dims()[over], x.dims()[along]);
    let shifted = (0..k).map(|i| {
        let entry = x.clone().narrow(over, i, 1);
        shift(entry, k / 2, i, length, along)
    });
    shifted
        .reduce(|sum, entry| sum + entry)
        .expect("a kernel of one pixel or more")
}

/// `x` shifted by `margin − i` along an axis, filled up with zeros.
fn shift(x: Tensor<6>, margin: usize, i: usize, length: usize, along: usize) -> Tensor<6> {
    let offset = i.abs_diff(margin);
    if offset == 0 {
        return x;
    }
    if offset >= length {
        return x.zeros_like();
    }
    let zeros = x.zeros_like().narrow(along, 0, offset);
    // Output p is the input at p + i − margin.
    match i > margin {
        true => Tensor::cat(vec![x.narrow(along, offset, length - offset), zeros], along),
        false => Tensor::cat(vec![zeros, x.narrow(along, 0, length - offset)], along),
    }
}
