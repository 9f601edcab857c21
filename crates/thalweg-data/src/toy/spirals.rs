//! Two spiral arms with noise.

use std::f64::consts::PI;
use std::sync::LazyLock;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::curve::gauss_legendre;
use super::mixture::{Mixture, blur};

const DEVIATION: f64 = 0.1;
const END: f64 = 3.0 * PI;

/// `p(x) = ½ Σ± ∫ N(x; ±c(t), σ² I) 2t/(3π)² dt` over `0..3π`, the integral by quadrature.
pub(super) static DENSITY: LazyLock<Mixture> = LazyLock::new(|| density(128));

fn density(panels: usize) -> Mixture {
    let on_both = |(t, weight): (f64, f64)| {
        let log_weight = (weight * t / (END * END)).ln();
        let [x, y] = arm(t);
        [([x, y], log_weight), ([-x, -y], log_weight)]
    };
    Mixture {
        deviation: DEVIATION,
        parts: gauss_legendre(END, panels).flat_map(on_both).collect(),
    }
}

fn arm(t: f64) -> [f64; 2] {
    [t * t.cos() / 3.0, -t * t.sin() / 3.0]
}

pub(super) fn draw(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let t = END * rng.random::<f64>().sqrt();
    let sign = if rng.random() { 1.0 } else { -1.0 };
    blur(arm(t).map(|value| sign * value), DEVIATION, rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_nodes_change_nothing() {
        let fine = density(256);
        for seed in 0..200 {
            let x = draw(&mut crate::rng::generator(seed, 0));
            assert!(
                (DENSITY.log_density(x) - fine.log_density(x)).abs() < 1e-8,
                "at {x:?}"
            );
        }
    }
}
