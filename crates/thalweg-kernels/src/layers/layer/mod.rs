//! One layer as a product of matrices.

mod back;
mod forward;

use std::borrow::Cow;

use super::block::Block;
use super::phases::Images;
use super::shifts::Shifts;
use super::winograd::Winograd;
use crate::host::activate::Monotone;
use crate::host::filled::filled;
use crate::host::finish::{Bias, Finish};
use crate::host::matrix::Matrix;
use crate::host::product::Strassen;
use crate::host::turned::turned;

/// The sizes of a layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerSize {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Of a kernel; 1 for a linear layer.
    pub(crate) side: usize,
    pub(crate) biased: bool,
    /// Whether the layer maps rows of features, by a weight `[inputs, outputs]`, and not images, by
    /// one of `[outputs, inputs, side, side]`.
    pub(crate) of_rows: bool,
}

impl LayerSize {
    pub(crate) fn weights(&self) -> usize {
        self.inputs * self.outputs * self.side * self.side
    }
}

/// A kernel made ready for fewer multiplications.
enum Fewer<'a> {
    /// Of 3 × 3.
    Convolution(Winograd),
    /// Of 1 × 1, between many channels.
    Product(Strassen<'a>),
}

/// A layer, its kernel as the matrix that it is multiplied as.
pub(super) struct Layer<'a> {
    size: LayerSize,
    images: Images,
    shifts: Shifts,
    /// `[inputs, outputs]` for rows; for images `[outputs, inputs · k²]`.
    weight: Cow<'a, [f32]>,
    /// `[outputs · k², inputs]`, for sums of the outputs, once it is made ready.
    laid_out: Option<Vec<f32>>,
    /// The kernel for fewer multiplications, on the way forward or back, where that is a way.
    fewer: Option<Fewer<'a>>,
    /// The transpose of the kernel, where it is laid out anew.
    turned: Option<Vec<f32>>,
    bias: Option<Cow<'a, [f32]>>,
    after: Monotone,
    /// Where the weight stands among the operation's inputs, in front of the bias.
    pub(super) at: usize,
}

impl<'a> Layer<'a> {
    pub(super) fn new(
        size: LayerSize,
        images: Images,
        weight: Cow<'a, [f32]>,
        bias: Option<Cow<'a, [f32]>>,
        after: Monotone,
        at: usize,
    ) -> Self {
        let shifts = Shifts::new(size.side, images);
        Self {
            size,
            images,
            shifts,
            weight,
            laid_out: None,
            fewer: None,
            turned: None,
            bias,
            after,
            at,
        }
    }

    pub(super) fn has_bias(&self) -> bool {
        self.bias.is_some()
    }

    pub(super) fn inputs(&self) -> usize {
        self.size.inputs
    }

    pub(super) fn outputs(&self) -> usize {
        self.size.outputs
    }

    /// Whether the inputs are copied, being fewer than the outputs.
    fn spreads(&self) -> bool {
        self.size.side > 1 && self.size.inputs <= self.size.outputs
    }

    /// Whether what the product gives is summed.
    fn gathers(&self) -> bool {
        self.size.side > 1 && self.size.inputs > self.size.outputs
    }

    fn kernel(&self) -> Matrix<'_> {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        let pixels = self.shifts.count();
        let kernel = self.laid_out.as_deref().unwrap_or(&self.weight);
        match (self.size.of_rows, self.gathers()) {
            (true, _) => Matrix::new(kernel, inputs, outputs),
            (false, true) => Matrix::new(kernel, outputs * pixels, inputs),
            (false, false) => Matrix::new(kernel, outputs, inputs * pixels),
        }
    }

    /// Lays a kernel for sums of the outputs out.
    fn lay_out(&mut self) {
        if self.gathers() {
            let size = [self.size.inputs, self.shifts.count()];
            let each = size[0] * size[1];
            let kernels = self.weight.chunks(each);
            let (kernel, _) = filled(self.weight.len(), each, kernels, |kernel, out| {
                (out.write_copy_of_slice(&turned(kernel, size)), ())
            });
            self.laid_out = Some(kernel);
        }
    }

    /// Whether fewer multiplications are the way from so many channels to so many.
    fn divides(&self, channels: [usize; 2]) -> bool {
        let in_phases = self.images.phases.period == 2;
        in_phases && Winograd::takes(channels, self.size.side, self.images)
    }

    /// Whether seven products of quadrants are the way: their columns lie half the columns of a piece
    /// apart, which in phases are pixels of one image. There are phases only where there are images enough
    /// for kernels to be made ready.
    fn halves(&self) -> bool {
        let LayerSize {
            inputs,
            outputs,
            side,
            ..
        } = self.size;
        let in_phases = self.images.phases.period == 2;
        in_phases && side == 1 && Strassen::takes(outputs, inputs)
    }

    /// What the kernel that was made ready gives, and what is done to it, for enough pixels.
    fn by_fewer(&self, x: &Block<'_>, bias: Option<&[f32]>, after: Monotone) -> Option<Vec<f32>> {
        let columns = x.columns();
        match self.fewer.as_ref()? {
            Fewer::Convolution(winograd) if columns >= Winograd::PIXELS => {
                let mut y = winograd.convolve(&x.values, &self.shifts);
                let bias = bias.map_or(Bias::None, Bias::OfRows);
                Finish { bias, after }.apply(&mut y, columns);
                Some(y)
            }
            Fewer::Product(strassen) if columns >= Strassen::COLUMNS => {
                Some(strassen.product(&x.values, columns, bias, after))
            }
            _ => None,
        }
    }
}
