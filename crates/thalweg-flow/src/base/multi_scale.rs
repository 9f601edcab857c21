//! The standard normal density of multi-scale latents.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, log_density};

use super::no_samples;
use crate::shape::assert_sample_shape;
use crate::{Base, Latents, Noise, Placement};

/// `log p(z) = −½ Σ z² − d/2 ln 2π` over the numbers of every scale.
///
/// The priors of the scales belong to the bijection, [`MultiScale`](crate::MultiScale).
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::{Base, Noise, Placement, base::MultiScaleNormal};
///
/// let base = MultiScaleNormal::new(vec![[6, 4, 4], [12, 2, 2]]);
/// let placement = Placement { device: Device::default(), dtype: DType::F32 };
/// // The coarse scale alone is random: details stay at their mean.
/// let z = base.sample_scales(5, &[0.0, 1.0], &mut Noise::seeded(0), &placement);
/// assert_eq!(z.scales()[0].clone().abs().max().into_scalar::<f32>(), 0.0);
/// assert_eq!(z.shapes(), base.shapes());
/// base.assert_latents(&z);
/// assert_eq!(base.log_prob(z, &()).dims(), [5]);
/// ```
#[derive(Module, Debug)]
pub struct MultiScaleNormal {
    #[module(skip)]
    shapes: Vec<[usize; 3]>,
}

impl MultiScaleNormal {
    /// For scales of these shapes, `[channels, height, width]`, finest first.
    pub fn new(shapes: Vec<[usize; 3]>) -> Self {
        Self { shapes }
    }

    /// `[channels, height, width]` of each scale, finest first.
    pub fn shapes(&self) -> &[[usize; 3]] {
        &self.shapes
    }

    /// `n` latents with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        placement: &Placement,
    ) -> Latents {
        assert!(
            temperatures.len() == self.shapes.len(),
            "{} temperatures for {} scales: give one for each scale",
            temperatures.len(),
            self.shapes.len()
        );
        let scales = self.shapes.iter().zip(temperatures).map(|(shape, &t)| {
            assert!(
                t >= 0.0 && t.is_finite(),
                "a temperature is a finite number from 0 on, got {t}"
            );
            let [channels, height, width] = *shape;
            let shape = [n, channels, height, width];
            no_samples(shape, placement).unwrap_or_else(|| {
                let z = noise.normal(shape, &placement.device, placement.dtype);
                z.mul_scalar(t)
            })
        });
        Latents::new(scales.collect())
    }

    /// Checks that latents have the scales of this density.
    ///
    /// # Panics
    ///
    /// Unless they have.
    #[track_caller]
    pub fn assert_latents(&self, z: &Latents) {
        let scales = z.scales();
        assert!(
            scales.len() == self.shapes.len(),
            "MultiScaleNormal is made for latents of {} scales and got {}",
            self.shapes.len(),
            scales.len()
        );
        for (z, shape) in scales.iter().zip(&self.shapes) {
            assert_sample_shape("a scale of MultiScaleNormal", shape, z);
        }
    }
}

impl<C> Base<C> for MultiScaleNormal {
    type Latent = Latents;

    fn log_prob(&self, z: Latents, _: &C) -> Tensor<1> {
        self.assert_latents(&z);
        let scales = z.into_scales().into_iter();
        let scales = scales.map(|z| log_density(z, Density::Normal));
        scales
            .reduce(Tensor::add)
            .expect("latents have at least one scale")
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Latents {
        let temperatures = vec![temperature; self.shapes.len()];
        self.sample_scales(n, &temperatures, noise, placement)
    }
}
