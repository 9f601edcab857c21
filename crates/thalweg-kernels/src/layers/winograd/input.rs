//! The transform of the inputs.

use pulp::{Simd, WithSimd};

use super::super::shifts::Shifts;
use crate::vectorized::arch;

/// `Bᵀ d B` of rows of images in phases of period 2, with this many tiles each: 16 arrays with a stride.
pub(super) fn terms(x: &[f32], tiles: usize, shifts: &Shifts, out: &mut [f32], stride: usize) {
    let masks = [[-1, 0], [1, 0], [0, -1], [0, 1]].map(|to| shifts.in_plane(to).mask);
    let width = shifts.width();
    arch().dispatch(Terms {
        x,
        tiles,
        width,
        masks,
        out,
        stride,
    });
}

struct Terms<'a> {
    x: &'a [f32],
    tiles: usize,
    /// Tiles in a row of an image.
    width: usize,
    /// Masks of the tiles with one above, below, before and behind.
    masks: [&'a [u32]; 4],
    out: &'a mut [f32],
    stride: usize,
}

impl WithSimd for Terms<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let tiles = self.tiles;
        assert!(
            tiles >= S::F32_LANES,
            "fewer tiles than a vector has numbers"
        );
        let last = tiles - S::F32_LANES;
        for (row, x) in self.x.chunks_exact(4 * tiles).enumerate() {
            for at in (0..last).step_by(S::F32_LANES) {
                self.vector(simd, row, x, at);
            }
            // The last vector may begin in the one before.
            self.vector(simd, row, x, last);
        }
    }
}

impl Terms<'_> {
    /// The transform of a vector of tiles, from `at` on.
    #[inline(always)]
    fn vector<S: Simd>(&mut self, simd: S, row: usize, x: &[f32], at: usize) {
        // The even columns' planes are 0 and 2, the odd ones' are 1 and 3.
        let (tiles, [above, below, before, behind]) = (self.tiles, self.masks);
        let across = [load_mask::<S>(above, at), load_mask::<S>(below, at)];
        let [before, behind] = [load_mask::<S>(before, at), load_mask::<S>(behind, at)];
        let even = self.column(simd, x, across, [at, 2 * tiles + at]);
        let odd = self.column(simd, x, across, [tiles + at, 3 * tiles + at]);
        let left = self.column(simd, x, across, [tiles + at - 1, 3 * tiles + at - 1]);
        let right = self.column(simd, x, across, [at + 1, 2 * tiles + at + 1]);
        for i in 0..4 {
            let left = masked(simd, left[i], before);
            let right = masked(simd, right[i], behind);
            let terms = input_terms(simd, [left, even[i], odd[i], right]);
            for (j, terms) in terms.into_iter().enumerate() {
                let start = (4 * i + j) * self.stride + row * tiles + at;
                let to = &mut self.out[start..start + S::F32_LANES];
                S::as_mut_simd_f32s(to).0[0] = terms;
            }
        }
    }

    /// `Bᵀ d` of a column of tiles whose even and odd rows begin there. Numbers in front of a plane or
    /// behind it are another plane's, which the masks clear; all of them lie in the row.
    #[inline(always)]
    fn column<S: Simd>(
        &self,
        simd: S,
        x: &[f32],
        [above, below]: [S::u32s; 2],
        [even, odd]: [usize; 2],
    ) -> [S::f32s; 4] {
        let up = masked(simd, load::<S>(x, odd - self.width), above);
        let down = masked(simd, load::<S>(x, even + self.width), below);
        input_terms(simd, [up, load::<S>(x, even), load::<S>(x, odd), down])
    }
}

#[inline(always)]
fn load<S: Simd>(x: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&x[at..at + S::F32_LANES]).0[0]
}

#[inline(always)]
fn load_mask<S: Simd>(masks: &[u32], at: usize) -> S::u32s {
    S::as_simd_u32s(&masks[at..at + S::U32_LANES]).0[0]
}

/// `x`, and zeros where the mask has no bits.
#[inline(always)]
fn masked<S: Simd>(simd: S, x: S::f32s, masks: S::u32s) -> S::f32s {
    simd.transmute_f32s_u32s(simd.and_u32s(simd.transmute_u32s_f32s(x), masks))
}

/// `Bᵀ d`.
#[inline(always)]
fn input_terms<S: Simd>(simd: S, d: [S::f32s; 4]) -> [S::f32s; 4] {
    [
        simd.sub_f32s(d[0], d[2]),
        simd.add_f32s(d[1], d[2]),
        simd.sub_f32s(d[2], d[1]),
        simd.sub_f32s(d[1], d[3]),
    ]
}
