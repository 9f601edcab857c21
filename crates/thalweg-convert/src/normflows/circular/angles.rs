//! What networks see of features on circles.

use std::f64::consts::PI;

use super::TAIL_BOUND;
use crate::masked::MaskedNetwork;
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// What a network sees of an angle `x`: `sine · sin ωx + cosine · cos ωx`.
pub(super) struct Angle {
    pub(super) feature: usize,
    omega: f64,
    sine: f64,
    cosine: f64,
}

/// `PeriodicFeaturesElementwise` of some features, if the network has it.
pub(super) fn angles(
    state: &mut StateDict,
    network: &str,
    features: &[usize],
    options: &Options,
) -> Result<Vec<Angle>, ConvertError> {
    let module = format!("{network}.preprocessing");
    let name = |tensor: &str| format!("{module}.{tensor}");
    if !state.has(&name("ind")) {
        return Ok(vec![]);
    }
    let places = state.set(&name("ind"), features.len())?;
    state.buffer(&name("ind_"));
    state.buffer(&name("inv_perm"));
    let weights = state.take(&name("weights"))?.of(&[places.len(), 2])?;
    let omegas = match state.has(&name("scale")) {
        true => state.flat(&name("scale"), places.len())?,
        false => vec![PI / options.tail_bound.unwrap_or(TAIL_BOUND); places.len()],
    };
    let weights = weights.chunks(2).zip(omegas);
    let found = places
        .iter()
        .zip(weights)
        .map(|(place, (weights, omega))| Angle {
            feature: features[*place],
            omega,
            sine: weights[0],
            cosine: weights[1],
        });
    Ok(found.collect())
}

/// The first layer as one of cosines and sines, of features in these units.
pub(super) fn enter(
    module: &str,
    network: &mut MaskedNetwork,
    angles: &[Angle],
    units: &[f64],
) -> Result<(), ConvertError> {
    let features = units.len();
    let mut sorted: Vec<&Angle> = angles.iter().collect();
    sorted.sort_by_key(|angle| angle.feature);
    let is_angle = |feature: &usize| sorted.iter().any(|angle| angle.feature == *feature);
    for row in &mut network.layers[0].rows {
        let others = (0..features).filter(|feature| !is_angle(feature));
        let others = others.map(|feature| row[feature] * units[feature]);
        let cosines = sorted.iter().map(|angle| row[angle.feature] * angle.cosine);
        let sines = sorted.iter().map(|angle| row[angle.feature] * angle.sine);
        let context = row[features..].iter().copied();
        *row = others.chain(cosines).chain(sines).chain(context).collect();
    }
    if angles.is_empty() {
        return Ok(());
    }
    let mut factors = vec![0.0; features];
    for Angle { feature, omega, .. } in angles {
        let factor = omega * units[*feature];
        if !(LEAST..MOST).contains(&factor) {
            return Err(ConvertError::unsupported(
                module,
                format!("angles `ωx` have an `ω` from {LEAST:e} to {MOST:e}, got {factor}"),
            ));
        }
        factors[*feature] = factor;
    }
    network.config.angles = factors;
    Ok(())
}

/// Of the factor of an angle.
const LEAST: f64 = 1e-6;
const MOST: f64 = 1e6;
