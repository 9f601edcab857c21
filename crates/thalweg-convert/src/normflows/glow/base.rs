//! The density of the latents of a level: `DiagGaussian`, `GlowBase`, and `ClassCondDiagGaussian` given one class.

use crate::state::StateDict;
use crate::{ConvertError, Options};

/// `logscale_factor`, by default.
const FACTOR: f64 = 3.0;

/// Height and width of latents, where each place has a mean of its own.
pub(super) fn sides(state: &StateDict, module: &str) -> Option<[usize; 2]> {
    match state.shape(&format!("{module}.loc"))? {
        _ if state.has(&format!("{module}.loc_logs")) => None,
        [1, _, height, width] | [_, height, width, _] => Some([*height, *width]),
        _ => None,
    }
}

/// The mean and the logarithm of the deviation of each number of `[channels, height, width]`.
pub(super) fn take(
    state: &mut StateDict,
    module: &str,
    shape: [usize; 3],
    options: &Options,
) -> Result<[Vec<f64>; 2], ConvertError> {
    let [channels, height, width] = shape;
    let [loc, log_scale] = ["loc", "log_scale"].map(|name| format!("{module}.{name}"));
    if state.has(&format!("{module}.loc_logs")) {
        let mut part =
            |name: &str| of_channels(state, &format!("{module}.{name}"), channels, options);
        let each = |channels: Vec<f64>| -> Vec<f64> {
            let at = channels.into_iter();
            at.flat_map(|value| std::iter::repeat_n(value, height * width))
                .collect()
        };
        return Ok([each(part("loc")?), each(part("log_scale")?)]);
    }
    let classes = match state.shape(&loc) {
        Some([1, _, _, _]) => None,
        Some([_, _, _, classes]) => Some(*classes),
        _ => {
            return Err(ConvertError::unsupported(
                module,
                "only `DiagGaussian`, `GlowBase` and `ClassCondDiagGaussian` of images are supported as base densities",
            ));
        }
    };
    let class = class(module, classes, options)?;
    let mut part = |name: &str| match (classes, class) {
        (Some(classes), Some(class)) => {
            let all = state.take(name)?.of(&[channels, height, width, classes])?;
            Ok(all.into_iter().skip(class).step_by(classes).collect())
        }
        _ => state.take(name)?.of(&[1, channels, height, width]),
    };
    Ok([part(&loc)?, part(&log_scale)?])
}

/// A number of each channel, `v exp(3 l)`, and what a class adds to it.
fn of_channels(
    state: &mut StateDict,
    name: &str,
    channels: usize,
    options: &Options,
) -> Result<Vec<f64>, ConvertError> {
    let values = state.flat(name, channels)?;
    let factors = state.flat(&format!("{name}_logs"), channels)?;
    let values = values.into_iter().zip(factors);
    let mut values: Vec<f64> = values.map(|(v, l)| v * (FACTOR * l).exp()).collect();
    let of_classes = format!("{name}_cc");
    let classes = state
        .shape(&of_classes)
        .and_then(|shape| shape.first().copied());
    if let (Some(classes), Some(class)) = (classes, class(name, classes, options)?) {
        let more = state.take(&of_classes)?.of(&[classes, channels])?;
        let more = more.into_iter().skip(class * channels);
        values.iter_mut().zip(more).for_each(|(v, more)| *v += more);
    }
    Ok(values)
}

/// The class that the density is given.
fn class(
    module: &str,
    classes: Option<usize>,
    options: &Options,
) -> Result<Option<usize>, ConvertError> {
    let problem = match (classes, options.class) {
        (None, None) => return Ok(None),
        (Some(classes), Some(class)) if class < classes => return Ok(Some(class)),
        (Some(classes), Some(class)) => {
            format!("it has {classes} classes, counted from 0, and the option `class` is {class}")
        }
        (Some(classes), None) => format!(
            "it is a density given one of {classes} classes; say which in the options, as `class = 0`, for the model \
             given that class"
        ),
        (None, Some(class)) => {
            format!("it has no classes, and the option `class` is {class}; leave it out")
        }
    };
    Err(ConvertError::unsupported(module, problem))
}
