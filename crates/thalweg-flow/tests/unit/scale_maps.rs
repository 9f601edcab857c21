//! The documented ranges of scale maps, and their values at zero.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Exp, ScaleMap, SigmoidShift, SoftBounded, TanhLearned};

use crate::host::{BOTH, assert_near, host, tensor};

const RAW: [f64; 9] = [0.0, 1e-3, -1e-3, 1.0, -1.0, 60.0, -60.0, 1e30, -1e30];

/// The log-scales of [`RAW`] and their derivatives.
fn of_raw(map: &impl ScaleMap, device: &Device, dtype: DType) -> (Vec<f64>, Vec<f64>) {
    let raw: Tensor<2> = tensor(RAW, [9, 1], device, dtype).autodiff().require_grad();
    let log_scale = map.log_scale(raw.clone());
    let gradient = raw
        .grad(&log_scale.clone().sum().backward())
        .expect("a gradient");
    (host(log_scale), host(gradient))
}

fn everywhere(check: impl Fn(&Device, DType)) {
    for device in cpu_devices() {
        for dtype in BOTH {
            check(&device, dtype);
        }
    }
}

#[test]
fn a_soft_bound_is_never_exceeded_and_has_a_finite_gradient() {
    everywhere(|device, dtype| {
        for bound in [4.0, 3.0, 0.7] {
            let (log_scale, gradient) = of_raw(&SoftBounded::new(bound), device, dtype);
            // The division may round by one unit in the last place.
            let rounding = 1.0 + f64::from(f32::EPSILON);
            assert!(log_scale.iter().all(|s| s.abs() <= bound * rounding));
            assert!(
                gradient.iter().all(|g| (-1e-30..=1.0).contains(g)),
                "{gradient:?}"
            );
            assert_eq!(log_scale[0], 0.0);
            assert_near(&gradient[..3], &[1.0; 3], 5e-3);
            assert_near(&[log_scale[3]], &[1.0 / (1.0 + 1.0 / bound)], 1e-6);
        }
    });
}

#[test]
fn the_default_bound_is_four() {
    everywhere(|device, dtype| {
        let default = of_raw(&SoftBounded::default(), device, dtype);
        assert_eq!(default, of_raw(&SoftBounded::new(4.0), device, dtype));
    });
}

#[test]
fn exp_takes_the_number_as_it_is() {
    everywhere(|device, dtype| {
        let (log_scale, gradient) = of_raw(&Exp {}, device, dtype);
        assert_near(&log_scale, &RAW, 1e-6);
        assert_eq!(gradient, [1.0; 9]);
    });
}

#[test]
fn sigmoid_shift_only_contracts() {
    everywhere(|device, dtype| {
        let (log_scale, gradient) = of_raw(&SigmoidShift::default(), device, dtype);
        assert!(log_scale.iter().all(|s| *s <= 0.0 && s.is_finite()));
        assert!(
            gradient
                .iter()
                .all(|g| g.is_finite() && (0.0..=1.0).contains(g))
        );
        assert_near(&[log_scale[0].exp()], &[1.0 / (1.0 + (-2f64).exp())], 1e-6);
        assert_near(&[log_scale[6]], &[-58.0], 1e-6);
        let (shifted, _) = of_raw(&SigmoidShift::new(0.0), device, dtype);
        assert_near(&[shifted[0].exp()], &[0.5], 1e-6);
    });
}

#[test]
fn tanh_learned_stays_within_its_amplitude() {
    everywhere(|device, dtype| {
        let amplitude = tensor([-1.5], [1], device, dtype);
        let (log_scale, gradient) = of_raw(&TanhLearned::from_amplitude(amplitude), device, dtype);
        let expected = RAW.map(|r| -1.5 * r.tanh());
        assert_near(&log_scale, &expected, 1e-6);
        assert!(log_scale.iter().all(|s| s.abs() <= 1.5));
        assert!(gradient.iter().all(|g| g.is_finite()));
    });
}

#[test]
fn tanh_learned_starts_with_an_amplitude_of_one() {
    let device = Device::default();
    let raw = Tensor::<2>::full([1, 2], 0.5, (&device, DType::F32));
    let log_scale = TanhLearned::new(2, &device).log_scale(raw);
    assert_near(&host(log_scale), &[0.5f64.tanh(); 2], 1e-6);
}

#[test]
#[should_panic(expected = "positive and finite, got 0")]
fn a_bound_of_zero_is_refused() {
    SoftBounded::new(0.0);
}

#[test]
#[should_panic(expected = "positive and finite, got inf")]
fn an_infinite_bound_is_refused() {
    SoftBounded::new(f64::INFINITY);
}
