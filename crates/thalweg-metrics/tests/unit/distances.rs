use thalweg_metrics::{
    MetricError, closer_share, energy_distance, nearest_distances, total_variation, wasserstein_1d,
};

use crate::{GOLDEN, ROOT, close, normals, spread};

#[test]
fn distances_agree_with_scipy() {
    let a = spread(13, GOLDEN);
    let b: Vec<f64> = spread(9, ROOT).iter().map(|x| x.powf(1.3)).collect();
    close(wasserstein_1d(&a, &b).unwrap(), 0.10591097118049095);
    close(wasserstein_1d(&b, &a).unwrap(), 0.10591097118049095);
    close(
        energy_distance(&a, &b, 1).unwrap(),
        0.03137140760698481f64.sqrt(),
    );
    let (a, b) = ([0.0, 0.0, 1.0, 2.0, 3.0, 1.0], [1.0, 1.0, 2.0, 0.0]);
    close(
        energy_distance(&a, &b, 2).unwrap(),
        0.9511885606358995f64.sqrt(),
    );
}

#[test]
fn equal_samples_are_at_no_distance() {
    let a = normals(60, 1);
    assert_eq!(wasserstein_1d(&a, &a).unwrap(), 0.0);
    assert!(energy_distance(&a, &a, 3).unwrap() < 1e-7);
    assert_eq!(total_variation(&[1.0, 2.0], &[10.0, 20.0]).unwrap(), 0.0);
    assert_eq!(total_variation(&[1.0, 0.0], &[0.0, 4.0]).unwrap(), 1.0);
}

#[test]
fn a_shift_is_the_distance_that_mass_moves() {
    let a = normals(101, 2);
    let b: Vec<f64> = a.iter().map(|x| x - 2.5).collect();
    close(wasserstein_1d(&a, &b).unwrap(), 2.5);
}

#[test]
fn the_tree_finds_what_a_full_search_finds() {
    for (dims, rows, seed) in [(1, 500, 3), (3, 700, 4), (9, 300, 5)] {
        // Rounded, so that many rows and coordinates are equal.
        let round = |values: Vec<f64>| -> Vec<f64> {
            values.iter().map(|x| (x * 4.0).round() / 4.0).collect()
        };
        let to = round(normals(rows * dims, seed));
        let from = [normals(150 * dims, seed + 10), to[..20 * dims].to_vec()].concat();
        let got = nearest_distances(&from, &to, dims).unwrap();
        assert_eq!(got.len(), 170);
        for (row, got) in from.chunks(dims).zip(got) {
            let expected = to.chunks(dims).map(|other| {
                row.iter()
                    .zip(other)
                    .map(|(x, y)| (x - y) * (x - y))
                    .sum::<f64>()
            });
            close(got, expected.fold(f64::INFINITY, f64::min).sqrt());
        }
    }
}

#[test]
fn rows_that_repeat_training_rows_are_closer() {
    let train = normals(300 * 2, 6);
    let held_out = nearest_distances(&normals(300 * 2, 7), &train, 2).unwrap();
    let fresh = nearest_distances(&normals(300 * 2, 8), &train, 2).unwrap();
    let copies: Vec<f64> = train.iter().map(|x| x + 1e-6).collect();
    let copies = nearest_distances(&copies, &train, 2).unwrap();
    let fresh = closer_share(&fresh, &held_out).unwrap();
    // Five standard errors.
    assert!((fresh - 0.5).abs() < 0.12, "{fresh}");
    assert!(closer_share(&copies, &held_out).unwrap() > 0.99);
}

#[test]
fn what_has_no_distance_is_named() {
    assert!(matches!(
        nearest_distances(&[1.0, f64::INFINITY], &[0.0, 0.0], 2),
        Err(MetricError::Bound {
            what: "the rows to measure from",
            place: 1,
            ..
        })
    ));
    assert!(matches!(
        nearest_distances(&[1.0], &[], 1),
        Err(MetricError::TooFew { .. })
    ));
    assert_eq!(
        total_variation(&[0.0, 0.0], &[1.0, 1.0]),
        Err(MetricError::NoWeight {
            what: "frequencies of p"
        })
    );
    assert!(matches!(
        total_variation(&[0.5, 0.5], &[1.0, -0.5]),
        Err(MetricError::Bound { place: 1, .. })
    ));
}

#[test]
#[should_panic(expected = "must have the shape [rows, 2] with at least one column, got [3] values")]
fn rows_that_are_not_whole_panic() {
    let _ = energy_distance(&[0.0; 3], &[0.0; 2], 2);
}
