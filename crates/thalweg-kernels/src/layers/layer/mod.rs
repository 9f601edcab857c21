//! One layer as a product of matrices.

mod back;
mod forward;

use std::borrow::Cow;

use super::block::Block;
use super::phases::Images;
use super::shifts::Shifts;
use super::winograd::Winograd;
use crate::Activation;
use crate::host::epilogue::{Bias, Epilogue};
use crate::host::filled::filled;
use crate::host::matrix::Matrix;
use crate::host::product::route::{Convolution, Problem, Route, WINOGRAD_PIXELS, route};
use crate::host::transpose::transpose;
use crate::vectorized::SimdLevel;

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

    /// The way to convolve images.
    pub(super) fn route(&self, images: Images) -> Route {
        let convolution = Convolution {
            inputs: self.inputs,
            outputs: self.outputs,
            side: self.side,
            height: images.phases.height,
            width: images.phases.width,
            images: images.samples,
            total: images.total,
        };
        route(&Problem::Convolution(convolution), SimdLevel::current())
    }

    /// The gradient of the input is a convolution from the outputs to the inputs.
    fn reversed(self) -> Self {
        Self {
            inputs: self.outputs,
            outputs: self.inputs,
            ..self
        }
    }
}

/// A layer, its kernel packed as the matrix of its product.
pub(super) struct Layer<'a> {
    size: LayerSize,
    images: Images,
    /// The way without Winograd: for the kernel's gradient, and a last piece with few pixels.
    route: Route,
    shifts: Shifts,
    /// `[inputs, outputs]` for rows; for images `[outputs, inputs · k²]`.
    weight: Cow<'a, [f32]>,
    /// `[outputs · k², inputs]`, for col2im, once it is packed.
    packed: Option<Vec<f32>>,
    /// The transformed kernel, on the forward or backward pass, if that is the route.
    winograd: Option<Winograd>,
    /// A packed transpose of the kernel, for the backward pass of rows.
    transposed: Option<Vec<f32>>,
    bias: Option<Cow<'a, [f32]>>,
    activation: Option<Activation>,
    /// The index of the weight among the operation's inputs; the bias follows.
    pub(super) at: usize,
}

impl<'a> Layer<'a> {
    pub(super) fn new(
        size: LayerSize,
        images: Images,
        weight: Cow<'a, [f32]>,
        bias: Option<Cow<'a, [f32]>>,
        activation: Option<Activation>,
        at: usize,
    ) -> Self {
        Self {
            size,
            images,
            route: size.route(Images { total: 0, ..images }),
            shifts: Shifts::new(size.side, images),
            weight,
            packed: None,
            winograd: None,
            transposed: None,
            bias,
            activation,
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

    fn is_im2col(&self) -> bool {
        self.route == Route::Im2col
    }

    fn is_col2im(&self) -> bool {
        self.route == Route::Col2im
    }

    /// Whether a layer of this size goes the Winograd route. A network without phases does not.
    fn is_winograd(&self, size: LayerSize) -> bool {
        self.images.phases.period == 2 && size.route(self.images) == Route::Winograd
    }

    fn kernel(&self) -> Matrix<'_> {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        let pixels = self.shifts.count();
        let kernel = self.packed.as_deref().unwrap_or(&self.weight);
        match (self.size.of_rows, self.is_col2im()) {
            (true, _) => Matrix::new(kernel, inputs, outputs),
            (false, true) => Matrix::new(kernel, outputs * pixels, inputs),
            (false, false) => Matrix::new(kernel, outputs, inputs * pixels),
        }
    }

    /// Packs the kernel for col2im.
    fn pack(&mut self) {
        if self.is_col2im() {
            let size = [self.size.inputs, self.shifts.count()];
            let each = size[0] * size[1];
            let kernels = self.weight.chunks(each);
            let (kernel, _) = filled(self.weight.len(), each, kernels, |kernel, out| {
                (out.write_copy_of_slice(&transpose(kernel, size)), ())
            });
            self.packed = Some(kernel);
        }
    }

    /// The convolution by the transformed kernel, if there is one and there are enough pixels.
    fn by_winograd(&self, x: &Block<'_>, epilogue: Epilogue<'_>) -> Option<Vec<f32>> {
        let columns = x.columns();
        let winograd = self.winograd.as_ref();
        let winograd = winograd.filter(|_| columns >= WINOGRAD_PIXELS)?;
        let mut y = winograd.convolve(&x.values, &self.shifts);
        epilogue.apply(&mut y, columns);
        Some(y)
    }

    /// Bias and, unless it is a step of its own, activation.
    fn epilogue(&self, activated: bool) -> Epilogue<'_> {
        let bias = match self.bias.as_deref() {
            None => Bias::None,
            Some(bias) if self.size.of_rows => Bias::OfColumns(bias),
            Some(bias) => Bias::OfRows(bias),
        };
        Epilogue {
            bias,
            activation: self.activation.filter(|_| activated),
        }
    }
}
