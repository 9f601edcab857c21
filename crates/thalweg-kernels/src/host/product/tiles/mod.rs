//! Products in tiles that fill the registers of a processor with 32 vectors of 16 numbers, AVX-512.
//!
//! The matrices are read where they lie. A library that works for all sizes packs both of them first, and
//! for the layers of a flow's networks, a few hundred rows, that is a tenth of the time.
#![allow(unsafe_code)]

mod tile;
mod vectors;

use pulp::{Simd, WithSimd};

use self::tile::Tile;
use super::super::activate::Monotone;
use super::super::finish::{Bias, Finish};
use super::super::matrix::Matrix;
use super::Target;

/// Numbers in a vector.
const LANES: usize = 16;

/// Rows of a tile: with two vectors of columns, two of `b` and one of `a`, 27 of 32 registers.
const ROWS: usize = 12;

/// Columns of a tile.
const COLUMNS: usize = 2 * LANES;

/// Terms that are added up in registers: so many rows of a tile's columns fit a cache nearby.
const DEPTH: usize = 512;

/// Terms of a sum for each row that is fetched.
const STRETCH: usize = 4;

/// Numbers of a matrix that stays in a cache nearby.
const NEAR: usize = 1 << 17;

/// Steps from row to row above which the rows of a tile's columns fall on the same places of the cache
/// and lie on pages of their own: there the library's packing pays.
const FAR: usize = 1024;

/// Whether this is the way to do a product, and a processor for it.
pub(super) fn takes(a: Matrix<'_>, b: Matrix<'_>) -> bool {
    let [row, column] = b.strides();
    let fits = column == 1 && row <= FAR && b.columns() >= LANES && a.rows() > 1;
    fits && vectors::long().is_some()
}

/// `out ← f(A B)`, or `out ← f(out + A B)`, for what [`takes`] says.
///
/// # Safety
///
/// As for [`super::run`].
pub(super) unsafe fn run(to: Target, a: Matrix<'_>, b: Matrix<'_>, finish: Finish<'_>) {
    let simd = vectors::long().expect("a processor that takes tiles");
    let short = vectors::short(simd);
    let tiles = Tiles {
        to,
        a,
        b,
        finish,
        short,
    };
    Simd::vectorize(simd, tiles);
}

struct Tiles<'a> {
    to: Target,
    a: Matrix<'a>,
    b: Matrix<'a>,
    finish: Finish<'a>,
    /// For the last columns.
    short: vectors::Short,
}

impl WithSimd for Tiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { to, a, b, .. } = self;
        let (floor, rest) = floor_of(self.finish.after);
        let of_rows: Vec<f32> = match self.finish.bias {
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
                if let (true, Bias::OfColumns(bias)) = (is_first, self.finish.bias) {
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
                        // SAFETY: the caller says that the product has room there.
                        out: unsafe { to.place.at(done * to.row + column) }.0,
                        out_row: to.row,
                        add: to.add || !is_first,
                        start,
                        start_row,
                        floor: if is_last { floor } else { f32::NEG_INFINITY },
                        // Each tile fetches some rows.
                        next: next.wrapping_add(done / ROWS * (depth / STRETCH) * b.strides()[0]),
                        next_row: b.strides()[0],
                    };
                    let rows = a.rows() - done;
                    // SAFETY: rows `done..`, terms `first..` and columns `column..` lie in the matrices
                    // by the bounds of the loops, and in the output by what the caller says.
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
        // SAFETY: the product is there now.
        rest.apply_rows(unsafe { to.place.rows(to.row, a.rows(), b.columns()) });
    }
}

/// What tiles raise their sums to after the bias; and what is left to do.
fn floor_of(after: Monotone) -> (f32, Finish<'static>) {
    match after {
        Monotone::Relu => (0.0, Finish::NONE),
        after => {
            let bias = Bias::None;
            (f32::NEG_INFINITY, Finish { bias, after })
        }
    }
}

/// Some columns of some rows, filled up with zeros to this length: vectors are read whole.
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
