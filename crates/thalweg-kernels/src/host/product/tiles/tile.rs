//! One microkernel tile: the sums of some rows and columns, in registers.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use pulp::Simd;

use super::{COLUMNS, LANES, ROWS, STRETCH};
use crate::unrolled::unrolled;

/// The factors of a tile and the place of its sums.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub(super) depth: usize,
    pub(super) a: *const f32,
    pub(super) a_strides: [usize; 2],
    pub(super) b: *const f32,
    pub(super) b_row: usize,
    /// Columns that are written.
    pub(super) width: usize,
    pub(super) out: *mut f32,
    pub(super) out_row: usize,
    /// Whether to add to the output.
    pub(super) add: bool,
    /// The first terms of the sums otherwise.
    pub(super) start: *const f32,
    pub(super) start_row: usize,
    /// The lower bound of the sums.
    pub(super) floor: f32,
    /// Numbers of `b` that a later tile reads, to be prefetched, and the stride of their rows.
    pub(super) next: *const f32,
    pub(super) next_row: usize,
}

impl Tile {
    /// Runs the tallest tile that fits this many rows, and returns its height.
    ///
    /// # Safety
    ///
    /// As for [`Self::run`] with at most `rows` rows.
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
                        // SAFETY: the caller's promise, for `$rows <= rows`.
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
        debug_assert!(M <= ROWS && lanes <= COLUMNS && self.width <= lanes);
        let whole = self.width == lanes;
        // One loop to load the sums and one to store them: with branches, the compiler keeps the sums in
        // memory.
        let (start, start_row) = match self.add && whole {
            true => (self.out.cast_const(), self.out_row),
            false => (self.start, self.start_row),
        };
        let mut sums = MaybeUninit::<[[S::f32s; N]; M]>::uninit();
        let first = sums.as_mut_ptr().cast::<S::f32s>();
        unrolled!(i in 0..M => {
            unrolled!(j in 0..N => {
                // SAFETY: row `i < M` and vector `j < N` of `start`, or of the output that is added to, and of the sums.
                unsafe {
                    let start = start.add(i * start_row).cast::<S::f32s>();
                    first.add(i * N + j).write(start.add(j).read_unaligned());
                }
            });
        });
        // SAFETY: all of them were written.
        let mut sums = unsafe { sums.assume_init() };
        for k in 0..self.depth {
            if FETCH && k.is_multiple_of(STRETCH) {
                let next = self.next.wrapping_add(k / STRETCH * self.next_row);
                prefetch(next);
                prefetch(next.wrapping_add(LANES));
            }
            // SAFETY: the caller's promise, and `k < depth`.
            unsafe { self.add_term(simd, k, &mut sums) };
        }
        let mut scratch = MaybeUninit::<[f32; ROWS * COLUMNS]>::uninit();
        let (to, row, floor) = match whole {
            true => (self.out, self.out_row, self.floor),
            false => (scratch.as_mut_ptr().cast(), lanes, f32::NEG_INFINITY),
        };
        let floor = simd.splat_f32s(floor);
        unrolled!(i in 0..M => {
            unrolled!(j in 0..N => {
                // NaN stays NaN: if two numbers do not compare, the maximum is the second.
                let sum = simd.max_f32s(floor, sums[i][j]);
                // SAFETY: row `i < M` of the output, or of the scratch, which has `ROWS × COLUMNS` numbers.
                unsafe {
                    let to = to.add(i * row).cast::<S::f32s>();
                    to.add(j).write_unaligned(sum);
                }
            });
        });
        if !whole {
            // SAFETY: `M` rows of `lanes >= width` sums were written; the output is the caller's promise.
            unsafe { self.store(to, row, M) };
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
        // SAFETY: row `k < depth` of `b`, vector `j < N`; term `k` of row `i < M` of `a`.
        unsafe {
            let b = self.b.add(k * self.b_row).cast::<S::f32s>();
            // Row by row of `a`: column by column, all of its numbers would wait in registers.
            let mut of_b = [simd.splat_f32s(0.0); N];
            unrolled!(j in 0..N => {
                of_b[j] = b.add(j).read_unaligned();
            });
            let a = self.a.add(k * a_column);
            unrolled!(i in 0..M => {
                let of_a = simd.splat_f32s(*a.add(i * a_row));
                unrolled!(j in 0..N => {
                    sums[i][j] = simd.mul_add_e_f32s(of_a, of_b[j], sums[i][j]);
                });
            });
        }
    }

    /// Stores or adds the first `width` sums of each row.
    ///
    /// # Safety
    ///
    /// At `sums` lie this many rows of at least `width` numbers, with the stride `sums_row`; the output
    /// is as for [`Self::run`].
    #[inline(never)]
    unsafe fn store(self, sums: *const f32, sums_row: usize, rows: usize) {
        for i in 0..rows {
            // SAFETY: row `i < rows` of the sums.
            let sums = unsafe { std::slice::from_raw_parts(sums.add(i * sums_row), self.width) };
            // SAFETY: row `i < rows` of the output.
            let out = unsafe { self.out.add(i * self.out_row) };
            for (j, sum) in sums.iter().enumerate() {
                // SAFETY: `j < width`; the number is initialized if it is added to.
                unsafe {
                    let out = out.add(j);
                    let sum = if self.add { *out + sum } else { *sum };
                    out.write(if sum < self.floor { self.floor } else { sum });
                }
            }
        }
    }
}

/// Asks for a cache line; at an address without memory, nothing happens.
#[inline(always)]
fn prefetch(at: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction reads nothing, and never faults.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
