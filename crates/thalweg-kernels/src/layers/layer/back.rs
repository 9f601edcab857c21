//! The backward pass of a layer.

use super::super::block::Block;
use super::super::shifts::Sign;
use super::super::winograd::Winograd;
use super::Layer;
use crate::host::epilogue::Epilogue;
use crate::host::matrix::Matrix;
use crate::host::product::{Threads, product};
use crate::host::sums::{sums_of_columns, sums_of_rows};
use crate::host::transpose::transpose;

impl<'a> Layer<'a> {
    /// Packs the kernel for the backward pass. Of a kernel for rows the transpose is packed, so that
    /// vectors run along its rows, except one that is multiplied by few rows for its size. This is done
    /// before threads share the pieces, since the others would fall asleep over it.
    pub(in crate::layers) fn pack_backward(&mut self, threads: Threads) {
        if self.size.of_rows && threads == Threads::One {
            self.transposed = Some(self.kernel().packed_transpose());
        }
        self.pack();
        let size = self.size.reversed();
        if self.is_winograd(size) {
            // The kernel rotated by 180 degrees.
            let (weight, pixels) = (&self.weight, self.shifts.count());
            let kernels = |input: usize| {
                let at = (0..pixels).rev().map(|pixel| input * pixels + pixel);
                let rows = at.map(|at| weight[at..].iter().step_by(size.outputs * pixels));
                rows.flatten().copied().collect()
            };
            self.winograd = Some(Winograd::new(size.outputs, size.inputs, kernels));
        }
    }

    fn kernel_transposed(&self) -> Matrix<'_> {
        let kernel = self.kernel();
        match &self.transposed {
            Some(transposed) => Matrix::new(transposed, kernel.columns(), kernel.rows()),
            None => kernel.transposed(),
        }
    }

    /// Converts the pre-activation gradient into the gradient of the GEMM output; `None` where they are
    /// the same.
    pub(in crate::layers) fn product_gradient(&self, gradient: &Block<'_>) -> Option<Block<'a>> {
        self.is_col2im().then(|| {
            let columns = gradient.columns();
            let copies = self.shifts.im2col(&gradient.values, columns, Sign::Minus);
            Block::by_channels(copies, gradient.channels * self.shifts.count())
        })
    }

    /// The gradient of the layer's input, from the pre-activation gradient and that of the GEMM output.
    pub(in crate::layers) fn input_gradient(
        &self,
        gradient: &Block<'_>,
        of_product: &Block<'_>,
        threads: Threads,
    ) -> Block<'a> {
        let (kernel, inputs) = (self.kernel_transposed(), self.size.inputs);
        if self.size.of_rows {
            let x = product(of_product.matrix(), kernel, Epilogue::NONE, threads);
            return Block::by_samples(x, inputs);
        }
        if let Some(x) = self.by_winograd(gradient, Epilogue::NONE) {
            return Block::by_channels(x, inputs);
        }
        let mut x = product(kernel, of_product.matrix(), Epilogue::NONE, threads);
        if self.is_im2col() {
            x = self.shifts.col2im(&x, gradient.columns(), Sign::Minus);
        }
        Block::by_channels(x, inputs)
    }

    /// The gradient of the bias, from the pre-activation gradient.
    pub(in crate::layers) fn bias_gradient(&self, gradient: &Block<'_>) -> Vec<f32> {
        match (&self.bias, gradient.by_samples) {
            (None, _) => vec![],
            (Some(_), true) => sums_of_columns(&gradient.values, gradient.channels),
            (Some(_), false) => sums_of_rows(&gradient.values, gradient.columns()),
        }
    }

    /// Rows and columns of the product that is the kernel's gradient.
    pub(in crate::layers) fn weight_size(&self) -> [usize; 2] {
        let kernel = self.kernel();
        [kernel.rows(), kernel.columns()]
    }

    /// The factors of a piece's share of that gradient.
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

    /// The gradient of the weight, from that of the packed kernel.
    pub(in crate::layers) fn weight_gradient(&self, kernel: Vec<f32>) -> Vec<f32> {
        match self.is_col2im() {
            true => transpose(&kernel, [self.shifts.count(), self.size.inputs]),
            false => kernel,
        }
    }
}
