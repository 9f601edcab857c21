//! The order in which chains apply their layers.

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{Bijection, ElementwiseAffine, Reverse};

use crate::host::{assert_near, host, tensor};

fn affine(scale: f64, shift: f64) -> ElementwiseAffine {
    let numbers = |value| tensor([value], [1], &Device::default(), DType::F64);
    ElementwiseAffine::from_parameters(numbers(scale.ln()), numbers(shift))
}

fn one() -> Tensor<2> {
    tensor([1.0], [1, 1], &Device::default(), DType::F64)
}

#[test]
fn the_first_of_a_tuple_meets_the_data_first() {
    let chain = (affine(2.0, 0.0), affine(1.0, 3.0));
    let (z, log_det) = chain.forward(one(), &());
    assert_near(&host(z), &[5.0], 1e-14);
    assert_near(&host(log_det), &[2f64.ln()], 1e-14);
    assert_near(&host(chain.inverse(one(), &()).0), &[-1.0], 1e-14);
}

#[test]
fn a_vector_is_a_tuple_of_any_length() {
    let (a, b, c) = (affine(2.0, 0.5), affine(3.0, 3.0), affine(0.1, -1.0));
    let vector = vec![a.clone(), b.clone(), c.clone()];
    let tuple = (a, b, c);
    let (forward, backward) = (tuple.forward(one(), &()), tuple.inverse(one(), &()));
    let (z, log_det) = vector.forward(one(), &());
    assert_eq!((host(z), host(log_det)), (host(forward.0), host(forward.1)));
    let (x, log_det) = vector.inverse(one(), &());
    assert_eq!(
        (host(x), host(log_det)),
        (host(backward.0), host(backward.1))
    );
}

#[test]
#[should_panic(expected = "needs at least one step, got an empty one")]
fn an_empty_vector_panics() {
    Vec::<Reverse>::new().forward(one(), &());
}
