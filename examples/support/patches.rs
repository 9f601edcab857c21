//! How alike the details of two sets of images are.

use thalweg::burn::tensor::{DType, Tensor, TensorReadError};
use thalweg::prelude::Noise;

/// Side of a patch.
const SIDE: usize = 5;

/// Directions that patches are projected on.
const DIRECTIONS: usize = 128;

/// The sliced Wasserstein distance between the details of two sets of images, in thousandths of the unit
/// cube: patches of 5×5 pixels of what each image has beyond its mean over blocks of 2×2, projected on
/// random directions, the projections sorted, their mean distance. 0 for one distribution; a set that is
/// blurred differs, and so does one that is grainy.
///
/// The distance of Karras, Aila, Laine, Lehtinen: *Progressive growing of GANs*, 2018, section 5, on
/// images too small for their three scales.
///
/// # Errors
///
/// When the device cannot hand over the numbers.
pub(crate) fn detail_distance(
    a: Tensor<4>,
    b: Tensor<4>,
    seed: u64,
) -> Result<f64, TensorReadError> {
    let count = a.dims()[0].min(b.dims()[0]);
    let [a, b] = [a, b].map(|images| patches(details(images.narrow(0, 0, count))));
    let numbers = a.dims()[1];
    let noise = &mut Noise::seeded(seed);
    let directions = noise.normal([numbers, DIRECTIONS], &a.device(), DType::F32);
    let lengths = directions.clone().square().sum_dim(0).sqrt();
    let directions = directions / lengths;
    let project = |patches: Tensor<2>| {
        let sorted = patches.matmul(directions.clone()).sort(0);
        sorted
            .try_into_data()
            .map(|data| data.iter::<f64>().collect::<Vec<_>>())
    };
    let (a, b) = (project(a)?, project(b)?);
    let distances = a.iter().zip(&b).map(|(a, b)| (a - b).abs());
    Ok(1e3 * distances.sum::<f64>() / a.len() as f64)
}

/// What each pixel has beyond the mean of its block of 2×2.
fn details(images: Tensor<4>) -> Tensor<4> {
    let [count, channels, height, width] = images.dims();
    let blocks: Tensor<6> = images.reshape([count, channels, height / 2, 2, width / 2, 2]);
    let means = blocks.clone().mean_dim(5).mean_dim(3);
    (blocks - means).reshape([count, channels, height, width])
}

/// Every patch of every image, `[patches, numbers]`.
fn patches(images: Tensor<4>) -> Tensor<2> {
    let [count, channels, height, width] = images.dims();
    let [rows, columns] = [height, width].map(|side| side - SIDE + 1);
    let pixels = (0..SIDE * SIDE).map(|at| {
        let part = images.clone().narrow(2, at / SIDE, rows);
        let part = part.narrow(3, at % SIDE, columns);
        part.permute([0, 2, 3, 1])
            .reshape([count * rows * columns, channels])
    });
    Tensor::cat(pixels.collect(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use thalweg::device::from_env;

    #[test]
    fn blur_and_grain_are_further_away_than_another_draw() -> Result<(), Box<dyn std::error::Error>>
    {
        let device = from_env()?.device;
        let draw = |seed| {
            let unit: Tensor<4> = Noise::seeded(seed).uniform([64, 1, 8, 8], &device, DType::F32);
            unit.greater_elem(0.7).float()
        };
        let distance = |other| detail_distance(draw(0), other, 0).map_err(|e| format!("{e:?}"));
        let same = distance(draw(1))?;
        let blurred = distance(draw(1) * 0.5 + 0.15)?;
        let noise: Tensor<4> = Noise::seeded(2).normal([64, 1, 8, 8], &device, DType::F32);
        let grainy = distance(draw(1) + noise * 0.3)?;
        assert!(
            same < 30.0 && blurred > 3.0 * same && grainy > 3.0 * same,
            "{same} {blurred} {grainy}"
        );
        Ok(())
    }
}
