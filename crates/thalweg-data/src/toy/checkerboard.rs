//! Uniform on the dark squares of a board.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// Squares a side of the board.
const SIDE: usize = 4;

/// Lower left corners of the dark squares, which have side 2.
fn corners() -> impl Iterator<Item = [f64; 2]> {
    let corner = |i: usize| 2.0 * i as f64 - SIDE as f64;
    (0..SIDE).flat_map(move |i| {
        (i % 2..SIDE)
            .step_by(2)
            .map(move |j| [corner(i), corner(j)])
    })
}

/// `−ln 32` on the eight dark squares, edges included, since a point rounded to `f32` may lie there.
pub(super) fn log_density([x, y]: [f64; 2]) -> f64 {
    let inside =
        |[left, low]: [f64; 2]| (left..=left + 2.0).contains(&x) && (low..=low + 2.0).contains(&y);
    if corners().any(inside) {
        -32f64.ln()
    } else {
        f64::NEG_INFINITY
    }
}

pub(super) fn draw(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let i = rng.random_range(0..SIDE);
    let j = 2 * rng.random_range(0..SIDE / 2) + i % 2;
    [i, j].map(|k| 2.0 * (k as f64 + rng.random::<f64>()) - SIDE as f64)
}
