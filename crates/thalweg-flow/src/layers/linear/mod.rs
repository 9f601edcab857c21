//! Invertible linear maps over the features: Glow's 1×1 convolution, and its relatives.

mod dense;
mod full;
mod orthogonal;
mod plu;

pub use full::Full;
pub use orthogonal::{Householder, Rotation};
pub use plu::Plu;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::channel_mix;

use crate::numerics::{one_a_sample, positions};
use crate::precision::in_f32;
use crate::{Bijection, LogDet, probe};
use dense::InverseCache;

/// A parametrization of an invertible matrix.
///
/// | form | parameters | `ln│det W│` | |
/// |---|---|---|---|
/// | [`Plu`] | `d²` | `Σ s` | the default; cannot become singular |
/// | [`Full`] | `d²` | by factors on the host | any matrix, also a nearly singular one |
/// | [`Householder`] | `r d` | 0 | rotations and reflections |
/// | [`Rotation`] | none | 0 | fixed, drawn once |
///
/// For a fixed order of the features see [`Permutation`](crate::Permutation).
pub trait LinearForm: Module + ModuleDisplay {
    /// `W`, `[features, features]`, and `ln|det W|`, `[1]`.
    fn weight(&self) -> (Tensor<2>, Tensor<1>);

    /// Whether `W` is orthogonal for all parameters, so that `W⁻¹ = Wᵀ`.
    fn is_orthogonal(&self) -> bool {
        false
    }
}

/// `z = W x` along axis 1, at each position of an image: `ln|det J| = positions · ln|det W|`.
///
/// `W⁻¹` is computed on the host in f64 from the numbers of `W`, cached until they change, and
/// differentiable in the parameters.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Invertible1x1, Noise, Plu};
///
/// let device = Device::default();
/// let mix = Invertible1x1::new(Plu::rotation(3, &mut Noise::seeded(0), &device));
/// let x = Tensor::<4>::ones([2, 3, 4, 4], &device);
/// let (z, log_det) = mix.forward(x.clone(), &());
/// let (back, _) = mix.inverse(z, &());
/// assert_eq!(log_det.dims(), [2]);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-6);
/// assert!((mix.condition_number() - 1.0).abs() < 1e-5);
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same.
///
/// # Panics
///
/// When the number of features is not that of the matrix, and in `inverse` when the matrix is
/// singular, which only [`Full`] can be.
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018, section 3.2.
#[derive(Module, Debug)]
pub struct InvertibleLinear<F: LinearForm = Plu, const D: usize = 2> {
    form: F,
    #[module(skip)]
    cache: InverseCache,
}

/// Glow's 1×1 convolution: an [`InvertibleLinear`] over the channels of an image.
pub type Invertible1x1<F = Plu> = InvertibleLinear<F, 4>;

impl<F: LinearForm, const D: usize> InvertibleLinear<F, D> {
    /// The map of a matrix.
    pub fn new(form: F) -> Self {
        Self {
            form,
            cache: InverseCache::default(),
        }
    }

    /// The parametrization of the matrix.
    pub fn form(&self) -> &F {
        &self.form
    }

    /// The ratio of the largest singular value of `W` to the smallest, by which `inverse` can amplify a
    /// relative error of `z`. A ratio of a thousand costs three digits.
    pub fn condition_number(&self) -> f64 {
        let (weight, _) = self.form.weight();
        dense::condition_number(&dense::to_host(weight))
    }

    pub(crate) fn inverse_weight(&self, weight: Tensor<2>) -> Tensor<2> {
        match self.form.is_orthogonal() {
            true => weight.transpose(),
            false => self.cache.inverse(weight),
        }
    }
}

impl<C, F: LinearForm, const D: usize> Bijection<C> for InvertibleLinear<F, D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        in_f32(x, |x| {
            let (weight, log_det) = self.form.weight();
            let log_det = at_each_position(log_det, &x);
            probe::layer("InvertibleLinear", (channel_mix(weight, x), log_det))
        })
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        in_f32(z, |z| {
            let (weight, log_det) = self.form.weight();
            let log_det = at_each_position(log_det.neg(), &z);
            probe::layer(
                "InvertibleLinear",
                (channel_mix(self.inverse_weight(weight), z), log_det),
            )
        })
    }
}

fn at_each_position<const D: usize>(log_det: Tensor<1>, x: &Tensor<D>) -> LogDet {
    one_a_sample(log_det.mul_scalar(positions(x) as f64), x.dims()[0])
}
