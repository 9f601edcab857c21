//! Normal numbers for steps of stochastic methods.

use burn::tensor::{Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use crate::Parameters;

/// A vector of standard normal numbers like `theta`, which a seed and the number of a step
/// determine: so a run that is resumed draws what it would have drawn.
pub(crate) fn normal(seed: u64, step: u64, theta: &Parameters) -> Parameters {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(step);
    let draw = |tensor: &Tensor<1>| {
        let count = tensor.dims()[0];
        let values: Vec<f64> = (0..count).map(|_| rng.sample(StandardNormal)).collect();
        let data = TensorData::new(values, [count]);
        Tensor::from_data(data, (&tensor.device(), tensor.dtype()))
    };
    Parameters::from_tensors(theta.tensors().iter().map(draw).collect())
}
