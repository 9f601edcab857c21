//! Contexts as vectors, by networks that train with the flow.

use burn::module::{Module, ModuleDisplay, Param};
use burn::tensor::{DType, Device, Int, Tensor};

use crate::{Condition, FlowError, Mlp, Noise};

/// Maps a context of any type to vectors, one a sample.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Embedding;
///
/// /// An angle, `[batch, 1]`, as a point of the circle.
/// #[derive(Module, Debug)]
/// struct Circle {}
///
/// impl Embedding<Tensor<2>> for Circle {
///     fn embed(&self, angle: &Tensor<2>) -> Tensor<2> {
///         Tensor::cat(vec![angle.clone().cos(), angle.clone().sin()], 1)
///     }
/// }
///
/// let angle = Tensor::<2>::zeros([3, 1], &Device::default());
/// assert_eq!(Circle {}.embed(&angle).sum().into_scalar::<f32>(), 3.0);
/// ```
pub trait Embedding<C>: Module + ModuleDisplay {
    /// `[batch, width]`.
    fn embed(&self, context: &C) -> Tensor<2>;
}

impl Embedding<Tensor<2>> for Mlp {
    fn embed(&self, context: &Tensor<2>) -> Tensor<2> {
        self.forward(context.clone())
    }
}

/// A learned vector for each of a number of classes; labels are `[batch]`, from 0 on.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::{Embedding, LabelEmbedding, Noise};
///
/// let device = Device::default();
/// let embedding = LabelEmbedding::new(10, 4, &mut Noise::seeded(0), &device);
/// let labels = Tensor::<1, Int>::from_ints([3, 0, 9], &device);
/// embedding.check(&labels)?;
/// assert_eq!(embedding.classes(), 10);
/// assert_eq!(embedding.embed(&labels).dims(), [3, 4]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Module, Debug)]
pub struct LabelEmbedding {
    /// `[classes, width]`.
    pub(crate) table: Param<Tensor<2>>,
}

impl LabelEmbedding {
    /// Vectors drawn from a standard normal density.
    pub fn new(classes: usize, width: usize, noise: &mut Noise, device: &Device) -> Self {
        Self {
            table: Param::from_tensor(noise.normal([classes, width], device, DType::F32)),
        }
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.table.val().dims()[0]
    }

    /// Whether every label is one of the classes.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotALabel`], naming the first row that is not.
    pub fn check(&self, labels: &Tensor<1, Int>) -> Result<(), FlowError> {
        labels.check(Some(self.classes()))
    }
}

impl Embedding<Tensor<1, Int>> for LabelEmbedding {
    /// # Panics
    ///
    /// When a label is no class. Burn would panic on a CPU without naming it, and read out of bounds on
    /// some GPUs.
    fn embed(&self, labels: &Tensor<1, Int>) -> Tensor<2> {
        if let Err(error) = self.check(labels) {
            panic!("{error}");
        }
        self.table.val().select(0, labels.clone())
    }
}
