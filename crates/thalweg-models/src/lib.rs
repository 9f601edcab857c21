#![doc = include_str!("../README.md")]
//!
//! # Models
//!
//! | model | paper | blog |
//! |---|---|---|
//! | [`Nice`] | [`NiceConfig::paper`] | [`NiceConfig::blog`] |
//! | [`CouplingFlow`] as RealNVP for vectors | [`CouplingFlowConfig::realnvp`] | |
//! | [`CouplingFlow`] as a neural spline flow | [`CouplingFlowConfig::nsf`] | |
//! | [`AutoregressiveFlow`]: MAF, IAF | [`AutoregressiveFlowConfig::maf`], [`iaf`](AutoregressiveFlowConfig::iaf) | |
//! | [`AutoregressiveFlow`] as a neural spline flow | [`AutoregressiveFlowConfig::nsf_ar`] | |
//! | [`ContinuousFlow`] by flow matching | [`ContinuousFlowConfig::flow_matching`] | |
//! | [`ContinuousFlow`] by maximum likelihood | [`ContinuousFlowConfig::ffjord`] | |
//! | [`ComposedFlow`]: layers as a configuration lists them | [`ComposedConfig`] | |
//! | [`Categorical`] on categories, by a masked network | [`CategoricalConfig`] | |
//! | the five above, given vectors | `with_context` of their configuration, [`Conditional`] | |
//! | [`Glow`] on images | [`GlowConfig::openai`] | [`GlowConfig::blog`] |
//! | [`EdgeGlow`], [`DiagonalGlow`], as glow-pytorch and normflows have Glow | [`EdgeGlowConfig`], [`DiagonalGlowConfig`] | |
//! | [`RealNvp`] on images | [`RealNvpConfig::paper`] | |
//! | [`ConditionalGlow`] on labelled images | [`ConditionalGlowConfig`] | |
//! | [`Vae`] | [`VaeConfig::bernoulli`] | [`VaeConfig::blog`] |
//! | [`Fvae`] | [`FvaeConfig::fvae_small`] | [`FvaeConfig::fvae_blog`] |
//! | [`ConditionalVae`] on labelled images | [`ConditionalVaeConfig`] | |
//! | [`Vib`], a classifier | [`VibConfig`] | |
//!
//! `init` of a configuration makes the untrained model; `save` and `load` keep a model in one file
//! with its configuration and preprocessing. [`mod@file`] does the same for modules built by hand, and [`any`] takes a file of
//! whatever kind.
//!
//! # Cost of a density and of a sample
#![doc = include_str!("sampling_cost.md")]
#![recursion_limit = "256"]

pub mod any;
pub mod autoregressive_flow;
#[cfg(feature = "burn-train")]
pub mod burn_train;
pub mod categorical;
pub mod composed;
pub mod config;
pub mod continuous_flow;
pub mod coupling_flow;
pub mod diagonal_glow;
pub mod discrete;
mod door;
pub mod edge_glow;
pub mod file;
pub mod fvae;
pub mod glow;
pub mod held_out;
pub mod image;
pub mod model;
pub mod nice;
pub mod pyramid;
pub mod realnvp;
mod sampling_cost;
pub mod vae;
pub mod variational;
pub mod vector;
pub mod vib;

pub use autoregressive_flow::{
    AutoregressiveFlow, AutoregressiveFlowConfig, ConditionalAutoregressiveFlow, FastSide,
    FeatureOrder,
};
pub use categorical::{Categorical, CategoricalConfig, ConditionalCategorical};
pub use composed::{ComposedConfig, ComposedFlow, ConditionalComposedFlow};
pub use config::ConfigError;
pub use continuous_flow::{
    ConditionalContinuousFlow, ContinuousFlow, ContinuousFlowConfig, ContinuousObjective,
};
pub use coupling_flow::{
    ConditionalCouplingFlow, CouplingFlow, CouplingFlowConfig, CouplingStyle, CouplingTransformer,
};
pub use diagonal_glow::{DiagonalGlow, DiagonalGlowConfig};
pub use discrete::DiscreteFlow;
pub use edge_glow::{EdgeGlow, EdgeGlowConfig};
pub use file::ModelFileError;
pub use fvae::{Fvae, FvaeConfig, FvaeStyle};
pub use glow::{ConditionalGlow, ConditionalGlowConfig, Glow, GlowConfig};
pub use image::{CompiledImageFlow, ImageFlow, ImageSize};
pub use model::ModelConfig;
pub use nice::{Nice, NiceConfig, NiceStyle};
pub use realnvp::{RealNvp, RealNvpConfig};
pub use sampling_cost::{Passes, SamplingCost};
pub use vae::{ConditionalVae, ConditionalVaeConfig, Vae, VaeConfig};
pub use vector::{Conditional, VectorFlow};
pub use vib::{Vib, VibConfig};
