use thalweg_metrics::{MetricError, bulk_ess, mean_ess, r_hat, tail_ess};

use crate::normals;

/// Chains `x' = φ x + √(1 − φ²) ε`, standard normal, of which `S (1 − φ)/(1 + φ)` draws count for the mean.
fn autoregressive(phi: f64, draws: usize) -> Vec<Vec<f64>> {
    let chain = |seed: u64| {
        let mut x = normals(1, 900 + seed)[0];
        let step = |noise: f64| {
            x = phi * x + (1.0 - phi * phi).sqrt() * noise;
            x
        };
        normals(draws, seed).into_iter().map(step).collect()
    };
    (0..4).map(chain).collect()
}

#[test]
fn the_effective_size_of_autoregressive_chains_is_known() {
    for phi in [-0.3, 0.0, 0.5, 0.9] {
        let chains = autoregressive(phi, 20_000);
        let expected = 80_000.0 * (1.0 - phi) / (1.0 + phi);
        for (name, found) in [("mean", mean_ess(&chains)), ("bulk", bulk_ess(&chains))] {
            let found = found.unwrap();
            assert!(
                (found / expected - 1.0).abs() < 0.1,
                "{phi}: {name} {found}, not {expected}"
            );
        }
        let tail = tail_ess(&chains).unwrap();
        // Indicators of tails forget faster than the draws of positively correlated chains.
        assert!(phi <= 0.0 || tail > expected, "{phi}: tail {tail}");
        assert!(tail < 95_000.0, "{phi}: tail {tail}");
        assert!(r_hat(&chains).unwrap() < 1.005, "{phi}");
    }
}

#[test]
fn r_hat_sees_other_places_other_widths_and_trends() {
    let good: Vec<Vec<f64>> = (0..4).map(|seed| normals(1000, seed)).collect();
    assert!(r_hat(&good).unwrap() < 1.005);
    let change = |change: &dyn Fn(usize, f64) -> f64| {
        let mut chains = good.clone();
        for (i, x) in chains[0].iter_mut().enumerate() {
            *x = change(i, *x);
        }
        r_hat(&chains).unwrap()
    };
    assert!(change(&|_, x| x + 1.0) > 1.05);
    assert!(change(&|_, x| 3.0 * x) > 1.05);
    assert!(change(&|i, x| x + i as f64 / 200.0) > 1.05);
    // A Cauchy distribution has no variance, its normal scores do.
    let cauchy: Vec<Vec<f64>> = (0..8)
        .map(|seed| normals(1000, seed))
        .collect::<Vec<_>>()
        .chunks(2)
        .map(|pair| pair[0].iter().zip(&pair[1]).map(|(a, b)| a / b).collect())
        .collect();
    assert!(r_hat(&cauchy).unwrap() < 1.01);
    assert!((bulk_ess(&cauchy).unwrap() / 4000.0 - 1.0).abs() < 0.15);
}

#[test]
fn r_hat_is_that_of_its_formula() {
    // Two chains whose halves are (1, 2), (3, 4), (5, 6), (7, 8): normal scores of the ranks 1 to 8.
    let chains = [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]];
    let score = |rank: f64| thalweg_metrics::normal_quantile((rank - 0.375) / 8.25);
    let pairs: Vec<[f64; 2]> = (0..4)
        .map(|k| [2 * k + 1, 2 * k + 2].map(|rank| score(f64::from(rank))))
        .collect();
    let within = pairs
        .iter()
        .map(|[a, b]| (a - b).powi(2) / 2.0)
        .sum::<f64>()
        / 4.0;
    let means = pairs.iter().map(|[a, b]| (a + b) / 2.0);
    // Symmetric: the mean of all scores is 0.
    let between = means.map(|m| m * m).sum::<f64>() / 3.0;
    let expected = ((within / 2.0 + between) / within).sqrt();
    let found = r_hat(&chains).unwrap();
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
}

#[test]
fn chains_that_do_not_move_have_no_effective_size() {
    assert_eq!(r_hat(&[[1.0; 10], [2.0; 10]]).unwrap(), f64::INFINITY);
    assert!(r_hat(&[[1.0; 10], [1.0; 10]]).unwrap().is_nan());
    assert!(bulk_ess(&[[1.0; 10]; 2]).unwrap().is_nan());
    let few = r_hat(&[[1.0, 2.0, 3.0]]).unwrap_err();
    assert!(matches!(
        few,
        MetricError::TooFew {
            got: 3,
            needed: 4,
            ..
        }
    ));
    let none: [[f64; 4]; 0] = [];
    assert!(matches!(
        r_hat(&none),
        Err(MetricError::TooFew { got: 0, .. })
    ));
    let bad = tail_ess(&[[1.0, 2.0, f64::NAN, 3.0]]).unwrap_err();
    assert!(matches!(bad, MetricError::NotANumber { place: 2, .. }));
}
