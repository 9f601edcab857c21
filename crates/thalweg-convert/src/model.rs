//! The model of a checkpoint.

use std::path::Path;

use burn::tensor::Tensor;
use thalweg_flow::FlowError;
use thalweg_models::any::AnyVectors;
use thalweg_models::{
    ComposedFlow, ConditionalComposedFlow, ConditionalContinuousFlow, ContinuousFlow, DiagonalGlow,
    EdgeGlow, ModelFileError,
};

use crate::weights::Place;

/// The model of a checkpoint.
///
/// In this example `checkpoint` writes names, shapes and numbers of tensors as safetensors.
///
/// ```
/// use std::f32::consts::PI;
///
/// use burn::tensor::{DType, Device};
/// use thalweg_convert::{ConvertError, Model, Options, Source, convert_bytes};
/// use thalweg_models::ConditionalComposedFlow;
///
/// # fn checkpoint(tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
/// #     use safetensors::tensor::{Dtype, TensorView, serialize};
/// #     let bytes = |values: &[f32]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
/// #     let bytes: Vec<Vec<u8>> = tensors.iter().map(|(_, _, values)| bytes(values)).collect();
/// #     let view = |shape: &[usize], bytes| TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a tensor");
/// #     let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| (*name, view(shape, bytes)));
/// #     serialize(views, None).expect("tensors")
/// # }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("thalweg-converted-{}", std::process::id()));
/// # let path = folder.join("model.safetensors");
/// let device = Device::default();
/// let model = |source, bytes: &[u8]| -> Result<Model, ConvertError> {
///     Ok(convert_bytes(bytes, source, &Options::default(), &device, DType::F32)?.model)
/// };
/// // nflows: an affine map, then a normal density whose mean and deviation are linear in two numbers.
/// let bytes = checkpoint(&[
///     ("_transform._scale", &[1], &[2.0]),
///     ("_transform._shift", &[1], &[1.0]),
///     ("_distribution._context_encoder.weight", &[2, 2], &[1.0, 0.0, 0.0, 1.0]),
///     ("_distribution._context_encoder.bias", &[2], &[0.0, 0.0]),
/// ]);
/// let conditional = model(Source::Nflows, &bytes)?;
/// assert_eq!((conditional.shape(), conditional.context(), conditional.layers()), (vec![1], 2, 2));
/// conditional.save(&path)?;
/// let loaded = ConditionalComposedFlow::load(&path, &device)?;
/// assert_eq!(conditional.given().map(|flow| flow.config().clone()), Some(loaded.config().clone()));
/// # std::fs::remove_dir_all(folder).ok();
///
/// // zuko: a continuous flow of one feature, whose field is linear in `cos πt`, `sin πt` and `x`.
/// let bytes = checkpoint(&[
///     ("base.loc", &[1], &[0.0]),
///     ("base.scale", &[1], &[1.0]),
///     ("transform.times", &[2], &[0.0, 1.0]),
///     ("transform.freqs", &[1], &[PI]),
///     ("transform.ode.0.weight", &[1, 3], &[0.1, 0.2, 0.3]),
///     ("transform.ode.0.bias", &[1], &[0.0]),
/// ]);
/// assert!(model(Source::Zuko, &bytes)?.continuous().is_some());
/// // It is none of the other kinds.
/// assert!(model(Source::Zuko, &bytes)?.vectors().is_none());
/// assert!(model(Source::Zuko, &bytes)?.given_continuous().is_none());
/// assert!(model(Source::Zuko, &bytes)?.images().is_none());
/// assert!(model(Source::Zuko, &bytes)?.diagonal_glow().is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub enum Model {
    /// Of vectors.
    Vectors(Box<ComposedFlow>),
    /// Of vectors, given a context.
    Given(Box<ConditionalComposedFlow>),
    /// Of vectors, continuous.
    Continuous(Box<ContinuousFlow>),
    /// Of vectors, continuous, given a context.
    GivenContinuous(Box<ConditionalContinuousFlow>),
    /// Of images, of glow-pytorch.
    Images(Box<EdgeGlow>),
    /// Of images, of normflows.
    DiagonalGlow(Box<DiagonalGlow>),
}

impl Model {
    /// The model, if it is one of vectors without a context.
    pub fn vectors(self) -> Option<ComposedFlow> {
        match self {
            Self::Vectors(model) => Some(*model),
            _ => None,
        }
    }

    /// The model, if it is one of vectors given a context.
    pub fn given(self) -> Option<ConditionalComposedFlow> {
        match self {
            Self::Given(model) => Some(*model),
            _ => None,
        }
    }

    /// The model, if it is a continuous one of vectors without a context.
    pub fn continuous(self) -> Option<ContinuousFlow> {
        match self {
            Self::Continuous(model) => Some(*model),
            _ => None,
        }
    }

    /// The model, if it is a continuous one of vectors given a context.
    pub fn given_continuous(self) -> Option<ConditionalContinuousFlow> {
        match self {
            Self::GivenContinuous(model) => Some(*model),
            _ => None,
        }
    }

    /// The model, if it is one of images, of glow-pytorch.
    pub fn images(self) -> Option<EdgeGlow> {
        match self {
            Self::Images(model) => Some(*model),
            _ => None,
        }
    }

    /// The model, if it is one of images, of normflows.
    pub fn diagonal_glow(self) -> Option<DiagonalGlow> {
        match self {
            Self::DiagonalGlow(model) => Some(*model),
            _ => None,
        }
    }

    /// The shape of a sample: `[features]`, or `[channels, height, width]`.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Vectors(model) => vec![model.config().features],
            Self::Given(model) => vec![model.config().flow.features],
            Self::Continuous(model) => vec![model.config().features],
            Self::GivenContinuous(model) => vec![model.config().flow.features],
            Self::Images(model) => model.config().image.shape().to_vec(),
            Self::DiagonalGlow(model) => model.config().image.shape().to_vec(),
        }
    }

    /// The number of layers, 1 of a continuous flow; of images, three a step and a prior a scale.
    pub fn layers(&self) -> usize {
        match self {
            Self::Vectors(model) => model.config().layers.len(),
            Self::Given(model) => model.config().flow.layers.len(),
            Self::Continuous(_) | Self::GivenContinuous(_) => 1,
            Self::Images(model) => model.config().scales * (3 * model.config().depth + 1),
            Self::DiagonalGlow(model) => model.config().scales * (3 * model.config().depth + 1),
        }
    }

    /// Saves the model in one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        match self {
            Self::Vectors(model) => model.save(path),
            Self::Given(model) => model.save(path),
            Self::Continuous(model) => model.save(path),
            Self::GivenContinuous(model) => model.save(path),
            Self::Images(model) => model.save(path),
            Self::DiagonalGlow(model) => model.save(path),
        }
    }

    /// The numbers of the context; 0 of a model without one.
    pub fn context(&self) -> usize {
        match self {
            Self::Given(model) => model.config().context,
            Self::GivenContinuous(model) => model.config().context,
            Self::Vectors(_) | Self::Continuous(_) | Self::Images(_) | Self::DiagonalGlow(_) => 0,
        }
    }

    /// `log p(x)` of the inputs that the library takes: of images, those in `[−½, ½]`, or of normflows in `[0, 1]`.
    pub(crate) fn log_prob(
        &self,
        x: Vec<f64>,
        rows: usize,
        given: Option<&Tensor<2>>,
        place: &Place,
    ) -> Result<Vec<f64>, FlowError> {
        let of = |model: &dyn AnyVectors, x| {
            model.log_prob(&place.tensor(x, [rows, model.features()]), given)
        };
        match self {
            Self::Vectors(model) => of(&**model, x),
            Self::Given(model) => of(&**model, x),
            Self::Continuous(model) => of(&**model, x),
            Self::GivenContinuous(model) => of(&**model, x),
            Self::Images(model) => {
                let [channels, height, width] = model.config().image.shape();
                let y = x.into_iter().map(|x| x + 0.5).collect();
                let y = place.tensor(y, [rows, channels, height, width]);
                let found = model.flow.log_prob(y).try_into_data()?;
                Ok(found.iter().collect())
            }
            Self::DiagonalGlow(model) => {
                let [channels, height, width] = model.config().image.shape();
                let y = place.tensor(x, [rows, channels, height, width]);
                let found = model.flow.log_prob(y).try_into_data()?;
                Ok(found.iter().collect())
            }
        }
    }
}
