//! Jacobians and determinants against matrices that are known.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Bijection, LogDet};
use thalweg_laws::{Matrix, Sample, cast, jacobians, normal};

/// z = x A with det A = −6; the Jacobian ∂z/∂x is Aᵀ.
#[derive(Module, Debug)]
struct Linear {
    matrix: Param<Tensor<2>>,
}

const A: [[f32; 3]; 3] = [[0.0, 2.0, 0.0], [1.0, 0.0, 5.0], [0.0, 0.0, 3.0]];

const INVERSE: [[f64; 3]; 3] = [
    [0.0, 1.0, -5.0 / 3.0],
    [0.5, 0.0, 0.0],
    [0.0, 0.0, 1.0 / 3.0],
];

impl Linear {
    fn new(device: &Device) -> Self {
        Self {
            matrix: Param::from_tensor(Tensor::from_floats(A, device)),
        }
    }
}

impl Bijection for Linear {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &()) -> (Tensor<2>, LogDet) {
        let log_det = Tensor::full([x.dims()[0]], 6f64.ln(), (&x.device(), x.dtype()));
        (x.matmul(self.matrix.val()), log_det)
    }

    fn inverse(&self, z: Tensor<2>, _: &()) -> (Tensor<2>, LogDet) {
        let log_det = Tensor::full([z.dims()[0]], -6f64.ln(), (&z.device(), z.dtype()));
        let inverse = Tensor::<2>::from_data(INVERSE, (&z.device(), z.dtype()));
        (z.matmul(inverse), log_det)
    }
}

#[test]
fn the_jacobian_of_a_linear_map_is_its_matrix_transposed() {
    for device in cpu_devices() {
        let layer = cast(Linear::new(&device), DType::F64).unwrap();
        let x = normal([4, 3]).sample(&device, DType::F64, 1);
        let found = jacobians(&layer, &x, &(), &[0, 2]);
        let transposed = Matrix::new(vec![
            vec![0.0, 1.0, 0.0],
            vec![2.0, 0.0, 0.0],
            vec![0.0, 5.0, 3.0],
        ]);
        assert_eq!(found, [transposed.clone(), transposed]);
        assert!((found[0].log_abs_det() - 6f64.ln()).abs() < 1e-15);
        let (z, there) = layer.forward(x.clone(), &());
        let (back, and_back) = layer.inverse(z, &());
        assert!((back - x).abs().max().into_scalar::<f64>() < 1e-14);
        assert!((there + and_back).abs().max().into_scalar::<f64>() < 1e-15);
    }
}

#[test]
fn the_log_determinant_neither_underflows_nor_overflows() {
    let diagonal = |value: f64| {
        let row = |i| (0..200).map(|j| if i == j { value } else { 0.0 }).collect();
        Matrix::new((0..200).map(row).collect()).log_abs_det()
    };
    assert!((diagonal(1e-9) - 200.0 * 1e-9f64.ln()).abs() < 1e-9);
    assert!((diagonal(1e9) - 200.0 * 1e9f64.ln()).abs() < 1e-9);
}

/// det Vandermonde(1, 2, 3, 4) = Π_{i<j} (xⱼ − xᵢ) = 12.
#[test]
fn the_determinant_of_a_vandermonde_matrix_is_the_product_of_differences() {
    let row = |x: i32| (0..4).map(|power| f64::from(x.pow(power))).collect();
    let matrix = Matrix::new((1..=4).map(row).collect());
    assert!((matrix.log_abs_det() - 12f64.ln()).abs() < 1e-13);
}

#[test]
fn a_singular_matrix_has_a_log_determinant_of_minus_infinity() {
    let matrix = Matrix::new(vec![vec![1.0, 2.0], vec![2.0, 4.0]]);
    assert_eq!(matrix.log_abs_det(), f64::NEG_INFINITY);
}

#[test]
#[should_panic(expected = "square")]
fn a_matrix_that_is_not_square_is_refused() {
    let _ = Matrix::new(vec![vec![1.0, 2.0]]);
}
