//! Base densities.

use crate::ConvertError;
use crate::layers::Layers;
use crate::state::StateDict;

/// The base density.
pub(super) enum Base {
    /// `DiagNormal`, a scale in front of a standard normal density.
    Normal { mean: Vec<f64>, deviation: Vec<f64> },
    /// `BoxUniform`.
    Box { low: Vec<f64>, high: Vec<f64> },
}

impl Base {
    pub(super) fn take(state: &mut StateDict) -> Result<Self, ConvertError> {
        if state.has("base.lower") {
            let low = state.take("base.lower")?.values;
            let high = state.flat("base.upper", low.len())?;
            return Ok(Self::Box { low, high });
        }
        let mean = state.take("base.loc")?.values;
        let deviation = state.flat("base.scale", mean.len())?;
        Ok(Self::Normal { mean, deviation })
    }

    pub(super) fn features(&self) -> usize {
        match self {
            Self::Normal { mean, .. } => mean.len(),
            Self::Box { low, .. } => low.len(),
        }
    }

    pub(super) fn finish(self, layers: &mut Layers) -> Result<(), ConvertError> {
        let (mean, deviation) = match self {
            Self::Box { low, high } => return layers.uniform("base", low, high),
            Self::Normal { mean, deviation } => (mean, deviation),
        };
        if mean.iter().all(|m| *m == 0.0) && deviation.iter().all(|d| *d == 1.0) {
            return Ok(());
        }
        if let Some(deviation) = deviation.iter().find(|d| **d <= 0.0) {
            return Err(ConvertError::Value {
                name: "base.scale".into(),
                problem: format!("a deviation is above 0, got {deviation}"),
            });
        }
        let log_scale = deviation.iter().map(|d| -d.ln()).collect();
        layers.centre_and_scale("base", mean, log_scale)
    }
}
