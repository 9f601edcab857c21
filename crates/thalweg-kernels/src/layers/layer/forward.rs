//! The forward pass of a layer.

use super::super::block::{Block, Shape};
use super::super::shifts::Sign;
use super::super::winograd::{Winograd, ranges};
use super::{Layer, LayerSize};
use crate::host::epilogue::Epilogue;
use crate::host::filled::Unfilled;
use crate::host::matrix::Matrix;
use crate::host::product::{Threads, product, write_product};
use crate::host::transpose::transpose;

impl<'a> Layer<'a> {
    /// Packs the kernel for the forward pass.
    pub(in crate::layers) fn pack_forward(&mut self) {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        if !self.is_winograd(self.size) {
            return self.pack();
        }
        let (weight, pixels) = (&self.weight, self.shifts.count());
        let kernels =
            |output| transpose(&weight[ranges(output, inputs * pixels)], [inputs, pixels]);
        self.winograd = Some(Winograd::new(outputs, inputs, kernels));
    }

    /// The factor of the kernel.
    pub(in crate::layers) fn operand<'x>(&self, x: &Block<'x>) -> Block<'x> {
        match self.is_im2col() {
            true => self.im2col(x),
            false => x.clone(),
        }
    }

    fn im2col(&self, x: &Block<'_>) -> Block<'static> {
        let copies = self.shifts.im2col(&x.values, x.columns(), Sign::Plus);
        Block::by_channels(copies, x.channels * self.shifts.count())
    }

    /// The output, `activated` or in front of the activation.
    pub(in crate::layers) fn forward(
        &self,
        x: &Block<'_>,
        activated: bool,
        threads: Threads,
    ) -> Block<'a> {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        let (kernel, epilogue) = (self.kernel(), self.epilogue(activated));
        if self.size.of_rows {
            let y = product(x.matrix(), kernel, epilogue, threads);
            return Block::by_samples(y, outputs);
        }
        if let Some(y) = self.by_winograd(x, epilogue) {
            return Block::by_channels(y, outputs);
        }
        if self.packed.is_some() {
            let y = product(kernel, x.matrix(), Epilogue::NONE, threads);
            let mut y = self.shifts.col2im(&y, x.columns(), Sign::Plus);
            epilogue.apply(&mut y, x.columns());
            return Block::by_channels(y, outputs);
        }
        // Also for the few pixels of a last piece that the transformed kernel is not for.
        let weight = Matrix::new(&self.weight, outputs, inputs * self.shifts.count());
        let y = match self.size.side {
            1 => product(weight, x.matrix(), epilogue, threads),
            _ => product(weight, self.im2col(x).matrix(), epilogue, threads),
        };
        Block::by_channels(y, outputs)
    }

    /// Writes the output of the last layer in the order of the batch.
    pub(in crate::layers) fn write_batch<'o>(
        &self,
        x: &Block<'_>,
        activated: bool,
        shape: Shape,
        out: &'o mut Unfilled,
        threads: Threads,
    ) -> &'o mut [f32] {
        match self.size.of_rows {
            true => {
                let epilogue = self.epilogue(activated);
                write_product(out, x.matrix(), self.kernel(), epilogue, threads)
            }
            false => self.forward(x, activated, threads).write_batch(shape, out),
        }
    }
}
