//! Glow of github.com/rosinality/glow-pytorch: `blocks.N.flows.M`, `blocks.N.prior`.

mod conv;
mod step;

use thalweg_models::edge_glow::{EdgeStep, edge_scales};
use thalweg_models::{EdgeGlow, EdgeGlowConfig, ImageSize};

use crate::state::StateDict;
use crate::weights::Place;
use crate::{ConvertError, Options};
pub(crate) use conv::Conv;
pub(crate) use step::order;

/// Height and width of images, by default.
const SIDES: [usize; 2] = [64, 64];
/// Levels of a pixel, by default: those of 5 bits.
const LEVELS: u32 = 32;

pub(crate) fn glow(
    state: &mut StateDict,
    options: &Options,
    place: &Place,
) -> Result<EdgeGlow, ConvertError> {
    // What `DataParallel` puts in front.
    let blocks = match state.has_module("module.blocks") {
        true => "module.blocks",
        false => "blocks",
    };
    let config = config(state, blocks, options)?;
    let channels = config.channels();
    let (mut levels, mut last) = (vec![], None);
    for (scale, channels) in channels.iter().copied().enumerate() {
        let block = format!("{blocks}.{scale}");
        let steps = (0..config.depth).map(|index| {
            let module = format!("{block}.flows.{index}");
            step::take(state, &module, channels, &config, place)
        });
        let steps: Vec<EdgeStep> = steps.collect::<Result<_, _>>()?;
        let prior = format!("{block}.prior");
        let half = channels / 2;
        if scale + 1 < config.scales {
            let prior = Conv::take_gained(state, &prior, [channels, half, 3])?;
            levels.push((steps, prior.padded_with_ones().layer(place)));
        } else {
            // Of zeros: the edge alone tells it something.
            let prior = Conv::take_gained(state, &prior, [2 * channels, channels, 3])?;
            let edge = prior.padded_with_ones().of_the_edge(half);
            let of_half = |first: usize| {
                let means = first..first + half;
                let log_deviations = channels + first..channels + first + half;
                let part = edge.select(means.chain(log_deviations));
                part.layer(place)
            };
            last = Some((steps, [of_half(half), of_half(0)]));
        }
    }
    let Some((steps, top)) = last else {
        return Err(ConvertError::Missing(format!("{blocks}.0.prior.scale")));
    };
    let scales = edge_scales(levels, steps, top);
    let place = (&place.device, place.dtype);
    Ok(EdgeGlow::from_scales(&config, scales, place)?)
}

/// The sizes, of the names and the shapes.
fn config(
    state: &StateDict,
    blocks: &str,
    options: &Options,
) -> Result<EdgeGlowConfig, ConvertError> {
    let first = format!("{blocks}.0.flows.0.coupling.net.0.weight");
    let shape = |name: &str| {
        let found = state.shape(name).map(<[usize]>::to_vec);
        found.ok_or_else(|| ConvertError::Missing(name.to_owned()))
    };
    let of_kernel = |name: String| match shape(&name)?[..] {
        [outputs, inputs, _, _] => Ok([outputs, inputs]),
        ref found => Err(ConvertError::Shape {
            name,
            found: found.to_vec(),
            expected: "[outputs, inputs, height, width]".into(),
        }),
    };
    let [hidden, half] = of_kernel(first.clone())?;
    let [outputs, _] = of_kernel(format!("{blocks}.0.flows.0.coupling.net.4.conv.weight"))?;
    if half == 0 || half % 2 != 0 {
        return Err(ConvertError::unsupported(
            &first,
            format!("it takes {half} channels, half of a squeezed image; that is an even number"),
        ));
    }
    let [height, width] = options.image.unwrap_or(SIDES);
    let image = ImageSize {
        channels: half / 2,
        height,
        width,
        levels: options.levels.unwrap_or(LEVELS),
    };
    let config = EdgeGlowConfig::new(image, outputs == half)
        .with_scales(state.modules(blocks))
        .with_depth(state.modules(&format!("{blocks}.0.flows")))
        .with_hidden(hidden);
    thalweg_models::ModelConfig::check(&config)?;
    Ok(config)
}
