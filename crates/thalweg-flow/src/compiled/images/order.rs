//! Orders of the numbers of an image.

use super::super::Ordered;
use super::{Batch, CompileImages, ImageLayer, ImageLayers};
use crate::{Permutation, Squeeze};

impl ImageLayer for Ordered {
    fn forward(&self, x: &mut Batch<'_>, _: &mut [f64]) {
        x.change(self.count(), |_, x| {
            let old = x.to_vec();
            self.put(&old, x);
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        z.change(self.count(), |_, z| {
            let old = z.to_vec();
            self.put_back(&old, z);
        });
    }
}

impl CompileImages for Permutation<4> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        layers.order_channels(&self.order());
    }
}

/// # Panics
///
/// When the blocks do not divide the image.
impl CompileImages for Squeeze {
    fn compile_images(&self, layers: &mut ImageLayers) {
        let shape = layers.shape();
        let squeezed = self.shape(shape).unwrap_or_else(|| {
            panic!("the blocks of a squeeze, {self}, do not divide an image of {shape:?}")
        });
        let [channels, height, width] = squeezed;
        let mut order = Vec::with_capacity(layers.numbers());
        for channel in 0..channels {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let [from, row, column] = self.source(shape[0], [channel, y, x]);
                order.push((from * shape[1] + row) * shape[2] + column);
            }
        }
        layers.reshape(Ordered(order), squeezed);
    }
}
