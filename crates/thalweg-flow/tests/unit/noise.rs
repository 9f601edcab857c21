//! One seed, the same numbers everywhere.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;

use crate::host::{BOTH, assert_near, deviation, host, mean};

type Draw = fn(&mut Noise, &Device, DType) -> Tensor<2>;

const DRAWS: [Draw; 3] = [
    |noise, device, dtype| noise.normal([50, 4], device, dtype),
    |noise, device, dtype| noise.uniform([50, 4], device, dtype),
    |noise, device, dtype| noise.open_uniform([50, 4], device, dtype),
];

#[test]
fn every_device_and_precision_gets_the_same_numbers() {
    for draw in DRAWS {
        let reference = host(draw(&mut Noise::seeded(9), &Device::default(), DType::F64));
        for device in cpu_devices() {
            for device in [device.clone(), device.autodiff()] {
                let in_f64 = draw(&mut Noise::seeded(9), &device, DType::F64);
                assert_eq!(in_f64.dtype(), DType::F64);
                assert_eq!(in_f64.device(), device);
                assert_eq!(host(in_f64), reference);
                let rounded: Vec<f64> = reference.iter().map(|v| f64::from(*v as f32)).collect();
                assert_eq!(
                    host(draw(&mut Noise::seeded(9), &device, DType::F32)),
                    rounded
                );
            }
        }
    }
}

#[test]
fn another_seed_and_another_call_give_other_numbers() {
    let device = Device::default();
    for draw in DRAWS {
        let mut noise = Noise::seeded(1);
        let first = host(draw(&mut noise, &device, DType::F64));
        assert_ne!(first, host(draw(&mut noise, &device, DType::F64)));
        assert_ne!(
            first,
            host(draw(&mut Noise::seeded(2), &device, DType::F64))
        );
    }
}

/// Uniform numbers lose nothing in f32: a model in f32 sees those of f64.
#[test]
fn uniform_numbers_are_exact_in_f32() {
    for draw in [DRAWS[1], DRAWS[2]] {
        let numbers = host(draw(&mut Noise::seeded(5), &Device::default(), DType::F64));
        assert!(numbers.iter().all(|u| *u == f64::from(*u as f32)));
    }
}

#[test]
fn uniform_numbers_have_the_range_and_moments_of_their_density() {
    for device in cpu_devices() {
        for dtype in BOTH {
            for mut noise in [Noise::seeded(6), Noise::seeded(6).on_device()] {
                let closed = host(noise.uniform([40_000], &device, dtype));
                let open = host(noise.open_uniform([40_000], &device, dtype));
                assert!(closed.iter().all(|u| (0.0..1.0).contains(u)));
                assert!(open.iter().all(|u| *u > 0.0 && *u < 1.0));
                for numbers in [closed, open] {
                    assert_near(&[mean(&numbers)], &[0.5], 0.01);
                    assert_near(&[deviation(&numbers)], &[12f64.sqrt().recip()], 0.01);
                }
            }
        }
    }
}

#[test]
fn normal_numbers_have_the_moments_of_their_density() {
    for device in cpu_devices() {
        for mut noise in [Noise::seeded(7), Noise::seeded(7).on_device()] {
            // Enough that the device's generator, which has no seed here, stays far from every bound.
            let numbers = host(noise.normal([1_000_000], &device, DType::F32));
            let fourth: Vec<f64> = numbers.iter().map(|v| v.powi(4)).collect();
            assert_near(&[mean(&numbers)], &[0.0], 0.02);
            assert_near(&[deviation(&numbers)], &[1.0], 0.02);
            assert_near(&[mean(&fourth)], &[3.0], 0.05);
        }
    }
}

#[test]
fn a_permutation_holds_each_index_once() {
    let mut noise = Noise::seeded(8);
    let order = noise.permutation(30);
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..30).collect::<Vec<_>>());
    assert_ne!(order, sorted);
    assert_ne!(order, noise.permutation(30));
    assert_eq!(order, Noise::seeded(8).permutation(30));
}

/// Seeds are part of published results: a new version must not change what they give.
#[test]
fn the_first_numbers_of_a_seed_stay_what_they_are() {
    let device = Device::default();
    let uniform = Noise::seeded(0).uniform([3], &device, DType::F64);
    let open = Noise::seeded(0).open_uniform([3], &device, DType::F64);
    let normal = Noise::seeded(0).normal([3], &device, DType::F64);
    let in_cells = |numbers: Tensor<1>, bits: i32| {
        let cell = |u: &f64| (u * 2f64.powi(bits)).floor();
        host(numbers).iter().map(cell).collect::<Vec<_>>()
    };
    assert_eq!(
        in_cells(uniform, 24),
        [10_983_995.0, 11_896_311.0, 12_245_184.0]
    );
    assert_eq!(in_cells(open, 23), [5_491_997.0, 5_948_155.0, 6_122_592.0]);
    let first = [
        0.6999607946268154,
        -0.14406163542784764,
        0.30288628024558556,
    ];
    assert_near(&host(normal), &first, 1e-14);
    assert_eq!(Noise::seeded(0).permutation(8), [2, 0, 6, 1, 3, 5, 7, 4]);
}
