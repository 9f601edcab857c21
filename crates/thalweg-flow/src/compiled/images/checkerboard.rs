//! Couplings between the colours of a checkerboard.

use burn::module::{Module, ModuleDisplay};

use super::super::{Compile, Transform};
use super::{Batch, CompileImages, CompileNetwork, ImageLayer, ImageLayers, ImageNetwork};
use crate::{Checkerboard, Transformer};

#[derive(Debug)]
struct ImageCheckerboard {
    channels: usize,
    positions: usize,
    /// Those of the pixels that are transformed.
    transformed: Vec<usize>,
    transform: Box<dyn Transform>,
    network: Box<dyn ImageNetwork>,
}

impl ImageCheckerboard {
    /// The transformer's parameters, image by image.
    fn parameters(&self, x: &Batch<'_>) -> Vec<f32> {
        let ((numbers, apart), each) = (x.numbers(), self.channels * self.positions);
        let images = numbers.chunks_exact(apart);
        let mut kept: Vec<f32> = images.flat_map(|image| &image[..each]).copied().collect();
        for channel in kept.chunks_exact_mut(self.positions) {
            self.transformed
                .iter()
                .for_each(|place| channel[*place] = 0.0);
        }
        self.network.apply(&kept, each)
    }

    /// The transformed pixels of each channel.
    fn part(&self, channels: &[f32]) -> Vec<f32> {
        let channels = channels.chunks_exact(self.positions);
        let pixels = channels.flat_map(|channel| self.transformed.iter().map(|at| channel[*at]));
        pixels.collect()
    }

    fn change(
        &self,
        image: &mut [f32],
        parameters: &[f32],
        transform: impl FnOnce(&mut [f32], &[f32]) -> f64,
    ) -> f64 {
        let mut part = self.part(image);
        let log_det = transform(&mut part, &self.part(parameters));
        let parts = part.chunks_exact(self.transformed.len());
        for (channel, part) in image.chunks_exact_mut(self.positions).zip(parts) {
            for (place, number) in self.transformed.iter().zip(part) {
                channel[*place] = *number;
            }
        }
        log_det
    }
}

impl ImageLayer for ImageCheckerboard {
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]) {
        let parameters = self.parameters(x);
        let length = parameters.len() / x.count().max(1);
        x.change_and_add(self.channels * self.positions, log_dets, |index, image| {
            let parameters = &parameters[index * length..(index + 1) * length];
            self.change(image, parameters, |x, p| self.transform.forward(x, p))
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        let parameters = self.parameters(z);
        let length = parameters.len() / z.count().max(1);
        z.change(self.channels * self.positions, |index, image| {
            let parameters = &parameters[index * length..(index + 1) * length];
            self.change(image, parameters, |z, p| {
                self.transform.invert(z, p);
                0.0
            });
        });
    }
}

impl<T, N> CompileImages for Checkerboard<T, N>
where
    T: Transformer + Compile<Plain = Box<dyn Transform>>,
    N: Module + ModuleDisplay + CompileNetwork,
{
    fn compile_images(&self, layers: &mut ImageLayers) {
        let [channels, height, width] = layers.shape();
        let [_, transformed] = self.colours([height, width]);
        let network = (self.conditioner).compile_network([height, width], layers.images());
        layers.add(ImageCheckerboard {
            channels,
            positions: height * width,
            transformed,
            transform: self.transformer.compile(),
            network,
        });
    }
}
