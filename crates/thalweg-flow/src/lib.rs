//! Normalizing flows on Burn: bijections, couplings, log-determinants, densities.
//!
//! One formula: `log p(x) = log p(z) + ln |det ∂f/∂x|` with `z = f(x)`. One trait,
//! [`Bijection`], whose two methods return a value and its log-determinant from one call.
//!
//! | you want | look at |
//! |---|---|
//! | a coupling: split × transformer × conditioner | [`Coupling`], [`Split`], [`transformer`], [`conditioner`] |
//! | to chain layers | tuples, `Vec`, [`chain!`], [`Inverted`] |
//! | to mix features | [`InvertibleLinear`], [`Invertible1x1`], [`Reverse`], [`Permutation`], [`Whiten`] |
//! | elementwise maps | [`ActNorm`], [`DiagonalScale`], [`ElementwiseAffine`], [`Standardize`], [`Logit`] |
//! | maps across one plane, around one point | [`Planar`], [`Radial`] |
//! | pixels as channels | [`Squeeze`], [`Haar`] |
//! | a coupling between neighbouring pixels | [`Checkerboard`] |
//! | latents that leave at several scales | [`MultiScale`], [`Latents`] |
//! | ways between latents | [`latent`] |
//! | to check shapes in a layer of your own | [`shape`] |
//! | a condition | [`WithContext`], [`ContextTransform`], [`Embedded`], [`Flow::given`] |
//! | integers as data | [`Dequantize`], [`BitsPerDim`] |
//! | a density | [`base`], [`Flow`] |
//! | a trained flow without tensors | [`CompiledFlow`] |
//! | memory that does not grow with the depth | [`Reversible`] |
//! | log-densities of any number of rows | [`Flow::log_probs`], [`points`] |
//! | what a module is made of | [`Summary`] |
//! | what looks wrong with data | [`warnings`] |
//!
//! The batch is axis 0 and the features (or channels) are axis 1, at every rank.
#![recursion_limit = "256"]

pub mod actnorm;
pub mod base;
pub mod bijection;
pub mod bits;
pub mod blog_noise;
pub mod checkerboard;
pub mod compiled;
pub mod compose;
pub mod condition;
pub mod conditioner;
pub mod context_transform;
pub mod coupling;
pub mod dequantize;
pub mod elementwise;
pub mod embedding;
pub mod empty;
pub mod error;
pub mod flow;
pub mod haar;
pub mod identity;
pub mod invert;
pub mod latent;
mod level;
pub mod linear;
pub mod logit;
pub mod multi_scale;
pub mod noise;
pub mod numerics;
pub mod parameter;
pub mod permutation;
pub mod placement;
pub mod planar;
pub mod points;
pub mod precision;
pub mod probe;
pub mod radial;
pub mod reverse;
pub mod reversible;
mod root;
pub mod scale;
pub mod shape;
pub mod split;
pub mod squeeze;
pub mod standardize;
pub mod summary;
pub mod transformer;
pub mod warnings;
pub mod whiten;

pub use actnorm::ActNorm;
pub use base::Base;
pub use bijection::{Bijection, LogDet};
pub use bits::BitsPerDim;
pub use blog_noise::BlogNoise;
pub use checkerboard::Checkerboard;
pub use compiled::{CompiledFlow, Lower};
pub use condition::Condition;
pub use conditioner::{
    Activation, Conditioner, ConvBlocks, ConvBlocksConfig, ConvNet, ConvNetConfig, Mlp, MlpConfig,
    ResidualConvNet, ResidualConvNetConfig, ResidualMlp, ResidualMlpConfig, SameConv,
    SameConvConfig, WeightInit, WithContext, linear,
};
pub use context_transform::ContextTransform;
pub use coupling::Coupling;
pub use dequantize::Dequantize;
pub use elementwise::ElementwiseAffine;
pub use embedding::{Embedded, Embedding, LabelEmbedding};
pub use error::FlowError;
pub use flow::{Flow, Given};
pub use haar::Haar;
pub use identity::Identity;
pub use invert::{Invert, Inverted};
pub use linear::{Full, Householder, Invertible1x1, InvertibleLinear, LinearForm, Plu, Rotation};
pub use logit::Logit;
pub use multi_scale::{Latents, Level, MultiScale};
pub use noise::Noise;
pub use permutation::Permutation;
pub use placement::Placement;
pub use planar::Planar;
pub use points::Points;
pub use radial::Radial;
pub use reverse::Reverse;
pub use reversible::{Reversible, Slope, Trail, Variable, WayBack};
pub use scale::DiagonalScale;
pub use split::Split;
pub use squeeze::{Squeeze, SqueezeOrder};
pub use standardize::Standardize;
pub use summary::Summary;
pub use transformer::{
    Additive, Affine, Exp, RationalQuadratic, ScaleMap, SigmoidShift, SoftBounded, TanhLearned,
    Transformer,
};
pub use warnings::Warning;
pub use whiten::Whiten;
