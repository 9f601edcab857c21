//! Whitening: covariance and density against numbers from the host.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{Bijection, Flow, FlowError, Noise, Whiten};

use crate::host::{assert_near, host, tensor};

fn correlated(device: &Device, dtype: DType) -> Tensor<2> {
    let mixing = tensor(
        [2.0, 0.3, -1.0, 0.0, 1.5, 0.7, 0.0, 0.0, 0.6],
        [3, 3],
        device,
        dtype,
    );
    Noise::seeded(1)
        .normal([200, 3], device, dtype)
        .matmul(mixing)
        + 4.0
}

/// `E[(x − μ)(x − μ)ᵀ]`, row by row.
fn covariance(x: Tensor<2>) -> Vec<f64> {
    let [rows, _] = x.dims();
    let centred = x.clone() - x.mean_dim(0);
    host(
        centred
            .clone()
            .transpose()
            .matmul(centred)
            .div_scalar(rows as f64),
    )
}

#[test]
fn whitened_data_have_the_identity_as_covariance() {
    let eye = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-4)] {
            let x = correlated(&device, dtype);
            let (z, _) = Whiten::fit(&x, 0.0).unwrap().forward(x, &());
            assert_near(&host(z.clone().mean_dim(0)), &[0.0; 3], tolerance);
            assert_near(&covariance(z), &eye, tolerance);
        }
    }
}

/// `−½ (x − μ)ᵀ Σ⁻¹ (x − μ) − ½ ln det Σ − ln 2π` of two features, by the inverse of a 2×2 matrix.
#[test]
fn with_a_normal_base_it_is_the_multivariate_normal() {
    let rows = [[1.0, 2.0], [3.0, 1.5], [-1.0, 0.5], [2.5, -2.0], [0.0, 1.0]];
    let mean = [0, 1].map(|i| rows.iter().map(|r| r[i]).sum::<f64>() / 5.0);
    let moment = |i: usize, j: usize| {
        let products = rows.iter().map(|r| (r[i] - mean[i]) * (r[j] - mean[j]));
        products.sum::<f64>() / 5.0
    };
    let ridge = 0.25;
    let (a, b, c) = (moment(0, 0) + ridge, moment(0, 1), moment(1, 1) + ridge);
    let determinant = a * c - b * b;
    let expected = rows.map(|[x, y]| {
        let (u, v) = (x - mean[0], y - mean[1]);
        let square = (c * u * u - 2.0 * b * u * v + a * v * v) / determinant;
        -0.5 * square - 0.5 * determinant.ln() - std::f64::consts::TAU.ln()
    });
    for device in cpu_devices() {
        let x: Tensor<2> = tensor(rows.concat(), [5, 2], &device, DType::F64);
        let layer = Whiten::fit(&x, ridge).unwrap();
        let flow = Flow::new(layer, StandardNormal::new(2));
        assert_near(&host(flow.log_prob(x)), &expected, 1e-12);
    }
}

#[test]
fn features_that_depend_on_each_other_are_refused() {
    let device = Device::default();
    for dtype in [DType::F64, DType::F32] {
        let x = correlated(&device, dtype);
        let (first, third) = (x.clone().narrow(1, 0, 1), x.clone().narrow(1, 2, 1));
        for dependent in [
            first.clone(),
            first * 3.0 - third,
            x.clone().narrow(1, 0, 1).zeros_like(),
        ] {
            let data = Tensor::cat(vec![x.clone(), dependent], 1);
            let error = Whiten::fit(&data, 0.0).unwrap_err();
            assert!(
                matches!(error, FlowError::SingularCovariance { feature: 3, .. }),
                "{error}"
            );
            assert!(error.to_string().contains("raise the ridge"), "{error}");
            assert!(Whiten::fit(&data, 1e-3).is_ok());
        }
    }
}

#[test]
fn bad_rows_are_errors() {
    let device = Device::default();
    let one = Whiten::fit(&Tensor::ones([1, 3], &device), 0.0).unwrap_err();
    assert!(
        one.to_string()
            .starts_with("whitening needs at least 2 rows"),
        "{one}"
    );
    let x = tensor([0.0, 1.0, f64::NAN, 3.0], [2, 2], &device, DType::F32);
    let nan = Whiten::fit(&x, 0.0).unwrap_err();
    assert!(
        nan.to_string().starts_with("row 1, feature 0 is NaN"),
        "{nan}"
    );
}

#[test]
fn without_statistics_it_is_the_identity() {
    let x = tensor([1.0, -2.0], [1, 2], &Device::default(), DType::F32);
    let (z, log_det) = Whiten::identity(2, &Device::default()).forward(x, &());
    assert_eq!((host(z), host(log_det)), (vec![1.0, -2.0], vec![0.0]));
}
