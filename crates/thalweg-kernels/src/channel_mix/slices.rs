//! One matrix at every position, on slices.

/// `y = W x + b` at each position: `W [outputs, inputs]`, one `b` an output, `x [inputs, positions]`.
///
/// ```
/// // Two features at two positions.
/// let (weight, x) = ([0.0, 1.0, 1.0, 1.0], [1.0, 2.0, 30.0, 40.0]);
/// let mut y = [0.0; 4];
/// thalweg_kernels::mix_channels(&weight, &x, &[0.5, 0.0], &mut y);
/// assert_eq!(y, [30.5, 40.5, 31.0, 42.0]);
/// ```
///
/// # Panics
///
/// When the sizes do not fit.
pub fn mix_channels(weight: &[f32], x: &[f32], shift: &[f32], y: &mut [f32]) {
    let (outputs, positions) = (shift.len(), y.len() / shift.len().max(1));
    let inputs = weight.len() / outputs.max(1);
    assert!(
        weight.len() == outputs * inputs
            && x.len() == inputs * positions
            && y.len() == outputs * positions,
        "{} weights and {outputs} shifts for {} numbers to {}",
        weight.len(),
        x.len(),
        y.len()
    );
    for (y, shift) in y.chunks_exact_mut(positions.max(1)).zip(shift) {
        y.fill(*shift);
    }
    add_product(y, [weight, x], [outputs, inputs, positions]);
}

/// `y ← y + A B`, row by row.
#[cfg(feature = "host")]
fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [rows, terms, columns]: [usize; 3]) {
    use crate::host::{matrix::Matrix, product::multiply};

    let (a, b) = (Matrix::new(a, rows, terms), Matrix::new(b, terms, columns));
    multiply(y, true, a, b);
}

#[cfg(not(feature = "host"))]
use self::loops as add_product;

#[cfg(any(test, not(feature = "host")))]
fn loops(y: &mut [f32], [a, b]: [&[f32]; 2], [_, terms, columns]: [usize; 3]) {
    for (y, a) in y.chunks_exact_mut(columns).zip(a.chunks_exact(terms)) {
        for (b, a) in b.chunks_exact(columns).zip(a) {
            y.iter_mut().zip(b).for_each(|(y, b)| *y += a * b);
        }
    }
}

#[cfg(all(test, feature = "host"))]
mod tests {
    use super::*;

    fn numbers(count: usize, step: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * step % 101) as f32) / 25.0 - 2.0)
            .collect()
    }

    fn assert_close(found: &[f32], wanted: &[f32]) {
        assert_eq!(found.len(), wanted.len());
        for (f, w) in found.iter().zip(wanted) {
            assert!((f - w).abs() <= 2e-6 * w.abs().max(1.0), "{f} for {w}");
        }
    }

    #[test]
    fn products_are_those_of_loops() {
        for size @ [outputs, inputs, positions] in
            [[1, 1, 1], [4, 3, 5], [12, 12, 256], [48, 48, 16]]
        {
            let (weight, x) = (
                numbers(outputs * inputs, 37),
                numbers(inputs * positions, 53),
            );
            let shift = numbers(outputs, 11);
            let mut found = vec![f32::NAN; outputs * positions];
            mix_channels(&weight, &x, &shift, &mut found);
            let mut wanted: Vec<f32> = shift.iter().flat_map(|b| vec![*b; positions]).collect();
            loops(&mut wanted, [&weight, &x], size);
            assert_close(&found, &wanted);
        }
    }

    #[test]
    #[should_panic(expected = "6 weights and 2 shifts for 4 numbers to 4")]
    fn sizes_that_do_not_fit_are_refused() {
        mix_channels(&[0.0; 6], &[0.0; 4], &[0.0; 2], &mut [0.0; 4]);
    }
}
