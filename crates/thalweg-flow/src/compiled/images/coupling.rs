//! Couplings, whichever numbers of an image they keep.

use std::fmt::Debug;

use super::super::{Transform, assert_same_length};
use super::{Batch, ImageLayer, ImageNetwork};

/// The numbers of an image that a coupling keeps, and those that it transforms.
pub(super) trait Parts: Debug + Send + Sync {
    /// Numbers of an image.
    fn each(&self) -> usize;

    /// How many of them are transformed.
    fn transformed(&self) -> usize;

    /// What the network gives for those that are kept, image by image.
    fn parameters(&self, network: &dyn ImageNetwork, x: &Batch<'_>) -> Vec<f32>;

    /// Transforms the others of an image, by its parameters.
    fn transform(
        &self,
        image: &mut [f32],
        parameters: &[f32],
        transform: impl FnOnce(&mut [f32], &[f32]) -> f64,
    ) -> f64;
}

#[derive(Debug)]
pub(super) struct ImageCoupling<P> {
    pub(super) parts: P,
    pub(super) transform: Box<dyn Transform>,
    pub(super) parameters_per_feature: usize,
    pub(super) network: Box<dyn ImageNetwork>,
}

impl<P: Parts> ImageCoupling<P> {
    /// The parameters of all images, and how many each has.
    ///
    /// # Panics
    ///
    /// When the network gives another number than the transformer takes.
    fn parameters(&self, x: &Batch<'_>) -> (Vec<f32>, usize) {
        let length = self.parameters_per_feature * self.parts.transformed();
        let parameters = self.parts.parameters(&*self.network, x);
        assert_same_length(x.count() * length, &parameters);
        (parameters, length)
    }
}

impl<P: Parts> ImageLayer for ImageCoupling<P> {
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]) {
        let (parameters, length) = self.parameters(x);
        x.change_and_add(self.parts.each(), log_dets, |index, image| {
            let parameters = &parameters[index * length..(index + 1) * length];
            let forward = |x: &mut [f32], p: &[f32]| self.transform.forward(x, p);
            self.parts.transform(image, parameters, forward)
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        let (parameters, length) = self.parameters(z);
        z.change(self.parts.each(), |index, image| {
            let parameters = &parameters[index * length..(index + 1) * length];
            self.parts.transform(image, parameters, |z, p| {
                self.transform.invert(z, p);
                0.0
            });
        });
    }
}
