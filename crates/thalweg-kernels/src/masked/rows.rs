//! Multiples of rows, added to sums.

/// `sumⱼ += Σᵢ xᵢ wᵢⱼ` for `L` samples side by side, `w` one row after the other.
///
/// Each product is added with one rounding, input after input. So the bits are the same for any `L`, on any
/// processor. For one sample the loop over the units is in vectors, for several the one over samples.
#[inline(always)]
pub(super) fn add_rows<const L: usize>(x: &[[f32; L]], weights: &[f32], sums: &mut [[f32; L]]) {
    // Four rows at a time, so that a sum is read and written once for four products.
    const ROWS: usize = 4;
    let width = sums.len();
    let (fours, rest) = x.as_chunks::<ROWS>();
    let (many, few) = weights.split_at(fours.len() * ROWS * width);
    for (x, rows) in fours.iter().zip(many.chunks_exact((ROWS * width).max(1))) {
        add(x, rows, sums);
    }
    match rest {
        [a] => add(&[*a], few, sums),
        [a, b] => add(&[*a, *b], few, sums),
        [a, b, c] => add(&[*a, *b, *c], few, sums),
        _ => {}
    }
}

#[inline(always)]
fn add<const R: usize, const L: usize>(x: &[[f32; L]; R], rows: &[f32], sums: &mut [[f32; L]]) {
    let (width, x) = (sums.len(), *x);
    let mut starts = [rows; R];
    for (row, start) in starts.iter_mut().enumerate() {
        *start = &rows[row * width..(row + 1) * width];
    }
    for (unit, sum) in sums.iter_mut().enumerate() {
        let mut total = *sum;
        for row in 0..R {
            let weight = starts[row][unit];
            for sample in 0..L {
                total[sample] = x[row][sample].mul_add(weight, total[sample]);
            }
        }
        *sum = total;
    }
}
