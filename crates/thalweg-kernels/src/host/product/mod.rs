//! Products of matrices.
//!
//! Unsafe code, since the library takes pointers. What is passed to it is checked here, against the
//! slices that the pointers come from.
#![allow(unsafe_code)]

mod dots;
mod narrow;
mod strassen;
#[cfg(test)]
mod tests;
mod tiles;

use gemm::Parallelism;

pub(crate) use self::strassen::Strassen;
use super::filled::{Unfilled, zeroed};
use super::finish::Finish;
use super::matrix::Matrix;
use crate::share::share;

/// Who multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// The calling thread: where pieces of the work are shared out already.
    One,
    /// All of the pool.
    All,
}

/// `A B`, row by row, and what is done to it.
pub(crate) fn product(
    a: Matrix<'_>,
    b: Matrix<'_>,
    finish: Finish<'_>,
    threads: Threads,
) -> Vec<f32> {
    let size = a.rows() * b.columns();
    let mut out = Vec::with_capacity(size);
    write_product(&mut out.spare_capacity_mut()[..size], a, b, finish, threads);
    // SAFETY: all of them are written.
    unsafe { out.set_len(size) };
    out
}

/// The same in memory that is not filled with zeros first: that would be a pass of its own.
///
/// # Panics
///
/// When there is room for another number of values.
pub(crate) fn write_product<'o>(
    out: &'o mut Unfilled,
    a: Matrix<'_>,
    b: Matrix<'_>,
    finish: Finish<'_>,
    threads: Threads,
) -> &'o mut [f32] {
    let (size, columns) = (a.rows() * b.columns(), b.columns());
    assert_eq!(out.len(), size, "a product of another size");
    if a.columns() == 0 || by_loops(a, b) {
        let out = zeroed(out);
        narrow::add(out, a, b);
        finish.apply(out, columns.max(1));
        return out;
    }
    let place = Place(out.as_mut_ptr().cast());
    if threads == Threads::One || size * a.columns() < ENOUGH {
        // SAFETY: there is room for `size` values.
        unsafe { run(Target::new(place, columns), a, b, finish) };
    } else {
        // Each thread multiplies rows or columns of its own, of the longer side, since it packs the
        // other matrix whole. Left to the library, the threads wait for each other after each
        // block, which took a tenth longer.
        let by_rows = a.rows() > columns;
        let length = if by_rows { a.rows() } else { columns };
        let width = length.div_ceil(crate::share::threads());
        let width = width.next_multiple_of(LANES);
        let starts: Vec<usize> = (0..length).step_by(width).collect();
        share(starts.into_iter(), |start| {
            let part = start..(start + width).min(length);
            // SAFETY: there is room for `size` values, of which each part writes its own.
            unsafe {
                if by_rows {
                    let to = Target::new(place.at(start * columns), columns);
                    run(to, a.rows_at(part.clone()), b, finish.rows_at(part));
                } else {
                    let to = Target::new(place.at(start), columns);
                    run(to, a, b.columns_at(part.clone()), finish.columns_at(part));
                }
            }
        });
    }
    // SAFETY: all of them are written.
    unsafe { out.assume_init_mut() }
}

/// Whether a side is so short that a loop over vectors is better than tiles.
fn by_loops(a: Matrix<'_>, b: Matrix<'_>) -> bool {
    narrow::is_short(a, b) && (a.rows() <= narrow::SHORT || !tiles::takes(a, b))
}

/// Multiplications below which another thread costs more than it helps.
const ENOUGH: usize = 1 << 18;

/// Numbers between two rows of a power of two, so that they do not fall on the same places of the cache.
pub(crate) const GAP: usize = 16;

/// Rows or columns that the library takes at a time.
const LANES: usize = 16;

/// Where numbers go that several threads write, each its own.
#[derive(Clone, Copy)]
struct Place(*mut f32);

// SAFETY: whoever dereferences it sees to it that threads do not write the same numbers.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

impl Place {
    /// # Safety
    ///
    /// So many values further still lies in the same allocation.
    unsafe fn at(self, offset: usize) -> Self {
        // SAFETY: as promised.
        Self(unsafe { self.0.add(offset) })
    }

    /// So many rows, `row` values apart, one after the other.
    ///
    /// # Safety
    ///
    /// They are initialized, and nobody else uses them for as long as these live.
    unsafe fn rows<'x>(
        self,
        row: usize,
        count: usize,
        length: usize,
    ) -> impl Iterator<Item = &'x mut [f32]> {
        // SAFETY: as promised.
        (0..count)
            .map(move |i| unsafe { std::slice::from_raw_parts_mut(self.0.add(i * row), length) })
    }
}

/// Where a product goes.
#[derive(Clone, Copy)]
struct Target {
    place: Place,
    /// Steps in memory from row to row.
    row: usize,
    /// Whether it is added to what stands there.
    add: bool,
}

impl Target {
    fn new(place: Place, row: usize) -> Self {
        let add = false;
        Self { place, row, add }
    }
}

/// `out ← A B`, or `out ← out + A B`.
///
/// # Panics
///
/// When `out` has another number of values.
pub(crate) fn multiply(out: &mut [f32], add: bool, a: Matrix<'_>, b: Matrix<'_>) {
    assert_eq!(
        out.len(),
        a.rows() * b.columns(),
        "a product of another size"
    );
    if by_loops(a, b) {
        if !add {
            out.fill(0.0);
        }
        return narrow::add(out, a, b);
    }
    // SAFETY: `out` has room for the product, and holds values to add to.
    unsafe {
        let to = Target::new(Place(out.as_mut_ptr()), b.columns());
        run(Target { add, ..to }, a, b, Finish::NONE);
    }
}

/// `A B`, to rows that lie so many numbers apart: after it, each of them is written.
///
/// # Panics
///
/// When `out` ends before the last of them does.
fn write_rows(out: &mut Unfilled, row: usize, a: Matrix<'_>, b: Matrix<'_>) {
    let last = (a.rows().max(1) - 1) * row + b.columns();
    assert!(
        b.columns() <= row && last <= out.len(),
        "no room for a product"
    );
    assert!(a.columns() > 0, "a product of nothing is not written");
    let to = Target::new(Place(out.as_mut_ptr().cast()), row);
    // SAFETY: `out` has room for the rows.
    unsafe { run(to, a, b, Finish::NONE) };
}

/// `out ← f(A B)`, or `out ← f(out + A B)`.
///
/// # Safety
///
/// At the target lies room for the product, whose numbers are initialized if it is added to, and
/// which nobody else uses. The other two lie in their slices by how they are made,
/// see [`Matrix`].
unsafe fn run(to: Target, a: Matrix<'_>, b: Matrix<'_>, finish: Finish<'_>) {
    assert_eq!(a.columns(), b.rows(), "these matrices have no product");
    if tiles::takes(a, b) {
        // SAFETY: as promised.
        return unsafe { tiles::run(to, a, b, finish) };
    }
    let [a_row, a_column] = a.strides().map(|stride| stride as isize);
    let [b_row, b_column] = b.strides().map(|stride| stride as isize);
    // SAFETY: each pointer, walked by these strides over these sizes, stays in its slice.
    unsafe {
        gemm::gemm(
            a.rows(),
            b.columns(),
            a.columns(),
            to.place.0,
            1,
            to.row as isize,
            to.add,
            a.as_ptr(),
            a_column,
            a_row,
            b.as_ptr(),
            b_column,
            b_row,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
        finish.apply_rows(to.place.rows(to.row, a.rows(), b.columns()));
    }
}
