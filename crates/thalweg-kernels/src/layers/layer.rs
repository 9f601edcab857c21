//! One layer as a product of matrices.

use std::borrow::Cow;

use super::shifts::{Look, Shifts};
use crate::host::activate::Monotone;
use crate::host::product::{Matrix, Threads, product};

/// The sizes of a layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerSize {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Of a kernel; 1 for a linear layer.
    pub(crate) side: usize,
    pub(crate) biased: bool,
    /// Whether the weight is `[inputs, outputs]`, as a linear layer's, and not `[outputs, inputs,
    /// side, side]`.
    pub(crate) by_inputs: bool,
}

impl LayerSize {
    pub(crate) fn weights(&self) -> usize {
        self.inputs * self.outputs * self.side * self.side
    }
}

/// A layer, its kernel as the matrix that it is multiplied as.
pub(super) struct Layer<'a> {
    size: LayerSize,
    shifts: Shifts,
    /// `[outputs, inputs · k²]` for copies of the inputs, `[outputs · k², inputs]` for sums of the
    /// outputs.
    kernel: Cow<'a, [f32]>,
    bias: Option<&'a [f32]>,
    after: Monotone,
    /// Where the weight stands among the operation's inputs, in front of the bias.
    pub(super) at: usize,
}

impl<'a> Layer<'a> {
    pub(super) fn new(
        size: LayerSize,
        [height, width]: [usize; 2],
        weight: &'a [f32],
        bias: Option<&'a [f32]>,
        after: Monotone,
        at: usize,
    ) -> Self {
        let shifts = Shifts {
            side: size.side,
            height,
            width,
        };
        let mut layer = Self {
            size,
            shifts,
            kernel: Cow::Borrowed(weight),
            bias,
            after,
            at,
        };
        if layer.gathers() {
            layer.kernel = Cow::Owned(swapped(weight, [size.inputs, shifts.count()]));
        }
        layer
    }

    pub(super) fn has_bias(&self) -> bool {
        self.bias.is_some()
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
            inputs,
            outputs,
            by_inputs,
            ..
        } = self.size;
        let pixels = self.shifts.count();
        match (by_inputs, self.gathers()) {
            (true, _) => Matrix::new(&self.kernel, inputs, outputs).transposed(),
            (false, true) => Matrix::new(&self.kernel, outputs * pixels, inputs),
            (false, false) => Matrix::new(&self.kernel, outputs, inputs * pixels),
        }
    }

    /// What the kernel is multiplied by.
    pub(super) fn operand<'x>(&self, x: &'x [f32], columns: usize) -> Cow<'x, [f32]> {
        match self.spreads() {
            true => Cow::Owned(self.shifts.spread(x, columns, Look::Along)),
            false => Cow::Borrowed(x),
        }
    }

    pub(super) fn forward(&self, x: &[f32], columns: usize, threads: Threads) -> Vec<f32> {
        let (kernel, operand) = (self.kernel(), self.operand(x, columns));
        let operand = Matrix::new(&operand, kernel.columns(), columns);
        let mut y = product(kernel, operand, threads);
        if self.gathers() {
            y = self.shifts.gather(y, columns, Look::Along);
        }
        match self.bias {
            Some(bias) => self.after.finish_rows(&mut y, columns, bias),
            None => self.after.apply(&mut y),
        }
        y
    }

    /// The gradient of what the product gives, of the gradient of what the layer gives in front of
    /// its activation; `None` where they are the same.
    pub(super) fn spread_gradient(&self, gradient: &[f32], columns: usize) -> Option<Vec<f32>> {
        let spread = || self.shifts.spread(gradient, columns, Look::Against);
        self.gathers().then(spread)
    }

    /// The gradient of the layer's input, of that of what the product gives.
    pub(super) fn input_gradient(
        &self,
        gradient: &[f32],
        columns: usize,
        threads: Threads,
    ) -> Vec<f32> {
        let kernel = self.kernel().transposed();
        let gradient = Matrix::new(gradient, kernel.columns(), columns);
        let x = product(kernel, gradient, threads);
        match self.spreads() {
            true => self.shifts.gather(x, columns, Look::Against),
            false => x,
        }
    }

    /// Rows and columns of the gradient of the weight, as far as it is a product of matrices.
    pub(super) fn weight_size(&self) -> [usize; 2] {
        let kernel = self.kernel();
        match self.size.by_inputs {
            true => [kernel.columns(), kernel.rows()],
            false => [kernel.rows(), kernel.columns()],
        }
    }

    /// The product that a piece adds to that gradient.
    pub(super) fn weight_term<'x>(
        &self,
        operand: &'x [f32],
        gradient: &'x [f32],
        columns: usize,
    ) -> (Matrix<'x>, Matrix<'x>) {
        let kernel = self.kernel();
        let operand = Matrix::new(operand, kernel.columns(), columns);
        let gradient = Matrix::new(gradient, kernel.rows(), columns);
        match self.size.by_inputs {
            true => (operand, gradient.transposed()),
            false => (gradient, operand.transposed()),
        }
    }

    /// The gradient of the weight, of that of the kernel.
    pub(super) fn weight_gradient(&self, kernel: Vec<f32>) -> Vec<f32> {
        match self.gathers() {
            true => swapped(&kernel, [self.shifts.count(), self.size.inputs]),
            false => kernel,
        }
    }
}

/// `[a, b, c]` as `[a, c, b]`.
fn swapped(values: &[f32], [b, c]: [usize; 2]) -> Vec<f32> {
    let mut out = vec![0.0; values.len()];
    for (out, matrix) in out.chunks_exact_mut(b * c).zip(values.chunks_exact(b * c)) {
        for (j, column) in out.chunks_exact_mut(b).enumerate() {
            for (out, row) in column.iter_mut().zip(matrix.chunks_exact(c)) {
                *out = row[j];
            }
        }
    }
    out
}
