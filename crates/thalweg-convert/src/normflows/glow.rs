//! The Glow of images: `MultiscaleFlow` of `GlowBlock`s, one `Squeeze` at the end of each level, and `Merge`s.
//!
//! Levels lead from latents to data: `flows.0` is the coarsest, and in it the last block is next to the data.

mod base;
mod block;

use thalweg_flow::PositionAffine;
use thalweg_models::composed::ScaleConfig;
use thalweg_models::diagonal_glow::diagonal_scales;
use thalweg_models::{DiagonalGlow, DiagonalGlowConfig, ImageSize, ModelConfig};

use crate::state::StateDict;
use crate::weights::Place;
use crate::{ConvertError, Options};

/// Whether a checkpoint is of a `MultiscaleFlow`: its base densities are a list.
pub(crate) fn is_one(state: &StateDict) -> bool {
    state.has_module("q0.0")
}

pub(crate) fn glow(
    state: &mut StateDict,
    options: &Options,
    place: &Place,
) -> Result<DiagonalGlow, ConvertError> {
    let config = config(state, options)?;
    let levels = config.scales;
    let mut scales = vec![];
    for (scale, shape) in config.scale_shapes().into_iter().enumerate() {
        let level = levels - 1 - scale;
        let mut steps = vec![];
        for index in (0..config.depth).rev() {
            let module = format!("flows.{level}.{index}.flows");
            // What `Shift` adds to data is in the actnorm that sees them.
            let shift = match (scale, steps.len()) {
                (0, 0) => options.shift.unwrap_or(0.0),
                _ => 0.0,
            };
            steps.push(block::take(
                state, &module, shape[0], shift, &config, place,
            )?);
        }
        let stays = if level == 0 { 0 } else { shape[0] / 2 };
        let prior = prior(state, &format!("q0.{level}"), shape, stays, options, place)?;
        scales.push((steps, prior));
    }
    Ok(DiagonalGlow::from_scales(&config, diagonal_scales(scales))?)
}

/// The prior of a level, which the first channels pass unchanged: they stay.
fn prior(
    state: &mut StateDict,
    module: &str,
    [channels, height, width]: [usize; 3],
    stays: usize,
    options: &Options,
    place: &Place,
) -> Result<PositionAffine, ConvertError> {
    let leaves = [channels - stays, height, width];
    let [mean, log_deviation] = base::take(state, module, leaves, options)?;
    let behind = |values: Vec<f64>| {
        let zeros = vec![0.0; stays * height * width];
        place.tensor([zeros, values].concat(), [channels, height, width])
    };
    let log_scale = log_deviation.into_iter().map(|s| -s).collect();
    Ok(PositionAffine::from_parameters(
        behind(mean),
        behind(log_scale),
    ))
}

/// The sizes, of the names and the shapes.
fn config(state: &StateDict, options: &Options) -> Result<DiagonalGlowConfig, ConvertError> {
    let levels = state.modules("q0");
    let finest = format!("flows.{}", levels - 1);
    let block = format!("{finest}.0.flows");
    if !state.has_module(&format!("{block}.0.flows.1.param_map.net")) {
        return Err(ConvertError::unsupported(
            &finest,
            "of the flows of images only those of `GlowBlock`s are supported",
        ));
    }
    let net = block::Net::of(state, &block)?;
    let [height, width] = match (options.image, base::sides(state, "q0.0")) {
        (Some(sides), _) => sides,
        // Each level has halved them once.
        (None, Some(sides)) => {
            let factor = u32::try_from(levels).ok();
            let factor = factor.and_then(|levels| 2_usize.checked_pow(levels));
            sides.map(|side| side.saturating_mul(factor.unwrap_or(usize::MAX)))
        }
        (None, None) => {
            return Err(ConvertError::unsupported(
                "q0.0",
                "its mean and deviation are the same at each place, so the checkpoint does not show the size of the \
                 images; say height and width in the options, as `image = [32, 32]`",
            ));
        }
    };
    let image = ImageSize {
        channels: net.channels / 4,
        height,
        width,
        levels: options.levels.unwrap_or(256),
    };
    let scale = options.scale;
    let config = DiagonalGlowConfig::new(image)
        .with_additive(net.is_additive)
        .with_scale(scale.unwrap_or(ScaleConfig::InverseSigmoid { shift: 2.0 }))
        .with_activation(options.activation())
        .with_scales(levels)
        .with_depth(state.modules(&finest))
        .with_hidden(net.hidden);
    config.check()?;
    Ok(config)
}
