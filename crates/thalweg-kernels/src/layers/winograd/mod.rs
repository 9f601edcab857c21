//! Convolutions by kernels of 3 × 3 with fewer multiplications.
//!
//! A tile of `2 × 2` outputs depends on `4 × 4` inputs `d`:
//! `Y = Aᵀ ((G g Gᵀ) ⊙ (Bᵀ d B)) A` for a kernel `g`: 16 multiplications in place of 36. Summed over channels,
//! these are 16 products of matrices, `[outputs, inputs]` by `[inputs, tiles]`.
//!
//! Lavin, Gray: *Fast Algorithms for Convolutional Neural Networks*, 2016, equations 7 and 8, `F(2×2, 3×3)`.
//!
//! The transform of the inputs has four times as many numbers, so it pays where each is multiplied by
//! many outputs.

mod input;
mod output;

use std::cell::Cell;
use std::ops::Range;

use super::shifts::Shifts;
use crate::host::filled::{filled, zeroed};
use crate::host::matrix::Matrix;
use crate::host::product::{GAP, multiply};
use crate::vectorized::vectorized;

/// Products of matrices.
const PRODUCTS: usize = 16;

thread_local! {
    /// The transformed inputs. Each thread keeps the memory, which would be filled with zeros each time.
    static TERMS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Transformed kernels.
pub(super) struct Winograd {
    /// `G g Gᵀ`: for each output `[16, inputs]`, and a gap.
    kernels: Vec<f32>,
    inputs: usize,
}

impl Winograd {
    /// Kernels `[9, inputs]` of each output, from a function.
    pub(super) fn new(
        outputs: usize,
        inputs: usize,
        pixels: impl Fn(usize) -> Vec<f32> + Sync,
    ) -> Self {
        let stride = PRODUCTS * inputs + GAP;
        let (kernels, _) = filled(outputs * stride, stride, 0..outputs, |output, out| {
            let out = zeroed(out);
            kernel_terms(&pixels(output), inputs, out);
            (out, ())
        });
        Self { kernels, inputs }
    }

    fn outputs(&self) -> usize {
        self.kernels.len() / self.stride()
    }

    fn stride(&self) -> usize {
        PRODUCTS * self.inputs + GAP
    }

    /// The matrix of one of the products.
    fn kernel(&self, product: usize) -> Matrix<'_> {
        let end = self.kernels.len() - self.stride() + (product + 1) * self.inputs;
        let values = &self.kernels[product * self.inputs..end];
        Matrix::with_stride(values, self.outputs(), self.inputs, self.stride())
    }

    /// Convolves rows of images, a channel a row, in phases of period 2.
    pub(super) fn convolve(&self, x: &[f32], shifts: &Shifts) -> Vec<f32> {
        let tiles = x.len() / self.inputs / 4;
        output::images(&self.products(x, tiles, shifts), tiles)
    }

    /// The 16 products, each `[outputs, tiles]`.
    fn products(&self, x: &[f32], tiles: usize, shifts: &Shifts) -> Vec<f32> {
        /// Inputs at a time, so that their transform stays in a cache nearby.
        const INPUTS: usize = 64;
        let each = self.outputs() * tiles;
        let stride = INPUTS * tiles + GAP;
        let mut sums = vec![0.0; PRODUCTS * each];
        let mut terms = TERMS.take();
        terms.resize(PRODUCTS * stride, 0.0);
        for start in (0..self.inputs).step_by(INPUTS) {
            let part = start..(start + INPUTS).min(self.inputs);
            let x = &x[part.start * 4 * tiles..part.end * 4 * tiles];
            input::terms(x, tiles, shifts, &mut terms, stride);
            let products = sums.chunks_exact_mut(each).zip(terms.chunks_exact(stride));
            for (product, (sums, terms)) in products.enumerate() {
                let terms = Matrix::new(&terms[..part.len() * tiles], part.len(), tiles);
                let kernel = self.kernel(product).columns_at(part.clone());
                multiply(sums, start > 0, kernel, terms);
            }
        }
        TERMS.set(terms);
        sums
    }
}

/// The `index`-th of ranges of this length.
pub(super) fn ranges(index: usize, length: usize) -> Range<usize> {
    index * length..(index + 1) * length
}

/// `G g Gᵀ` of kernels `[9, inputs]`: `[16, inputs]`.
fn kernel_terms(kernel: &[f32], inputs: usize, out: &mut [f32]) {
    let mut columns = vec![0.0; 12 * inputs];
    vectorized(
        #[inline(always)]
        || {
            for column in 0..3 {
                let from = [0, 1, 2].map(|row| &kernel[ranges(3 * row + column, inputs)]);
                let to = [0, 1, 2, 3].map(|row| ranges(3 * row + column, inputs));
                line_terms(from, columns.get_disjoint_mut(to).expect("disjoint rows"));
            }
            for row in 0..4 {
                let from = [0, 1, 2].map(|column| &columns[ranges(3 * row + column, inputs)]);
                let to = [0, 1, 2, 3].map(|column| ranges(4 * row + column, inputs));
                line_terms(from, out.get_disjoint_mut(to).expect("disjoint rows"));
            }
        },
    );
}

/// `G g`.
#[inline(always)]
fn line_terms(g: [&[f32]; 3], out: [&mut [f32]; 4]) {
    let [a, b, c, d] = out;
    a.copy_from_slice(g[0]);
    d.copy_from_slice(g[2]);
    for (((b, c), (x, y)), z) in b.iter_mut().zip(c).zip(g[0].iter().zip(g[1])).zip(g[2]) {
        let ends = 0.5 * (x + z);
        (*b, *c) = (ends + 0.5 * y, ends - 0.5 * y);
    }
}
