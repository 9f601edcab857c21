//! Transposed copies of matrices.

/// The transpose of each of several row-major matrices of this size, one behind the other.
#[cfg(feature = "host")]
pub(crate) fn transpose(x: &[f32], [rows, columns]: [usize; 2]) -> Vec<f32> {
    let (mut out, size) = (vec![0.0; x.len()], (rows * columns).max(1));
    for (x, out) in x.chunks_exact(size).zip(out.chunks_exact_mut(size)) {
        transpose_to(x, [rows, columns], out);
    }
    out
}

/// The transpose of one row-major matrix of this size.
pub(crate) fn transpose_to(x: &[f32], [rows, columns]: [usize; 2], out: &mut [f32]) {
    transpose_rows(x, columns, [rows, columns], out, rows);
}

/// The transpose of a matrix whose rows have a stride, to rows with another.
///
/// # Panics
///
/// When the slices are shorter.
pub(crate) fn transpose_rows(
    x: &[f32],
    stride: usize,
    [rows, columns]: [usize; 2],
    out: &mut [f32],
    out_stride: usize,
) {
    // By blocks, so that a cache line is read, or written, while it is near.
    for i in (0..rows).step_by(SIDE) {
        let height = SIDE.min(rows - i);
        let row = |r: usize| &x[(i + r) * stride..][..columns];
        let whole = match height {
            SIDE => blocks::transpose(std::array::from_fn(row), out, [out_stride, i]),
            _ => 0,
        };
        for j in whole..columns {
            for r in 0..height {
                out[j * out_stride + i + r] = row(r)[j];
            }
        }
    }
}

/// Rows and columns of a block.
const SIDE: usize = 8;

/// Blocks in registers: one number at a time takes four times as long.
#[cfg(target_arch = "x86_64")]
mod blocks {
    use std::arch::x86_64::__m256;
    use std::array::from_fn;

    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast};

    use super::SIDE;
    use crate::SimdLevel;

    /// Transposes the whole blocks of eight rows, to column `at` of rows of length `row`; returns the
    /// number of columns that were transposed.
    pub(super) fn transpose(rows: [&[f32]; SIDE], out: &mut [f32], [row, at]: [usize; 2]) -> usize {
        let Some(simd) = V3::try_new().filter(|_| SimdLevel::current() >= SimdLevel::Avx2) else {
            return 0;
        };
        let columns = rows[0].len();
        let whole = columns - columns % SIDE;
        simd.vectorize(Transpose {
            simd,
            rows: rows.map(|row| &row[..whole]),
            out,
            row,
            at,
        });
        whole
    }

    struct Transpose<'a> {
        simd: V3,
        rows: [&'a [f32]; SIDE],
        out: &'a mut [f32],
        row: usize,
        at: usize,
    }

    impl NullaryFnOnce for Transpose<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            let blocks = self.rows.map(|row| row.as_chunks::<SIDE>().0);
            for j in 0..blocks[0].len() {
                let block = blocks.map(|row| cast::<[f32; SIDE], __m256>(row[j]));
                let block = transpose_block(self.simd, block);
                for (r, numbers) in block.into_iter().enumerate() {
                    let start = (j * SIDE + r) * self.row + self.at;
                    let to = &mut self.out[start..start + SIDE];
                    to.copy_from_slice(&cast::<__m256, [f32; SIDE]>(numbers));
                }
            }
        }
    }

    /// Exchanges pairs of numbers, pairs of pairs, and halves.
    #[inline(always)]
    fn transpose_block(simd: V3, rows: [__m256; SIDE]) -> [__m256; SIDE] {
        let avx = simd.avx;
        let pairs: [__m256; SIDE] = from_fn(|i| {
            let (a, b) = (
                rows[i / 4 * 4 + i / 2 % 2 * 2],
                rows[i / 4 * 4 + i / 2 % 2 * 2 + 1],
            );
            match i % 2 {
                0 => avx._mm256_unpacklo_ps(a, b),
                _ => avx._mm256_unpackhi_ps(a, b),
            }
        });
        let fours: [__m256; SIDE] = from_fn(|i| {
            let (a, b) = (
                pairs[i / 4 * 4 + i / 2 % 2],
                pairs[i / 4 * 4 + i / 2 % 2 + 2],
            );
            match i % 2 {
                0 => avx._mm256_shuffle_ps::<0b01_00_01_00>(a, b),
                _ => avx._mm256_shuffle_ps::<0b11_10_11_10>(a, b),
            }
        });
        from_fn(|i| match i / 4 {
            0 => avx._mm256_permute2f128_ps::<0x20>(fours[i], fours[i + 4]),
            _ => avx._mm256_permute2f128_ps::<0x31>(fours[i - 4], fours[i]),
        })
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod blocks {
    use super::SIDE;

    pub(super) fn transpose(_: [&[f32]; SIDE], _: &mut [f32], _: [usize; 2]) -> usize {
        0
    }
}

#[cfg(all(test, feature = "host"))]
mod tests {
    use super::transpose;

    #[test]
    fn whole_blocks_and_the_rest_are_transposed() {
        for [rows, columns] in [[16, 24], [8, 8], [7, 9], [19, 13], [1, 5], [12, 1], [0, 3]] {
            let size = rows * columns;
            let x: Vec<f32> = (0..2 * size).map(|i| i as f32).collect();
            let out = transpose(&x, [rows, columns]);
            assert_eq!(out.len(), x.len());
            for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
                for start in [0, size] {
                    let (found, wanted) = (out[start + j * rows + i], x[start + i * columns + j]);
                    assert_eq!(found, wanted, "{rows} × {columns}");
                }
            }
        }
    }
}
