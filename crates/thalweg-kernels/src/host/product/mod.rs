//! Products of matrices.
#![allow(unsafe_code)]

mod loops;
pub(crate) mod route;
mod target;
#[cfg(test)]
mod tests;
mod tiles;

use gemm::Parallelism;

use self::route::{Gemm, Problem, Route, Side, route, split};
use self::target::Target;
use super::epilogue::Epilogue;
use super::filled::{Unfilled, written, zeroed};
use super::matrix::Matrix;
use crate::share::{share, threads};
use crate::vectorized::SimdLevel;

/// Who multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// The calling thread: others work on other pieces of a batch.
    One,
    /// All of the pool.
    All,
}

/// Numbers between two rows of a packed kernel, so that rows of a power of two do not fall on the same
/// places of the cache.
pub(crate) const GAP: usize = 16;

/// `f(A B)`, row-major.
pub(crate) fn product(
    a: Matrix<'_>,
    b: Matrix<'_>,
    epilogue: Epilogue<'_>,
    threads: Threads,
) -> Vec<f32> {
    written(a.rows() * b.columns(), |out| {
        write_product(out, a, b, epilogue, threads)
    })
}

/// Writes `f(A B)` to memory that need not be initialized.
///
/// # Panics
///
/// When the memory has another size, or the matrices have no product.
pub(crate) fn write_product<'o>(
    out: &'o mut Unfilled,
    a: Matrix<'_>,
    b: Matrix<'_>,
    epilogue: Epilogue<'_>,
    who: Threads,
) -> &'o mut [f32] {
    let gemm = Gemm::of(a, b);
    let route = route(&Problem::Gemm(gemm), SimdLevel::current());
    if !matches!(route, Route::Tiles | Route::Library) {
        let out = zeroed(out);
        let to = Target::adding(out, [a.rows(), b.columns()], true);
        run(route, to, a, b, Epilogue::NONE);
        epilogue.apply(out, b.columns());
        return out;
    }
    let to = Target::new(out, [a.rows(), b.columns()]);
    let threads = if who == Threads::All { threads() } else { 1 };
    match split(&gemm, threads) {
        None => run(route, to, a, b, epilogue),
        Some((side, width)) => share(to.split(side, width).into_iter(), |(start, to)| {
            let part = match side {
                Side::Rows => start..start + to.rows,
                Side::Columns => start..start + to.columns,
            };
            let (a, b, epilogue) = match side {
                Side::Rows => (a.rows_at(part.clone()), b, epilogue.rows_at(part)),
                Side::Columns => (a, b.columns_at(part.clone()), epilogue.columns_at(part)),
            };
            run(route, to, a, b, epilogue);
        }),
    }
    // SAFETY: the product, or its disjoint parts, which together are all of it, are written.
    unsafe { out.assume_init_mut() }
}

/// `out ← A B`, or `out ← out + A B`.
///
/// # Panics
///
/// When `out` has another size, or the matrices have no product.
pub(crate) fn multiply(out: &mut [f32], add: bool, a: Matrix<'_>, b: Matrix<'_>) {
    multiply_with(out, add, a, b, Epilogue::NONE);
}

/// `out ← f(A B)`, or `out ← f(out + A B)`, on the calling thread. Nothing is allocated for up to four
/// rows where the rows of `B` are contiguous.
///
/// # Panics
///
/// As [`multiply`].
pub(crate) fn multiply_with(
    out: &mut [f32],
    add: bool,
    a: Matrix<'_>,
    b: Matrix<'_>,
    epilogue: Epilogue<'_>,
) {
    let route = route(&Problem::Gemm(Gemm::of(a, b)), SimdLevel::current());
    let by_loops = !matches!(route, Route::Tiles | Route::Library);
    if by_loops && !add {
        out.fill(0.0);
    }
    let to = Target::adding(out, [a.rows(), b.columns()], add || by_loops);
    run(route, to, a, b, epilogue);
}

/// Writes `f(A B)`, or `f(out + A B)` to a target that is added to. Loops only add, and to a target
/// without a stride.
fn run(route: Route, to: Target<'_>, a: Matrix<'_>, b: Matrix<'_>, epilogue: Epilogue<'_>) {
    assert_eq!(a.columns(), b.rows(), "these matrices have no product");
    let sizes = [to.rows, to.columns];
    assert_eq!(sizes, [a.rows(), b.columns()], "a product of another size");
    match route {
        Route::Tiles => tiles::run(to, a, b, epilogue),
        Route::Library => library(to, a, b, epilogue),
        loops => {
            assert!(to.add && to.stride == to.columns, "loops add to whole rows");
            let size = to.rows * to.columns;
            // SAFETY: without a stride, the rows are one slice, initialized since it is added to.
            let out = unsafe { std::slice::from_raw_parts_mut(to.first, size) };
            match loops {
                Route::Rows => loops::add_rows(out, a, b),
                Route::Dots => loops::add_dots(out, a, b),
                Route::Columns => loops::add_columns(out, a, b),
                _ => {}
            }
            epilogue.apply(out, to.columns);
        }
    }
}

fn library(to: Target<'_>, a: Matrix<'_>, b: Matrix<'_>, epilogue: Epilogue<'_>) {
    let [a_row, a_column] = a.strides().map(|stride| stride as isize);
    let [b_row, b_column] = b.strides().map(|stride| stride as isize);
    // SAFETY: by the invariants of `Matrix` and `Target`, each pointer, walked by its strides over these
    // sizes, stays in its slice, and the target is initialized if it is added to. Then the product is
    // there, so the rows are initialized.
    unsafe {
        gemm::gemm(
            a.rows(),
            b.columns(),
            a.columns(),
            to.first,
            1,
            to.stride as isize,
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
        epilogue.apply_rows(to.into_rows());
    }
}
