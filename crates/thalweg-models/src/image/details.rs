//! The distance between the details of two sets of images.

use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use burn::tensor::{DType, Tensor};
use thalweg_flow::{FlowError, Noise};

/// Side of a patch.
const SIDE: usize = 5;

/// Directions that patches are projected on.
const DIRECTIONS: usize = 128;

/// Sizes at which details are compared, each half as wide as the one before.
const SCALES: usize = 2;

/// The sliced Wasserstein distance between the details of two sets of images, in thousandths of their
/// deviation, for the pixels and for images of half the size; 0 for sets of one distribution.
///
/// The detail of a pixel is its difference from the mean of its block of 2×2. Each channel of each set is
/// standardized, so contrast does not count. Patches of 5×5 pixels are projected on 128 random
/// directions; the distance is the mean difference of the sorted projections. It grows when one set is
/// blurred or grainy.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::image::detail_distances;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mut grain = || -> Tensor<4> { noise.normal([8, 1, 20, 20], &device, DType::F32) };
/// let (a, b, c) = (grain(), grain(), grain());
/// // Images of independent pixels, and images whose neighbours are alike.
/// let smooth = c.clone() + c.clone().roll_dim(1, 2) + c.roll_dim(1, 3);
/// let [same, _] = detail_distances(a.clone(), b, 0)?;
/// let [other, _] = detail_distances(a, smooth, 0)?;
/// assert!(same < other);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Errors
///
/// When the device cannot hand over the numbers.
///
/// # Panics
///
/// For images of two sizes, of fewer than 10 pixels a side, or of a side that 4 does not divide.
///
/// # References
///
/// Karras, Aila, Laine, Lehtinen: *Progressive growing of GANs*, 2018, section 5.
pub fn detail_distances(a: Tensor<4>, b: Tensor<4>, seed: u64) -> Result<[f64; SCALES], FlowError> {
    let [first, second] = [a.dims(), b.dims()];
    assert!(
        first[1..] == second[1..] && first[2..].iter().all(|side| *side >= 10 && side % 4 == 0),
        "details of images of one size, with sides from 10 that 4 divides, got {first:?} and {second:?}"
    );
    let count = first[0].min(second[0]);
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

fn distance(a: Tensor<2>, b: Tensor<2>, seed: u64) -> Result<f64, FlowError> {
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

/// Each pixel minus the mean of its block of 2×2.
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
