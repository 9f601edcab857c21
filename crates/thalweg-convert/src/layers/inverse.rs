//! The inverse of some layers.

use thalweg_models::composed::LayerConfig;

use super::{Base, Layers, Way};
use crate::ConvertError;

impl Layers {
    /// No layers yet, for the same place and what is known of the context.
    pub(crate) fn beside(&self) -> Self {
        Self {
            features: self.features,
            context: self.context,
            embedding: self.embedding.clone(),
            network: None,
            place: self.place.clone(),
            list: vec![],
            order: None,
            base: Base::default(),
            in_box: self.in_box,
        }
    }

    /// The inverse of other layers, the last one first.
    ///
    /// # Errors
    ///
    /// Another number of features or of the context.
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
                LayerConfig::Inverted(config) => {
                    self.push_given(*config, layer.inverted_layer(), Way::Forward)?;
                }
                _ => self.push_given(config, layer, Way::Inverse)?,
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
