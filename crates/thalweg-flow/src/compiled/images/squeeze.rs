//! Space to channels.

use super::{Batch, CompileImages, ImageLayer, ImageLayers};
use crate::Squeeze;

/// Where each number of an image comes from.
#[derive(Debug)]
struct Order(Vec<u32>);

impl ImageLayer for Order {
    fn forward(&self, x: &mut Batch<'_>, _: &mut [f64]) {
        x.change(self.0.len(), |_, x| {
            let old = x.to_vec();
            for (x, from) in x.iter_mut().zip(&self.0) {
                *x = old[*from as usize];
            }
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        z.change(self.0.len(), |_, z| {
            let old = z.to_vec();
            for (old, to) in old.iter().zip(&self.0) {
                z[*to as usize] = *old;
            }
        });
    }
}

/// # Panics
///
/// When the blocks do not divide the image.
impl CompileImages for Squeeze {
    fn compile_images(&self, layers: &mut ImageLayers) {
        let shape = layers.shape();
        let squeezed = self.shape(shape).expect("blocks that divide the image");
        let [channels, height, width] = squeezed;
        let mut order = Vec::with_capacity(layers.numbers());
        for channel in 0..channels {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let [from, row, column] = self.source(shape[0], [channel, y, x]);
                order.push(((from * shape[1] + row) * shape[2] + column) as u32);
            }
        }
        layers.reshape(Order(order), squeezed);
    }
}
