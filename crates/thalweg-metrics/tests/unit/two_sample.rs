use thalweg_metrics::{MetricError, c2st};

use crate::normals;

/// Rows of two standard normal columns with this correlation.
fn pairs(rows: usize, correlation: f64, seed: u64) -> Vec<f64> {
    normals(2 * rows, seed)
        .chunks(2)
        .flat_map(|z| {
            [
                z[0],
                correlation * z[0] + (1.0 - correlation * correlation).sqrt() * z[1],
            ]
        })
        .collect()
}

#[test]
fn equal_distributions_cannot_be_told_apart() {
    for seed in 0..3 {
        let (a, b) = (pairs(400, 0.5, 2 * seed), pairs(300, 0.5, 2 * seed + 1));
        let test = c2st(&a, &b, 2, seed).unwrap();
        let expected = (701.0 / (12.0 * 400.0 * 300.0f64)).sqrt();
        assert!(
            (test.auc_error / expected - 1.0).abs() < 0.1,
            "{test:?} {expected}"
        );
        assert!((test.auc - 0.5).abs() < 4.0 * test.auc_error, "{test:?}");
        assert!((test.accuracy - 0.5).abs() < 0.09, "{test:?}");
    }
}

#[test]
fn a_shift_is_found() {
    let (a, b) = (pairs(300, 0.0, 1), pairs(300, 0.0, 2));
    let far: Vec<f64> = b.iter().map(|x| x + 5.0).collect();
    let test = c2st(&a, &far, 2, 0).unwrap();
    assert!(
        test.auc > 0.99 && test.accuracy > 0.97 && test.auc_error < 0.01,
        "{test:?}"
    );
    // Of a shift by one standard deviation along one column, the best classifier reaches Φ(1 / √2) = 0.760.
    let near: Vec<f64> = b.chunks(2).flat_map(|z| [z[0] + 1.0, z[1]]).collect();
    let test = c2st(&a, &near, 2, 0).unwrap();
    assert!((0.68..0.80).contains(&test.auc), "{test:?}");
}

#[test]
fn a_broken_correlation_is_found_although_the_columns_agree() {
    let test = c2st(&pairs(500, 0.9, 3), &pairs(500, 0.0, 4), 2, 0).unwrap();
    assert!(test.auc > 0.75, "{test:?}");
}

#[test]
fn missing_values_are_values_of_their_own() {
    let a = normals(200, 5);
    let mut b = normals(200, 6);
    assert!(c2st(&a, &b, 1, 0).unwrap().auc < 0.65);
    b.iter_mut().step_by(2).for_each(|value| *value = f64::NAN);
    assert!(c2st(&a, &b, 1, 0).unwrap().auc > 0.68);
}

#[test]
fn a_seed_decides_the_folds() {
    let (a, b) = (pairs(100, 0.5, 7), pairs(100, 0.2, 8));
    let first = c2st(&a, &b, 2, 1).unwrap();
    assert_eq!(first, c2st(&a, &b, 2, 1).unwrap());
    assert_ne!(first.auc, c2st(&a, &b, 2, 2).unwrap().auc);
}

#[test]
fn few_rows_are_refused() {
    assert_eq!(
        c2st(&[0.0; 30], &[0.0; 19], 1, 0),
        Err(MetricError::TooFew {
            what: "the second sample",
            got: 19,
            needed: 20
        })
    );
}
