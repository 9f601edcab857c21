//! The network of a set.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::{Mlp, MlpConfig, Noise};

use super::{weights, widths};

/// Sizes of a [`SetNet`].
pub(super) struct SetConfig {
    /// The numbers of one item.
    pub(super) item: usize,
    /// The network of each item.
    pub(super) each: MlpConfig,
    /// The network of their mean.
    pub(super) all: MlpConfig,
}

impl SetConfig {
    pub(super) fn count(&self) -> u128 {
        weights(&widths(&self.each)).saturating_add(weights(&widths(&self.all)))
    }

    pub(super) fn init(&self, noise: &mut Noise, device: &Device) -> SetNet {
        SetNet {
            each: self.each.init(noise, device),
            all: self.all.init(noise, device),
            item: self.item,
        }
    }
}

/// `ρ(1/n Σ φ(xᵢ))` of the items `xᵢ` of a row: the same for any order of the items.
#[derive(Module, Debug)]
pub(in crate::estimator) struct SetNet {
    each: Mlp,
    all: Mlp,
    item: usize,
}

impl SetNet {
    /// `[batch, items × item] → [batch, outputs]`.
    pub(super) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let [batch, numbers] = x.dims();
        let items = numbers / self.item;
        let each = self.each.forward(x.reshape([batch * items, self.item]));
        let outputs = each.dims()[1];
        let mean = each.reshape([batch, items, outputs]).mean_dim(1);
        self.all.forward(mean.reshape([batch, outputs]))
    }
}
