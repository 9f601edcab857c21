//! The derivatives of activations, of tensors and of slices.

use burn::tensor::{DType, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_kernels::{Activation, activate, activate_with_slope};

const ALL: [Activation; 7] = [
    Activation::Relu,
    Activation::Tanh,
    Activation::Silu,
    Activation::LeakyRelu,
    Activation::LeakySlope(0.01),
    Activation::Elu,
    Activation::Gelu,
];

/// The kink, both sides of it, and numbers whose exponentials overflow.
const POINTS: [f64; 13] = [
    -1e10, -800.0, -90.0, -3.0, -0.5, -1e-3, 0.0, 1e-3, 0.5, 3.0, 90.0, 800.0, 1e10,
];

fn host(x: Tensor<1>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

#[test]
fn slopes_are_the_derivatives() {
    for device in cpu_devices() {
        let data = TensorData::new(POINTS.to_vec(), [POINTS.len()]);
        let x = Tensor::<1>::from_data(data, (&device.clone().autodiff(), DType::F64));
        for activation in ALL {
            let leaf = x.clone().require_grad();
            let y = activation.apply(leaf.clone());
            let gradients = y.clone().sum().backward();
            let expected = host(leaf.grad(&gradients).expect("an activation has a gradient"));
            let (value, slope) = activation.with_slope(x.clone());
            assert_eq!(host(value), host(y), "{activation:?}");
            for ((x, slope), expected) in POINTS.iter().zip(host(slope)).zip(expected) {
                // Backends disagree on the side at this kink.
                let expected = match (activation, *x) {
                    (Activation::LeakyRelu, 0.0) => 0.1,
                    (Activation::LeakySlope(slope), 0.0) => slope,
                    (Activation::Elu, 0.0) => 1.0,
                    _ => expected,
                };
                assert!(
                    (slope - expected).abs() < 1e-14,
                    "{activation:?} at {x}: {slope}, {expected}"
                );
            }
        }
    }
}

/// A loss of slopes has a gradient: `a″`.
#[test]
fn slopes_have_gradients() {
    let device = cpu_devices()
        .into_iter()
        .next()
        .expect("a device")
        .autodiff();
    for activation in [Activation::Tanh, Activation::Silu] {
        let at = |x: f64| {
            let x = Tensor::<1>::from_data([x], (&device, DType::F64)).require_grad();
            (activation.with_slope(x.clone()).1, x)
        };
        for x in [-2.0, -0.3, 0.0, 1.5] {
            let (slope, leaf) = at(x);
            let found = host(leaf.grad(&slope.backward()).expect("a gradient"))[0];
            let [up, down] = [1e-6, -1e-6].map(|h| host(at(x + h).0)[0]);
            let expected = (up - down) / 2e-6;
            assert!(
                (found - expected).abs() < 1e-8,
                "{activation:?} at {x}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn slices_agree_with_tensors() {
    let device = Default::default();
    let points = POINTS.map(|x| x as f32);
    for activation in ALL {
        let x = Tensor::<1>::from_floats(points, &device);
        let (value, slope) = activation.with_slope(x);
        let (mut found, mut slopes) = (points, [0.0; POINTS.len()]);
        activate_with_slope(Some(activation), &mut found, &mut slopes);
        let mut alone = points;
        activate(Some(activation), &mut alone);
        assert_eq!(found, alone);
        let expected = host(value).into_iter().zip(host(slope));
        for ((y, slope), (value, expected)) in found.iter().zip(slopes).zip(expected) {
            let close = |a: f32, b: f64| (f64::from(a) - b).abs() <= 1e-6 * (1.0 + b.abs());
            assert!(close(*y, value), "{activation:?}: {y}, {value}");
            assert!(
                close(slope, expected),
                "{activation:?}: {slope}, {expected}"
            );
        }
    }
    let (mut x, mut slope) = ([-2.0, 3.0], [0.0; 2]);
    activate_with_slope(None, &mut x, &mut slope);
    assert_eq!((x, slope), ([-2.0, 3.0], [1.0, 1.0]));
}

/// `x σ(x)` and its slope in f32 against f64. The slope has a zero at −1.278, where two terms cancel: its error
/// is in units of the larger of them.
#[test]
fn silu_is_within_a_few_units_in_the_last_place() {
    let count = 100_000;
    let points = (0..=count).map(|i| -80.0 + 160.0 * i as f32 / count as f32);
    let mut y: Vec<f32> = points.clone().collect();
    let mut slope = vec![0.0; y.len()];
    activate_with_slope(Some(Activation::Silu), &mut y, &mut slope);
    let unit = |x: f64| f64::from((x.abs() as f32).next_up()) - f64::from(x.abs() as f32);
    let mut worst = [0f64; 2];
    for ((x, y), slope) in points.zip(y).zip(slope) {
        let x = f64::from(x);
        let s = 1.0 / (1.0 + (-x).exp());
        let terms = [s, x * s * (1.0 - s)];
        let of_slope = unit(terms[0].abs().max(terms[1].abs()));
        worst[0] = worst[0].max((f64::from(y) - x * s).abs() / unit(x * s));
        worst[1] = worst[1].max((f64::from(slope) - terms[0] - terms[1]).abs() / of_slope);
    }
    assert!(worst[0] < 4.0 && worst[1] < 5.0, "{worst:?} units");
}
