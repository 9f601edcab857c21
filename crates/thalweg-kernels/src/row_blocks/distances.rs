//! Squared distances in registers.

use pulp::{Simd, WithSimd};

use super::{BLOCK, POINTS, RowBlocks};
use crate::number::Lanes;
use crate::pointwise::store;
use crate::unrolled::unrolled;

/// The sums of a block for each point, in `N` registers of `S`.
pub(super) type Sums<S, const N: usize> = [[<S as Simd>::f32s; N]; POINTS];

/// The squared distances of the points to the rows of a block.
#[inline(always)]
pub(super) fn squares<S: Simd, const N: usize>(
    simd: S,
    columns: &[[f32; BLOCK]],
    points: &[[f32; POINTS]],
) -> Sums<S, N> {
    let mut sums = [[simd.splat_f32s(0.0); N]; POINTS];
    for (lanes, x) in columns.iter().zip(points) {
        let lanes = registers::<S, N>(lanes);
        unrolled!(at in 0..POINTS => {
            let x = simd.splat_f32s(x[at]);
            unrolled!(k in 0..N => {
                let difference = simd.sub_f32s(lanes[k], x);
                sums[at][k] = simd.mul_add_f32s(difference, difference, sums[at][k]);
            });
        });
    }
    sums
}

/// The registers of a block.
#[inline(always)]
pub(super) fn registers<S: Simd, const N: usize>(block: &[f32; BLOCK]) -> &[S::f32s; N] {
    let registers = S::as_simd_f32s(block).0.first_chunk();
    registers.expect("a block has N registers")
}

/// Calls a function with the registers of a block, which are its last parameter of type.
macro_rules! by_registers {
    ($simd:ident, $function:ident($($argument:expr),*)) => {
        match S::F32_LANES {
            16 => $function::<S, 1>($simd, $($argument),*),
            8 => $function::<S, 2>($simd, $($argument),*),
            4 => $function::<S, 4>($simd, $($argument),*),
            _ => $function::<S, 16>($simd, $($argument),*),
        }
    };
}

pub(super) use by_registers;

/// All distances.
pub(super) struct Squares<'a> {
    pub(super) blocks: &'a RowBlocks,
    pub(super) points: &'a [[f32; POINTS]],
    pub(super) out: &'a mut [Vec<f32>; POINTS],
}

impl WithSimd for Squares<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        by_registers!(simd, all(self));
    }
}

#[inline(always)]
fn all<S: Simd, const N: usize>(simd: S, work: Squares<'_>) {
    let Squares {
        blocks,
        points,
        out,
    } = work;
    for (block, columns) in blocks.columns.chunks_exact(blocks.width).enumerate() {
        let sums: Sums<S, N> = squares(simd, columns, points);
        for (out, sums) in out.iter_mut().zip(sums) {
            let places = (block * BLOCK..).step_by(S::F32_LANES);
            for (start, sum) in places.zip(sums) {
                store(&mut out[start..], Lanes(simd, sum));
            }
        }
    }
}
