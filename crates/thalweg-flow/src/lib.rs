#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | topic | items |
//! |---|---|
//! | a coupling: split × transformer × conditioner | [`Coupling`], [`Split`], [`Transformer`], [`Network`] |
//! | an autoregressive layer: transformer × masked network × order | [`Autoregressive`], [`MaskedMlp`], [`AutoregressiveNetwork`] |
//! | chains of layers | tuples, `Vec`, [`chain!`], [`Inverted`] |
//! | a layer that a configuration chooses | [`layer_enum!`] |
//! | maps that mix features | [`InvertibleLinear`], [`Invertible1x1`], [`Reverse`], [`Permutation`], [`Whiten`] |
//! | elementwise maps | [`ActNorm`], [`DiagonalScale`], [`ElementwiseAffine`], [`PositionAffine`], [`Standardize`], [`Logit`], [`SoftClip`], [`Nonlinearity`], [`CircleShift`] |
//! | the planar and the radial flow | [`Planar`], [`Radial`] |
//! | pixels to channels | [`Squeeze`], [`Haar`] |
//! | a coupling between neighbouring pixels | [`Checkerboard`] |
//! | multi-scale latents | [`MultiScale`], [`Latents`] |
//! | interpolation of latents | [`latent`] |
//! | flows that are differential equations | [`Continuous`], [`VectorField`], [`TimeMlp`], [`Integration`] |
//! | training them by regression | [`FlowMatching`] |
//! | derivatives forward through a network | [`Tangents`] |
//! | the interval of a number | [`Support`] |
//! | linear maps fitted in closed form | [`linear`](mod@linear) |
//! | helpers for a layer | [`numerics`] |
//! | the edge of an image | [`WithEdge`] |
//! | conditions | [`WithContext`], [`Modulation`], [`ContextTransform`], [`Embedded`], [`Flow::given`] |
//! | discrete data | [`Dequantize`], [`BitsPerDim`] |
//! | densities | [`base`], [`Flow`] |
//! | compiled flows | [`CompiledFlow`] |
//! | training in constant memory | [`Reversible`] |
//! | large data in bounded memory | [`bulk`], [`Flow::log_probs`], [`Flow::sample_chunks`], [`points`] |
//! | the parameters of a module | [`Summary`] |
//! | the layers of a bijection, one by one | [`walk`] |
//! | data that look wrong | [`Warning`] |
#![recursion_limit = "256"]

pub mod base;
mod bijection;
pub mod bulk;
pub mod compiled;
mod compose;
mod context;
mod continuous;
mod couplings;
mod density;
mod elimination;
mod error;
mod integers;
pub mod invertible_backprop;
pub mod latent;
mod layer_enum;
mod layers;
pub mod linear;
mod networks;
mod noise;
pub mod numerics;
pub mod parameter;
mod placement;
pub mod points;
pub mod precision;
pub mod probe;
mod shape;
mod summary;
mod support;
mod transformer;
mod variable;
pub mod walk;
mod warnings;

pub use bijection::{Bijection, LogDet};
pub use compiled::{CompiledFlow, Lower};
pub use compose::{Invert, Inverted};
pub use context::{Condition, Embedded, Embedding, LabelEmbedding};
pub use continuous::{
    Continuous, Divergence, FlowMatching, Integrated, Integration, IntegrationReport, Pairing,
    PathPoint, Regularized, Scheme, Steps, TimeMlp, TimeMlpConfig, VectorField,
};
pub use couplings::{
    Autoregressive, Checkerboard, ContextTransform, Coupling, Latents, Level, MultiScale,
    NeuralAutoregressive, Split,
};
pub use density::{Base, Flow, Given};
pub use error::{FlowError, IntegrationFailure};
pub use integers::{BitsPerDim, BlogNoise, Dequantize};
pub use invertible_backprop::reversible::Reversible;
pub use layers::{
    ActNorm, CircleShift, Curve, DiagonalScale, ElementwiseAffine, Fitted, Full, Haar, Householder,
    Identity, Invertible1x1, InvertibleLinear, InvertibleResidual, LinearForm, Logit, Nonlinearity,
    Permutation, Planar, Plu, PluFactors, PositionAffine, Radial, Reverse, Rotation, SoftClip,
    Squeeze, SqueezeOrder, Standardize, Whiten,
};
pub use networks::{
    Activation, AutoregressiveNetwork, ConvBlocks, ConvBlocksConfig, ConvNet, ConvNetConfig,
    InBlocks, MaskedMlp, MaskedMlpConfig, Mlp, MlpConfig, Modulation, ModulationConfig, Monotone,
    MonotoneNetworks, Network, Norm, Periodic, ResidualConvNet, ResidualConvNetConfig, ResidualMlp,
    ResidualMlpConfig, SameConv, SameConvConfig, StandardizedMlp, Tangents, WeightInit,
    WithContext, WithEdge, linear,
};
pub use noise::Noise;
pub use placement::Placement;
pub use summary::{Summary, SummaryLine};
pub use support::Support;
pub use thalweg_kernels::{Degrees, Least, LogScale, Pieces};
pub use transformer::{
    Additive, Affine, BernsteinPolynomial, Exp, Gaussianization, KnownScale, PolynomialSpline,
    RationalQuadratic, ScaleMap, SigmoidShift, SoftBounded, SumOfSquaresPolynomial, TanhLearned,
    Transformer,
};
pub use variable::{TensorMap, Variable};
pub use warnings::Warning;
