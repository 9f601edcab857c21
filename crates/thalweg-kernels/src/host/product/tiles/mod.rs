//! Products by a microkernel that fills the registers of a processor with AVX-512: 32 vectors of 16
//! numbers.
//!
//! The matrices are not packed. A library that works for all sizes packs both of them first, and for
//! the layers of a flow's networks, a few hundred rows, that is a tenth of the time.
#![allow(unsafe_code)]

mod tile;

use pulp::{Simd, WithSimd};

#[cfg(not(target_arch = "x86_64"))]
use self::others::{Long, Short, simd};
use self::tile::Tile;
#[cfg(target_arch = "x86_64")]
use self::x86::{Long, Short, simd};
use super::super::epilogue::{Bias, Epilogue};
use super::super::matrix::Matrix;
use super::target::Target;
use crate::Activation;

/// Numbers in a vector.
pub(super) const LANES: usize = 16;

/// Rows of a microkernel tile: with two vectors of columns, two of `b` and one of `a`, 27 of 32
/// registers.
const ROWS: usize = 12;

/// Columns of a tile.
const COLUMNS: usize = 2 * LANES;

/// Terms that are added up in registers: this many rows of a tile's columns fit a cache nearby.
const DEPTH: usize = 512;

/// Terms of a sum for each row that is prefetched.
const STRETCH: usize = 4;

/// Numbers of a matrix that stays in a cache nearby.
const NEAR: usize = 1 << 17;

/// The vectors of AVX-512, and those of AVX2 for the last columns.
#[cfg(target_arch = "x86_64")]
mod x86 {
    pub(super) use pulp::x86::{V3 as Short, V4 as Long};

    pub(super) fn simd() -> Option<(Long, Short)> {
        Long::try_new().map(|long| (long, *long))
    }
}

/// Other processors have no tiles.
#[cfg(not(target_arch = "x86_64"))]
mod others {
    pub(super) use pulp::{Scalar as Short, Scalar as Long};

    pub(super) fn simd() -> Option<(Long, Short)> {
        None
    }
}

/// Writes `f(A B)`, or `f(out + A B)` to a target that is added to.
///
/// # Panics
///
/// When the sizes do not fit, the rows of `B` are not contiguous, or the processor has no AVX-512.
pub(super) fn run(to: Target<'_>, a: Matrix<'_>, b: Matrix<'_>, epilogue: Epilogue<'_>) {
    assert_eq!([to.rows, to.columns], [a.rows(), b.columns()]);
    assert_eq!(a.columns(), b.rows());
    assert_eq!(b.strides()[1], 1, "rows of B are contiguous");
    let (long, short): (Long, Short) = simd().expect("tiles are for processors with AVX-512");
    let tiles = Tiles {
        to,
        a,
        b,
        epilogue,
        short,
    };
    Simd::vectorize(long, tiles);
}

struct Tiles<'a> {
    to: Target<'a>,
    a: Matrix<'a>,
    b: Matrix<'a>,
    epilogue: Epilogue<'a>,
    /// For the last columns.
    short: Short,
}

impl WithSimd for Tiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { to, a, b, .. } = self;
        let (floor, rest) = floor_of(self.epilogue.activation);
        let of_rows: Vec<f32> = match self.epilogue.bias {
            Bias::OfRows(bias) => bias.iter().flat_map(|b| [*b; COLUMNS]).collect(),
            Bias::None | Bias::OfColumns(_) => vec![],
        };
        // From a large matrix in far memory, a tile's rows come one by one, at addresses that the
        // processor does not foresee.
        let is_far = b.rows() * b.columns() > NEAR;
        let mut last = Vec::new();
        for first in (0..a.columns()).step_by(DEPTH) {
            let depth = DEPTH.min(a.columns() - first);
            let (is_first, is_last) = (first == 0, first + depth == a.columns());
            let mut column = 0;
            while column < b.columns() {
                let width = match b.columns() - column {
                    COLUMNS.. => COLUMNS,
                    // A long vector and a short one are less than two long ones.
                    17..=24 => LANES,
                    left => left,
                };
                let (mut from_b, mut b_row) = (b.pointer(first, column), b.strides()[0]);
                if !width.is_multiple_of(LANES) {
                    b_row = width.next_multiple_of(LANES / 2);
                    widen(&mut last, b, [first, depth], [column, width], b_row);
                    from_b = last.as_ptr();
                }
                let next = b.pointer(first, column).wrapping_add(COLUMNS);
                let mut of_columns = [0.0; COLUMNS];
                if let (true, Bias::OfColumns(bias)) = (is_first, self.epilogue.bias) {
                    of_columns[..width].copy_from_slice(&bias[column..column + width]);
                }
                let mut done = 0;
                while done < a.rows() {
                    let (start, start_row) = match is_first && !of_rows.is_empty() {
                        true => (of_rows[done * COLUMNS..].as_ptr(), COLUMNS),
                        false => (of_columns.as_ptr(), 0),
                    };
                    let tile = Tile {
                        depth,
                        a: a.pointer(done, first),
                        a_strides: a.strides(),
                        b: from_b,
                        b_row,
                        width,
                        // SAFETY: by the invariant of `Target`: `done` is one of its rows and `column` one
                        // of its columns.
                        out: unsafe { to.first.add(done * to.stride + column) },
                        out_row: to.stride,
                        add: to.add || !is_first,
                        start,
                        start_row,
                        floor: if is_last { floor } else { f32::NEG_INFINITY },
                        // Each tile prefetches some rows.
                        next: next.wrapping_add(done / ROWS * (depth / STRETCH) * b.strides()[0]),
                        next_row: b.strides()[0],
                    };
                    let rows = a.rows() - done;
                    debug_assert!(first + depth <= b.rows() && column + width <= b.columns());
                    // SAFETY: a tile takes at most `rows` rows. Rows `done..`, terms `first..` and columns
                    // `column..` lie in the matrices and the target, whose sizes fit as `run` asserts; the
                    // columns of `b` are whole vectors, or `widen` made them whole. Sums of earlier terms
                    // are initialized, as is a target that is added to.
                    done += unsafe {
                        match width {
                            0..=8 => tile.of_rows::<_, 1, false>(self.short, rows),
                            9..=16 => tile.of_rows::<_, 1, false>(simd, rows),
                            _ if is_far => tile.of_rows::<_, 2, true>(simd, rows),
                            _ => tile.of_rows::<_, 2, false>(simd, rows),
                        }
                    };
                }
                column += width;
            }
        }
        // SAFETY: the loops wrote every row and column.
        rest.apply_rows(unsafe { to.into_rows() });
    }
}

/// The lower bound of the sums, as which a ReLU runs, and the rest of the epilogue.
fn floor_of(activation: Option<Activation>) -> (f32, Epilogue<'static>) {
    match activation {
        Some(Activation::Relu) => (0.0, Epilogue::NONE),
        activation => {
            let bias = Bias::None;
            (f32::NEG_INFINITY, Epilogue { bias, activation })
        }
    }
}

/// Some columns of some rows, each filled up with zeros to this length: vectors are read whole.
fn widen(
    out: &mut Vec<f32>,
    b: Matrix<'_>,
    [first, depth]: [usize; 2],
    [column, width]: [usize; 2],
    length: usize,
) {
    out.clear();
    for k in first..first + depth {
        out.extend_from_slice(&b.row(k)[column..column + width]);
        out.resize(out.len() + length - width, 0.0);
    }
}
