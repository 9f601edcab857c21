//! Normals bent into the arms of a wheel.

use std::f64::consts::TAU;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

const ARMS: u8 = 5;
const ALONG: f64 = 0.3;
const ACROSS: f64 = 0.1;
const TWIST: f64 = 0.25;
const SCALE: f64 = 2.0;

/// `p(x) = 1/(5 · 2²) Σₖ N(R₋ₖ x/2; (1, 0), diag(0.3², 0.1²))`, where `R₋ₖ` turns back arm `k`.
///
/// A turn by an angle that depends on the radius alone has determinant 1.
pub(super) fn log_density(x: [f64; 2]) -> f64 {
    let x = x.map(|value| value / SCALE);
    let arm = |k: u8| {
        let [u, v] = turn(x, -angle(k, x));
        let (u, v) = ((u - 1.0) / ALONG, v / ACROSS);
        -(u * u + v * v) / 2.0
    };
    let exponents = (0..ARMS).map(arm);
    let largest = exponents.clone().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = exponents.map(|exponent| (exponent - largest).exp()).sum();
    let constant = f64::from(ARMS) * SCALE * SCALE * TAU * ALONG * ACROSS;
    largest + sum.ln() - constant.ln()
}

fn angle(arm: u8, [x, y]: [f64; 2]) -> f64 {
    TAU * f64::from(arm) / f64::from(ARMS) + TWIST * x.hypot(y).exp()
}

fn turn([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

pub(super) fn draw(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let mut normal = || rng.sample::<f64, _>(StandardNormal);
    let x = [1.0 + ALONG * normal(), ACROSS * normal()];
    let arm = rng.random_range(0..ARMS);
    turn(x, angle(arm, x)).map(|value| SCALE * value)
}
