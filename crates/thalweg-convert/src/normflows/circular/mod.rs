//! Splines of features on circles beside others, `CircularCoupledRationalQuadraticSpline` and
//! `CircularAutoregressiveRationalQuadraticSpline`.
//!
//! Both become one autoregressive layer of circular splines. A feature on no circle has the slope 1 at its ends. Of a
//! coupling, the kept features come first with constant parameters, and the network of the others sees them. It sees
//! `w₀ sin ωx + w₁ cos ωx` of an angle `x`, which is linear in the cosine and the sine.

mod angles;
mod coupled;
mod layer;

use super::spline::TAIL_BOUND;
use crate::layers::Layers;
use crate::nflows::autoregressive::{Made, made};
use crate::state::StateDict;
use crate::{ConvertError, Options};
use angles::angles;
pub(super) use coupled::coupled;
use layer::finish;

/// Whether splines have as many parameters as those of a list of tails.
pub(super) fn is_one(parameters: usize, options: &Options) -> bool {
    parameters > 1 && parameters % 3 == 1 && !options.unit_box()
}

/// The features on circles that networks see as angles: those of all layers.
pub(super) fn features(state: &StateDict) -> Vec<usize> {
    let of_layer = |index: usize| -> Vec<usize> {
        let of = |name: &str| state.values(&format!("flows.{index}.{name}"));
        let kept = of("prqct.identity_features").unwrap_or_default();
        let coupled = of("prqct.transform_net.preprocessing.ind");
        let coupled = coupled.unwrap_or_default().iter();
        let coupled = coupled.filter_map(|place| kept.get(*place as usize));
        let all = of("mprqat.autoregressive_net.preprocessing.ind");
        let all = all.unwrap_or_default().iter();
        coupled
            .chain(all)
            .map(|feature| *feature as usize)
            .collect()
    };
    let mut found: Vec<usize> = (0..state.modules("flows")).flat_map(of_layer).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Where the tails of features begin.
fn bounds(
    state: &mut StateDict,
    module: &str,
    features: &[usize],
    options: &Options,
    all: &mut [f64],
) -> Result<(), ConvertError> {
    let name = format!("{module}.tail_bound");
    let found = match state.has(&name) {
        true => state.flat(&name, features.len())?,
        false => vec![options.tail_bound.unwrap_or(TAIL_BOUND); features.len()],
    };
    if let Some(bound) = found.iter().find(|of| !of.is_finite() || **of <= 0.0) {
        return Err(ConvertError::Value {
            name,
            problem: format!("a bound is above 0, got {bound}"),
        });
    }
    let places = features.iter().zip(found);
    places.for_each(|(feature, bound)| all[*feature] = bound);
    Ok(())
}

/// `CircularAutoregressiveRationalQuadraticSpline`.
pub(super) fn autoregressive(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let net = format!("{module}.autoregressive_net");
    let network = made(state, &net, Made::Normflows, options)?;
    let features: Vec<usize> = (0..network.config.order.len()).collect();
    let angles = angles(state, &net, &features, options)?;
    let mut of = vec![0.0; features.len()];
    bounds(state, module, &features, options, &mut of)?;
    let circles: Vec<usize> = angles.iter().map(|angle| angle.feature).collect();
    finish(module, network, (&angles, &circles), of, options, layers)
}
