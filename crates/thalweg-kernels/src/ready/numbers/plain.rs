//! Loops, where the host's operations are not compiled in.

/// `y ← y + A B`, row by row.
pub(super) fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [_, terms, columns]: [usize; 3]) {
    for (y, a) in y.chunks_exact_mut(columns).zip(a.chunks_exact(terms)) {
        for (b, a) in b.chunks_exact(columns).zip(a) {
            y.iter_mut().zip(b).for_each(|(y, b)| *y += a * b);
        }
    }
}
