//! Trained flows without tensors: a list of steps on plain f32 numbers, with packed weights.
//!
//! [`Flow::compile`](crate::Flow::compile) and its neighbours lower a flow to a [`CompiledFlow`]. A vector is
//! an image with one position: every layer has one form, for samples `[channels, height, width]`.
//!
//! | layer | lowers to |
//! |---|---|
//! | [`ActNorm`](crate::ActNorm), [`Standardize`](crate::Standardize), [`DiagonalScale`](crate::DiagonalScale), [`ElementwiseAffine`](crate::ElementwiseAffine), [`PositionAffine`](crate::PositionAffine) | a [`ChannelMap`] of scales |
//! | [`InvertibleLinear`](crate::InvertibleLinear), [`Whiten`](crate::Whiten) | a [`ChannelMap`] of a matrix; scales in front of it are multiplied into it. A [`Plu`](crate::Plu) of 96 features or more: a step that goes through its factors |
//! | [`Permutation`](crate::Permutation), [`Reverse`](crate::Reverse), [`Squeeze`](crate::Squeeze) | an order of the numbers |
//! | [`Haar`](crate::Haar) | an order, then a matrix |
//! | [`Coupling`](crate::Coupling), [`Checkerboard`](crate::Checkerboard) | a [`CompiledNetwork`], then a [`Transform`] of a part |
//! | [`Autoregressive`](crate::Autoregressive) | a masked network and a transform, feature after feature; see [`LowerAutoregressive`] |
//! | [`NeuralAutoregressive`](crate::NeuralAutoregressive) of a perceptron | the perceptron, and the networks of the features |
//! | [`ContextTransform`](crate::ContextTransform) | a network of the context, then a [`Transform`] |
//! | [`Logit`](crate::Logit), [`Nonlinearity`](crate::Nonlinearity), [`CircleShift`](crate::CircleShift), [`InvertibleResidual`](crate::InvertibleResidual), [`Planar`](crate::Planar), [`Radial`](crate::Radial) | a step of its own |
//! | [`Continuous`](crate::Continuous) of a [`TimeMlp`](crate::TimeMlp) | a step that integrates each sample by itself |
//! | [`MultiScale`](crate::MultiScale) | an order that puts the channels that leave behind the others |
//! | [`Embedded`](crate::Embedded) | one more context vector |
//! | tuples, `Vec`, `Option`, [`chain!`](crate::chain), [`Inverted`](crate::Inverted) | the steps of their parts |
//! | a base density | a [`CompiledBase`]; a [`Flow`](crate::Flow) as base, its steps and that |
//!
//! A layer of your own implements [`Lower`] and adds a [`FlowStep`]. A bijection whose context is neither a vector
//! nor a label has no form: [`CompiledContext`] has no rows for it.

mod autoregressive;
mod base;
mod batch;
mod bijection;
mod channel_map;
mod circle_shift;
mod context;
mod continuous;
mod convolutions;
mod coupling;
mod dense;
mod factors;
mod flow;
mod given;
mod invertible_residual;
mod logit;
mod modulated;
mod network;
mod neural;
mod nonlinearity;
mod order;
mod plan;
mod planar;
mod scratch;
mod soft_clip;
mod transform;

pub use autoregressive::LowerAutoregressive;
pub use base::{CompiledBase, LowerBase};
pub use batch::Batch;
pub use bijection::CompiledBijection;
pub use channel_map::ChannelMap;
pub use context::{CompiledContext, ContextRows, LowerEmbedding};
pub use flow::CompiledFlow;
pub use given::CompiledGiven;
pub use network::{CompiledNetwork, LowerNetwork};
pub use plan::{FlowStep, Lower, Lowering};
pub use scratch::Scratch;
pub use transform::{LowerTransformer, Transform};

use burn::tensor::Tensor;
pub use thalweg_kernels::Direction;

/// # Panics
///
/// Unless a sample has as many numbers as a layer takes.
fn assert_same_length(features: usize, x: &[f32]) {
    assert!(
        features == x.len(),
        "a layer of {features} features got a point of {}",
        x.len()
    );
}

/// # Panics
///
/// Unless the samples are vectors of this many features.
fn assert_features(features: usize, plan: &Lowering) {
    assert!(
        plan.shape() == [features, 1, 1],
        "a layer of {features} features got samples {:?}",
        plan.shape()
    );
}

/// # Panics
///
/// Unless a transformer has all its parameters of each number.
fn assert_parameters(each: usize, numbers: usize, parameters: &[f32]) {
    assert!(
        parameters.len() == each * numbers,
        "a transformer of {numbers} numbers takes {} parameters, {each} for each, and got {}",
        each * numbers,
        parameters.len()
    );
}

/// The numbers of a tensor.
fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.inner().into_data().iter::<f64>().collect()
}

/// The numbers of a tensor, in f32.
fn host_f32<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    host(tensor).into_iter().map(|x| x as f32).collect()
}
