//! Two interleaved half circles with noise.

use std::f64::consts::PI;
use std::sync::LazyLock;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::curve::gauss_legendre;
use super::mixture::{Mixture, blur};

const DEVIATION: f64 = 0.1;

/// `p(x) = 1/2π Σₖ ∫₀^π N(x; cₖ(t), σ² I) dt`, the integral by quadrature.
pub(super) static DENSITY: LazyLock<Mixture> = LazyLock::new(|| density(24));

fn density(panels: usize) -> Mixture {
    let on_both = |(t, weight): (f64, f64)| {
        let log_weight = (weight / (2.0 * PI)).ln();
        [(outer(t), log_weight), (inner(t), log_weight)]
    };
    Mixture {
        deviation: DEVIATION,
        parts: gauss_legendre(PI, panels).flat_map(on_both).collect(),
    }
}

fn outer(t: f64) -> [f64; 2] {
    [t.cos(), t.sin()]
}

fn inner(t: f64) -> [f64; 2] {
    [1.0 - t.cos(), 0.5 - t.sin()]
}

pub(super) fn draw(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let t = PI * rng.random::<f64>();
    let point = if rng.random() { outer(t) } else { inner(t) };
    blur(point, DEVIATION, rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_nodes_change_nothing() {
        let fine = density(48);
        for seed in 0..200 {
            let x = draw(&mut crate::rng::generator(seed, 0));
            assert!(
                (DENSITY.log_density(x) - fine.log_density(x)).abs() < 1e-8,
                "at {x:?}"
            );
        }
    }
}
