//! Densities that are mixtures of normals with one common deviation.

use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

/// `p(x) = Σᵢ wᵢ N(x; cᵢ, σ² I)`.
#[derive(Debug)]
pub(super) struct Mixture {
    deviation: f64,
    /// `(cᵢ, ln wᵢ)`; the sum of the weights is 1.
    parts: Vec<([f64; 2], f64)>,
}

impl Mixture {
    /// `ln p(x)`.
    pub(super) fn log_density(&self, [x, y]: [f64; 2]) -> f64 {
        let variance = self.deviation * self.deviation;
        let term = |&([cx, cy], log_weight): &([f64; 2], f64)| {
            let (dx, dy) = (x - cx, y - cy);
            log_weight - (dx * dx + dy * dy) / (2.0 * variance)
        };
        super::log_sum_exp(self.parts.iter().map(term)) - (TAU * variance).ln()
    }
}

/// A point plus normal noise with this deviation on each coordinate.
fn blur([x, y]: [f64; 2], deviation: f64, rng: &mut ChaCha8Rng) -> [f64; 2] {
    let mut noise = || deviation * rng.sample::<f64, _>(StandardNormal);
    [x + noise(), y + noise()]
}

fn on_circle(radius: f64, turn: f64) -> [f64; 2] {
    let angle = TAU * turn;
    [radius * angle.cos(), radius * angle.sin()]
}

/// The positive nodes and their weights of the Gauss–Legendre rule of eight points on `−1..1`, exact
/// to degree 15 (M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 1964, table
/// 25.4). Each negative node has the weight of its positive one.
const HALF_RULE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];

/// Nodes `t` and weights `w` with `∫₀ᵉⁿᵈ f(t) dt ≈ Σ w f(t)`, eight on each of `panels` equal parts.
///
/// Where `f` is a bump of deviation σ, parts of 1.5 σ leave a relative error below 10⁻¹².
fn gauss_legendre(end: f64, panels: usize) -> impl Iterator<Item = (f64, f64)> {
    let half = end / (2 * panels) as f64;
    (0..panels).flat_map(move |panel| {
        let middle = half * (2 * panel + 1) as f64;
        HALF_RULE.into_iter().flat_map(move |(node, weight)| {
            [-node, node].map(|node| (middle + half * node, half * weight))
        })
    })
}

/// The deviation of the noise about curves.
const NOISE: f64 = 0.1;

/// Two curves `c₁(t)`, `c₂(t)` with equal probabilities, plus noise:
/// `p(x) = ½ Σₖ ∫₀ᵉⁿᵈ N(x; cₖ(t), σ² I) q(t) dt`.
pub(super) struct Pair {
    curves: [fn(f64) -> [f64; 2]; 2],
    end: f64,
    /// The density `q` of `t`.
    weight: fn(f64) -> f64,
    /// The `t` of a uniform number in `0..1`.
    quantile: fn(f64) -> f64,
}

pub(super) const MOONS: Pair = Pair {
    curves: [|t| [t.cos(), t.sin()], |t| [1.0 - t.cos(), 0.5 - t.sin()]],
    end: PI,
    weight: |_| 1.0 / PI,
    quantile: |u| PI * u,
};

const TURNS: f64 = 3.0 * PI;

pub(super) const SPIRALS: Pair = Pair {
    curves: [
        |t| [t * t.cos() / 3.0, -t * t.sin() / 3.0],
        |t| [-t * t.cos() / 3.0, t * t.sin() / 3.0],
    ],
    end: TURNS,
    weight: |t| 2.0 * t / (TURNS * TURNS),
    quantile: |u| TURNS * u.sqrt(),
};

impl Pair {
    fn density(&self, panels: usize) -> Mixture {
        let on_both = |(t, weight): (f64, f64)| {
            let log_weight = (0.5 * weight * (self.weight)(t)).ln();
            self.curves.map(|curve| (curve(t), log_weight))
        };
        let nodes = gauss_legendre(self.end, panels);
        Mixture {
            deviation: NOISE,
            parts: nodes.flat_map(on_both).collect(),
        }
    }

    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> [f64; 2] {
        let t = (self.quantile)(rng.random());
        let curve = self.curves[usize::from(!rng.random::<bool>())];
        blur(curve(t), NOISE, rng)
    }
}

const RADII: [f64; 4] = [0.75, 1.5, 2.25, 3.0];

/// `p(x) = ¼ Σᵣ 1/2π ∫ N(x; r (cos t, sin t), σ² I) dt` over a turn.
///
/// The integrand is smooth and periodic, so equal weights on equidistant points converge faster
/// than any power of the spacing: 0.6 σ leaves a relative error below 10⁻¹².
fn rings(spacing: f64) -> Mixture {
    let ring = |radius: f64| {
        let count = (TAU * radius / (spacing * NOISE)).ceil();
        let log_weight = -(count * RADII.len() as f64).ln();
        (0..count as usize).map(move |i| (on_circle(radius, i as f64 / count), log_weight))
    };
    Mixture {
        deviation: NOISE,
        parts: RADII.into_iter().flat_map(ring).collect(),
    }
}

pub(super) fn draw_rings(rng: &mut ChaCha8Rng) -> [f64; 2] {
    let radius = RADII[rng.random_range(0..RADII.len())];
    blur(on_circle(radius, rng.random()), NOISE, rng)
}

const COUNT: u8 = 8;
const DEVIATION: f64 = 0.2;

/// The centre of one of the eight normals.
fn centre(index: u8) -> [f64; 2] {
    on_circle(2.0, f64::from(index) / f64::from(COUNT))
}

pub(super) fn draw_gaussians(rng: &mut ChaCha8Rng) -> [f64; 2] {
    blur(centre(rng.random_range(0..COUNT)), DEVIATION, rng)
}

pub(super) static TWO_MOONS: LazyLock<Mixture> = LazyLock::new(|| MOONS.density(24));
pub(super) static TWO_SPIRALS: LazyLock<Mixture> = LazyLock::new(|| SPIRALS.density(128));
pub(super) static RINGS: LazyLock<Mixture> = LazyLock::new(|| rings(0.6));
pub(super) static EIGHT_GAUSSIANS: LazyLock<Mixture> = LazyLock::new(|| Mixture {
    deviation: DEVIATION,
    parts: (0..COUNT)
        .map(|i| (centre(i), -f64::from(COUNT).ln()))
        .collect(),
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_nodes_change_nothing() {
        type Draw = fn(&mut ChaCha8Rng) -> [f64; 2];
        let densities: [(&Mixture, Mixture, Draw); 3] = [
            (&TWO_MOONS, MOONS.density(48), |rng| MOONS.draw(rng)),
            (&TWO_SPIRALS, SPIRALS.density(256), |rng| SPIRALS.draw(rng)),
            (&RINGS, rings(0.3), draw_rings),
        ];
        for (coarse, fine, draw) in densities {
            for seed in 0..200 {
                let x = draw(&mut crate::rng::generator(seed, 0));
                let gap = (coarse.log_density(x) - fine.log_density(x)).abs();
                assert!(gap < 1e-8, "at {x:?}");
            }
        }
    }
}
