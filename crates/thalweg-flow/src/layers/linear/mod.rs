//! Invertible linear maps over the features: Glow's 1×1 convolution, and its relatives.

pub(crate) mod dense;
mod factors;
mod full;
mod orthogonal;
mod plu;

pub use full::Full;
pub use orthogonal::{Householder, Rotation};
pub use plu::Plu;

pub use thalweg_kernels::Plu as PluFactors;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::{Direction, channel_mix};

use crate::numerics::{one_a_sample, positions};
use crate::precision::in_f32;
use crate::walk::{Detail, Visitor};
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
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{LinearForm, Noise, Rotation};
///
/// let device = Device::default();
/// let (weight, log_det) = Rotation::new(3, &mut Noise::seeded(0), &device).weight();
/// let product = weight.clone().matmul(weight.transpose());
/// assert!((product - Tensor::<2>::eye(3, &device)).abs().max().into_scalar::<f32>() < 1e-5);
/// assert_eq!(log_det.into_scalar::<f32>(), 0.0);
/// ```
pub trait LinearForm: Module + ModuleDisplay {
    /// `W`, `[features, features]`, and `ln|det W|`, `[1]`.
    fn weight(&self) -> (Tensor<2>, Tensor<1>);

    /// Whether `W` is orthogonal for all parameters, so that `W⁻¹ = Wᵀ`.
    fn is_orthogonal(&self) -> bool {
        false
    }

    /// `W` as triangular factors and `ln|det W|`, `[1]`, if its parameters are those: wide vectors go through them one
    /// after the other, and `W` is never formed.
    fn factors(&self) -> Option<(PluFactors, Tensor<1>)> {
        None
    }
}

/// Features from which vectors go through the factors of a matrix. Both ways take as many multiplications; of small
/// matrices the product is formed, and its inverse, so that a batch is one pass over memory.
pub(crate) const WIDE: usize = 96;

/// `z = W x` along axis 1, at each position of an image: `ln|det J| = positions · ln|det W|`.
///
/// `W⁻¹` is computed on the host in f64 from the numbers of `W`, cached until they change, and
/// differentiable in the parameters. Vectors of 96 features or more neither form `W` nor `W⁻¹` if the form has
/// [`factors`](LinearForm::factors), as [`Plu`] does: two triangular products, or on the way back two substitutions,
/// take `O(batch · features²)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Invertible1x1, LinearForm, Noise, Plu};
///
/// let device = Device::default();
/// let mix = Invertible1x1::new(Plu::rotation(3, &mut Noise::seeded(0), &device));
/// let x = Tensor::<4>::ones([2, 3, 4, 4], &device);
/// let (z, log_det) = mix.forward(x.clone(), &());
/// let (back, _) = mix.inverse(z, &());
/// assert_eq!(log_det.dims(), [2]);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-6);
/// assert!((mix.condition_number() - 1.0).abs() < 1e-5);
/// let (_, log_det) = mix.form().weight();
/// assert!(log_det.abs().into_scalar::<f32>() < 1e-5); // of a rotation
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
///
/// See [`InvertibleLinear`] for an example.
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
        dense::condition_number(&dense::to_host(&weight))
    }

    /// The factors, where `x` are wide vectors.
    fn factors(&self, x: &Tensor<D>) -> Option<(PluFactors, Tensor<1>)> {
        match D == 2 && x.dims()[1] >= WIDE {
            true => self.form.factors(),
            false => None,
        }
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
            let (z, log_det) = match self.factors(&x) {
                Some((factors, log_det)) => (plu(Direction::Forward, &factors, x), log_det),
                None => {
                    let (weight, log_det) = self.form.weight();
                    (channel_mix(weight, x), log_det)
                }
            };
            let log_det = at_each_position(log_det, &z);
            probe::layer("InvertibleLinear", (z, log_det))
        })
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        in_f32(z, |z| {
            let (x, log_det) = match self.factors(&z) {
                Some((factors, log_det)) => (plu(Direction::Inverse, &factors, z), log_det),
                None => {
                    let (weight, log_det) = self.form.weight();
                    (channel_mix(self.inverse_weight(weight), z), log_det)
                }
            };
            let log_det = at_each_position(log_det.neg(), &x);
            probe::layer("InvertibleLinear", (x, log_det))
        })
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &C, visitor: &mut V) -> Tensor<D> {
        let (weight, _) = self.form.weight();
        visitor.layer(self, x, context, vec![Detail::Matrix(weight)])
    }
}

/// A map of vectors by its factors.
fn plu<const D: usize>(direction: Direction, factors: &PluFactors, x: Tensor<D>) -> Tensor<D> {
    let dims = x.dims();
    let rows = x.reshape([dims[0], dims[1]]);
    thalweg_kernels::plu(direction, factors, rows).reshape(dims)
}

fn at_each_position<const D: usize>(log_det: Tensor<1>, x: &Tensor<D>) -> LogDet {
    one_a_sample(log_det.mul_scalar(positions(x) as f64), x.dims()[0])
}
