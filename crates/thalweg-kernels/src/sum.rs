//! Sums in one order on every processor.

/// `Σ f(x, y)` in eight lanes, which are a vector's, and more accurate than one after the other.
#[inline(always)]
pub(crate) fn sum_of(x: &[f32], y: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    let mut lanes = [0.0; 8];
    for (x, y) in x.iter().zip(y) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += f(*x, *y);
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| f(*x, *y)).sum();
    lanes.iter().sum::<f32>() + rest
}
