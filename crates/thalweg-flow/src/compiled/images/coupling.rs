//! Couplings.

use burn::module::{Module, ModuleDisplay};
use thalweg_kernels::Places;

use super::super::{Compile, Transform};
use super::{Batch, CompileImages, CompileNetwork, ImageLayer, ImageLayers, ImageNetwork};
use crate::{Coupling, Transformer};

#[derive(Debug)]
struct ImageCoupling {
    kept: Places,
    transformed: Places,
    positions: usize,
    transform: Box<dyn Transform>,
    network: Box<dyn ImageNetwork>,
}

impl ImageCoupling {
    /// Numbers of an image.
    fn each(&self) -> usize {
        (self.kept.count + self.transformed.count) * self.positions
    }

    /// The transformer's parameters, image by image.
    fn parameters(&self, x: &Batch<'_>) -> Vec<f32> {
        let (numbers, apart) = x.numbers();
        let Places { first, step, .. } = self.kept;
        if step == 1 {
            // Where they lie.
            return self
                .network
                .apply(&numbers[first * self.positions..], apart);
        }
        let images = numbers.chunks_exact(apart);
        let kept = images.flat_map(|image| self.kept.iter().map(|c| self.channel(image, c)));
        let kept: Vec<f32> = kept.flatten().copied().collect();
        self.network.apply(&kept, self.kept.count * self.positions)
    }

    fn channel<'x>(&self, image: &'x [f32], channel: usize) -> &'x [f32] {
        &image[channel * self.positions..][..self.positions]
    }

    /// Transforms the channels that are not kept.
    fn transform(&self, image: &mut [f32], transform: impl FnOnce(&mut [f32]) -> f64) -> f64 {
        let Places { first, step, count } = self.transformed;
        if step == 1 {
            let start = first * self.positions;
            return transform(&mut image[start..start + count * self.positions]);
        }
        let channels = self.transformed.iter().flat_map(|c| self.channel(image, c));
        let mut part: Vec<f32> = channels.copied().collect();
        let log_det = transform(&mut part);
        for (channel, part) in self.transformed.iter().zip(part.chunks(self.positions)) {
            image[channel * self.positions..][..self.positions].copy_from_slice(part);
        }
        log_det
    }
}

impl ImageLayer for ImageCoupling {
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]) {
        let parameters = self.parameters(x);
        let length = parameters.len() / x.count().max(1);
        x.change_and_add(self.each(), log_dets, |index, image| {
            let parameters = &parameters[index * length..(index + 1) * length];
            self.transform(image, |x| self.transform.forward(x, parameters))
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        let parameters = self.parameters(z);
        let length = parameters.len() / z.count().max(1);
        z.change(self.each(), |index, image| {
            let parameters = &parameters[index * length..(index + 1) * length];
            self.transform(image, |z| {
                self.transform.invert(z, parameters);
                0.0
            });
        });
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
        let network = (self.conditioner).compile_network([height, width], layers.images());
        layers.add(ImageCoupling {
            kept,
            transformed,
            positions: height * width,
            transform: self.transformer.compile(),
            network,
        });
    }
}
