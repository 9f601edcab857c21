//! Couplings between the colours of a checkerboard.

use burn::module::{Module, ModuleDisplay};

use super::super::{Compile, Transform};
use super::coupling::{ImageCoupling, Parts};
use super::{Batch, CompileImages, CompileNetwork, ImageLayers, ImageNetwork};
use crate::{Checkerboard, Transformer};

/// Pixels of one colour that are transformed, in each channel; the others are kept.
#[derive(Debug)]
struct Colours {
    channels: usize,
    positions: usize,
    transformed: Vec<usize>,
}

impl Colours {
    /// The transformed pixels of each channel.
    fn part(&self, channels: &[f32]) -> Vec<f32> {
        let channels = channels.chunks_exact(self.positions);
        let pixels = channels.flat_map(|channel| self.transformed.iter().map(|at| channel[*at]));
        pixels.collect()
    }
}

impl Parts for Colours {
    fn each(&self) -> usize {
        self.channels * self.positions
    }

    fn transformed(&self) -> usize {
        self.channels * self.transformed.len()
    }

    /// Of images that are zero where they are transformed.
    fn parameters(&self, network: &dyn ImageNetwork, x: &Batch<'_>) -> Vec<f32> {
        let ((numbers, apart), each) = (x.numbers(), self.each());
        let images = numbers.chunks_exact(apart);
        let mut kept: Vec<f32> = images.flat_map(|image| &image[..each]).copied().collect();
        for channel in kept.chunks_exact_mut(self.positions) {
            for place in &self.transformed {
                channel[*place] = 0.0;
            }
        }
        self.part(&network.apply(&kept, each))
    }

    fn transform(
        &self,
        image: &mut [f32],
        parameters: &[f32],
        transform: impl FnOnce(&mut [f32], &[f32]) -> f64,
    ) -> f64 {
        let mut part = self.part(image);
        let log_det = transform(&mut part, parameters);
        let parts = part.chunks_exact(self.transformed.len());
        for (channel, part) in image.chunks_exact_mut(self.positions).zip(parts) {
            for (place, number) in self.transformed.iter().zip(part) {
                channel[*place] = *number;
            }
        }
        log_det
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
        layers.add(ImageCoupling {
            parts: Colours {
                channels,
                positions: height * width,
                transformed,
            },
            transform: self.transformer.compile(),
            parameters_per_feature: self.transformer.parameters_per_feature(),
            network: (self.conditioner).compile_network(layers.shape(), layers.images()),
        });
    }
}
