//! The choice among the ways to multiply, with its reasons. It depends on sizes, layouts and the
//! instruction set alone, so that one input always goes the same way.

use super::super::matrix::Matrix;
use super::tiles::LANES;
use crate::vectorized::SimdLevel;

/// A way to multiply two matrices, or to convolve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// There are no terms, or no numbers.
    Nothing,
    /// Loops over multiples of the rows of `B`.
    Rows,
    /// Dot products with the rows of `A`.
    Dots,
    /// Loops over multiples of the columns of `A`.
    Columns,
    /// The microkernel of this crate, without packing.
    Tiles,
    /// The library `gemm`, which packs both matrices.
    Library,
    /// One product of the kernel and the image.
    Pointwise,
    /// A product of the kernel and a copy of the image for each of its pixels.
    Im2col,
    /// A product for each pixel of the kernel, whose results are shifted and added.
    Col2im,
    /// Fewer multiplications, see [`winograd`](crate::layers).
    Winograd,
}

/// Sizes and layouts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Problem {
    /// `[rows, depth] × [depth, columns]`.
    Gemm(Gemm),
    /// A convolution of images.
    Convolution(Convolution),
}

/// Sizes and layouts of `A B`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gemm {
    pub(crate) rows: usize,
    pub(crate) depth: usize,
    pub(crate) columns: usize,
    /// Whether the rows of `A` are contiguous.
    pub(crate) a_rows: bool,
    /// The stride of the rows of `B`, if they are contiguous.
    pub(crate) b_stride: Option<usize>,
}

/// Sizes of a convolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Convolution {
    /// Channels.
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Pixels of a side of the kernel.
    pub(crate) side: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// Images that are convolved at a time.
    pub(crate) images: usize,
    /// Images in all for which the kernel is packed once.
    pub(crate) total: usize,
}

impl Gemm {
    pub(super) fn of(a: Matrix<'_>, b: Matrix<'_>) -> Self {
        Self {
            rows: a.rows(),
            depth: a.columns(),
            columns: b.columns(),
            a_rows: a.strides()[1] == 1,
            b_stride: (b.strides()[1] == 1).then(|| b.strides()[0]),
        }
    }
}

/// A side that is short: tiles would compute mostly padding.
pub(super) const SHORT: usize = 4;

/// Fewest pixels of a Winograd convolution at a time: their tiles are a vector.
pub(crate) const WINOGRAD_PIXELS: usize = 4 * LANES;

/// The way to solve a problem at a level of instructions.
pub(crate) fn route(problem: &Problem, level: SimdLevel) -> Route {
    match problem {
        Problem::Gemm(gemm) => of_gemm(gemm, level),
        Problem::Convolution(convolution) => of_convolution(convolution),
    }
}

fn of_gemm(gemm: &Gemm, level: SimdLevel) -> Route {
    /// Stride above which the rows of a tile's columns fall on the same places of the cache and lie on
    /// pages of their own: there the library's packing pays.
    const FAR: usize = 1024;
    let Gemm {
        rows,
        depth,
        columns,
        a_rows,
        b_stride,
    } = *gemm;
    if rows == 0 || depth == 0 || columns == 0 {
        return Route::Nothing;
    }
    // The microkernel has AVX-512 only, and reads whole vectors of the rows of `B`. One row uses each
    // number of `B` once, so loops are as fast.
    let tiles = level == SimdLevel::Avx512
        && rows > 1
        && columns >= LANES
        && b_stride.is_some_and(|stride| stride <= FAR);
    let few_terms = b_stride.is_some() && depth.min(rows) <= SHORT;
    // A short sum of few columns is no work for tiles, but with many rows and whole vectors of columns
    // the sum alone may be short.
    match (few_terms || columns <= SHORT) && (rows <= SHORT || !tiles) {
        true if few_terms => Route::Rows,
        true if a_rows => Route::Dots,
        true => Route::Columns,
        false if tiles => Route::Tiles,
        false => Route::Library,
    }
}

fn of_convolution(convolution: &Convolution) -> Route {
    /// Fewest outputs: each transformed input is multiplied by this many numbers. The transform makes
    /// four numbers of one.
    const OUTPUTS: usize = 8;
    /// Fewest inputs, which are summed for each number that an output is transformed from.
    const INPUTS: usize = 16;
    /// Fewest tiles of 2 × 2 pixels of all images, so that they cost more than to transform the kernel.
    const TILES: usize = 128;
    let Convolution {
        inputs,
        outputs,
        side,
        height,
        width,
        images,
        total,
    } = *convolution;
    let pixels = height * width;
    let in_tiles = height.is_multiple_of(2) && width.is_multiple_of(2);
    let many = total.saturating_mul(pixels) / 4 >= TILES && images * pixels >= WINOGRAD_PIXELS;
    match side {
        1 => Route::Pointwise,
        3 if in_tiles && many && inputs >= INPUTS && outputs >= OUTPUTS => Route::Winograd,
        // Copies of the inputs, or sums of the outputs, whichever are fewer.
        _ if inputs <= outputs => Route::Im2col,
        _ => Route::Col2im,
    }
}

/// The side along which a product is divided among threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Rows,
    Columns,
}

/// Multiplications below which another thread costs more than it saves.
pub(super) const ENOUGH: usize = 1 << 18;

/// How a product is divided among threads: the longer side, into parts of this length, since each
/// thread packs the other matrix whole. The library's own threads wait for each other after each
/// block, which takes a tenth longer.
pub(crate) fn split(gemm: &Gemm, threads: usize) -> Option<(Side, usize)> {
    let Gemm {
        rows,
        depth,
        columns,
        ..
    } = *gemm;
    let (side, length) = match rows > columns {
        true => (Side::Rows, rows),
        false => (Side::Columns, columns),
    };
    let width = length.div_ceil(threads.max(1)).next_multiple_of(LANES);
    (threads > 1 && rows * columns * depth >= ENOUGH).then_some((side, width))
}
