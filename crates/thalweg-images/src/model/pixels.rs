//! What a model of images can do, whatever its type.

use std::fmt::Debug;

use burn::tensor::Tensor;
#[cfg(feature = "check")]
use thalweg_check::{Check, CheckError, Options};
use thalweg_flow::{Dequantize, FlowError, Noise, Placement};
use thalweg_models::ImageSize;

/// What a model of images can do, whatever its type.
///
/// Images are `[batch, channels, height, width]`, of the size that the caller says: a model of rows does not know it.
pub(crate) trait Pixels: Debug + Send + Sync {
    /// The name of the model.
    fn name(&self) -> &'static str;

    /// The device and the dtype of the weights, which images and latents have too.
    fn placement(&self) -> Placement;

    /// The numbers in a latent.
    fn width(&self, image: ImageSize) -> usize {
        image.numbers()
    }

    /// `ln p` of each image in nats, of pixels in the unit cube; the bound of `k` samples where the model has no more.
    ///
    /// Each image has the noise of its own seed, so its figure does not depend on the images beside it.
    fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        dequantize: Dequantize,
        k: usize,
    ) -> Result<Vec<f64>, FlowError>;

    /// The latents, `[batch, width]`, of images in the unit cube; of a model that is no flow, those of the posterior's
    /// middle.
    fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError>;

    /// The images of latents, in the unit cube or a little outside it.
    fn decode(&self, z: Tensor<2>, image: ImageSize) -> Result<Tensor<4>, FlowError>;

    /// The number of scales that the prior has, each with a temperature of its own.
    fn scales(&self) -> usize {
        1
    }

    /// Images in the unit cube, or a little outside it, with a temperature for each scale, finest first.
    fn sample(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        image: ImageSize,
    ) -> Result<Tensor<4>, FlowError>;

    /// Whether its nats are a lower bound, and its latents leave something out: it is no flow of images.
    fn is_bound(&self) -> bool {
        false
    }

    /// The tolerance of a model that integrates.
    fn tolerance(&self) -> Option<f64> {
        None
    }

    /// A report on the flow.
    #[cfg(feature = "check")]
    fn check(
        &self,
        _levels: Tensor<4>,
        _dequantize: Dequantize,
        _options: &Options,
    ) -> Result<Check, CheckError> {
        let kind = self.name().to_owned();
        Err(CheckError::NoFlow { kind })
    }
}

/// Images as rows.
pub(crate) fn rows(images: Tensor<4>) -> Tensor<2> {
    images.flatten(1, 3)
}

/// Rows as images.
pub(super) fn planes(rows: Tensor<2>, image: ImageSize) -> Tensor<4> {
    let [channels, height, width] = image.shape();
    let count = rows.dims()[0];
    rows.reshape([count, channels, height, width])
}

/// Images in the unit cube, each with its own noise.
pub(super) fn noisy(
    levels: &Tensor<4>,
    seeds: &[u64],
    dequantize: Dequantize,
) -> Result<Tensor<4>, FlowError> {
    let images = seeds.iter().enumerate().map(|(index, seed)| {
        let image = levels.clone().narrow(0, index, 1);
        Ok(dequantize.apply(image, &mut Noise::seeded(*seed))?.0)
    });
    let images: Vec<Tensor<4>> = images.collect::<Result<_, FlowError>>()?;
    match images.is_empty() {
        true => Ok(levels.clone()),
        false => Ok(Tensor::cat(images, 0)),
    }
}

/// A figure of each image, by noise of its own.
pub(super) fn each(
    levels: &Tensor<4>,
    seeds: &[u64],
    mut figure: impl FnMut(Tensor<4>, &mut Noise) -> Result<f64, FlowError>,
) -> Result<Vec<f64>, FlowError> {
    let images = seeds.iter().enumerate();
    images
        .map(|(index, seed)| {
            let image = levels.clone().narrow(0, index, 1);
            figure(image, &mut Noise::seeded(*seed))
        })
        .collect()
}

/// The numbers of a tensor on the host, in f64.
pub(super) fn on_host(values: Tensor<1>) -> Result<Vec<f64>, FlowError> {
    Ok(values.try_into_data()?.iter::<f64>().collect())
}
