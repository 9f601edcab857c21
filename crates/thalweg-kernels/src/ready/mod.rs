//! Operations on numbers in the host's memory, without tensors: for trained models that are asked again and
//! again.

mod numbers;

pub use numbers::mix_channels;

use std::fmt;

use burn::tensor::{Tensor, TensorData};

use crate::conv::check;
use crate::{Activate, Conv, convolutions};
#[cfg(feature = "flex")]
use crate::{conv::activations, conv::layer_size, layers::ReadyLayers};

/// [`convolutions`] whose kernels stay as they are wanted, for images of one size, so many at most.
///
/// Tensors have them laid out anew at each call, which for one image of Glow takes an eighth to a sixth of
/// its time.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Activate, Activation, Conv, ReadyConvolutions};
///
/// let layer = Conv {
///     weight: Tensor::ones([1, 2, 1, 1], &Device::default()),
///     bias: None,
/// };
/// let between = Activate::Between(Activation::Relu);
/// let ready = ReadyConvolutions::new(vec![layer], between, [1, 2], 1);
/// // Two channels of one row of two pixels.
/// assert_eq!(ready.apply(&[1.0, 2.0, 3.0, 4.0], 4), [4.0, 6.0]);
/// ```
pub struct ReadyConvolutions {
    form: Form,
    inputs: usize,
    size: [usize; 2],
}

enum Form {
    #[cfg(feature = "flex")]
    Host(ReadyLayers),
    /// Where the host's operations are not, or do not have the activation.
    Tensors(Vec<Conv>, Activate),
}

impl ReadyConvolutions {
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
        let form = Form::new(layers, activate, size, images);
        Self { form, inputs, size }
    }

    /// What comes out, image by image, for images whose numbers begin `apart` from each other: each
    /// is `[channels, height, width]`, and what lies between one and the next is left alone.
    ///
    /// # Panics
    ///
    /// When the images are too short, or overlap.
    pub fn apply(&self, images: &[f32], apart: usize) -> Vec<f32> {
        let each = self.inputs * self.size[0] * self.size[1];
        let last = images.len() % apart;
        assert!(
            each <= apart && (last == 0 || last >= each),
            "images of {each} numbers, {apart} apart, in {}",
            images.len()
        );
        match &self.form {
            #[cfg(feature = "flex")]
            Form::Host(layers) => layers.apply(images, apart),
            Form::Tensors(layers, activate) => {
                let images = images.chunks(apart).map(|image| &image[..each]);
                let (count, [height, width]) = (images.len(), self.size);
                let numbers: Vec<f32> = images.flatten().copied().collect();
                let data = TensorData::new(numbers, [count, self.inputs, height, width]);
                let weight = &layers[0].weight;
                let x = Tensor::from_data(data, (&weight.device(), weight.dtype()));
                host(convolutions(x, layers.clone(), *activate))
            }
        }
    }
}

impl Form {
    fn new(layers: Vec<Conv>, activate: Activate, size: [usize; 2], images: usize) -> Self {
        #[cfg(feature = "flex")]
        if let Some(activations) = activations(activate) {
            let layers = layers.into_iter().map(|layer| {
                let size = layer_size(&layer);
                let parameters = [Some(host(layer.weight)), layer.bias.map(host)];
                (size, parameters.into_iter().flatten().collect())
            });
            return Self::Host(ReadyLayers::new(
                layers.collect(),
                activations,
                size,
                images,
            ));
        }
        let _ = (size, images);
        Self::Tensors(layers, activate)
    }
}

/// The numbers of a tensor.
fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.inner().into_data().iter::<f32>().collect()
}

impl fmt::Debug for ReadyConvolutions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyConvolutions")
            .field("inputs", &self.inputs)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
