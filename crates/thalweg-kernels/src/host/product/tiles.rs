//! Products in tiles that fill the registers of a processor with 32 vectors of 16 numbers, AVX-512.
//!
//! The matrices are read where they lie. A library that works for all sizes packs both of them first, and
//! for the layers of a flow's networks, a few hundred rows, that is a tenth of the time.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::super::activate::{Bias, Finish, Monotone};
use super::super::matrix::Matrix;
use super::Place;

/// A processor's vectors of 16 numbers and of 8, where tiles are for it.
#[cfg(target_arch = "x86_64")]
mod vectors {
    pub(super) use pulp::x86::{V3 as Short, V4 as Long};

    pub(super) fn long() -> Option<Long> {
        Long::try_new()
    }

    pub(super) fn short(long: Long) -> Short {
        *long
    }

    /// Brings the next numbers of a tile's row into a cache; of an address nothing is asked.
    #[inline(always)]
    pub(super) fn fetch(at: *const f32) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        for line in 0..super::COLUMNS / LINE {
            // SAFETY: the instruction does nothing where there is no memory.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(at.wrapping_add(line * LINE).cast()) };
        }
    }

    /// Numbers in a line of the cache.
    const LINE: usize = 16;
}

#[cfg(not(target_arch = "x86_64"))]
mod vectors {
    pub(super) use pulp::{Scalar as Short, Scalar as Long};

    pub(super) fn long() -> Option<Long> {
        None
    }

    pub(super) fn short(long: Long) -> Short {
        long
    }

    pub(super) fn fetch(_: *const f32) {}
}

/// Numbers in a vector.
const LANES: usize = 16;

/// Rows of a tile: with two vectors of columns, two of `b` and one of `a`, 27 of 32 registers.
const ROWS: usize = 12;

/// Columns of a tile.
const COLUMNS: usize = 2 * LANES;

/// Terms of a sum for one line that is fetched.
const STRETCH: usize = 4;

/// Numbers of a matrix that stays in a cache nearby.
const NEAR: usize = 1 << 17;

/// Terms that are added up in registers: so many rows of a tile's columns fit the nearest cache twice.
const DEPTH: usize = 512;

/// Steps from row to row above which the rows of a tile's columns fall on the same places of the cache
/// and lie on pages of their own: there the library's packing pays.
const FAR: usize = 1024;

/// Whether this is the way to do a product, and a processor for it.
pub(super) fn takes(a: Matrix<'_>, b: Matrix<'_>) -> bool {
    let [row, column] = b.strides();
    let fits = column == 1 && row <= FAR && b.columns() >= LANES && a.rows() > 1;
    fits && vectors::long().is_some()
}

/// `out ← f(A B)`, or `out ← f(out + A B)`; nothing on a processor without such vectors.
///
/// # Safety
///
/// As for [`super::run`].
pub(super) unsafe fn run(
    out: Place,
    row: usize,
    add: bool,
    a: Matrix<'_>,
    b: Matrix<'_>,
    finish: Finish<'_>,
) {
    if let Some(simd) = vectors::long() {
        let short = vectors::short(simd);
        let tiles = Tiles {
            out,
            row,
            add,
            a,
            b,
            finish,
            short,
        };
        Simd::vectorize(simd, tiles);
    }
}

struct Tiles<'a> {
    out: Place,
    /// From row to row of the output.
    row: usize,
    add: bool,
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
        let Self { a, b, row, .. } = self;
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
            let mut column = 0;
            while column < b.columns() {
                let width = match b.columns() - column {
                    COLUMNS.. => COLUMNS,
                    // A long vector and a short one are less than two long ones.
                    17..=24 => LANES,
                    left => left,
                };
                let (mut start, mut b_row) = (b.pointer(first, column), b.strides()[0]);
                if !width.is_multiple_of(LANES) {
                    b_row = width.next_multiple_of(LANES / 2);
                    widen(&mut last, b, [first, depth], [column, width], b_row);
                    start = last.as_ptr();
                }
                let (is_first, is_last) = (first == 0, first + depth == a.columns());
                let mut of_columns = [0.0; COLUMNS];
                if let (true, Bias::OfColumns(bias)) = (is_first, self.finish.bias) {
                    of_columns[..width].copy_from_slice(&bias[column..column + width]);
                }
                let next = b.pointer(first, column).wrapping_add(COLUMNS);
                let mut done = 0;
                while done < a.rows() {
                    let tile = Tile {
                        depth,
                        a: a.pointer(done, first),
                        a_strides: a.strides(),
                        b: start,
                        b_row,
                        width,
                        // SAFETY: the caller says that the product has room there.
                        out: unsafe { self.out.at(done * row + column) }.0,
                        row,
                        add: self.add || !is_first,
                        start: match is_first && !of_rows.is_empty() {
                            true => of_rows[done * COLUMNS..].as_ptr(),
                            false => of_columns.as_ptr(),
                        },
                        start_row: match is_first && !of_rows.is_empty() {
                            true => COLUMNS,
                            false => 0,
                        },
                        floor: if is_last { floor } else { f32::NEG_INFINITY },
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
        rest.apply_rows(unsafe { self.out.rows(row, a.rows(), b.columns()) });
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

/// What a tile is made of.
#[derive(Clone, Copy)]
struct Tile {
    depth: usize,
    a: *const f32,
    a_strides: [usize; 2],
    b: *const f32,
    b_row: usize,
    /// Columns that are wanted.
    width: usize,
    out: *mut f32,
    row: usize,
    add: bool,
    /// What the sums start from, where they are not added to the output.
    start: *const f32,
    start_row: usize,
    /// What sums below it are raised to.
    floor: f32,
    /// What a later tile reads of `b`, to be fetched.
    next: *const f32,
    next_row: usize,
}

impl Tile {
    /// As many of so many rows as there is a tile for: how many that are.
    ///
    /// # Safety
    ///
    /// As for [`Self::run`] with that number of rows.
    #[inline(always)]
    unsafe fn of_rows<S: Simd, const N: usize, const FETCH: bool>(
        self,
        simd: S,
        rows: usize,
    ) -> usize {
        macro_rules! take {
            ($($rows:literal)*) => {
                match rows {
                    $(
                        // SAFETY: as promised.
                        $rows.. => unsafe { self.run::<S, $rows, N, FETCH>(simd) },
                    )*
                    0 => 0,
                }
            };
        }
        take!(12 8 4 2 1)
    }

    /// # Safety
    ///
    /// At `a`, by its strides, lie `M` rows of `depth` numbers; at `b` lie `depth` rows of `N` vectors,
    /// and at `start` `M` rows of them; and at `out` there is room for `M` rows of `width` numbers, which are initialized if they are
    /// added to.
    #[inline(always)]
    unsafe fn run<S: Simd, const M: usize, const N: usize, const FETCH: bool>(
        self,
        simd: S,
    ) -> usize {
        let lanes = N * S::F32_LANES;
        let whole = self.width == lanes;
        // One loop for all that a sum may start from: with branches, the compiler keeps the sums in
        // memory.
        let (start, start_row) = match self.add && whole {
            true => (self.out.cast_const(), self.row),
            false => (self.start, self.start_row),
        };
        let zero = simd.splat_f32s(0.0);
        let mut sums = [[zero; N]; M];
        for (i, sums) in sums.iter_mut().enumerate() {
            for (j, sum) in sums.iter_mut().enumerate() {
                // SAFETY: as promised.
                *sum = unsafe {
                    let start = start.add(i * start_row).cast::<S::f32s>();
                    start.add(j).read_unaligned()
                };
            }
        }
        for k in 0..self.depth {
            if FETCH && k.is_multiple_of(STRETCH) {
                vectors::fetch(self.next.wrapping_add(k / STRETCH * self.next_row));
            }
            // SAFETY: as promised, for `k < depth`.
            unsafe { self.add_term(simd, k, &mut sums) };
        }
        // What is not whole goes through memory, for the same reason.
        let mut aside = MaybeUninit::<[f32; ROWS * COLUMNS]>::uninit();
        let (to, row, floor) = match whole {
            true => (self.out, self.row, self.floor),
            false => (aside.as_mut_ptr().cast(), lanes, f32::NEG_INFINITY),
        };
        let floor = simd.splat_f32s(floor);
        for (i, sums) in sums.iter().enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                // NaN stays NaN: of two numbers that do not compare, the second is taken.
                let sum = simd.max_f32s(floor, *sum);
                // SAFETY: as promised, or `M ≤ ROWS` rows of vectors up to `COLUMNS` aside.
                unsafe {
                    let to = to.add(i * row).cast::<S::f32s>();
                    to.add(j).write_unaligned(sum);
                }
            }
        }
        if !whole {
            // SAFETY: the sums were written, and the output is as promised.
            unsafe { self.finish(to, row, M) };
        }
        M
    }

    /// Adds the products of a column of `a` and a row of `b`.
    ///
    /// # Safety
    ///
    /// As for [`Self::run`], and `k < depth`.
    #[inline(always)]
    unsafe fn add_term<S: Simd, const M: usize, const N: usize>(
        &self,
        simd: S,
        k: usize,
        sums: &mut [[S::f32s; N]; M],
    ) {
        let [a_row, a_column] = self.a_strides;
        // SAFETY: as promised, for `i < M` and `j < N`.
        unsafe {
            let b = self.b.add(k * self.b_row).cast::<S::f32s>();
            let mut of_b = [simd.splat_f32s(0.0); N];
            for (j, of_b) in of_b.iter_mut().enumerate() {
                *of_b = b.add(j).read_unaligned();
            }
            let a = self.a.add(k * a_column);
            for (i, sums) in sums.iter_mut().enumerate() {
                let of_a = simd.splat_f32s(*a.add(i * a_row));
                for (sum, of_b) in sums.iter_mut().zip(of_b) {
                    *sum = simd.mul_add_e_f32s(of_a, of_b, *sum);
                }
            }
        }
    }

    /// Stores sums of which not all are wanted, or adds them.
    ///
    /// # Safety
    ///
    /// At `sums` lie so many rows, `sums_row` apart, of at least `width` numbers; the output is as
    /// [`Self::run`] wants it.
    #[inline(never)]
    unsafe fn finish(self, sums: *const f32, sums_row: usize, rows: usize) {
        for i in 0..rows {
            // SAFETY: as promised.
            let sums = unsafe { std::slice::from_raw_parts(sums.add(i * sums_row), self.width) };
            // SAFETY: as promised.
            let out = unsafe { self.out.add(i * self.row) };
            for (j, sum) in sums.iter().enumerate() {
                // SAFETY: `j < width`, as promised; read only where it is initialized.
                unsafe {
                    let out = out.add(j);
                    let sum = if self.add { *out + sum } else { *sum };
                    out.write(if sum < self.floor { self.floor } else { sum });
                }
            }
        }
    }
}
