//! One layer as a product of matrices.

use std::borrow::Cow;

use super::block::Block;
use super::shifts::{Look, Shifts};
use crate::host::activate::Monotone;
use crate::host::matrix::Matrix;
use crate::host::product::{Threads, product};
use crate::host::sums::{sums_of_columns, sums_of_rows};

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
    pub(super) fn operand<'x>(&self, x: &Block<'x>) -> Block<'x> {
        if !self.spreads() {
            return x.clone();
        }
        let spread = self.shifts.spread(&x.values, x.columns(), Look::Along);
        Block::by_channels(spread, x.channels * self.shifts.count())
    }

    /// What the layer gives, a row a sample if so wanted.
    pub(super) fn forward(&self, x: &Block<'_>, by_samples: bool, threads: Threads) -> Block<'a> {
        let kernel = self.kernel();
        let mut y = match self.spreads() {
            true => times(kernel, &self.operand(x), by_samples, threads),
            false => times(kernel, x, by_samples, threads),
        };
        if self.gathers() {
            let columns = y.columns();
            let sums = self
                .shifts
                .gather(y.values.into_owned(), columns, Look::Along);
            y = Block::by_channels(sums, self.size.outputs);
        }
        let columns = y.columns();
        let values = y.values.to_mut();
        match self.bias {
            Some(bias) if y.by_samples => self.after.finish_columns(values, bias),
            Some(bias) => self.after.finish_rows(values, columns, bias),
            None => self.after.apply(values),
        }
        y
    }

    /// The gradient of what the product gives, of the gradient of what the layer gives in front of
    /// its activation; `None` where they are the same.
    pub(super) fn spread_gradient(&self, gradient: &Block<'_>) -> Option<Block<'a>> {
        self.gathers().then(|| {
            let columns = gradient.columns();
            let spread = self.shifts.spread(&gradient.values, columns, Look::Against);
            Block::by_channels(spread, gradient.channels * self.shifts.count())
        })
    }

    /// The gradient of the layer's input, of that of what the product gives.
    pub(super) fn input_gradient(
        &self,
        gradient: &Block<'_>,
        by_samples: bool,
        threads: Threads,
    ) -> Block<'a> {
        let x = times(self.kernel().transposed(), gradient, by_samples, threads);
        if !self.spreads() {
            return x;
        }
        let columns = x.columns();
        let sums = self
            .shifts
            .gather(x.values.into_owned(), columns, Look::Against);
        Block::by_channels(sums, self.size.inputs)
    }

    /// The gradient of the bias, of that of what the layer gives in front of its activation.
    pub(super) fn bias_gradient(&self, gradient: &Block<'_>) -> Vec<f32> {
        match (self.bias, gradient.by_samples) {
            (None, _) => vec![],
            (Some(_), true) => sums_of_columns(&gradient.values, gradient.channels),
            (Some(_), false) => sums_of_rows(&gradient.values, gradient.columns()),
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
        operand: &'x Block<'_>,
        gradient: &'x Block<'_>,
    ) -> (Matrix<'x>, Matrix<'x>) {
        let (operand, gradient) = (operand.matrix(), gradient.matrix());
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

/// `W X`, a row a sample if so wanted.
fn times<'a>(w: Matrix<'_>, x: &Block<'_>, by_samples: bool, threads: Threads) -> Block<'a> {
    let x = x.matrix();
    let values = match by_samples {
        true => product(x.transposed(), w.transposed(), threads),
        false => product(w, x, threads),
    };
    Block {
        values: Cow::Owned(values),
        channels: w.rows(),
        by_samples,
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
