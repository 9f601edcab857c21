//! Convolutions of slices, with packed weights.

use std::fmt;

use burn::tensor::Tensor;
#[cfg(not(feature = "host"))]
use burn::tensor::TensorData;

use super::check;
#[cfg(not(feature = "host"))]
use crate::convolutions;
#[cfg(feature = "host")]
use crate::layers::PackedLayers;
use crate::{Activate, Conv};

/// Convolutions with packed weights, for one image size and a maximum batch size.
///
/// [`convolutions`](crate::convolutions) packs the weights at each call, which for one image of Glow
/// takes an eighth to a sixth of its time.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Activate, Activation, Conv, PackedConvolutions};
///
/// let layer = Conv {
///     weight: Tensor::ones([1, 2, 1, 1], &Device::default()),
///     bias: None,
/// };
/// let between = Activate::Between(Activation::Relu);
/// let packed = PackedConvolutions::new(vec![layer], between, [1, 2], 1);
/// // Two channels of one row of two pixels.
/// assert_eq!(packed.apply(&[1.0, 2.0, 3.0, 4.0], 4), [4.0, 6.0]);
/// ```
pub struct PackedConvolutions {
    #[cfg(feature = "host")]
    layers: PackedLayers,
    #[cfg(not(feature = "host"))]
    layers: (Vec<Conv>, Activate),
    inputs: usize,
    size: [usize; 2],
}

impl PackedConvolutions {
    /// For images of this height and width, `images` at a time.
    ///
    /// # Panics
    ///
    /// Without a layer, when one takes another number of channels than it is given, or a kernel is not odd
    /// and square.
    pub fn new(layers: Vec<Conv>, activate: Activate, size: [usize; 2], images: usize) -> Self {
        let first = layers.first().expect("a network has a layer or more");
        let inputs = first.weight.dims()[1];
        check(inputs, &layers);
        let layers = Self::pack(layers, activate, size, images);
        Self {
            layers,
            inputs,
            size,
        }
    }

    #[cfg(feature = "host")]
    fn pack(
        layers: Vec<Conv>,
        activate: Activate,
        size: [usize; 2],
        images: usize,
    ) -> PackedLayers {
        let layers = layers.into_iter().map(|layer| {
            let size = super::layer_size(&layer);
            let parameters = [Some(host(layer.weight)), layer.bias.map(host)];
            (size, parameters.into_iter().flatten().collect())
        });
        let activations = super::activations(activate);
        PackedLayers::new(layers.collect(), activations, size, images)
    }

    #[cfg(not(feature = "host"))]
    fn pack(
        layers: Vec<Conv>,
        activate: Activate,
        _: [usize; 2],
        _: usize,
    ) -> (Vec<Conv>, Activate) {
        (layers, activate)
    }

    /// The outputs of images `[channels, height, width]` with a stride. Numbers between two images are
    /// not read.
    ///
    /// # Panics
    ///
    /// When the images are too short, or overlap.
    pub fn apply(&self, images: &[f32], stride: usize) -> Vec<f32> {
        let each = self.inputs * self.size[0] * self.size[1];
        let last = images.len() % stride;
        assert!(
            each <= stride && (last == 0 || last >= each),
            "images of {each} numbers with a stride of {stride}, in {} numbers",
            images.len()
        );
        self.run(images, stride, each)
    }

    #[cfg(feature = "host")]
    fn run(&self, images: &[f32], stride: usize, _: usize) -> Vec<f32> {
        self.layers.apply(images, stride)
    }

    #[cfg(not(feature = "host"))]
    fn run(&self, images: &[f32], stride: usize, each: usize) -> Vec<f32> {
        let (layers, activate) = &self.layers;
        let images = images.chunks(stride).map(|image| &image[..each]);
        let (count, [height, width]) = (images.len(), self.size);
        let numbers: Vec<f32> = images.flatten().copied().collect();
        let data = TensorData::new(numbers, [count, self.inputs, height, width]);
        let weight = &layers[0].weight;
        let x = Tensor::from_data(data, (&weight.device(), weight.dtype()));
        host(convolutions(x, layers.clone(), *activate))
    }
}

/// The numbers of a tensor.
fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.inner().into_data().iter::<f32>().collect()
}

impl fmt::Debug for PackedConvolutions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedConvolutions")
            .field("inputs", &self.inputs)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
