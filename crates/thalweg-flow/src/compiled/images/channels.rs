//! Couplings between channels.

use burn::module::{Module, ModuleDisplay};
use thalweg_kernels::Places;

use super::super::{Compile, Transform};
use super::coupling::{ImageCoupling, Parts};
use super::{Batch, CompileImages, CompileNetwork, ImageLayers, ImageNetwork};
use crate::{Coupling, Transformer};

/// Channels that are kept, and channels that are transformed.
#[derive(Debug)]
struct Channels {
    kept: Places,
    transformed: Places,
    positions: usize,
}

impl Channels {
    fn channel<'x>(&self, image: &'x [f32], channel: usize) -> &'x [f32] {
        &image[channel * self.positions..][..self.positions]
    }
}

impl Parts for Channels {
    fn each(&self) -> usize {
        (self.kept.count + self.transformed.count) * self.positions
    }

    fn transformed(&self) -> usize {
        self.transformed.count * self.positions
    }

    fn parameters(&self, network: &dyn ImageNetwork, x: &Batch<'_>) -> Vec<f32> {
        let (numbers, apart) = x.numbers();
        let Places { first, step, .. } = self.kept;
        if step == 1 && !numbers.is_empty() {
            // Where they lie.
            return network.apply(&numbers[first * self.positions..], apart);
        }
        let images = numbers.chunks_exact(apart);
        let kept = images.flat_map(|image| self.kept.iter().map(|c| self.channel(image, c)));
        let kept: Vec<f32> = kept.flatten().copied().collect();
        network.apply(&kept, self.kept.count * self.positions)
    }

    fn transform(
        &self,
        image: &mut [f32],
        parameters: &[f32],
        transform: impl FnOnce(&mut [f32], &[f32]) -> f64,
    ) -> f64 {
        let Places { first, step, count } = self.transformed;
        if step == 1 {
            let start = first * self.positions;
            let part = &mut image[start..start + count * self.positions];
            return transform(part, parameters);
        }
        let channels = self.transformed.iter().flat_map(|c| self.channel(image, c));
        let mut part: Vec<f32> = channels.copied().collect();
        let log_det = transform(&mut part, parameters);
        for (channel, part) in self.transformed.iter().zip(part.chunks(self.positions)) {
            image[channel * self.positions..][..self.positions].copy_from_slice(part);
        }
        log_det
    }
}

impl<T, N> CompileImages for Coupling<T, N, 4>
where
    T: Transformer + Compile<Plain = Box<dyn Transform>>,
    N: Module + ModuleDisplay + CompileNetwork,
{
    fn compile_images(&self, layers: &mut ImageLayers) {
        let [channels, height, width] = layers.shape();
        let [kept, transformed] = self.split.both(channels);
        let seen = [kept.count, height, width];
        layers.add(ImageCoupling {
            parts: Channels {
                kept,
                transformed,
                positions: height * width,
            },
            transform: self.transformer.compile(),
            parameters_per_feature: self.transformer.parameters_per_feature(),
            network: self.conditioner.compile_network(seen, layers.images()),
        });
    }
}
