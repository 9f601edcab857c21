//! Base densities.

use std::fmt::Debug;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Tensor, activation::log_softmax};
use thalweg_kernels::Density;

use super::{Lower, LowerEmbedding, Lowering, assert_same_length, host, host_f32};
use crate::base::{
    DiagonalNormal, GaussianMixture, HALF_LN_TAU, MultiScaleNormal, StandardLogistic,
    StandardNormal, UniformNormal, UnitCube,
};
use crate::{Base, Bijection, Condition, Embedded, Flow, Noise};

/// A density of one latent.
///
/// See [`LowerBase`] for an example.
pub trait CompiledBase: Debug + Send + Sync {
    /// `log p(z)` in nats.
    fn log_prob(&self, z: &[f32]) -> f64;

    /// Fills `z` with samples, one after the other, with a temperature for each scale.
    fn sample(&self, temperatures: &[f64], noise: &mut Noise, z: &mut [f32]);
}

/// A base density that has a compiled form, for the context `C`.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::base::StandardNormal;
/// use thalweg_flow::compiled::{CompiledBase, LowerBase, Lowering};
///
/// let base = StandardNormal::new(3);
/// assert_eq!(LowerBase::<()>::scales(&base), [3]);
/// let compiled = LowerBase::<()>::lower_base(&base, &mut Lowering::new([3, 1, 1], 1));
/// let highest = -1.5 * (2.0 * std::f64::consts::PI).ln();
/// assert!((compiled.log_prob(&[0.0; 3]) - highest).abs() < 1e-6);
/// ```
pub trait LowerBase<C = ()>: Base<C> {
    /// The numbers of each scale of a latent, finest first: one scale for vectors.
    fn scales(&self) -> Vec<usize>;

    /// The density; a base that is a flow adds its steps to the plan.
    fn lower_base(&self, plan: &mut Lowering) -> Box<dyn CompiledBase>;
}

/// Standard normal numbers.
#[derive(Debug)]
struct Normal {
    scales: Vec<usize>,
    numbers: usize,
}

impl Normal {
    fn new(scales: Vec<usize>) -> Self {
        let numbers = scales.iter().sum();
        Self { scales, numbers }
    }
}

impl CompiledBase for Normal {
    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.numbers, z);
        Density::Normal.log_prob(z)
    }

    fn sample(&self, temperatures: &[f64], noise: &mut Noise, z: &mut [f32]) {
        let mut start = 0;
        for (scale, temperature) in self.scales.iter().zip(temperatures) {
            for z in z.chunks_exact_mut(self.numbers) {
                let z = &mut z[start..start + scale];
                z.fill_with(|| noise.host_normal() as f32 * *temperature as f32);
            }
            start += scale;
        }
    }
}

impl<C> LowerBase<C> for StandardNormal {
    fn scales(&self) -> Vec<usize> {
        vec![self.features]
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        Box::new(Normal::new(vec![self.features]))
    }
}

impl<C> LowerBase<C> for MultiScaleNormal {
    fn scales(&self) -> Vec<usize> {
        self.shapes().iter().map(|z| z.iter().product()).collect()
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        Box::new(Normal::new(LowerBase::<C>::scales(self)))
    }
}

/// Standard logistic numbers.
#[derive(Debug)]
struct Logistic(usize);

impl CompiledBase for Logistic {
    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.0, z);
        Density::Logistic.log_prob(z)
    }

    fn sample(&self, temperatures: &[f64], noise: &mut Noise, z: &mut [f32]) {
        z.fill_with(|| {
            let u = noise.host_open_uniform() as f32;
            (u.ln() - (-u).ln_1p()) * temperatures[0] as f32
        });
    }
}

impl<C> LowerBase<C> for StandardLogistic {
    fn scales(&self) -> Vec<usize> {
        vec![self.features]
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        Box::new(Logistic(self.features))
    }
}

/// Uniform numbers of `[0, 1]`.
#[derive(Debug)]
struct Uniform(usize);

impl CompiledBase for Uniform {
    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.0, z);
        match z.iter().all(|z| (0.0..=1.0).contains(z)) {
            true => 0.0,
            false => f64::NEG_INFINITY,
        }
    }

    fn sample(&self, temperatures: &[f64], noise: &mut Noise, z: &mut [f32]) {
        z.fill_with(|| (noise.host_uniform() as f32 - 0.5) * temperatures[0] as f32 + 0.5);
    }
}

impl<C> LowerBase<C> for UnitCube {
    fn scales(&self) -> Vec<usize> {
        vec![self.features]
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        Box::new(Uniform(self.features))
    }
}

/// See [`UniformNormal`].
#[derive(Debug)]
struct OnCircles(Vec<bool>);

impl CompiledBase for OnCircles {
    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.0.len(), z);
        let lines = z.iter().zip(&self.0).filter(|(_, is_circle)| !**is_circle);
        let terms = lines.map(|(z, _)| -0.5 * f64::from(*z).powi(2) - HALF_LN_TAU);
        terms.sum()
    }

    fn sample(&self, temperatures: &[f64], noise: &mut Noise, z: &mut [f32]) {
        let circles = self.0.iter().cycle();
        for (z, is_circle) in z.iter_mut().zip(circles) {
            let number = match is_circle {
                true => noise.host_uniform() - 0.5,
                false => noise.host_normal(),
            };
            *z = (number * temperatures[0]) as f32;
        }
    }
}

impl<C> LowerBase<C> for UniformNormal {
    fn scales(&self) -> Vec<usize> {
        vec![self.features]
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        Box::new(OnCircles(self.is_circle()))
    }
}

/// Weighted normal densities behind scales and shifts: one, or a mixture.
#[derive(Debug)]
struct Mixture {
    features: usize,
    /// Unnormalized, for samples.
    logits: Vec<f32>,
    log_weights: Vec<f64>,
    /// Component by component.
    means: Vec<f32>,
    log_deviations: Vec<f64>,
}

impl Mixture {
    /// Means and log-deviations of a component.
    fn component(&self, index: usize) -> impl Iterator<Item = (&f32, &f64)> {
        let at = index * self.features..(index + 1) * self.features;
        self.means[at.clone()].iter().zip(&self.log_deviations[at])
    }

    fn log_prob_of(&self, index: usize, z: &[f32]) -> f64 {
        let cost = z.iter().zip(self.component(index)).map(|(z, (mean, s))| {
            let standard = f64::from(z - mean) * (-s).exp();
            0.5 * standard.powi(2) + s + HALF_LN_TAU
        });
        self.log_weights[index] - cost.sum::<f64>()
    }

    /// A draw of the weights: the largest of the logits with Gumbel noise.
    fn draw(&self, noise: &mut Noise) -> usize {
        let mut best = (0, f32::NEG_INFINITY);
        for (index, logit) in self.logits.iter().enumerate() {
            let u = noise.host_open_uniform() as f32;
            let value = logit - (-u.ln()).ln();
            if value > best.1 {
                best = (index, value);
            }
        }
        best.0
    }
}

impl CompiledBase for Mixture {
    fn log_prob(&self, z: &[f32]) -> f64 {
        assert_same_length(self.features, z);
        let each = || (0..self.logits.len()).map(|index| self.log_prob_of(index, z));
        let highest = each().fold(f64::NEG_INFINITY, f64::max).max(f64::MIN);
        let sum: f64 = each().map(|log_prob| (log_prob - highest).exp()).sum();
        highest + sum.ln()
    }

    fn sample(&self, temperatures: &[f64], noise: &mut Noise, z: &mut [f32]) {
        // As for tensors, all components are drawn first; each waits in the first number of its sample.
        if self.logits.len() > 1 {
            for z in z.chunks_exact_mut(self.features) {
                z[0] = self.draw(noise) as f32;
            }
        }
        for z in z.chunks_exact_mut(self.features) {
            let component = if self.logits.len() > 1 {
                z[0] as usize
            } else {
                0
            };
            for (z, (mean, s)) in z.iter_mut().zip(self.component(component)) {
                let deviation = (s.exp() * temperatures[0]) as f32;
                *z = noise.host_normal() as f32 * deviation + mean;
            }
        }
    }
}

impl<C> LowerBase<C> for DiagonalNormal {
    fn scales(&self) -> Vec<usize> {
        vec![self.mean.val().dims()[0]]
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        let means = host_f32(self.mean.val());
        Box::new(Mixture {
            features: means.len(),
            logits: vec![0.0],
            log_weights: vec![0.0],
            means,
            log_deviations: host(self.log_deviation.val()),
        })
    }
}

impl<C> LowerBase<C> for GaussianMixture {
    fn scales(&self) -> Vec<usize> {
        vec![self.means.val().dims()[1]]
    }

    fn lower_base(&self, _: &mut Lowering) -> Box<dyn CompiledBase> {
        let [_, features] = self.means.val().dims();
        Box::new(Mixture {
            features,
            logits: host_f32(self.logits.val()),
            log_weights: host(log_softmax(self.logits.val(), 0)),
            means: host_f32(self.means.val()),
            log_deviations: host(self.log_deviations.val()),
        })
    }
}

impl<C, B, P> LowerBase<C> for Flow<B, P>
where
    C: Condition,
    B: Bijection<C> + Lower<C>,
    P: LowerBase<C> + Base<C, Latent = B::Latent>,
{
    fn scales(&self) -> Vec<usize> {
        self.base.scales()
    }

    fn lower_base(&self, plan: &mut Lowering) -> Box<dyn CompiledBase> {
        self.bijection.lower(plan);
        self.base.lower_base(plan)
    }
}

impl<C, E, P> LowerBase<C> for Embedded<E, P>
where
    E: LowerEmbedding<C>,
    P: Module + ModuleDisplay + LowerBase<Tensor<2>>,
{
    fn scales(&self) -> Vec<usize> {
        self.inner.scales()
    }

    fn lower_base(&self, plan: &mut Lowering) -> Box<dyn CompiledBase> {
        let vector = self.embedding.lower_embedding(plan);
        plan.embedded(vector, |plan| self.inner.lower_base(plan))
    }
}
