//! Arrays that several threads write.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use crate::share::map;

/// A piece of an array that is not written yet.
pub(crate) type Unfilled = [MaybeUninit<f32>];

/// A piece filled with zeros, for numbers that are written in several passes. That takes as long as to copy numbers
/// that are made elsewhere, and is shorter.
pub(crate) fn zeroed(out: &mut Unfilled) -> &mut [f32] {
    out.fill(MaybeUninit::new(0.0));
    // SAFETY: it is filled.
    unsafe { out.assume_init_mut() }
}

/// An array of this length that `write` fills.
///
/// # Panics
///
/// When another slice comes back than was handed out.
pub(crate) fn written(
    length: usize,
    write: impl for<'a> FnOnce(&'a mut Unfilled) -> &'a mut [f32],
) -> Vec<f32> {
    let mut array = Vec::with_capacity(length);
    let out = &mut array.spare_capacity_mut()[..length];
    let handed_out = out.as_ptr_range();
    check(write(out), handed_out);
    // SAFETY: the whole slice came back as numbers, so all of them are written.
    unsafe { array.set_len(length) };
    array
}

/// An array of this length whose pieces are written by several threads, one for each item, and what
/// else each returns. It is not filled with zeros first: that would be a pass over memory of its own.
///
/// # Panics
///
/// When there are not as many items as pieces, or another slice comes back than was handed out.
pub(crate) fn filled<T: Send, R: Send>(
    length: usize,
    piece: usize,
    items: impl ExactSizeIterator<Item = T> + Send,
    write: impl for<'a> Fn(T, &'a mut Unfilled) -> (&'a mut [f32], R) + Sync,
) -> (Vec<f32>, Vec<R>) {
    let mut array = Vec::with_capacity(length);
    let pieces = array.spare_capacity_mut()[..length].chunks_mut(piece.max(1));
    assert_eq!(pieces.len(), items.len(), "an item for each piece");
    let results = map(items.zip(pieces), |(item, out)| {
        let handed_out = out.as_ptr_range();
        let (written, result) = write(item, out);
        check(written, handed_out);
        result
    });
    // SAFETY: each piece came back as a slice of numbers, so all of them are written.
    unsafe { array.set_len(length) };
    (array, results)
}

/// A piece whose parts are written one after the other, one for each item.
///
/// # Panics
///
/// As [`filled`].
pub(crate) fn in_parts<T>(
    out: &mut Unfilled,
    part: usize,
    items: impl ExactSizeIterator<Item = T>,
    write: impl for<'a> Fn(T, &'a mut Unfilled) -> &'a mut [f32],
) -> &mut [f32] {
    let parts = out.chunks_mut(part.max(1));
    assert_eq!(parts.len(), items.len(), "an item for each part");
    for (item, out) in items.zip(parts) {
        let handed_out = out.as_ptr_range();
        check(write(item, out), handed_out);
    }
    // SAFETY: each part came back as a slice of numbers, so all of them are written.
    unsafe { out.assume_init_mut() }
}

/// # Panics
///
/// Unless the written slice is the one that was handed out.
fn check(written: &[f32], handed_out: Range<*const MaybeUninit<f32>>) {
    let Range { start, end } = written.as_ptr_range();
    assert_eq!(start.cast()..end.cast(), handed_out, "all of a piece");
}
