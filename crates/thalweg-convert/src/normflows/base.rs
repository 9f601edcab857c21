//! The base densities of vectors.

use crate::layers::Layers;
use crate::options::Uniform;
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// The features of `DiagGaussian` and `GaussianMixture`, or of the option `uniform`.
pub(super) fn features(state: &StateDict, options: &Options) -> Result<usize, ConvertError> {
    match state.shape("q0.loc") {
        Some([1, features]) if state.has("q0.log_scale") => Ok(*features),
        Some([1, _, features]) if state.has("q0.weight_scores") => Ok(*features),
        None if state.has("q0.inv_perm") => {
            Ok(state.shape("q0.scale").map_or(0, |of| of.iter().product()))
        }
        None if !state.has_module("q0") && options.uniform.is_some() => {
            let of = options.uniform.as_ref();
            Ok(of.map_or(0, |of| of.low.len().max(of.high.len())))
        }
        _ => Err(ConvertError::unsupported(
            "q0",
            "`DiagGaussian`, `ConditionalDiagGaussian`, `GaussianMixture`, `UniformGaussian` and `Uniform` of vectors are supported as a base \
             density; of `Uniform`, say `uniform = { low = [-1.0, -1.0], high = [1.0, 1.0] }` in the options",
        )),
    }
}

/// The base density.
pub(super) fn base(
    state: &mut StateDict,
    features: usize,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    if let Some(Uniform { low, high }) = options.uniform.clone() {
        return layers.uniform("the option `uniform`", low, high);
    }
    if state.has("q0.weight_scores") {
        let logits = state.take("q0.weight_scores")?.values;
        let shape = [1, logits.len(), features];
        let means = state.take("q0.loc")?.of(&shape)?;
        let log_deviations = state.take("q0.log_scale")?.of(&shape)?;
        return layers.mixture("q0", logits, means, log_deviations);
    }
    if state.has("q0.inv_perm") {
        return uniform_gaussian(state, features, layers);
    }
    let mean = state.flat("q0.loc", features)?;
    let deviation = state.flat("q0.log_scale", features)?;
    if mean.iter().chain(&deviation).all(|number| *number == 0.0) {
        return Ok(());
    }
    layers.centre_and_scale("q0", mean, deviation.iter().map(|s| -s).collect())
}

/// `UniformGaussian`: widths of uniform features, deviations of the others.
fn uniform_gaussian(
    state: &mut StateDict,
    features: usize,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let circles = state.set("q0.ind", features)?;
    state.buffer("q0.ind_");
    state.buffer("q0.inv_perm");
    let scales = state.flat("q0.scale", features)?;
    if let Some(scale) = scales.iter().find(|scale| **scale <= 0.0) {
        return Err(ConvertError::Value {
            name: "q0.scale".into(),
            problem: format!("a width or a deviation is above 0, got {scale}"),
        });
    }
    let log_scales = scales.iter().map(|scale| -scale.ln()).collect();
    layers.centre_and_scale("q0", vec![0.0; features], log_scales)?;
    layers.uniform_normal(circles);
    Ok(())
}
