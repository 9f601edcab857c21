//! Orders of the features: as they are, reversed, and any fixed one.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::numerics::zero_log_det;
use crate::shape::guarded;
use crate::{Bijection, FlowError, LogDet, Noise};

/// `z = x`, `ln|det J| = 0`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Identity};
///
/// let x = Tensor::<2>::from_floats([[1.0, 2.0]], &Device::default());
/// let (z, log_det) = Identity::<2> {}.forward(x.clone(), &());
/// assert_eq!((z.to_data(), log_det.into_scalar::<f32>()), (x.to_data(), 0.0));
/// ```
#[derive(Module, Debug, Default)]
pub struct Identity<const D: usize = 2> {}

impl<C, const D: usize> Bijection<C> for Identity<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        let log_det = zero_log_det(&x);
        (x, log_det)
    }

    fn inverse(&self, z: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        self.forward(z, context)
    }
}

/// `zᵢ = x_{d−1−i}` along axis 1, `ln|det J| = 0`: the mixing of Su Jianlin's NICE.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Reverse};
///
/// let x = Tensor::<2>::from_floats([[1.0, 2.0, 3.0]], &Device::default());
/// let (z, _) = Reverse::<2> {}.forward(x, &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [3.0, 2.0, 1.0]);
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same.
#[derive(Module, Debug, Default)]
pub struct Reverse<const D: usize = 2> {}

impl<C, const D: usize> Bijection<C> for Reverse<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        guarded("Reverse", None, x, |x| {
            let log_det = zero_log_det(&x);
            (x.flip([1]), log_det)
        })
    }

    fn inverse(&self, z: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        self.forward(z, context)
    }
}

/// `zᵢ = x_{π(i)}` along axis 1, `ln|det J| = 0`.
///
/// The indices are integer parameters, so that a record contains them.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Permutation};
///
/// let x = Tensor::<2>::from_floats([[1.0, 2.0, 3.0]], &Device::default());
/// let layer = Permutation::<2>::new(&[2, 0, 1], &x.device())?;
/// let (z, _) = layer.forward(x.clone(), &());
/// assert_eq!(z.to_data().try_to_vec::<f32>().unwrap(), [3.0, 1.0, 2.0]);
/// assert_eq!(layer.inverse(z, &()).0.to_data(), x.to_data());
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same.
#[derive(Module, Debug)]
pub struct Permutation<const D: usize = 2> {
    indices: Param<Tensor<1, Int>>,
    inverse_indices: Param<Tensor<1, Int>>,
}

impl<const D: usize> Permutation<D> {
    /// A random order of `features`, drawn on the host.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{Noise, Permutation};
    ///
    /// let layer = Permutation::<2>::shuffled(5, &mut Noise::seeded(0), &Device::default());
    /// let mut order = layer.order();
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3, 4]);
    /// ```
    pub fn shuffled(features: usize, noise: &mut Noise, device: &Device) -> Self {
        Self::from_order(&noise.permutation(features), device)
    }

    /// The order `z_i = x_{order[i]}`.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotAPermutation`] when `order` does not hold each of `0..order.len()` once.
    pub fn new(order: &[usize], device: &Device) -> Result<Self, FlowError> {
        let mut seen = vec![false; order.len()];
        for (position, &index) in order.iter().enumerate() {
            match seen.get_mut(index) {
                Some(slot) if !*slot => *slot = true,
                _ => {
                    return Err(FlowError::NotAPermutation {
                        position,
                        index,
                        features: order.len(),
                    });
                }
            }
        }
        Ok(Self::from_order(order, device))
    }

    fn from_order(order: &[usize], device: &Device) -> Self {
        let mut inverse = vec![0; order.len()];
        for (to, &from) in order.iter().enumerate() {
            inverse[from] = to;
        }
        Self {
            indices: index_param(order, device),
            inverse_indices: index_param(&inverse, device),
        }
    }

    /// The order, as host indices: feature `i` of the latent is feature `order[i]` of the data.
    pub fn order(&self) -> Vec<usize> {
        let data = self.indices.val().into_data();
        data.iter::<i64>().map(|i| i as usize).collect()
    }
}

fn index_param(order: &[usize], device: &Device) -> Param<Tensor<1, Int>> {
    let values: Vec<i64> = order.iter().map(|&i| i as i64).collect();
    let indices = Tensor::from_data(TensorData::new(values, [order.len()]), device);
    Param::initialized(ParamId::new(), indices)
}

impl<C, const D: usize> Bijection<C> for Permutation<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        reordered(x, self.indices.val())
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        reordered(z, self.inverse_indices.val())
    }
}

fn reordered<const D: usize>(x: Tensor<D>, indices: Tensor<1, Int>) -> (Tensor<D>, LogDet) {
    guarded("Permutation", Some(indices.dims()[0]), x, |x| {
        let log_det = zero_log_det(&x);
        (x.select(1, indices), log_det)
    })
}
