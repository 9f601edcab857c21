//! Log-densities.

use burn::tensor::Tensor;
use thalweg_kernels::{Density, bernoulli, log_density, of_tensors};

use crate::support::{Draw, agree};

fn compare<const D: usize>(shape: [usize; D], width: f64) {
    for density in [Density::Normal, Density::Logistic] {
        let run = |draw: &mut Draw, f: fn(Tensor<D>, Density) -> Tensor<1>| {
            vec![f(draw.leaf(shape) * width, density)]
        };
        agree(
            &format!("{shape:?}, {density:?}"),
            |draw| run(draw, log_density),
            |draw| run(draw, of_tensors::log_density),
        );
    }
}

#[test]
fn they_are_those_of_tensors() {
    compare([3, 2], 1.0);
    compare([4, 1], 40.0);
    compare([128, 784], 3.0);
    compare([5, 3, 4, 4], 2.0);
}

#[test]
fn black_and_white_are_those_of_tensors() {
    for shape in [[3, 2], [1, 1], [128, 784]] {
        let run = |draw: &mut Draw, f: fn(Tensor<2>, Tensor<2>) -> Tensor<1>| {
            vec![f(draw.leaf(shape), draw.leaf(shape) * 20.0)]
        };
        agree(
            &format!("{shape:?}"),
            |draw| run(draw, bernoulli),
            |draw| run(draw, of_tensors::bernoulli),
        );
    }
}
