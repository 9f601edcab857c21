//! The inverse of some layers.

use thalweg_models::composed::LayerConfig;

use super::{Layers, Way};
use crate::ConvertError;

impl Layers {
    /// No layers yet, for the same place and what is known of the context.
    pub(crate) fn beside(&self) -> Self {
        Self {
            features: self.features,
            context: self.context,
            embedding: self.embedding.clone(),
            ..Self::new(&self.place.device, self.place.dtype)
        }
    }

    /// The inverse of other layers, the last one first.
    ///
    /// # Errors
    ///
    /// When one of them comes only as it is.
    pub(crate) fn inverse(&mut self, module: &str, mut of: Self) -> Result<(), ConvertError> {
        of.flush()?;
        if let Some(features) = of.features {
            self.expect(module, features)?;
        }
        if let Some(context) = of.context {
            self.expect_context(module, context)?;
        }
        for (config, layer) in of.list.into_iter().rev() {
            match config {
                LayerConfig::Permutation { order } => self.order(module, &inverse(&order))?,
                LayerConfig::Coupling { .. }
                | LayerConfig::Autoregressive { .. }
                | LayerConfig::Context { .. } => self.push_given(config, layer, Way::Inverse)?,
                other => {
                    return Err(ConvertError::unsupported(
                        module,
                        format!(
                            "the inverse of couplings, autoregressive layers and permutations is read, not of {other:?}"
                        ),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The order that undoes another one.
pub(super) fn inverse(order: &[usize]) -> Vec<usize> {
    let mut back = vec![0; order.len()];
    for (to, from) in order.iter().enumerate() {
        back[*from] = to;
    }
    back
}
