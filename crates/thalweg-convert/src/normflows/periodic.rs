//! `PeriodicWrap` and `PeriodicShift`: data of latents, so here they turn the other way.

use crate::layers::Layers;
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// The bound of both, by default.
const BOUND: f64 = 1.0;

/// Of the features on circles, with tensors or the options in their place.
pub(super) fn periodic(
    state: &mut StateDict,
    module: &str,
    features: usize,
    shift: f64,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let circles = options.circular.as_deref().unwrap_or_default();
    if circles.is_empty() || circles.iter().any(|circle| *circle >= features) {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "it turns features on circles; say which of {features} they are, such as `circular = [0]`, in the \
                 options, got {circles:?}"
            ),
        ));
    }
    let mut of_all = |tensor: &str, default: f64| -> Result<Vec<f64>, ConvertError> {
        let name = format!("{module}.{tensor}");
        let found = match state.has(&name) {
            true => state.take(&name)?,
            false => return Ok(vec![default; circles.len()]),
        };
        match found.values.len() {
            1 => Ok(vec![found.values[0]; circles.len()]),
            count if count == circles.len() => Ok(found.values),
            _ => Err(found.misshapen(format!("one number, or {} of circles", circles.len()))),
        }
    };
    let bounds = of_all("bound", options.bound.unwrap_or(BOUND))?;
    let shifts = of_all("shift", shift)?;
    if let Some(bound) = bounds.iter().find(|of| !of.is_finite() || **of <= 0.0) {
        return Err(ConvertError::Value {
            name: format!("{module}.bound"),
            problem: format!("a bound is above 0, got {bound}"),
        });
    }
    let (mut all_bounds, mut all_shifts) = (vec![0.0; features], vec![0.0; features]);
    for (feature, (bound, shift)) in circles.iter().zip(bounds.into_iter().zip(shifts)) {
        (all_bounds[*feature], all_shifts[*feature]) = (bound, -shift);
    }
    layers.circle_shift(module, all_bounds, all_shifts)
}
