//! Trained flows of images as plain numbers, a batch at a time.

mod batch;
mod channels;
mod checkerboard;
mod coupling;
mod flow;
mod layers;
mod logit;
mod map;
mod multi_scale;
mod network;
mod order;

pub use batch::Batch;
pub use flow::CompiledImages;
pub use layers::ImageLayers;
pub use map::ChannelMap;
pub use network::{CompileNetwork, ImageNetwork};

use std::fmt::Debug;

use crate::Identity;

/// A bijection of images that has a form of plain numbers.
///
/// A layer of one's own adds an [`ImageLayer`]; a chain compiles its parts in order.
pub trait CompileImages {
    /// Adds the layers of this bijection to those in front of it, for images as those give them. Reads the
    /// parameters from the device, once: the form does not follow them.
    fn compile_images(&self, layers: &mut ImageLayers);
}

/// A bijection of images of one size, in place.
pub trait ImageLayer: Debug + Send + Sync {
    /// Each image `x` becomes `z = f(x)`; adds `ln |det ∂f/∂x|` to its number.
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]);

    /// Each `z` becomes `x = f⁻¹(z)`.
    fn inverse(&self, z: &mut Batch<'_>);
}

impl CompileImages for Identity<4> {
    fn compile_images(&self, _: &mut ImageLayers) {}
}

impl<B: CompileImages> CompileImages for Option<B> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        self.iter().for_each(|part| part.compile_images(layers));
    }
}

impl<B: CompileImages> CompileImages for Vec<B> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        self.iter().for_each(|part| part.compile_images(layers));
    }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: CompileImages),+> CompileImages for ($($part,)+) {
            fn compile_images(&self, layers: &mut ImageLayers) {
                $(self.$index.compile_images(layers);)+
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
