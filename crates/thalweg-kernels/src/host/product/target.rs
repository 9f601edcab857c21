//! Where a product is written.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::slice::from_raw_parts_mut;

use super::super::filled::Unfilled;
use super::route::Side;

/// A matrix that is written: rows with a stride, in memory that only this value refers to.
///
/// Invariant: the last number of the last row lies in the slice that it was made of. If `add` is true,
/// the numbers are initialized.
pub(super) struct Target<'o> {
    pub(super) first: *mut f32,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: usize,
    /// Whether the product is added to the numbers that are there.
    pub(super) add: bool,
    memory: PhantomData<&'o mut [f32]>,
}

// SAFETY: like a mutable slice, it is the only reference to its numbers: `new` and `adding` take a
// mutable slice, and `split` divides it into disjoint parts.
unsafe impl Send for Target<'_> {}

impl<'o> Target<'o> {
    /// # Panics
    ///
    /// When the memory has another size.
    pub(super) fn new(out: &'o mut Unfilled, [rows, columns]: [usize; 2]) -> Self {
        assert_eq!(out.len(), rows * columns, "a product of another size");
        Self {
            first: out.as_mut_ptr().cast(),
            rows,
            columns,
            stride: columns,
            add: false,
            memory: PhantomData,
        }
    }

    /// The product is added to these numbers, if `add` is true.
    ///
    /// # Panics
    ///
    /// When there is another number of them.
    pub(super) fn adding(out: &'o mut [f32], sizes: [usize; 2], add: bool) -> Self {
        // SAFETY: the target only writes numbers, so the slice stays initialized.
        let out = unsafe { &mut *(std::ptr::from_mut(out) as *mut Unfilled) };
        Self {
            add,
            ..Self::new(out, sizes)
        }
    }

    /// Parts of this many rows, or columns, and how many were before each.
    pub(super) fn split(self, side: Side, width: usize) -> Vec<(usize, Self)> {
        let length = match side {
            Side::Rows => self.rows,
            Side::Columns => self.columns,
        };
        let parts = (0..length).step_by(width).map(|start| {
            let count = width.min(length - start);
            let (step, rows, columns) = match side {
                Side::Rows => (start * self.stride, count, self.columns),
                Side::Columns => (start, self.rows, count),
            };
            let part = Self {
                // SAFETY: `start` is below the number of rows or columns, so by the invariant the number
                // lies in the same slice.
                first: unsafe { self.first.add(step) },
                rows,
                columns,
                ..self
            };
            (start, part)
        });
        parts.collect()
    }

    /// The rows.
    ///
    /// # Safety
    ///
    /// All numbers are initialized.
    pub(super) unsafe fn into_rows(self) -> impl Iterator<Item = &'o mut [f32]> {
        debug_assert!(self.columns <= self.stride, "rows that overlap");
        // SAFETY: by the invariant rows lie in the slice, and they do not overlap; the caller promises
        // that they are initialized.
        (0..self.rows).map(move |i| unsafe {
            from_raw_parts_mut(self.first.add(i * self.stride), self.columns)
        })
    }
}
