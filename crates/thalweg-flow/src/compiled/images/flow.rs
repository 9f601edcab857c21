//! A flow of images as plain numbers.

use std::ops::Range;

use burn::module::{Module, ModuleDisplay};

use super::{Batch, CompileImages, ImageLayer, ImageLayers};
use crate::base::{HALF_LN_TAU, MultiScaleNormal};
use crate::{Flow, Noise};

/// A flow of images without tensors: kernels laid out once, scales and matrices between couplings
/// multiplied together, no operation of a device in between. For Glow of 32 × 32, one image takes a fifth
/// to a third less time than by tensors, a batch 6 to 20 percent less (`docs/performance.md`).
///
/// The same bits come out at each call on one machine. Calls share the flow and nothing else, so any
/// number of threads may call it at once.
///
/// Latents are rows, finest scale first, as [`Latents::flatten`](crate::Latents::flatten) makes them.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::base::MultiScaleNormal;
/// use thalweg_flow::{
///     Affine, ConvNetConfig, Coupling, Flow, Identity, Level, MultiScale, Noise, Split, Squeeze,
/// };
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let mut coupling = |kept: usize, transformed: usize| -> Coupling<Affine, _, 4> {
///     let net = ConvNetConfig::new(kept, 8, 2 * transformed).init(&mut noise, &device);
///     Coupling::new(Split::half(), Affine::new(), net)
/// };
/// let level = Level::new((Squeeze::new(), coupling(2, 2)), Identity {}, Split::half());
/// let scales = MultiScale::new(vec![level], coupling(1, 1));
/// let flow = Flow::new(scales, MultiScaleNormal::new(vec![[2, 4, 4], [2, 4, 4]]));
///
/// let compiled = flow.compile_images([1, 8, 8], 4);
/// let images = vec![0.5; 3 * 64];
/// let found = compiled.log_prob(&images);
/// let x = Tensor::<4>::full([3, 1, 8, 8], 0.5, &device);
/// assert!((found[2] - flow.log_prob(x).mean().into_scalar::<f32>()).abs() < 1e-4);
///
/// let samples = compiled.sample(5, 1.0, &mut Noise::seeded(1));
/// assert_eq!(samples.len(), 5 * 64);
/// ```
#[derive(Debug)]
pub struct CompiledImages {
    layers: Vec<Box<dyn ImageLayer>>,
    /// Of the numbers of an image, those of the latents of each scale, finest first.
    scales: Vec<Range<usize>>,
    numbers: usize,
    images: usize,
}

impl<B: Module + ModuleDisplay + CompileImages> Flow<B, MultiScaleNormal> {
    /// The flow as plain numbers, for images `[channels, height, width]`, and at most `images` of them at a
    /// time: 1 for the least time of one image, as many as a call brings for the least of all.
    ///
    /// # Panics
    ///
    /// When `images` is 0, or the flow is of images of another shape.
    pub fn compile_images(&self, shape: [usize; 3], images: usize) -> CompiledImages {
        let compiled = CompiledImages::new(&self.bijection, shape, images);
        let latents = self.base.shapes();
        let numbers: Vec<usize> = compiled.scales.iter().map(Range::len).collect();
        let expected: Vec<usize> = latents.iter().map(|z| z.iter().product()).collect();
        assert!(
            numbers == expected,
            "a flow to latents {latents:?}, {expected:?} numbers, got images {shape:?}, which give \
             {numbers:?}"
        );
        compiled
    }
}

impl CompiledImages {
    /// The flow of a bijection to standard normal latents.
    ///
    /// # Panics
    ///
    /// As [`Flow::compile_images`].
    pub fn new(bijection: &impl CompileImages, shape: [usize; 3], images: usize) -> Self {
        assert!(images > 0, "a flow for no images at a time");
        let mut layers = ImageLayers::new(shape, images);
        bijection.compile_images(&mut layers);
        let (layers, scales) = layers.finish();
        Self {
            layers,
            scales,
            numbers: shape.iter().product(),
            images,
        }
    }

    /// Numbers of an image.
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// How many scales latents have.
    pub fn scales(&self) -> usize {
        self.scales.len()
    }

    /// `log p(x)` in nats, of one image after the other.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole images.
    pub fn log_prob(&self, images: &[f32]) -> Vec<f32> {
        let mut latents = images.to_vec();
        let log_dets = self.forward(&mut latents);
        let latents = latents.chunks_exact(self.numbers).zip(log_dets);
        let log_probs = latents.map(|(z, log_det)| {
            let squares: f64 = z.iter().map(|z| f64::from(*z).powi(2)).sum();
            (log_det - 0.5 * squares - self.numbers as f64 * HALF_LN_TAU) as f32
        });
        log_probs.collect()
    }

    /// Each image becomes its latents.
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob).
    pub fn encode(&self, images: &mut [f32]) {
        self.forward(images);
        self.reorder(images, |row, image| {
            for (at, scale) in self.places() {
                row[at].copy_from_slice(&image[scale]);
            }
        });
    }

    /// The latents of each image become it.
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob).
    pub fn decode(&self, latents: &mut [f32]) {
        self.reorder(latents, |image, row| {
            for (at, scale) in self.places() {
                image[scale].copy_from_slice(&row[at]);
            }
        });
        for batch in latents.chunks_mut(self.images * self.numbers) {
            let mut batch = Batch::new(batch, self.numbers);
            for layer in self.layers.iter().rev() {
                layer.inverse(&mut batch);
            }
        }
    }

    /// `n` images at one temperature: those that [`Flow::sample`] gives from the same noise, which here is
    /// always drawn on the host.
    ///
    /// # Panics
    ///
    /// For a temperature that is negative or not finite.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Vec<f32> {
        self.sample_scales(n, &vec![temperature; self.scales()], noise)
    }

    /// `n` images with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Vec<f32> {
        let scales = self.scales();
        assert!(
            temperatures.len() == scales,
            "a flow of {scales} scales takes one temperature for each, got {}",
            temperatures.len()
        );
        let mut latents = vec![0.0; n * self.numbers];
        for ((at, _), &temperature) in self.places().zip(temperatures) {
            assert!(
                temperature >= 0.0 && temperature.is_finite(),
                "a temperature is a finite number from 0 on, got {temperature}"
            );
            for row in latents.chunks_exact_mut(self.numbers) {
                row[at.clone()].fill_with(|| noise.host_normal() as f32 * temperature as f32);
            }
        }
        self.decode(&mut latents);
        latents
    }

    /// Each image becomes its latents, where they lie: `ln |det J|` of each.
    fn forward(&self, images: &mut [f32]) -> Vec<f64> {
        let mut log_dets = vec![0.0; Batch::new(images, self.numbers).count()];
        let batches = images.chunks_mut(self.images * self.numbers);
        for (batch, log_dets) in batches.zip(log_dets.chunks_mut(self.images)) {
            let mut batch = Batch::new(batch, self.numbers);
            for layer in &self.layers {
                layer.forward(&mut batch, log_dets);
            }
        }
        log_dets
    }

    /// Of each scale, its places in a row of latents and in an image.
    fn places(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        self.scales.iter().scan(0, |end, scale| {
            let start = *end;
            *end += scale.len();
            Some((start..*end, scale.clone()))
        })
    }

    /// Other places for the numbers of each image, `order(to, from)`.
    fn reorder(&self, numbers: &mut [f32], order: impl Fn(&mut [f32], &[f32]) + Sync) {
        Batch::new(numbers, self.numbers).change(self.numbers, |_, image| {
            let old = image.to_vec();
            order(image, &old);
        });
    }
}
