//! Multi-scale latents.

use burn::tensor::Tensor;

/// The latents of a multi-scale flow, finest scale first, each `[batch, channels, height, width]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Latents;
///
/// let device = Device::default();
/// let (fine, coarse) = (Tensor::ones([2, 6, 4, 4], &device), Tensor::zeros([2, 12, 2, 2], &device));
/// let z = Latents::new(vec![fine, coarse]);
/// let shapes = z.shapes();
/// let rows = z.clone().flatten();
/// assert_eq!(rows.dims(), [2, 6 * 16 + 12 * 4]);
/// let back = Latents::restore(rows, &shapes);
/// assert_eq!(back.scales()[0].to_data(), z.scales()[0].to_data());
/// assert_eq!((z.batch_size(), z.into_scales().len()), (2, 2));
/// ```
#[derive(Debug, Clone)]
pub struct Latents {
    scales: Vec<Tensor<4>>,
}

impl Latents {
    /// The latents of these scales, finest first.
    ///
    /// # Panics
    ///
    /// Without a scale.
    pub fn new(scales: Vec<Tensor<4>>) -> Self {
        assert!(!scales.is_empty(), "latents have at least one scale");
        Self { scales }
    }

    /// One tensor a scale.
    pub fn scales(&self) -> &[Tensor<4>] {
        &self.scales
    }

    /// One tensor a scale.
    pub fn into_scales(self) -> Vec<Tensor<4>> {
        self.scales
    }

    /// `[channels, height, width]` of each scale.
    pub fn shapes(&self) -> Vec<[usize; 3]> {
        let shape = |scale: &Tensor<4>| {
            let [_, channels, height, width] = scale.dims();
            [channels, height, width]
        };
        self.scales.iter().map(shape).collect()
    }

    /// The number of samples.
    pub fn batch_size(&self) -> usize {
        self.scales[0].dims()[0]
    }

    /// One row a sample, finest scale first: `[batch, numbers]`.
    pub fn flatten(self) -> Tensor<2> {
        if self.batch_size() == 0 {
            // Burn's gradient of a concatenation of empty tensors reads out of bounds.
            let numbers = |[c, h, w]: [usize; 3]| c * h * w;
            let total = self.shapes().into_iter().map(numbers).sum();
            return self.scales[0].clone().reshape([0, total]);
        }
        let rows = self.scales.into_iter().map(|scale| scale.flatten(1, 3));
        Tensor::cat(rows.collect(), 1)
    }

    /// The inverse of [`flatten`](Self::flatten), exactly: `shapes` are `[channels, height, width]`
    /// of each scale.
    ///
    /// # Panics
    ///
    /// Unless the rows are as long as the shapes together.
    pub fn restore(rows: Tensor<2>, shapes: &[[usize; 3]]) -> Self {
        let [batch, width] = rows.dims();
        let sizes = shapes.iter().map(|shape| shape.iter().product());
        let total: usize = sizes.clone().sum();
        assert!(
            width == total,
            "rows of {width} numbers are no latents of {total}, of the scales {shapes:?}"
        );
        let mut start = 0;
        let scales = shapes.iter().zip(sizes).map(|(&[c, h, w], size)| {
            let scale = rows.clone().narrow(1, start, size);
            start += size;
            scale.reshape([batch, c, h, w])
        });
        Self::new(scales.collect())
    }

    /// Applies a function to the index, 0 the finest, and the tensor of each scale.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Latents;
    ///
    /// let device = Device::default();
    /// let z = Latents::new(vec![Tensor::ones([2, 6, 4, 4], &device), Tensor::ones([2, 12, 2, 2], &device)]);
    /// // Each scale with a temperature of its own.
    /// let z = z.map(|scale, z| z * [0.5, 1.0][scale]);
    /// assert_eq!(z.scales()[0].clone().max().into_scalar::<f32>(), 0.5);
    /// ```
    pub fn map(self, mut function: impl FnMut(usize, Tensor<4>) -> Tensor<4>) -> Self {
        let scales = self.scales.into_iter().enumerate();
        Self::new(scales.map(|(scale, z)| function(scale, z)).collect())
    }
}
