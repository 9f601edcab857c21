//! The transform of the products.

use pulp::{Simd, WithSimd};

use super::PRODUCTS;
use crate::vectorized::arch;

/// `Aᵀ M A` of 16 arrays `[outputs, tiles]`: for each output a row of images in phases of period 2.
pub(super) fn images(products: &[f32], tiles: usize) -> Vec<f32> {
    let each = products.len() / PRODUCTS;
    let mut out = vec![0.0; 4 * each];
    arch().dispatch(Images {
        products,
        each,
        tiles,
        out: &mut out,
    });
    out
}

struct Images<'a> {
    products: &'a [f32],
    /// Numbers of a product.
    each: usize,
    tiles: usize,
    out: &'a mut [f32],
}

impl WithSimd for Images<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let last = self.tiles - S::F32_LANES;
        for row in 0..self.each / self.tiles {
            for at in (0..last).step_by(S::F32_LANES) {
                self.vector(simd, row, at);
            }
            // The last vector may begin in the one before.
            self.vector(simd, row, last);
        }
    }
}

impl Images<'_> {
    /// The pixels of a vector of tiles, from `at` on.
    #[inline(always)]
    fn vector<S: Simd>(&mut self, simd: S, row: usize, at: usize) {
        let start = row * self.tiles + at;
        let [a, b, c, d] = [
            self.column(simd, start, 0),
            self.column(simd, start, 1),
            self.column(simd, start, 2),
            self.column(simd, start, 3),
        ];
        for i in 0..2 {
            let pixels = output_terms(simd, [a[i], b[i], c[i], d[i]]);
            for (j, pixels) in pixels.into_iter().enumerate() {
                let start = (4 * row + 2 * i + j) * self.tiles + at;
                let to = &mut self.out[start..start + S::F32_LANES];
                S::as_mut_simd_f32s(to).0[0] = pixels;
            }
        }
    }

    /// `Aᵀ M` of a column of products.
    #[inline(always)]
    fn column<S: Simd>(&self, simd: S, start: usize, column: usize) -> [S::f32s; 2] {
        let product = |row: usize| {
            let start = (4 * row + column) * self.each + start;
            S::as_simd_f32s(&self.products[start..start + S::F32_LANES]).0[0]
        };
        output_terms(simd, [product(0), product(1), product(2), product(3)])
    }
}

/// `Aᵀ m`.
#[inline(always)]
fn output_terms<S: Simd>(simd: S, m: [S::f32s; 4]) -> [S::f32s; 2] {
    [
        simd.add_f32s(simd.add_f32s(m[0], m[1]), m[2]),
        simd.sub_f32s(simd.sub_f32s(m[1], m[2]), m[3]),
    ]
}
