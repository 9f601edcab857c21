//! Pieces of a batch with one row a channel.

use std::borrow::Cow;

/// `[a, b, positions]` as `[b, a, positions]`: samples of channels as channels of samples, or back.
pub(super) fn regrouped(x: &[f32], [a, b, positions]: [usize; 3]) -> Cow<'_, [f32]> {
    if a == 1 || b == 1 {
        return Cow::Borrowed(x);
    }
    if positions == 1 {
        return Cow::Owned(transposed(x, [a, b]));
    }
    let mut out = Vec::with_capacity(x.len());
    for j in 0..b {
        for block in x.chunks_exact(b * positions) {
            out.extend_from_slice(&block[j * positions..][..positions]);
        }
    }
    Cow::Owned(out)
}

/// A matrix row by row as the same column by column, in tiles that are read and written from cache.
fn transposed(x: &[f32], [rows, columns]: [usize; 2]) -> Vec<f32> {
    const TILE: usize = 16;
    let mut out = vec![0.0; x.len()];
    for (band, x) in x.chunks(TILE * columns).enumerate() {
        for start in (0..columns).step_by(TILE) {
            let end = (start + TILE).min(columns);
            for (i, row) in x.chunks_exact(columns).enumerate() {
                for (j, value) in (start..end).zip(&row[start..end]) {
                    out[j * rows + band * TILE + i] = *value;
                }
            }
        }
    }
    out
}
