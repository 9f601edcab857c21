//! Fixed steps, orders, and noise without a library.

use thalweg_ode::{Method, Start, Vector, VectorSpace, infallible};

/// The state at `end`, after so many steps of one size.
pub(crate) fn march<S: VectorSpace>(
    method: &impl Method,
    field: impl FnMut(f64, &S) -> S,
    y: S,
    end: f64,
    steps: usize,
) -> S {
    let mut field = infallible(field);
    let h = end / steps as f64;
    let mut y = y;
    for k in 0..steps {
        let start = Start {
            t: h * k as f64,
            y: &y,
            slope: None,
        };
        let Ok(step) = method.step(&mut field, start, h);
        y = step.y;
    }
    y
}

/// The `p` in `error ∝ hᵖ`, from the errors with `steps` and twice as many.
pub(crate) fn observed_order(error: impl Fn(usize) -> f64, steps: usize) -> f64 {
    (error(steps) / error(2 * steps)).log2()
}

/// The largest difference of two components.
pub(crate) fn distance(a: &Vector, b: &Vector) -> f64 {
    let differences = a.iter().zip(b.iter()).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max)
}

/// Standard normal numbers: SplitMix64 (Steele, Lea, Flood 2014) and Box-Muller.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
