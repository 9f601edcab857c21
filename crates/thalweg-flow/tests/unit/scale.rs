//! The data-dependent start of the diagonal scale.

use burn::tensor::DType;
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardLogistic;
use thalweg_flow::{Bijection, DiagonalScale, Noise};

use crate::host::{BOTH, assert_near, deviation, host, tensor};

#[test]
fn every_feature_starts_with_the_wanted_deviation() {
    for device in cpu_devices() {
        for device in [device.clone(), device.autodiff()] {
            for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
                let spread = tensor([1e-3, 1.0, 50.0], [1, 3], &device, dtype);
                let x = Noise::seeded(2).normal([300, 3], &device, dtype) * spread;
                let scale = DiagonalScale::from_log_scale(tensor([0.0; 3], [3], &device, dtype))
                    .initialize(x.clone(), StandardLogistic::DEVIATION);
                assert_eq!(scale.log_scale().dtype(), dtype);
                assert_eq!(scale.log_scale().is_require_grad(), device.is_autodiff());
                let (z, _) = scale.forward(x, &());
                for feature in 0..3 {
                    let found = deviation(&host(z.clone().narrow(1, feature, 1)));
                    assert_near(&[found], &[StandardLogistic::DEVIATION], tolerance);
                }
            }
        }
    }
}

#[test]
fn channels_of_images_share_their_scale() {
    for device in cpu_devices() {
        let spread = tensor([0.1, 7.0], [1, 2, 1, 1], &device, DType::F64);
        let x = Noise::seeded(2).normal([20, 2, 3, 3], &device, DType::F64) * spread;
        let scale = DiagonalScale::from_log_scale(tensor([0.0; 2], [2], &device, DType::F64))
            .initialize(x.clone(), 1.0);
        let (z, _) = scale.forward(x, &());
        for channel in 0..2 {
            let found = deviation(&host(z.clone().narrow(1, channel, 1)));
            assert_near(&[found], &[1.0], 1e-12);
        }
    }
}

/// The mean of many values of 0.1 is not 0.1, so their deviation is not 0.
#[test]
fn a_constant_feature_keeps_its_scale() {
    for device in cpu_devices() {
        for dtype in BOTH {
            let values: Vec<f64> = (0..333).flat_map(|i| [0.1, f64::from(i)]).collect();
            let x = tensor(values, [333, 2], &device, dtype);
            let start = tensor([0.25, 0.25], [2], &device, dtype);
            let scale = DiagonalScale::<2>::from_log_scale(start).initialize(x, 1.0);
            let log_scale = host(scale.log_scale());
            assert_eq!(log_scale[0], 0.25, "{device:?} {dtype:?}");
            assert!(log_scale[1] < -4.0);
        }
    }
}
