//! Base densities: their integrals, samples and tails.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{
    DiagonalNormal, GaussianMixture, StandardLogistic, StandardNormal, UnitCube,
};
use thalweg_flow::{Base, Noise, Placement};

use crate::host::{BOTH, assert_near, deviation, grid, host, mean, tensor};

const WEIGHT_LOGITS: [f64; 2] = [0.4, -0.7];
const MEANS: [f64; 4] = [-1.0, 2.0, 1.5, -0.5];
const LOG_DEVIATIONS: [f64; 4] = [-0.3, 0.2, 0.1, -0.6];

fn mixture(device: &Device, dtype: DType) -> GaussianMixture {
    GaussianMixture::from_parameters(
        tensor(WEIGHT_LOGITS, [2], device, dtype),
        tensor(MEANS, [2, 2], device, dtype),
        tensor(LOG_DEVIATIONS, [2, 2], device, dtype),
    )
}

fn diagonal(device: &Device, dtype: DType) -> DiagonalNormal {
    DiagonalNormal::from_parameters(
        tensor([0.7, -1.2], [2], device, dtype),
        tensor([0.4, -0.9], [2], device, dtype),
    )
}

fn integral(base: &impl Base<Latent = Tensor<2>>, range: [f64; 2], dims: usize) -> f64 {
    let count = if dims == 1 { 2_000 } else { 200 };
    let (points, cell) = grid(range, count, dims, &Device::default());
    host(base.log_prob(points, &()))
        .iter()
        .map(|l| l.exp() * cell)
        .sum()
}

#[test]
fn every_density_integrates_to_one() {
    let device = Device::default();
    for dims in [1, 2] {
        let standard = [
            integral(&StandardNormal::new(dims), [-9.0, 9.0], dims),
            integral(&StandardLogistic::new(dims), [-25.0, 25.0], dims),
            integral(&UnitCube::new(dims), [-0.5, 1.5], dims),
        ];
        assert_near(&standard, &[1.0; 3], 1e-9);
    }
    let learned = [
        integral(&diagonal(&device, DType::F64), [-12.0, 12.0], 2),
        integral(&mixture(&device, DType::F64), [-12.0, 12.0], 2),
    ];
    assert_near(&learned, &[1.0; 2], 1e-9);
}

fn samples(
    base: &impl Base<Latent = Tensor<2>>,
    temperature: f64,
    device: &Device,
) -> [Vec<f64>; 2] {
    let placement = Placement {
        device: device.clone(),
        dtype: DType::F32,
    };
    let z = base.sample(20_000, temperature, &mut Noise::seeded(3), &placement, &());
    assert_eq!(z.dtype(), DType::F32);
    [0, 1].map(|feature| host(z.clone().narrow(1, feature, 1)))
}

#[test]
fn samples_have_the_moments_of_their_density_at_every_temperature() {
    for device in cpu_devices() {
        for temperature in [1.0, 0.5] {
            let moments = |base: &dyn Fn() -> [Vec<f64>; 2]| {
                base().map(|feature| (mean(&feature), deviation(&feature)))
            };
            let check = |found: [(f64, f64); 2], expected: [(f64, f64); 2]| {
                for ((m, d), (mean, deviation)) in found.into_iter().zip(expected) {
                    assert_near(&[m, d], &[mean, deviation * temperature], 0.03);
                }
            };
            let standard = StandardNormal::new(2);
            check(
                moments(&|| samples(&standard, temperature, &device)),
                [(0.0, 1.0); 2],
            );
            let logistic = StandardLogistic::new(2);
            let width = std::f64::consts::PI / 3f64.sqrt();
            assert_near(&[StandardLogistic::DEVIATION], &[width], 1e-15);
            check(
                moments(&|| samples(&logistic, temperature, &device)),
                [(0.0, width); 2],
            );
            let cube = UnitCube::new(2);
            let width = 12f64.sqrt().recip();
            check(
                moments(&|| samples(&cube, temperature, &device)),
                [(0.5, width); 2],
            );
            let diagonal = diagonal(&device, DType::F32);
            check(
                moments(&|| samples(&diagonal, temperature, &device)),
                [(0.7, 0.4f64.exp()), (-1.2, (-0.9f64).exp())],
            );
        }
    }
}

/// Weights of the components after the softmax.
fn weights() -> [f64; 2] {
    let [a, b] = WEIGHT_LOGITS.map(f64::exp);
    [a / (a + b), b / (a + b)]
}

#[test]
fn a_mixture_samples_its_components_by_weight_and_narrows_each() {
    let [first, second] = weights();
    for device in cpu_devices() {
        // At 0.01 every sample lies close to the centre of its component.
        let [x, y] = samples(&mixture(&device, DType::F32), 0.01, &device);
        let near_first = x.iter().filter(|x| (**x - MEANS[0]).abs() < 0.1).count();
        let near_second = y.iter().filter(|y| (**y - MEANS[3]).abs() < 0.1).count();
        assert_eq!(near_first + near_second, x.len());
        assert_near(&[near_first as f64 / x.len() as f64], &[first], 0.02);

        let [x, _] = samples(&mixture(&device, DType::F32), 1.0, &device);
        let centre = first * MEANS[0] + second * MEANS[2];
        let square = |component: usize| {
            let deviation = LOG_DEVIATIONS[2 * component].exp();
            deviation.powi(2) + MEANS[2 * component].powi(2)
        };
        let variance = first * square(0) + second * square(1) - centre.powi(2);
        assert_near(&[mean(&x), deviation(&x)], &[centre, variance.sqrt()], 0.03);
    }
}

#[test]
fn a_mixture_is_the_sum_of_its_components() {
    let points = [[0.3, -0.2], [-4.0, 5.0], [1.5, -0.5]];
    let expected = points.map(|z| {
        let density: f64 = (0..2)
            .map(|k| {
                let component: f64 = (0..2)
                    .map(|i| {
                        let (mean, log_deviation) = (MEANS[2 * k + i], LOG_DEVIATIONS[2 * k + i]);
                        let standard = (z[i] - mean) / log_deviation.exp();
                        (-0.5 * standard.powi(2)).exp()
                            / (log_deviation.exp() * std::f64::consts::TAU.sqrt())
                    })
                    .product();
                weights()[k] * component
            })
            .sum();
        density.ln()
    });
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
            let z = tensor(points.concat(), [3, 2], &device, dtype);
            let found = host(mixture(&device, dtype).log_prob(z, &()));
            assert_near(&found, &expected, tolerance);
        }
    }
}

#[test]
fn a_new_mixture_has_parted_means_and_a_seed() {
    let device = Device::default();
    let log_prob = |seed| {
        let mixture = GaussianMixture::new(3, 2, &mut Noise::seeded(seed), &device);
        host(mixture.log_prob(Tensor::zeros([1, 2], &device), &()))
    };
    assert_eq!(log_prob(1), log_prob(1));
    assert_ne!(log_prob(1), log_prob(2));
}

#[test]
fn extreme_latents_have_finite_densities_and_gradients() {
    for device in cpu_devices() {
        for dtype in BOTH {
            let check = |log_prob: &dyn Fn(Tensor<2>) -> Tensor<1>| {
                let z = tensor([1e4, -1e4, 0.0, 1e15, -1e15, 1e-30], [3, 2], &device, dtype);
                let z = z.autodiff().require_grad();
                let log_prob = log_prob(z.clone());
                let gradient = z.grad(&log_prob.clone().sum().backward()).unwrap();
                let all = [host(log_prob), host(gradient)].concat();
                assert!(all.iter().all(|v| v.is_finite()), "{all:?} on {device:?}");
            };
            check(&|z| StandardNormal::new(2).log_prob(z, &()));
            check(&|z| StandardLogistic::new(2).log_prob(z, &()));
            check(&|z| diagonal(&device, dtype).log_prob(z, &()));
            check(&|z| mixture(&device, dtype).log_prob(z, &()));
        }
    }
}

#[test]
fn the_cube_has_no_density_outside_nor_at_nan() {
    for device in cpu_devices() {
        let z = tensor(
            [0.0, 1.0, -0.01, 0.5, 0.5, 1.01, f64::NAN, 0.5],
            [4, 2],
            &device,
            DType::F32,
        );
        let log_prob = host(UnitCube::new(2).log_prob(z, &()));
        let nothing = f64::NEG_INFINITY;
        assert_eq!(log_prob, [0.0, nothing, nothing, nothing]);
    }
}
