//! Densities with a closed form: the checkerboard and the pinwheel.

use std::f64::consts::TAU;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

/// The number of squares along a side of the board. A square has side 2.
const SIDE: usize = 4;

/// `−ln 32` on the eight dark squares. Their edges belong to them, since a point rounded to `f32`
/// may lie there.
pub(super) fn checkerboard([x, y]: [f64; 2]) -> f64 {
    let square = |i: usize| {
        let low = 2.0 * i as f64 - SIDE as f64;
        low..=low + 2.0
    };
    let dark = |i: usize| (i % 2..SIDE).step_by(2);
    let mut squares = (0..SIDE).flat_map(|i| dark(i).map(move |j| (i, j)));
    match squares.any(|(i, j)| square(i).contains(&x) && square(j).contains(&y)) {
        true => -32f64.ln(),
        false => f64::NEG_INFINITY,
    }
}

pub(super) fn draw_checkerboard(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let i = rng.random_range(0..SIDE);
    let j = 2 * rng.random_range(0..SIDE / 2) + i % 2;
    [i, j].map(|k| 2.0 * (k as f64 + rng.random::<f64>()) - SIDE as f64)
}

const ARMS: u8 = 5;
const ALONG: f64 = 0.3;
const ACROSS: f64 = 0.1;
const TWIST: f64 = 0.25;
const SCALE: f64 = 2.0;

/// `p(x) = 1/(5 · 2²) Σₖ N(R₋ₖ x/2; (1, 0), diag(0.3², 0.1²))`, where `R₋ₖ` undoes the rotation of
/// arm `k`.
///
/// A rotation by an angle that depends only on the radius has determinant 1.
pub(super) fn pinwheel(x: [f64; 2]) -> f64 {
    let x = x.map(|value| value / SCALE);
    let arm = |k: u8| {
        let [u, v] = rotate(x, -angle(k, x));
        let (u, v) = ((u - 1.0) / ALONG, v / ACROSS);
        -(u * u + v * v) / 2.0
    };
    let constant = f64::from(ARMS) * SCALE * SCALE * TAU * ALONG * ACROSS;
    super::log_sum_exp((0..ARMS).map(arm)) - constant.ln()
}

fn angle(arm: u8, [x, y]: [f64; 2]) -> f64 {
    TAU * f64::from(arm) / f64::from(ARMS) + TWIST * x.hypot(y).exp()
}

fn rotate([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

pub(super) fn draw_pinwheel(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let mut normal = || rng.sample::<f64, _>(StandardNormal);
    let x = [1.0 + ALONG * normal(), ACROSS * normal()];
    let arm = rng.random_range(0..ARMS);
    rotate(x, angle(arm, x)).map(|value| SCALE * value)
}
