//! Invertible linear maps: their matrices, their inverses, and gradients through those.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::precision::cast;
use thalweg_flow::{
    Bijection, FlowError, Full, Householder, InvertibleLinear, LinearForm, Noise, Plu, Rotation,
};

use crate::host::{assert_near, host, tensor};

type Linear<F> = InvertibleLinear<F>;

const MATRIX: [f64; 9] = [0.0, 2.0, -1.0, 3.0, 0.5, 0.25, 1.0, -1.0, 4.0];

fn matrix(device: &Device) -> Tensor<2> {
    tensor(MATRIX, [3, 3], device, DType::F64)
}

/// `W Wᵀ` of a form.
fn gram<F: LinearForm>(form: &F) -> Vec<f64> {
    let (weight, _) = form.weight();
    host(weight.clone().matmul(weight.transpose()))
}

fn eye(features: usize) -> Vec<f64> {
    (0..features * features)
        .map(|i| f64::from(u8::from(i % (features + 1) == 0)))
        .collect()
}

#[test]
fn the_factors_of_a_matrix_give_it_back() {
    for device in cpu_devices() {
        let (weight, log_det) = Plu::factor(&matrix(&device)).unwrap().weight();
        assert_near(&host(weight), &MATRIX, 1e-14);
        // det = −2 (3·4 − 0.25·1) + (−1) (3·(−1) − 0.5·1) = −20.
        assert_near(&host(log_det), &[20f64.ln()], 1e-14);
    }
}

#[test]
fn a_full_matrix_has_the_same_determinant_and_gradient() {
    for device in cpu_devices() {
        let full = Full::from_weight(matrix(&device).autodiff());
        let (weight, log_det) = full.weight();
        assert_near(&host(log_det.clone()), &[20f64.ln()], 1e-14);
        // ∂ ln|det W| / ∂W = W⁻ᵀ.
        let gradients = log_det.backward();
        let slope = weight.grad(&gradients).unwrap();
        let product = host(matrix(&device).matmul(slope.transpose()));
        assert_near(&product, &eye(3), 1e-14);
    }
}

#[test]
fn a_singular_matrix_is_an_error_of_its_factors_and_minus_infinity_of_the_full_form() {
    let device = Device::default();
    let singular: Tensor<2> = tensor([1.0, 2.0, 2.0, 4.0], [2, 2], &device, DType::F64);
    let error = Plu::factor(&singular).unwrap_err();
    assert!(matches!(error, FlowError::SingularMatrix { .. }));
    assert!(
        error.to_string().contains("start from an invertible one"),
        "{error}"
    );
    let (_, log_det) = Full::from_weight(singular).weight();
    assert_eq!(host(log_det), [f64::NEG_INFINITY]);
}

#[test]
fn random_rotations_reflections_and_their_factors_are_orthogonal() {
    for device in cpu_devices() {
        for features in [1, 2, 5, 12] {
            let mut noise = Noise::seeded(features as u64);
            let plu = Plu::rotation(features, &mut noise, &device);
            assert_near(&gram(&plu), &eye(features), 1e-5);
            let full = Full::rotation(features, &mut noise, &device);
            assert_near(&gram(&full), &eye(features), 1e-6);
            let rotation = Rotation::new(features, &mut noise, &device);
            assert_near(
                &gram(&cast(rotation, DType::F64).unwrap()),
                &eye(features),
                1e-13,
            );
            let householder = Householder::new(features, features, &mut noise, &device);
            assert_near(
                &gram(&cast(householder, DType::F64).unwrap()),
                &eye(features),
                1e-13,
            );
        }
    }
}

#[test]
fn the_condition_number_is_that_of_the_singular_values() {
    let device = Device::default();
    let diagonal: Tensor<2> = tensor([8.0, 0.0, 0.0, -0.5], [2, 2], &device, DType::F64);
    let linear = Linear::new(Plu::factor(&diagonal).unwrap());
    assert_near(&[linear.condition_number()], &[16.0], 1e-12);
}

#[test]
fn a_kept_inverse_follows_the_weights() {
    for device in cpu_devices() {
        let z: Tensor<2> = tensor([1.0, 2.0, 3.0], [1, 3], &device, DType::F64);
        let linear = Linear::new(Full::from_weight(matrix(&device)));
        let first = host(linear.inverse(z.clone(), &()).0);
        assert_eq!(host(linear.inverse(z.clone(), &()).0), first);

        // A copy with other weights shares the kept inverse and must not use it.
        let other = Linear::new(Full::from_weight(matrix(&device) * 2.0));
        let loaded = linear.clone().load_record(other.into_record());
        let halved: Vec<f64> = first.iter().map(|x| x / 2.0).collect();
        assert_near(&host(loaded.inverse(z.clone(), &()).0), &halved, 1e-14);
        assert_eq!(host(linear.inverse(z, &()).0), first);
    }
}

#[test]
fn the_inverse_has_the_gradient_of_the_weights() {
    // L = Σ c ⊙ x with x = W⁻¹ z: ∂L/∂W = −W⁻ᵀ c xᵀ.
    for device in cpu_devices() {
        let linear = Linear::new(Full::from_weight(matrix(&device).autodiff()));
        let z: Tensor<2> = tensor([1.0, 2.0, 3.0], [1, 3], &device, DType::F64);
        let c: Tensor<2> = tensor([0.5, -1.0, 2.0], [1, 3], &device, DType::F64);
        let (x, _) = linear.inverse(z, &());
        let gradients = (x.clone() * c.clone()).sum().backward();
        let (weight, _) = linear.form().weight();
        let found = weight.grad(&gradients).unwrap();
        let (c_back, _) =
            Linear::new(Full::from_weight(matrix(&device).transpose())).inverse(c, &());
        let expected = c_back.transpose().matmul(x.inner()).neg();
        assert_near(&host(found), &host(expected), 1e-13);
    }
}

#[test]
#[should_panic(expected = "the matrix is for 3 features, the data have 4")]
fn data_of_another_width_are_refused() {
    let device = Device::default();
    let linear = Linear::new(Plu::rotation(3, &mut Noise::seeded(0), &device));
    linear.forward(Tensor::zeros([1, 4], &device), &());
}
