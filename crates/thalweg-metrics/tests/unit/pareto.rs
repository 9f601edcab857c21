use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use thalweg_metrics::{MetricError, Pareto, ParetoSmoothed, log_mean_exp};

/// Draws of a generalized Pareto distribution.
fn draws(pareto: Pareto, count: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let draw = |_| pareto.quantile(rng.random::<f64>()).max(f64::MIN_POSITIVE);
    (0..count).map(draw).collect()
}

#[test]
fn the_shape_and_the_scale_of_a_tail_are_found() {
    for shape in [-0.4, 0.0, 0.3, 0.7, 1.2] {
        let truth = Pareto { shape, scale: 2.5 };
        let found = Pareto::fit(&draws(truth, 20_000, 3)).unwrap();
        // The standard error is about (1 + k) / √n.
        assert!((found.shape - shape).abs() < 0.03, "{shape}: {found:?}");
        assert!((found.scale / 2.5 - 1.0).abs() < 0.05, "{shape}: {found:?}");
    }
}

#[test]
fn quantiles_undo_shares() {
    for shape in [-0.5, 0.0, 0.5] {
        let pareto = Pareto { shape, scale: 2.0 };
        let y = pareto.quantile(0.8);
        let above = match shape {
            0.0 => (-y / 2.0f64).exp(),
            k => (1.0 + k * y / 2.0).powf(-1.0 / k),
        };
        assert!((above - 0.2).abs() < 1e-12, "{shape}: {above}");
    }
}

#[test]
fn k_hat_is_the_shape_of_the_weights() {
    for shape in [0.2, 0.5, 0.9] {
        let weights = draws(Pareto { shape, scale: 1.0 }, 20_000, 5);
        let logs: Vec<f64> = weights.iter().map(|w| w.ln() - 7.0).collect();
        let smoothed = ParetoSmoothed::new(&logs).unwrap();
        assert!(
            (smoothed.k_hat - shape).abs() < 0.12,
            "{shape}: {}",
            smoothed.k_hat
        );
        // The order stays, and so does all but the tail.
        let changed = logs
            .iter()
            .zip(&smoothed.log_weights)
            .filter(|(a, b)| a != b);
        assert!(changed.count() <= 425);
        let largest = logs.iter().copied().fold(f64::MIN, f64::max);
        assert!(smoothed.log_weights.iter().all(|w| *w <= largest));
    }
}

#[test]
fn smoothing_lowers_the_error_of_a_mean() {
    // Weights of a normal distribution of deviation 1 from one of 0.75: their tail has the shape 1 − 0.75² = 0.44.
    let errors = |smooth: bool| -> f64 {
        let one = |seed| {
            let draw = |z: f64| 0.75f64.ln() + 0.5 * z * z - 0.5 * (0.75 * z).powi(2);
            let mut logs: Vec<f64> = crate::normals(500, seed).into_iter().map(draw).collect();
            if smooth {
                logs = ParetoSmoothed::new(&logs).unwrap().log_weights;
            }
            (log_mean_exp(&logs).exp() - 1.0).powi(2)
        };
        (0..200).map(one).sum()
    };
    let (raw, smooth) = (errors(false), errors(true));
    assert!(smooth < 0.9 * raw, "{smooth}, not below {raw}");
}

#[test]
fn weights_without_a_tail_are_told() {
    let even = ParetoSmoothed::new(&[-3.0; 100]).unwrap();
    assert_eq!(
        (even.k_hat, even.log_weights),
        (f64::NEG_INFINITY, vec![-3.0; 100])
    );
    let few = ParetoSmoothed::new(&[0.0; 24]).unwrap_err();
    assert!(matches!(
        few,
        MetricError::TooFew {
            got: 24,
            needed: 25,
            ..
        }
    ));
    let none = ParetoSmoothed::new(&[f64::NEG_INFINITY; 30]).unwrap_err();
    assert!(matches!(none, MetricError::NoWeight { .. }));
    let mut bad = vec![0.0; 30];
    bad[4] = f64::INFINITY;
    let error = ParetoSmoothed::new(&bad).unwrap_err();
    assert!(matches!(error, MetricError::Bound { place: 4, .. }));
    // One weight alone: the heaviest tail.
    let mut one = vec![f64::NEG_INFINITY; 100];
    one[17] = 0.0;
    assert!(ParetoSmoothed::new(&one).unwrap().k_hat > 1.0);
    assert!((ParetoSmoothed::largest_shape(100) - 0.5).abs() < 1e-12);
    assert_eq!(ParetoSmoothed::largest_shape(1_000_000), 0.7);
}
