//! The toy densities are densities, and their samples come from them.

use thalweg_data::{DataError, Toy};

/// Sums of `p` and `−p ln p` over a grid of cells about the bounds, by the midpoint rule.
fn integrals(toy: Toy) -> (f64, f64) {
    // On smooth densities, cells of two thirds of the smallest deviation leave an error near 10⁻⁷.
    let (step, margin) = match toy {
        Toy::Checkerboard => (0.125, 0.0),
        Toy::EightGaussians => (0.125, 0.4),
        _ => (0.0625, 0.4),
    };
    let [left, right, low, high] = toy.bounds();
    let count = |from: f64, to: f64| ((to - from + 2.0 * margin) / step).round() as usize;
    let at = |from: f64, i: usize| from - margin + step * (i as f64 + 0.5);

    let (mut mass, mut entropy) = (0.0, 0.0);
    for i in 0..count(left, right) {
        for j in 0..count(low, high) {
            let log_density = toy.log_density([at(left, i), at(low, j)]);
            if log_density > -80.0 {
                let cell = log_density.exp() * step * step;
                mass += cell;
                entropy -= cell * log_density;
            }
        }
    }
    (mass, entropy)
}

#[test]
fn densities_integrate_to_one_and_to_their_entropy() {
    for toy in Toy::ALL {
        let (mass, entropy) = integrals(toy);
        assert!((mass - 1.0).abs() < 1e-6, "{toy}: {mass}");
        assert!((entropy - toy.entropy()).abs() < 1e-6, "{toy}: {entropy}");
    }
}

#[test]
fn samples_have_the_mean_log_density_of_the_entropy() {
    for toy in Toy::ALL {
        let n = 4000;
        let logs: Vec<f64> = toy
            .sample(n, 1)
            .into_iter()
            .map(|point| toy.log_density(point.map(f64::from)))
            .collect();
        let mean = logs.iter().sum::<f64>() / n as f64;
        let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / n as f64;
        let error = (variance / n as f64).sqrt();
        let gap = (mean + toy.entropy()).abs();
        assert!(
            gap <= 3.0 * error + 1e-9,
            "{toy}: gap {gap}, standard error {error}"
        );
    }
}

/// A wrong distribution with the right entropy can have the right mean log-density, but not the right
/// number of samples in each cell.
#[test]
fn samples_fall_into_cells_as_the_density_says() {
    for toy in Toy::ALL {
        let [left, right, low, high] = toy.bounds();
        let (cells, fine, n) = (6, 14, 6000);
        let (width, height) = ((right - left) / cells as f64, (high - low) / cells as f64);
        let points = toy.sample(n, 2);
        let mut chi_squared = 0.0;
        let mut degrees = 0.0;
        for i in 0..cells {
            for j in 0..cells {
                let (x, y) = (left + width * i as f64, low + height * j as f64);
                let inside = |p: &&[f32; 2]| {
                    let [u, v] = p.map(f64::from);
                    (x..x + width).contains(&u) && (y..y + height).contains(&v)
                };
                let found = points.iter().filter(inside).count() as f64;
                let node = |k: usize| (k as f64 + 0.5) / fine as f64;
                let mut mass = 0.0;
                for k in 0..fine * fine {
                    let at = [x + width * node(k % fine), y + height * node(k / fine)];
                    mass += toy.log_density(at).exp();
                }
                let expected = n as f64 * mass * width * height / (fine * fine) as f64;
                if expected > 5.0 {
                    chi_squared += (found - expected).powi(2) / expected;
                    degrees += 1.0;
                }
            }
        }
        // χ² has the mean `degrees` and twice that variance; the bound is four deviations above.
        let bound = degrees + 4.0 * f64::sqrt(2.0 * degrees);
        assert!(
            chi_squared < bound,
            "{toy}: χ² {chi_squared} of {degrees} cells"
        );
    }
}

#[test]
fn samples_lie_within_bounds() {
    for toy in Toy::ALL {
        let [left, right, low, high] = toy.bounds();
        for point in toy.sample(20_000, 3) {
            let [x, y] = point.map(f64::from);
            assert!(
                (left..=right).contains(&x) && (low..=high).contains(&y),
                "{toy}: {point:?}"
            );
        }
    }
}

#[test]
fn a_seed_gives_its_points() {
    for toy in Toy::ALL {
        assert_eq!(toy.sample(50, 4), toy.sample(100, 4)[..50]);
        assert_ne!(toy.sample(50, 4), toy.sample(50, 5));
        for device in thalweg_device::cpu_devices() {
            let tensor = toy.to_tensor(50, 4, &device);
            assert_eq!(tensor.dims(), [50, 2]);
            let values = tensor.into_data().try_to_vec::<f32>().expect("floats");
            assert_eq!(values, toy.sample(50, 4).into_flattened());
        }
    }
}

#[test]
fn far_points_have_finite_log_densities() {
    for toy in Toy::ALL.into_iter().filter(|&toy| toy != Toy::Checkerboard) {
        for x in [[30.0, -20.0], [0.0, 0.0], [-6.0, 6.0]] {
            let log_density = toy.log_density(x);
            assert!(log_density.is_finite(), "{toy} at {x:?}: {log_density}");
        }
    }
    assert_eq!(
        Toy::Checkerboard.log_density([-3.0, -1.0]),
        f64::NEG_INFINITY
    );
    assert_eq!(Toy::Checkerboard.log_density([5.0, 0.0]), f64::NEG_INFINITY);
}

#[test]
fn names_round_trip() {
    for toy in Toy::ALL {
        assert_eq!(toy.to_string().parse::<Toy>().expect("a name"), toy);
    }
    let error = "moons".parse::<Toy>().expect_err("no such toy");
    assert!(matches!(&error, DataError::Toy { name, .. } if name == "moons"));
    assert!(error.to_string().contains("two_moons, rings"));
}
