//! Paths between latents, grids among four, directions of attributes.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_flow::latent::{Path, attribute_vector};

use crate::host::{assert_near, deviation, host, tensor};

const PATHS: [Path; 3] = [Path::Linear, Path::CosSin, Path::Spherical];

fn ends(rows: usize, numbers: usize, device: &Device) -> [Tensor<2>; 2] {
    let mut noise = Noise::seeded(3);
    [(); 2].map(|()| noise.normal([rows, numbers], device, DType::F64))
}

#[test]
fn a_path_starts_and_ends_where_it_should() {
    for device in cpu_devices() {
        let [a, b] = ends(3, 7, &device);
        for path in PATHS {
            assert_near(
                &host(path.at(0.0, a.clone(), b.clone())),
                &host(a.clone()),
                1e-12,
            );
            assert_near(
                &host(path.at(1.0, a.clone(), b.clone())),
                &host(b.clone()),
                1e-12,
            );
        }
    }
}

/// Half-way, straight lines have half the variance, cos-sin has all of it, and a great circle has
/// the length of its ends.
#[test]
fn half_way_the_variance_is_as_the_table_says() {
    for device in cpu_devices() {
        let [a, b] = ends(1, 20_000, &device);
        let middle = |path: Path| deviation(&host(path.at(0.5, a.clone(), b.clone())));
        assert!((middle(Path::Linear) - 0.5f64.sqrt()).abs() < 0.02);
        assert!((middle(Path::CosSin) - 1.0).abs() < 0.02);
        assert!((middle(Path::Spherical) - 1.0).abs() < 0.02);
    }
}

#[test]
fn a_great_circle_turns_evenly() {
    for device in cpu_devices() {
        let unit = |angle: f64| tensor([angle.cos(), angle.sin()], [1, 2], &device, DType::F64);
        let at = host(Path::Spherical.at(0.25, unit(0.0), unit(1.2)));
        assert_near(&at, &[0.3f64.cos(), 0.3f64.sin()], 1e-12);
    }
}

#[test]
fn rows_without_an_angle_go_straight() {
    for device in cpu_devices() {
        let a = tensor([1.0, 2.0, 0.0, 0.0, 1.0, 0.0], [3, 2], &device, DType::F64);
        let b = tensor([3.0, 6.0, 4.0, 2.0, -1.0, 0.0], [3, 2], &device, DType::F64);
        let middle = host(Path::Spherical.at(0.5, a, b));
        assert_near(&middle, &[2.0, 4.0, 2.0, 1.0, 0.0, 0.0], 1e-12);
    }
}

#[test]
fn strips_and_grids_lie_row_by_row() {
    for device in cpu_devices() {
        let a = tensor([0.0, 10.0], [2, 1], &device, DType::F64);
        let b = tensor([4.0, 30.0], [2, 1], &device, DType::F64);
        let strip = host(Path::Linear.strip(a, b, 3));
        assert_near(&strip, &[0.0, 2.0, 4.0, 10.0, 20.0, 30.0], 1e-12);
        let corners = tensor([0.0, 2.0, 20.0, 22.0], [4, 1], &device, DType::F64);
        let grid = host(Path::Linear.grid(corners, 3));
        let expected = [0.0, 1.0, 2.0, 10.0, 11.0, 12.0, 20.0, 21.0, 22.0];
        assert_near(&grid, &expected, 1e-12);
    }
}

#[test]
#[should_panic(expected = "a strip has two ends, got 1 steps")]
fn a_strip_of_one() {
    let z = Tensor::zeros([1, 2], &Device::default());
    Path::Linear.strip(z.clone(), z, 1);
}

#[test]
fn an_attribute_is_a_difference_of_means() {
    for device in cpu_devices() {
        let z = tensor([1.0, 5.0, 2.0, 5.0, 6.0, 5.0], [3, 2], &device, DType::F64);
        let found = attribute_vector(z.clone(), &[true, false, true]).expect("both sides");
        assert_near(&host(found), &[1.5, 0.0], 1e-12);
        for (has, expected) in [
            (true, "every one of 3 latents"),
            (false, "none of 3 latents"),
        ] {
            let error = attribute_vector(z.clone(), &[has; 3]).expect_err("one side");
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }
}
