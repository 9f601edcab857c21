//! What a layer gives.

use super::super::block::{Block, Shape};
use super::super::shifts::Look;
use super::super::winograd::{Winograd, ranges};
use super::{Fewer, Layer, LayerSize};
use crate::host::filled::Unfilled;
use crate::host::finish::{Bias, Finish};
use crate::host::matrix::Matrix;
use crate::host::product::{Strassen, Threads, product, write_product};
use crate::host::turned::turned;

impl<'a> Layer<'a> {
    /// Makes ready for the way forward.
    pub(in crate::layers) fn prepare_forward(&mut self) {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        if self.halves() {
            self.fewer = Some(Fewer::Product(Strassen::new(self.weight.clone(), inputs)));
        }
        if !self.divides([inputs, outputs]) {
            return self.lay_out();
        }
        let (weight, pixels) = (&self.weight, self.shifts.count());
        let kernels = |output| turned(&weight[ranges(output, inputs * pixels)], [inputs, pixels]);
        self.fewer = Some(Fewer::Convolution(Winograd::new(outputs, inputs, kernels)));
    }

    /// What the kernel is multiplied by.
    pub(in crate::layers) fn operand<'x>(&self, x: &Block<'x>) -> Block<'x> {
        match self.spreads() {
            true => self.copies(x),
            false => x.clone(),
        }
    }

    /// What each pixel of the kernel sees of the inputs.
    fn copies(&self, x: &Block<'_>) -> Block<'static> {
        let spread = self.shifts.spread(&x.values, x.columns(), Look::Along);
        Block::by_channels(spread, x.channels * self.shifts.count())
    }

    /// What the layer gives.
    pub(in crate::layers) fn forward(&self, x: &Block<'_>, threads: Threads) -> Block<'a> {
        let LayerSize {
            inputs, outputs, ..
        } = self.size;
        let (kernel, finish) = (self.kernel(), self.finish());
        if self.size.of_rows {
            let y = product(x.matrix(), kernel, finish, threads);
            return Block::by_samples(y, outputs);
        }
        if let Some(y) = self.by_fewer(x, self.bias.as_deref(), self.after) {
            return Block::by_channels(y, outputs);
        }
        if self.laid_out.is_some() {
            let y = product(kernel, x.matrix(), Finish::NONE, threads);
            let mut y = self.shifts.gather(&y, x.columns(), Look::Along);
            finish.apply(&mut y, x.columns());
            return Block::by_channels(y, outputs);
        }
        // Also for the few pixels of a last piece that the other kernel is not for.
        let weight = Matrix::new(&self.weight, outputs, inputs * self.shifts.count());
        let y = match self.size.side {
            1 => product(weight, x.matrix(), finish, threads),
            _ => product(weight, self.copies(x).matrix(), finish, threads),
        };
        Block::by_channels(y, outputs)
    }

    /// The same of the last layer, as it lies in the batch.
    pub(in crate::layers) fn write_batch<'o>(
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
        let bias = match self.bias.as_deref() {
            None => Bias::None,
            Some(bias) if self.size.of_rows => Bias::OfColumns(bias),
            Some(bias) => Bias::OfRows(bias),
        };
        Finish {
            bias,
            after: self.after,
        }
    }
}
