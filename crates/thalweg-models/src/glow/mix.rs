//! How a step of Glow mixes the channels.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::{Lower, Lowering};
use thalweg_flow::{
    Bijection, FlowError, Full, Householder, Invertible1x1, LogDet, Noise, Permutation, Plu,
    Rotation,
};

use super::Mixing;

/// One of the mixings of [`Mixing`].
#[derive(Module, Debug)]
// A model has a few dozen of them, and a box is no module.
#[allow(clippy::large_enum_variant)]
pub enum Mix {
    /// A learned matrix by its factors.
    Plu(Invertible1x1<Plu>),
    /// A learned matrix.
    Full(Invertible1x1<Full>),
    /// Learned reflections.
    Householder(Invertible1x1<Householder>),
    /// A fixed rotation.
    Rotation(Invertible1x1<Rotation>),
    /// A fixed order.
    Shuffle(Permutation<4>),
}

impl Mix {
    pub(super) fn new(mixing: Mixing, channels: usize, noise: &mut Noise, device: &Device) -> Self {
        match mixing {
            Mixing::Plu => Self::Plu(Invertible1x1::new(Plu::rotation(channels, noise, device))),
            Mixing::Full => Self::Full(Invertible1x1::new(Full::rotation(channels, noise, device))),
            Mixing::Householder => {
                let form = Householder::new(channels, channels, noise, device);
                Self::Householder(Invertible1x1::new(form))
            }
            Mixing::Rotation => {
                Self::Rotation(Invertible1x1::new(Rotation::new(channels, noise, device)))
            }
            Mixing::Shuffle => Self::Shuffle(Permutation::shuffled(channels, noise, device)),
        }
    }
}

/// The same for each variant.
macro_rules! each {
    ($mix:expr, $layer:ident => $body:expr) => {
        match $mix {
            Mix::Plu($layer) => $body,
            Mix::Full($layer) => $body,
            Mix::Householder($layer) => $body,
            Mix::Rotation($layer) => $body,
            Mix::Shuffle($layer) => $body,
        }
    };
}

impl<C> Bijection<C> for Mix {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        each!(self, layer => layer.forward(x, context))
    }

    fn inverse(&self, z: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        each!(self, layer => layer.inverse(z, context))
    }

    // None of the layers depends on data.
    fn initialize(self, x: Tensor<4>, context: &C) -> Result<(Self, Tensor<4>), FlowError> {
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }
}

impl<C> Lower<C> for Mix {
    fn lower(&self, plan: &mut Lowering) {
        each!(self, layer => Lower::<C>::lower(layer, plan));
    }
}
