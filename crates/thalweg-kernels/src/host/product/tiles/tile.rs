//! One tile: the sums of some rows and columns, in registers.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use pulp::Simd;

use super::vectors::fetch;
use super::{COLUMNS, LANES, ROWS, STRETCH};

/// What a tile is made of.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub(super) depth: usize,
    pub(super) a: *const f32,
    pub(super) a_strides: [usize; 2],
    pub(super) b: *const f32,
    pub(super) b_row: usize,
    /// Columns that are wanted.
    pub(super) width: usize,
    pub(super) out: *mut f32,
    pub(super) out_row: usize,
    /// Whether to add to the output.
    pub(super) add: bool,
    /// What the sums start from otherwise.
    pub(super) start: *const f32,
    pub(super) start_row: usize,
    /// What the sums are raised to.
    pub(super) floor: f32,
    /// What a later tile reads of `b`, to be fetched, and the steps from row to row there.
    pub(super) next: *const f32,
    pub(super) next_row: usize,
}

impl Tile {
    /// As many of so many rows as there is a tile for: how many that are.
    ///
    /// # Safety
    ///
    /// As for [`Self::run`] with that number of rows.
    #[inline(always)]
    pub(super) unsafe fn of_rows<S: Simd, const N: usize, const FETCH: bool>(
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
    /// and at `start` `M` rows of them; and at `out` there is room for `M` rows of `width` numbers,
    /// which are initialized if they are added to. `M ≤ ROWS`, and `N` vectors are `COLUMNS` at most.
    #[inline(always)]
    unsafe fn run<S: Simd, const M: usize, const N: usize, const FETCH: bool>(
        self,
        simd: S,
    ) -> usize {
        let lanes = N * S::F32_LANES;
        let whole = self.width == lanes;
        // One loop for all that a sum may start from, and one for where it may go: with branches, the
        // compiler keeps the sums in memory.
        let (start, start_row) = match self.add && whole {
            true => (self.out.cast_const(), self.out_row),
            false => (self.start, self.start_row),
        };
        let mut sums = [[simd.splat_f32s(0.0); N]; M];
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
                let next = self.next.wrapping_add(k / STRETCH * self.next_row);
                fetch(next);
                fetch(next.wrapping_add(LANES));
            }
            // SAFETY: as promised, for `k < depth`.
            unsafe { self.add_term(simd, k, &mut sums) };
        }
        let mut aside = MaybeUninit::<[f32; ROWS * COLUMNS]>::uninit();
        let (to, row, floor) = match whole {
            true => (self.out, self.out_row, self.floor),
            false => (aside.as_mut_ptr().cast(), lanes, f32::NEG_INFINITY),
        };
        let floor = simd.splat_f32s(floor);
        for (i, sums) in sums.iter().enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                // NaN stays NaN: of two numbers that do not compare, the second is taken.
                let sum = simd.max_f32s(floor, *sum);
                // SAFETY: as promised, or `M` rows of `lanes` numbers aside.
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

    /// Stores or adds sums of which not all are wanted.
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
            let out = unsafe { self.out.add(i * self.out_row) };
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
