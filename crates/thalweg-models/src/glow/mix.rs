//! The mixing of the channels in a step of Glow.

use burn::tensor::{Device, Tensor};
use thalweg_flow::{
    Full, Householder, Invertible1x1, Noise, Permutation, Plu, Rotation, layer_enum,
};

use super::Mixing;

layer_enum! {
    /// One of the mixings of [`Mixing`].
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::{Bijection, Noise, Permutation};
    /// use thalweg_models::glow::Mix;
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let mix = Mix::Shuffle(Permutation::shuffled(4, &mut noise, &device));
    /// let x: Tensor<4> = noise.normal([1, 4, 2, 2], &device, DType::F32);
    /// let (z, log_det) = mix.forward(x.clone(), &());
    /// assert_eq!(log_det.into_scalar::<f32>(), 0.0);
    /// assert_eq!(mix.inverse(z, &()).0.to_data(), x.to_data());
    /// ```
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
    impl<C> Bijection<C>: Tensor<4> => Tensor<4>;
    impl<C> Lower<C>;
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
