//! What networks see of a context.

use super::Layers;
use crate::ConvertError;
use crate::changes::Factors;
use crate::weights::Dense;

impl Layers {
    /// Notes that networks see `f ⊙ c + g` of the context `c`.
    pub(crate) fn standardize_context(&mut self, of: Factors) {
        self.embedding = Some(of);
    }

    /// Takes the factors and summands of the context into the layers that see it, each with the place where the
    /// context begins among its inputs.
    pub(super) fn embed<'a>(
        &self,
        module: &str,
        context: usize,
        layers: impl Iterator<Item = (usize, &'a mut Dense)>,
    ) -> Result<(), ConvertError> {
        let Some(of) = self.embedding.as_ref().filter(|_| context > 0) else {
            return Ok(());
        };
        let of = match of.factors.len() {
            1 => &Factors {
                factors: vec![of.factors[0]; context],
                summands: vec![of.summands[0]; context],
            },
            found if found == context => of,
            found => {
                return Err(ConvertError::unsupported(
                    module,
                    format!("it sees a context of {context} numbers, the embedding has {found}"),
                ));
            }
        };
        layers.for_each(|(first, layer)| layer.behind(first, of));
        Ok(())
    }
}
