//! Actnorm: what it is fitted to, when, and what it warns of.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    ActNorm, Affine, Bijection, Coupling, Flow, FlowError, Mlp, MlpConfig, Noise, Split, Squeeze,
};

use crate::host::{BOTH, assert_near, deviation, host, mean, tensor};
use crate::warnings::warnings;

fn fitted<const D: usize>(features: usize, x: Tensor<D>) -> (ActNorm<D>, Tensor<D>) {
    let layer = ActNorm::new(features, &x.device());
    let layer = thalweg_flow::precision::cast(layer, x.dtype()).expect("a CPU");
    layer
        .initialize(x, &())
        .expect("a batch that can be fitted")
}

#[test]
fn a_fitted_batch_has_zero_mean_and_unit_deviation_in_each_channel() {
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
            let x = Noise::seeded(1).normal([10, 2, 3, 4], &device, dtype) * 5.0;
            let x = x + tensor([40.0, -7.0], [1, 2, 1, 1], &device, dtype);
            let (layer, z) = fitted(2, x.clone());
            assert_eq!(host(layer.forward(x, &()).0), host(z.clone()));
            for channel in 0..2 {
                let values = host(z.clone().narrow(1, channel, 1));
                assert_near(&[mean(&values), deviation(&values)], &[0.0, 1.0], tolerance);
            }
        }
    }
}

#[test]
fn a_fitted_layer_is_not_fitted_again_also_after_a_load() {
    for device in cpu_devices() {
        let x: Tensor<2> = Noise::seeded(1).normal([20, 3], &device, DType::F32);
        let (layer, z) = fitted(3, x.clone() * 2.0);
        let record = layer.clone().into_record().into_bytes().unwrap();
        let record = burn::store::ModuleRecord::from_bytes(record).unwrap();
        let loaded = ActNorm::<2>::new(3, &device);
        assert!(!loaded.is_initialized());
        let loaded = loaded.try_load_record(record).unwrap();
        assert!(loaded.is_initialized());
        for layer in [layer, loaded] {
            let (layer, _) = layer.initialize(x.clone() + 100.0, &()).unwrap();
            assert_eq!(host(layer.forward(x.clone() * 2.0, &()).0), host(z.clone()));
        }
    }
}

#[test]
fn the_identity_is_left_alone_by_data() {
    let device = Device::default();
    let x: Tensor<2> = Noise::seeded(1).normal([20, 3], &device, DType::F32) * 9.0;
    let (_, z) = ActNorm::identity(3, &device)
        .initialize(x.clone(), &())
        .unwrap();
    assert_eq!(host(z), host(x));
}

#[test]
fn a_constant_feature_is_centred_and_warned_of_by_index() {
    for device in cpu_devices() {
        for dtype in BOTH {
            let rows = (0..9)
                .flat_map(|i| [f64::from(i), 0.1])
                .collect::<Vec<f64>>();
            let x: Tensor<2> = tensor(rows, [9, 2], &device, dtype);
            let ((layer, z), log) = warnings(|| fitted(2, x));
            assert!(log.contains("feature number 1 is constant (0.1"), "{log}");
            assert_eq!(log.lines().count(), 1, "{log}");
            assert_near(&host(z.narrow(1, 1, 1)), &[0.0; 9], 1e-7);
            // A batch in which it varies after all stays of ordinary size.
            let (z, _) = layer.forward(tensor([1.0, 1.1], [1, 2], &device, dtype), &());
            assert_near(&host(z.narrow(1, 1, 1)), &[1.0], 1e-6);
        }
    }
}

#[test]
fn a_tiny_deviation_around_a_large_mean_keeps_its_digits() {
    for device in cpu_devices() {
        let x: Tensor<2> = tensor([0.5, 0.500_001, 0.499_999], [3, 1], &device, DType::F32);
        let (layer, z) = fitted(1, x.clone());
        let (back, _) = layer.inverse(z.clone(), &());
        assert_eq!(host(back), host(x));
        assert!(host(z).iter().all(|v| v.abs() < 2.0));
    }
}

#[test]
fn a_deviation_below_the_floor_counts_as_the_floor() {
    let device = Device::default();
    let x: Tensor<2> = tensor([1e-9, -1e-9], [2, 1], &device, DType::F64);
    let (_, z) = fitted(1, x);
    assert_near(&host(z), &[1e-3, -1e-3], 1e-9);
}

#[test]
fn batches_that_cannot_be_fitted_are_errors() {
    let device = Device::default();
    let fit = |x: Tensor<2>| ActNorm::<2>::new(2, &device).initialize(x, &()).map(|_| ());
    let one = fit(Tensor::ones([1, 2], &device)).unwrap_err();
    assert!(
        matches!(one, FlowError::TooFewRows { rows: 1, .. }),
        "{one}"
    );
    let nan = fit(tensor(
        [1.0, 2.0, 3.0, f64::NAN],
        [2, 2],
        &device,
        DType::F32,
    ))
    .unwrap_err();
    assert!(
        matches!(
            nan,
            FlowError::NotFinite {
                row: 1,
                feature: 1,
                ..
            }
        ),
        "{nan}"
    );
}

#[test]
fn one_call_fits_each_layer_of_a_flow_to_what_the_layers_before_it_give() {
    for device in cpu_devices() {
        let training = device.clone().autodiff();
        let mut noise = Noise::seeded(3);
        let mut step = |layer: usize| -> (ActNorm, Coupling<Affine, Mlp>) {
            let net = MlpConfig::new(2, vec![8], 4).init(&mut noise, &training);
            let split = Split::half().alternating(layer);
            (
                ActNorm::new(4, &training),
                Coupling::new(split, Affine::new(), net),
            )
        };
        let steps = vec![step(0), step(1), step(2)];
        let flow = Flow::new(steps, StandardNormal::new(4));
        let x: Tensor<2> = Noise::seeded(1).normal([50, 4], &device, DType::F32) * 6.0 + 3.0;
        let flow = flow.initialize(x.clone(), &()).unwrap();

        let mut h = x;
        for (actnorm, coupling) in flow.valid().bijection {
            let (z, _) = actnorm.forward(h, &());
            for feature in 0..4 {
                let values = host(z.clone().narrow(1, feature, 1));
                assert_near(&[mean(&values), deviation(&values)], &[0.0, 1.0], 1e-4);
            }
            h = coupling.forward(z, &()).0;
        }
        // It still trains.
        let y: Tensor<2> = Noise::seeded(2).normal([5, 4], &device, DType::F32);
        let loss = flow.log_prob(y).mean().neg();
        let gradients = burn::optim::GradientsParams::from_grads(loss.backward(), &flow);
        assert_eq!(gradients.len(), 3 * (2 + 4));
    }
}

#[test]
fn a_layer_behind_a_change_of_shape_is_fitted_too() {
    let device = Device::default();
    let layers = (Squeeze::new(), ActNorm::<4>::new(8, &device));
    let x: Tensor<4> = Noise::seeded(1).normal([6, 2, 4, 4], &device, DType::F32) * 3.0;
    let ((_, actnorm), z) = layers.initialize(x, &()).unwrap();
    assert!(actnorm.is_initialized());
    assert_near(&[deviation(&host(z))], &[1.0], 1e-5);
}
