//! Normals on a circle.

use std::f64::consts::TAU;
use std::sync::LazyLock;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::mixture::{Mixture, blur};

const COUNT: u8 = 8;
const RADIUS: f64 = 2.0;
const DEVIATION: f64 = 0.2;

pub(super) static DENSITY: LazyLock<Mixture> = LazyLock::new(|| Mixture {
    deviation: DEVIATION,
    parts: (0..COUNT)
        .map(|i| (centre(i), -f64::from(COUNT).ln()))
        .collect(),
});

fn centre(index: u8) -> [f64; 2] {
    let angle = TAU * f64::from(index) / f64::from(COUNT);
    [RADIUS * angle.cos(), RADIUS * angle.sin()]
}

pub(super) fn draw(rng: &mut ChaCha8Rng) -> [f64; 2] {
    blur(centre(rng.random_range(0..COUNT)), DEVIATION, rng)
}
