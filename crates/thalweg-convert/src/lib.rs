//! Weights of other libraries as models of this one.
//!
//! A checkpoint is the state dict of a flow of vectors in a safetensors file. Its names and shapes tell the
//! layers; what they do not tell, such as the activation, is the library's default or comes from [`Options`].
//! The page `docs/weights.md` has the table of names of each library.
//!
//! | library | version of the vectors in the tests | layers |
//! |---|---|---|
//! | [`Source::Nflows`] | 0.14 | couplings (additive, affine, rational-quadratic), masked autoregressive (affine, rational-quadratic), permutations, LU, QR, SVD and naive linear, ActNorm, BatchNorm, pointwise affine |
//! | [`Source::Normflows`] | 1.7.3 | masked affine, affine coupling blocks, rational-quadratic couplings and autoregressive layers, permutations, LU linear, invertible affine, ActNorm, constants, planar, radial |
//! | [`Source::Zuko`] | 1.6.0 | masked autoregressive and coupling transforms: additive, affine, rational-quadratic, with or without a context |
//!
//! Nothing is ignored: each tensor is a weight of the model, or a buffer that is named in
//! [`Converted::buffers`], or the error says that it has no home.

mod error;
mod layers;
mod masked;
mod nflows;
mod normflows;
mod options;
mod state;
mod verify;
mod weights;
mod zuko;

pub use error::ConvertError;
pub use options::{Options, Source, WithoutTensors};
pub use verify::{Verified, verify};

use std::path::Path;

use burn::tensor::{DType, Device};
use thalweg_models::composed::GivenLayer;
use thalweg_models::{ComposedConfig, ComposedFlow, Conditional, ConditionalComposedFlow};

use layers::Layers;
use state::StateDict;

/// The layers of a checkpoint.
#[derive(Debug)]
pub struct Converted {
    /// What the layers are.
    pub config: ComposedConfig,
    /// The numbers of the context that each network sees; 0 of a flow without one.
    pub context: usize,
    /// The layers with their weights, from data to latents.
    pub layers: Vec<GivenLayer>,
    /// Tensors of the checkpoint that need no home, such as the constant of a standard normal density.
    pub buffers: Vec<String>,
    device: Device,
    dtype: DType,
}

impl Converted {
    /// The model on the device of the layers, of a flow without a context.
    ///
    /// # Errors
    ///
    /// A flow with a context, and layers that are no model, such as a spline of one bin.
    pub fn model(self) -> Result<ComposedFlow, ConvertError> {
        let place = (&self.device, self.dtype);
        let fixed = |layer| match layer {
            GivenLayer::Fixed(layer) => Ok(layer),
            _ => Err(ConvertError::unsupported(
                "the flow",
                format!(
                    "it has a context of {} numbers; ask for its `conditional_model`",
                    self.context
                ),
            )),
        };
        let layers = self.layers.into_iter().map(fixed);
        let layers = layers.collect::<Result<_, _>>()?;
        Ok(ComposedFlow::from_layers(&self.config, layers, place)?)
    }

    /// The model on the device of the layers, of a flow with a context.
    ///
    /// # Errors
    ///
    /// A flow without a context, and layers that are no model.
    pub fn conditional_model(self) -> Result<ConditionalComposedFlow, ConvertError> {
        let (place, config) = (
            (&self.device, self.dtype),
            self.config.with_context(self.context),
        );
        Ok(ConditionalComposedFlow::from_layers(
            &config,
            self.layers,
            place,
        )?)
    }
}

/// The flow in a checkpoint, its weights in `dtype` on `device`.
///
/// # Errors
///
/// A file that cannot be read or is no safetensors file, a tensor that is missing, has another shape than its
/// layer takes or has no home, and a module that this library has no layer for, by name.
pub fn convert(
    checkpoint: impl AsRef<Path>,
    source: Source,
    options: &Options,
    device: &Device,
    dtype: DType,
) -> Result<Converted, ConvertError> {
    let path = checkpoint.as_ref();
    let bytes = std::fs::read(path).map_err(|problem| ConvertError::io(path, problem))?;
    convert_bytes(&bytes, source, options, device, dtype)
}

/// [`convert`] of the bytes of a checkpoint.
///
/// # Errors
///
/// As [`convert`].
pub fn convert_bytes(
    checkpoint: &[u8],
    source: Source,
    options: &Options,
    device: &Device,
    dtype: DType,
) -> Result<Converted, ConvertError> {
    let mut state = StateDict::read(checkpoint)?;
    let mut layers = Layers::new(device, dtype);
    match source {
        Source::Nflows => nflows::flow(&mut state, options, &mut layers)?,
        Source::Normflows => normflows::flow(&mut state, options, &mut layers)?,
        Source::Zuko => zuko::flow(&mut state, options, &mut layers)?,
    }
    let buffers = state.finish(source)?;
    let (Conditional { flow, context }, layers) = layers.finish()?;
    if source == Source::Normflows && context > 0 {
        return Err(ConvertError::unsupported(
            "flows",
            format!(
                "its networks see {context} numbers more than the kept features; flows of normflows with a context \
                 are not supported"
            ),
        ));
    }
    Ok(Converted {
        config: flow,
        context,
        layers,
        buffers,
        device: device.clone(),
        dtype,
    })
}
