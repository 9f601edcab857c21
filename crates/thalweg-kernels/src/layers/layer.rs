//! One layer as a product of matrices.

use std::borrow::Cow;

use super::block::{Block, Shape};
use super::phases::Phases;
use super::shifts::{Look, Shifts};
use super::winograd::Winograd;
use crate::host::activate::Monotone;
use crate::host::filled::Unfilled;
use crate::host::finish::{Bias, Finish};
use crate::host::matrix::Matrix;
use crate::host::product::{Threads, product, write_product};
use crate::host::sums::{sums_of_columns, sums_of_rows};
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

/// A layer, its kernel as the matrix that it is multiplied as.
pub(super) struct Layer<'a> {
    size: LayerSize,
    shifts: Shifts,
    weight: &'a [f32],
    /// `[inputs, outputs]` for rows; for images `[outputs, inputs · k²]` for copies of the inputs,
    /// `[outputs · k², inputs]` for sums of the outputs.
    kernel: Cow<'a, [f32]>,
    /// The kernel for fewer multiplications, on the way forward or back, where that is a way.
    winograd: Option<Winograd>,
    /// The transpose of the kernel, where it is laid out anew.
    turned: Option<Vec<f32>>,
    bias: Option<&'a [f32]>,
    after: Monotone,
    /// Where the weight stands among the operation's inputs, in front of the bias.
    pub(super) at: usize,
}

impl<'a> Layer<'a> {
    pub(super) fn new(
        size: LayerSize,
        (phases, samples): (Phases, usize),
        weight: &'a [f32],
        bias: Option<&'a [f32]>,
        after: Monotone,
        at: usize,
    ) -> Self {
        let shifts = Shifts::new(size.side, phases, samples);
        let mut layer = Self {
            size,
            shifts,
            weight,
            kernel: Cow::Borrowed(weight),
            winograd: None,
            turned: None,
            bias,
            after,
            at,
        };
        if layer.gathers() {
            layer.kernel = Cow::Owned(turned(weight, [size.inputs, layer.shifts.count()]));
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
            inputs, outputs, ..
        } = self.size;
        let pixels = self.shifts.count();
        match (self.size.of_rows, self.gathers()) {
            (true, _) => Matrix::new(&self.kernel, inputs, outputs),
            (false, true) => Matrix::new(&self.kernel, outputs * pixels, inputs),
            (false, false) => Matrix::new(&self.kernel, outputs, inputs * pixels),
        }
    }

    /// Makes ready for the way forward.
    pub(super) fn prepare_forward(&mut self, phases: Phases, samples: usize) {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        if self.divides([inputs, outputs], phases, samples) {
            let kernels = match self.gathers() {
                true => Cow::Borrowed(&self.kernel[..]),
                false => Cow::Owned(turned(self.weight, [inputs, self.shifts.count()])),
            };
            self.winograd = Some(Winograd::new(&kernels, inputs, Look::Along));
        }
    }

    /// Makes ready for the way back: the transpose of a kernel for rows, along whose columns vectors run,
    /// is laid out anew, but for one that is multiplied by few rows for its size. Before threads share
    /// the pieces, since the others would fall asleep over it.
    pub(super) fn prepare_back(&mut self, phases: Phases, samples: usize, threads: Threads) {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        if self.size.of_rows && threads == Threads::One {
            self.turned = Some(self.kernel().turned());
        }
        if self.divides([outputs, inputs], phases, samples) {
            let kernels = turned(self.weight, [outputs, inputs * self.shifts.count()]);
            self.winograd = Some(Winograd::new(&kernels, outputs, Look::Against));
        }
    }

    /// Whether fewer multiplications are the way from so many channels to so many.
    fn divides(&self, channels: [usize; 2], phases: Phases, samples: usize) -> bool {
        phases.period == 2 && Winograd::takes(channels, self.size.side, phases, samples)
    }

    fn kernel_transposed(&self) -> Matrix<'_> {
        let kernel = self.kernel();
        match &self.turned {
            Some(turned) => Matrix::new(turned, kernel.columns(), kernel.rows()),
            None => kernel.transposed(),
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

    /// What the layer gives.
    pub(super) fn forward(&self, x: &Block<'_>, threads: Threads) -> Block<'a> {
        let (kernel, outputs, finish) = (self.kernel(), self.size.outputs, self.finish());
        if self.size.of_rows {
            let y = product(x.matrix(), kernel, finish, threads);
            return Block::by_samples(y, outputs);
        }
        if let Some(mut y) = self.convolve(x) {
            finish.apply(&mut y, x.columns());
            return Block::by_channels(y, outputs);
        }
        if self.gathers() {
            let y = product(kernel, x.matrix(), Finish::NONE, threads);
            let mut y = self.shifts.gather(&y, x.columns(), Look::Along);
            finish.apply(&mut y, x.columns());
            return Block::by_channels(y, outputs);
        }
        let y = match self.spreads() {
            true => product(kernel, self.operand(x).matrix(), finish, threads),
            false => product(kernel, x.matrix(), finish, threads),
        };
        Block::by_channels(y, outputs)
    }

    /// What the kernel that was made ready gives, of enough pixels.
    fn convolve(&self, x: &Block<'_>) -> Option<Vec<f32>> {
        let enough = x.columns() >= Winograd::PIXELS;
        let winograd = self.winograd.as_ref().filter(|_| enough)?;
        Some(winograd.convolve(&x.values, &self.shifts))
    }

    /// The same of the last layer, as it lies in the batch.
    pub(super) fn write_batch<'o>(
        &self,
        x: &Block<'_>,
        shape: Shape,
        out: &'o mut Unfilled,
        threads: Threads,
    ) -> &'o mut [f32] {
        match self.size.of_rows {
            true => write_product(out, x.matrix(), self.kernel(), self.finish(), threads),
            false => self.forward(x, threads).write_batch(shape, out),
        }
    }

    /// Bias and activation.
    fn finish(&self) -> Finish<'_> {
        let bias = match self.bias {
            None => Bias::None,
            Some(bias) if self.size.of_rows => Bias::OfColumns(bias),
            Some(bias) => Bias::OfRows(bias),
        };
        Finish {
            bias,
            after: self.after,
        }
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

    /// The gradient of the layer's input, of that of what the layer gives in front of its activation, and of
    /// what the product does.
    pub(super) fn input_gradient(
        &self,
        gradient: &Block<'_>,
        of_product: &Block<'_>,
        threads: Threads,
    ) -> Block<'a> {
        let (kernel, inputs) = (self.kernel_transposed(), self.size.inputs);
        if self.size.of_rows {
            let x = product(of_product.matrix(), kernel, Finish::NONE, threads);
            return Block::by_samples(x, inputs);
        }
        if let Some(x) = self.convolve(gradient) {
            return Block::by_channels(x, inputs);
        }
        let mut x = product(kernel, of_product.matrix(), Finish::NONE, threads);
        if self.spreads() {
            x = self.shifts.gather(&x, gradient.columns(), Look::Against);
        }
        Block::by_channels(x, inputs)
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
        [kernel.rows(), kernel.columns()]
    }

    /// The product that a piece adds to that gradient.
    pub(super) fn weight_term<'x>(
        &self,
        operand: &'x Block<'_>,
        gradient: &'x Block<'_>,
    ) -> (Matrix<'x>, Matrix<'x>) {
        let (operand, gradient) = (operand.matrix(), gradient.matrix());
        match self.size.of_rows {
            true => (operand.transposed(), gradient),
            false => (gradient, operand.transposed()),
        }
    }

    /// The gradient of the weight, of that of the kernel.
    pub(super) fn weight_gradient(&self, kernel: Vec<f32>) -> Vec<f32> {
        match self.gathers() {
            true => turned(&kernel, [self.shifts.count(), self.size.inputs]),
            false => kernel,
        }
    }
}
