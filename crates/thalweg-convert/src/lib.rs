#![doc = include_str!("../README.md")]
//!
//! # Libraries
//!
//! | library | version of the vectors in the tests | layers |
//! |---|---|---|
//! | [`Source::Nflows`] | 0.14 | couplings and masked autoregressive layers (additive, affine, rational-quadratic, piecewise linear, quadratic and cubic, with linear tails or on the unit box), permutations, LU, QR, SVD and naive linear, ActNorm, BatchNorm, pointwise affine, sigmoid, logit and the other fixed functions, inverses; normal and uniform densities and autoregressive mixtures; with or without a context and its embedding, such as flows of sbi |
//! | [`Source::Normflows`] | 1.7.3 | masked affine, affine coupling blocks, rational-quadratic couplings and autoregressive layers, permutations, LU linear, invertible affine, ActNorm, constants, planar, radial; normal, uniform and mixture densities; splines with or without a context, also of features on circles; invertible residual networks; the Glow of images |
//! | [`Source::Zuko`] | 1.6.0 | masked autoregressive and coupling transforms: additive, affine, rational-quadratic, circular, sums of squares, Bernstein polynomials, increasing networks, with or without residual blocks, norms and a context; Gaussianization; continuous flows |
//! | [`Source::GlowPytorch`] | commit 1e782e6 | Glow of images: actnorm, 1×1 convolutions by matrix or factors, affine and additive couplings, priors |

mod changes;
mod error;
mod glow_pytorch;
mod layers;
mod masked;
mod model;
mod nflows;
mod normflows;
mod options;
mod perceptron;
mod state;
mod verify;
mod weights;
mod zuko;

pub use error::ConvertError;
pub use model::Model;
pub use options::{Options, Source, Tensorless, Uniform, Univariate, WithoutTensors};
pub use verify::{Verified, verify};

use std::path::Path;

use burn::tensor::{DType, Device};
use thalweg_models::composed::{ComposedLayer, GivenLayer};
use thalweg_models::{ComposedFlow, Conditional, ConditionalComposedFlow};

use layers::{Finished, Layers};
use state::StateDict;
use weights::Place;

/// The model of a checkpoint.
///
/// See [`convert_bytes`] for an example.
#[derive(Debug)]
pub struct Converted {
    /// The model, on the device and in the type that were asked for.
    pub model: Model,
    /// Tensors of the checkpoint that need no home, such as the constant of a standard normal density.
    pub buffers: Vec<String>,
}

/// The flow in a checkpoint, its weights in `dtype` on `device`.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_convert::{ConvertError, Options, Source, convert};
///
/// let (source, options) = (Source::Nflows, Options::default());
/// let found = convert("no such file.safetensors", source, &options, &Device::default(), DType::F32);
/// assert!(matches!(found, Err(ConvertError::Io { .. })));
/// ```
///
/// ```no_run
/// use burn::tensor::{DType, Device};
/// use thalweg_convert::{Options, Source, convert};
///
/// let (device, options) = (Device::default(), Options::default());
/// let converted = convert("maf.safetensors", Source::Nflows, &options, &device, DType::F32)?;
/// println!("{} layers of {:?}", converted.model.layers(), converted.model.shape());
/// converted.model.save("model.safetensors")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A file that cannot be read or is no safetensors file, a tensor that is missing, has another shape than its
/// layer takes or has no home, a module that this library has no layer for, by name, and layers that are no model, such
/// as a spline of one bin.
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
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use safetensors::tensor::{Dtype, TensorView, serialize};
/// use thalweg_convert::{ConvertError, Converted, Options, Source, convert_bytes};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // `PointwiseAffineTransform` of nflows with the scale 2 and the shift 1, and a constant of its normal density.
/// let [scale, shift, log_z] = [2.0_f32, 1.0, 0.9].map(f32::to_le_bytes);
/// let tensors = [
///     ("_transform._scale", TensorView::new(Dtype::F32, vec![1], &scale)?),
///     ("_transform._shift", TensorView::new(Dtype::F32, vec![1], &shift)?),
///     ("_distribution._log_z", TensorView::new(Dtype::F32, vec![], &log_z)?),
/// ];
/// let checkpoint = serialize(tensors, None)?;
/// let (device, options) = (Device::default(), Options::default());
/// let found = convert_bytes(&checkpoint, Source::Nflows, &options, &device, DType::F32)?;
/// let Converted { model, buffers } = found;
/// assert_eq!(buffers, ["_distribution._log_z"]);
/// let z = model.vectors().expect("a flow of vectors").encode(Tensor::from_floats([[3.0]], &device));
/// assert!((z.into_scalar::<f32>() - 7.0).abs() < 1e-5); // 2 · 3 + 1
///
/// let found = convert_bytes(b"weights", Source::Zuko, &options, &device, DType::F32);
/// assert!(matches!(found, Err(ConvertError::Format(_))));
/// # Ok(())
/// # }
/// ```
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
    let vectors = |flow: fn(&mut StateDict, &Options, &mut Layers) -> Result<(), ConvertError>,
                   state: &mut StateDict| {
        let mut layers = Layers::new(device, dtype, options);
        flow(state, options, &mut layers)?;
        let Finished {
            config: Conditional { flow, context },
            layers,
            mixture,
        } = layers.finish()?;
        let place = (device, dtype);
        if context > 0 {
            let config = flow.with_context(context);
            let model = ConditionalComposedFlow::from_layers(&config, layers, mixture, place)?;
            return Ok(Model::Given(Box::new(model)));
        }
        let layers = layers.into_iter().map(fixed).collect::<Result<_, _>>()?;
        let model = ComposedFlow::from_layers(&flow, layers, mixture, place)?;
        Ok::<_, ConvertError>(Model::Vectors(Box::new(model)))
    };
    let model = match source {
        Source::Nflows => vectors(nflows::flow, &mut state)?,
        Source::Normflows if normflows::glow::is_one(&state) => {
            let place = Place {
                device: device.clone(),
                dtype,
            };
            let model = normflows::glow::glow(&mut state, options, &place)?;
            Model::DiagonalGlow(Box::new(model))
        }
        Source::Normflows => vectors(normflows::flow, &mut state)?,
        Source::Zuko if zuko::continuous::is_one(&state) => {
            let place = Place {
                device: device.clone(),
                dtype,
            };
            zuko::continuous::flow(&mut state, options, &place)?
        }
        Source::Zuko => vectors(zuko::flow, &mut state)?,
        Source::GlowPytorch => {
            let place = Place {
                device: device.clone(),
                dtype,
            };
            let model = glow_pytorch::glow(&mut state, options, &place)?;
            Model::Images(Box::new(model))
        }
    };
    let buffers = state.finish(source)?;
    Ok(Converted { model, buffers })
}

/// A layer of a flow without a context.
fn fixed(layer: GivenLayer) -> Result<ComposedLayer, ConvertError> {
    match layer {
        GivenLayer::Fixed(layer) => Ok(layer),
        _ => Err(ConvertError::unsupported(
            "the flow",
            "a layer sees a context, and the flow has none".to_owned(),
        )),
    }
}
