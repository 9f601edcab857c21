//! Standardization: what it fits, warns of and refuses.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Bijection, FlowError, Noise, Standardize};

use crate::host::{BOTH, assert_near, deviation, host, mean, tensor};
use crate::warnings::warnings;

/// Feature 1 is 0.1 everywhere, whose mean is not 0.1 in floating point.
fn with_a_constant_feature(device: &Device, dtype: DType) -> Tensor<2> {
    let values: Vec<f64> = (0..33)
        .flat_map(|i| [f64::from(i), 0.1, 1.0 - f64::from(i)])
        .collect();
    tensor(values, [33, 3], device, dtype)
}

#[test]
fn fitted_data_have_zero_mean_and_unit_deviation() {
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
            let x = Noise::seeded(1).normal([100, 2], &device, dtype) * 7.0 - 30.0;
            let (fitted, log) = warnings(|| Standardize::fit(&x).unwrap());
            assert_eq!((fitted.constant_features, log.as_str()), (vec![], ""));
            let (z, _) = fitted.layer.forward(x, &());
            for feature in 0..2 {
                let values = host(z.clone().narrow(1, feature, 1));
                assert_near(&[mean(&values), deviation(&values)], &[0.0, 1.0], tolerance);
            }
        }
    }
}

#[test]
fn images_have_one_mean_and_deviation_a_channel() {
    for device in cpu_devices() {
        let x = Noise::seeded(1).normal([10, 2, 3, 4], &device, DType::F64);
        let x = x * 3.0 + tensor([5.0, -5.0], [1, 2, 1, 1], &device, DType::F64);
        let (z, _) = Standardize::fit(&x).unwrap().layer.forward(x, &());
        for channel in 0..2 {
            let values = host(z.clone().narrow(1, channel, 1));
            assert_near(&[mean(&values), deviation(&values)], &[0.0, 1.0], 1e-12);
        }
    }
}

#[test]
fn a_constant_feature_is_centred_and_warned_of_by_index() {
    for device in cpu_devices() {
        for dtype in BOTH {
            let x = with_a_constant_feature(&device, dtype);
            let (fitted, log) = warnings(|| Standardize::fit(&x).unwrap());
            assert_eq!(fitted.constant_features, [1]);
            assert!(log.contains("WARN") && log.contains("feature number 1 is constant (0.1"));
            assert_eq!(log.lines().count(), 1, "{log}");
            let (z, _) = fitted.layer.forward(x, &());
            assert_near(&host(z.narrow(1, 1, 1)), &[0.0; 33], 1e-7);
        }
    }
}

#[test]
fn a_constant_feature_is_warned_of_by_name() {
    let x = with_a_constant_feature(&Device::default(), DType::F32);
    let names = ["width", "colour"].map(String::from);
    let (_, log) = warnings(|| Standardize::fit_named(&x, &names).unwrap());
    assert!(log.contains("feature colour is constant"), "{log}");
    let (_, log) = warnings(|| Standardize::fit_named(&x, &names[..1]).unwrap());
    assert!(log.contains("feature number 1 is constant"), "{log}");
}

/// Times in seconds since 1970: a deviation of a billionth of the mean is still one.
#[test]
fn a_small_deviation_is_not_a_constant() {
    let x = tensor([1.7e9, 1.7e9 + 1.0], [2, 1], &Device::default(), DType::F64);
    let fitted = Standardize::fit(&x).unwrap();
    assert_eq!(fitted.constant_features, [0; 0]);
    assert_near(&host(fitted.layer.forward(x, &()).0), &[-1.0, 1.0], 1e-9);
}

#[test]
fn a_value_that_is_not_finite_is_named() {
    let x = tensor(
        [0.0, 1.0, 2.0, 3.0, 4.0, f64::NAN],
        [3, 2],
        &Device::default(),
        DType::F32,
    );
    let text = Standardize::fit(&x).unwrap_err().to_string();
    assert!(
        text.starts_with("row 2, feature 1 is NaN; remove or fill"),
        "{text}"
    );
}

#[test]
fn the_channel_of_an_image_is_named() {
    let mut values = vec![0.5; 2 * 3 * 4];
    values[3 * 4 + 2 * 4 + 1] = f64::INFINITY;
    let x = tensor(values, [2, 3, 2, 2], &Device::default(), DType::F32);
    let expected = FlowError::NotFinite {
        row: 1,
        feature: 2,
        value: f64::INFINITY,
    };
    assert_eq!(Standardize::fit(&x).unwrap_err(), expected);
}

#[test]
fn one_row_is_too_few() {
    let x = Tensor::<2>::ones([1, 3], &Device::default());
    let text = Standardize::fit(&x).unwrap_err().to_string();
    assert!(
        text.contains("needs at least 2 rows to be fitted, got 1"),
        "{text}"
    );
}

#[test]
fn without_statistics_it_is_the_identity() {
    let x = tensor([1.0, -2.0], [1, 2], &Device::default(), DType::F32);
    let (z, log_det) = Standardize::identity(2, &Device::default()).forward(x, &());
    assert_eq!((host(z), host(log_det)), (vec![1.0, -2.0], vec![0.0]));
}
