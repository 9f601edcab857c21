//! Latents that leave at several scales.

use burn::module::{Module, ModuleDisplay};

use super::{CompileImages, ImageLayers};
use crate::MultiScale;

impl<S, P, L> CompileImages for MultiScale<S, P, L>
where
    S: Module + ModuleDisplay + CompileImages,
    P: Module + ModuleDisplay + CompileImages,
    L: Module + ModuleDisplay + CompileImages,
{
    fn compile_images(&self, layers: &mut ImageLayers) {
        for level in &self.levels {
            level.steps.compile_images(layers);
            level.prior.compile_images(layers);
            layers.leave(level.split());
        }
        self.last.compile_images(layers);
    }
}
