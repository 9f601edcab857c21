//! The way back through a layer.

use super::super::block::Block;
use super::super::shifts::Look;
use super::super::winograd::Winograd;
use super::{Fewer, Layer, LayerSize};
use crate::host::activate::Monotone;
use crate::host::finish::Finish;
use crate::host::matrix::Matrix;
use crate::host::product::{Strassen, Threads, product};
use crate::host::sums::{sums_of_columns, sums_of_rows};
use crate::host::turned::turned;

impl<'a> Layer<'a> {
    /// Makes ready for the way back: the transpose of a kernel for rows, along whose columns vectors run,
    /// is laid out anew, but for one that is multiplied by few rows for its size. Before threads share
    /// the pieces, since the others would fall asleep over it.
    pub(in crate::layers) fn prepare_back(&mut self, threads: Threads) {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        if self.size.of_rows && threads == Threads::One {
            self.turned = Some(self.kernel().turned());
        }
        if self.halves() {
            let weight = turned(&self.weight, [outputs, inputs]);
            self.fewer = Some(Fewer::Product(Strassen::new(weight, outputs)));
        }
        self.lay_out();
        if self.divides([outputs, inputs]) {
            // By half a turn.
            let (weight, pixels) = (&self.weight, self.shifts.count());
            let kernels = |input: usize| {
                let at = (0..pixels).rev().map(|pixel| input * pixels + pixel);
                let rows = at.map(|at| weight[at..].iter().step_by(inputs * pixels));
                rows.flatten().copied().collect()
            };
            self.fewer = Some(Fewer::Convolution(Winograd::new(inputs, outputs, kernels)));
        }
    }

    fn kernel_transposed(&self) -> Matrix<'_> {
        let kernel = self.kernel();
        match &self.turned {
            Some(turned) => Matrix::new(turned, kernel.columns(), kernel.rows()),
            None => kernel.transposed(),
        }
    }

    /// The gradient of what the product gives, of the gradient of what the layer gives in front of
    /// its activation; `None` where they are the same.
    pub(in crate::layers) fn spread_gradient(&self, gradient: &Block<'_>) -> Option<Block<'a>> {
        self.gathers().then(|| {
            let columns = gradient.columns();
            let spread = self.shifts.spread(&gradient.values, columns, Look::Against);
            Block::by_channels(spread, gradient.channels * self.shifts.count())
        })
    }

    /// The gradient of the layer's input, of that of what the layer gives in front of its activation, and of
    /// what the product does.
    pub(in crate::layers) fn input_gradient(
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
        if let Some(x) = self.by_fewer(gradient, None, Monotone::Identity) {
            return Block::by_channels(x, inputs);
        }
        let mut x = product(kernel, of_product.matrix(), Finish::NONE, threads);
        if self.spreads() {
            x = self.shifts.gather(&x, gradient.columns(), Look::Against);
        }
        Block::by_channels(x, inputs)
    }

    /// The gradient of the bias, of that of what the layer gives in front of its activation.
    pub(in crate::layers) fn bias_gradient(&self, gradient: &Block<'_>) -> Vec<f32> {
        match (&self.bias, gradient.by_samples) {
            (None, _) => vec![],
            (Some(_), true) => sums_of_columns(&gradient.values, gradient.channels),
            (Some(_), false) => sums_of_rows(&gradient.values, gradient.columns()),
        }
    }

    /// Rows and columns of the gradient of the weight, as far as it is a product of matrices.
    pub(in crate::layers) fn weight_size(&self) -> [usize; 2] {
        let kernel = self.kernel();
        [kernel.rows(), kernel.columns()]
    }

    /// The product that a piece adds to that gradient.
    pub(in crate::layers) fn weight_term<'x>(
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
    pub(in crate::layers) fn weight_gradient(&self, kernel: Vec<f32>) -> Vec<f32> {
        match self.gathers() {
            true => turned(&kernel, [self.shifts.count(), self.size.inputs]),
            false => kernel,
        }
    }
}
