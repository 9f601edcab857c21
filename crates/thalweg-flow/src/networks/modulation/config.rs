//! Which changes there are.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Modulation, Norm};
use crate::Noise;
use crate::networks::{WeightInit, linear};

/// What a context does in a block.
///
/// See [`Modulation`](super::Modulation) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum InBlocks {
    /// Nothing.
    #[default]
    Nothing,
    /// `W₁ a(h) + U c + u`.
    Shift,
    /// `(W₂ a(…)) ⊙ σ(U c + u)`.
    Gate,
}

/// The changes of a [`Modulation`].
///
/// See [`Modulation`](super::Modulation) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModulationConfig {
    /// `a(V c + v)` behind the first layer.
    pub first: bool,
    /// In each block.
    pub blocks: InBlocks,
    /// `f ⊙ h + g` in front of each block.
    pub norms: bool,
}

impl ModulationConfig {
    /// The initial changes of a network with these numbers of context, hidden units and blocks: factors of 1 and
    /// summands of 0 in front of the blocks, layers of the context drawn as [`WeightInit::FanIn`].
    pub fn init(
        self,
        [context, width, blocks]: [usize; 3],
        noise: &mut Noise,
        device: &Device,
    ) -> Modulation {
        let mut layer = || linear([context, width], WeightInit::FanIn, noise, device);
        let first = self.first.then(&mut layer);
        let of_context = match self.blocks {
            InBlocks::Nothing => 0,
            InBlocks::Shift | InBlocks::Gate => blocks,
        };
        let of_context = (0..of_context).map(|_| layer()).collect();
        let norm = |_| {
            let all = Tensor::ones([width], device);
            Norm::new(all.clone(), all.zeros_like())
        };
        let norms = (0..if self.norms { blocks } else { 0 }).map(norm);
        Modulation::new(first, (self.blocks, of_context), norms.collect())
    }

    /// Whether a layer of it sees the context.
    pub fn sees_context(self) -> bool {
        self.first || self.blocks != InBlocks::Nothing
    }
}
