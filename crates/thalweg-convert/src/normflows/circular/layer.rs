//! The autoregressive layer of circular splines.

use thalweg_models::composed::{EndsConfig, TransformerConfig};

use super::angles::{Angle, enter};
use crate::layers::{Layers, Way};
use crate::masked::MaskedNetwork;
use crate::nflows::transformer::spline;
use crate::{ConvertError, Options};

/// The layer of a network whose outputs are one block a parameter, `3 K + 1` of them, and whose inputs are what it sees of
/// each feature.
pub(super) fn finish(
    module: &str,
    mut network: MaskedNetwork,
    (angles, circles): (&[Angle], &[usize]),
    bounds: Vec<f64>,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let (features, bins) = (bounds.len(), network.parameters / 3);
    if network.parameters != 3 * bins + 1 {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "{} parameters a feature; a spline of K bins on a circle has 3 K + 1",
                network.parameters
            ),
        ));
    }
    // One bound of all, or 1 behind a change of units.
    let shared = bounds.iter().all(|bound| *bound == bounds[0]);
    let (bound, units) = match shared {
        true => (bounds[0], vec![1.0; features]),
        false => (1.0, bounds),
    };
    let transformer = TransformerConfig::Spline {
        bins,
        bound,
        least_slope: None,
        least: options.least,
        ends: EndsConfig::Circular,
    };
    transformer.try_transformer()?;
    let last = network.layers.len() - 1;
    let last = &mut network.layers[last];
    // The slope at the right end of a circle is that at the left one.
    let all: Vec<usize> = (0..3 * bins * features).collect();
    *last = last.select(&all);
    spline(last, features, transformer, 1.0);
    for feature in (0..features).filter(|feature| !circles.contains(feature)) {
        // The slope 1.
        let output = 2 * bins * features + feature;
        last.rows[output].fill(0.0);
        last.bias[output] = 0.0;
    }
    network.parameters = 3 * bins;
    enter(module, &mut network, angles, &units)?;
    let log_units = || units.iter().map(|unit| unit.ln());
    if !shared {
        let to_units = log_units().map(|unit| -unit).collect();
        layers.scale_and_shift(module, to_units, vec![0.0; features])?;
    }
    layers.autoregressive(module, transformer, network, Way::Forward)?;
    if !shared {
        layers.scale_and_shift(module, log_units().collect(), vec![0.0; features])?;
    }
    Ok(())
}
