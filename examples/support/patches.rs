//! How alike the details of two sets of images are.

use thalweg::burn::tensor::module::avg_pool2d;
use thalweg::burn::tensor::ops::AvgPoolOptions;
use thalweg::burn::tensor::{DType, Tensor, TensorReadError};
use thalweg::prelude::Noise;

/// Side of a patch.
const SIDE: usize = 5;

/// Directions that patches are projected on.
const DIRECTIONS: usize = 128;

/// Scales that details are compared at, the pixels first, each half as wide as the one before.
pub(crate) const SCALES: usize = 2;

/// The sliced Wasserstein distance between the details of two sets of images at each scale, in thousandths
/// of their deviation: patches of 5×5 pixels of what each image has beyond its mean over blocks of 2×2,
/// each channel of each set with mean 0 and deviation 1, projected on random directions, the projections
/// sorted, their mean distance. 0 for one distribution. Contrast does not count; a set that is blurred
/// differs, and so does one that is grainy.
///
/// Karras, Aila, Laine, Lehtinen: *Progressive growing of GANs*, 2018, section 5.
///
/// # Errors
///
/// When the device cannot hand over the numbers.
pub(crate) fn detail_distances(
    a: Tensor<4>,
    b: Tensor<4>,
    seed: u64,
) -> Result<[f64; SCALES], TensorReadError> {
    let count = a.dims()[0].min(b.dims()[0]);
    let mut images = [a, b].map(|images| images.narrow(0, 0, count));
    let mut found = [0.0; SCALES];
    for found in &mut found {
        let [a, b] = images
            .clone()
            .map(|images| patches(standardized(details(images))));
        *found = distance(a, b, seed)?;
        images = images.map(|images| avg_pool2d(images, AvgPoolOptions::new([2, 2])));
    }
    Ok(found)
}

fn distance(a: Tensor<2>, b: Tensor<2>, seed: u64) -> Result<f64, TensorReadError> {
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

/// Each channel with mean 0 and deviation 1 over all images.
fn standardized(images: Tensor<4>) -> Tensor<4> {
    let mean = |x: Tensor<4>| x.mean_dim(0).mean_dim(2).mean_dim(3);
    let centred = images.clone() - mean(images);
    let deviation = mean(centred.clone().square()).sqrt();
    centred / (deviation + 1e-6)
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
        // Blocks of one tone each.
        let draw = |seed| {
            let unit: Tensor<4> = Noise::seeded(seed).uniform([256, 1, 6, 6], &device, DType::F32);
            let tones: Tensor<6> = unit.greater_elem(0.5).float().reshape([256, 1, 6, 1, 6, 1]);
            let blocks: Tensor<4> = tones.expand([256, 1, 6, 3, 6, 3]).reshape([256, 1, 18, 18]);
            blocks.narrow(2, 0, 16).narrow(3, 0, 16)
        };
        let distance = |other| detail_distances(draw(0), other, 0).map_err(|e| format!("{e:?}"));
        let same = distance(draw(1))?;
        let pale = distance(draw(1) * 0.5 + 0.15)?;
        let blurred = avg_pool2d(
            draw(1),
            AvgPoolOptions::new([3, 3])
                .with_stride([1, 1])
                .with_padding([1, 1]),
        );
        let blurred = distance(blurred)?;
        let noise: Tensor<4> = Noise::seeded(2).normal([256, 1, 16, 16], &device, DType::F32);
        let grainy = distance(draw(1) + noise * 0.3)?;
        for (same, pale) in same.iter().zip(pale) {
            assert!((pale - same).abs() < 1.0, "{same} {pale}");
        }
        let [same, blurred, grainy] = [same, blurred, grainy].map(|found| found[0]);
        let others = [blurred, grainy].map(|found| found / same);
        assert!(others.iter().all(|times| *times > 3.0), "{same} {others:?}");
        Ok(())
    }
}
