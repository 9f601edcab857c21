//! Base densities.

use std::fmt::Debug;

use super::{Compile, assert_same_length, host, host_f32};
use crate::Noise;
use crate::base::{DiagonalNormal, HALF_LN_TAU, StandardLogistic, StandardNormal};

/// A density of one vector.
pub trait Density: Debug + Send + Sync {
    /// Numbers in a vector.
    fn features(&self) -> usize;

    /// `log p(z)` in nats.
    fn log_prob(&self, z: &[f32]) -> f64;

    /// Fills `z` with samples, one vector after the other.
    fn sample(&self, temperature: f64, noise: &mut Noise, z: &mut [f32]);
}

/// Standard normal numbers, so many.
#[derive(Debug)]
struct Normal(usize);

impl Density for Normal {
    fn features(&self) -> usize {
        self.0
    }

    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.0, z);
        let squares: f64 = z.iter().map(|z| f64::from(*z).powi(2)).sum();
        -0.5 * squares - self.0 as f64 * HALF_LN_TAU
    }

    fn sample(&self, temperature: f64, noise: &mut Noise, z: &mut [f32]) {
        z.fill_with(|| noise.host_normal() as f32 * temperature as f32);
    }
}

/// Standard logistic numbers, so many.
#[derive(Debug)]
struct Logistic(usize);

impl Density for Logistic {
    fn features(&self) -> usize {
        self.0
    }

    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.0, z);
        let cost = z.iter().map(|z| {
            let magnitude = z.abs();
            f64::from(magnitude + 2.0 * (-magnitude).exp().ln_1p())
        });
        -cost.sum::<f64>()
    }

    fn sample(&self, temperature: f64, noise: &mut Noise, z: &mut [f32]) {
        z.fill_with(|| {
            let u = noise.host_open_uniform() as f32;
            (u.ln() - (-u).ln_1p()) * temperature as f32
        });
    }
}

impl Compile for StandardNormal {
    type Plain = Box<dyn Density>;

    fn compile(&self) -> Box<dyn Density> {
        Box::new(Normal(self.features))
    }
}

impl Compile for StandardLogistic {
    type Plain = Box<dyn Density>;

    fn compile(&self) -> Box<dyn Density> {
        Box::new(Logistic(self.features))
    }
}

/// A standard normal density behind scales and shifts.
#[derive(Debug)]
struct Scaled {
    mean: Vec<f32>,
    log_deviation: Vec<f64>,
}

impl Density for Scaled {
    fn features(&self) -> usize {
        self.mean.len()
    }

    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.mean.len(), z);
        let parameters = self.mean.iter().zip(&self.log_deviation);
        let cost = z.iter().zip(parameters).map(|(z, (mean, s))| {
            let standard = f64::from(z - mean) * (-s).exp();
            0.5 * standard.powi(2) + s + HALF_LN_TAU
        });
        -cost.sum::<f64>()
    }

    fn sample(&self, temperature: f64, noise: &mut Noise, z: &mut [f32]) {
        for z in z.chunks_mut(self.mean.len()) {
            let parameters = self.mean.iter().zip(&self.log_deviation);
            for (z, (mean, s)) in z.iter_mut().zip(parameters) {
                *z = noise.host_normal() as f32 * (s.exp() * temperature) as f32 + mean;
            }
        }
    }
}

impl Compile for DiagonalNormal {
    type Plain = Box<dyn Density>;

    fn compile(&self) -> Box<dyn Density> {
        Box::new(Scaled {
            mean: host_f32(self.mean.val()),
            log_deviation: host(self.log_deviation.val()),
        })
    }
}
