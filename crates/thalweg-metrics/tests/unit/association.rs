use thalweg_metrics::{MetricError, correlation_ratio, cramers_v, pearson, spearman};

use crate::{close, normals};

#[test]
fn associations_agree_with_scipy() {
    let (x, y) = (
        [1.0, 2.0, 2.0, 4.0, 5.0, 7.0],
        [3.0, 1.0, 4.0, 4.0, 9.0, 8.0],
    );
    close(pearson(&x, &y).unwrap(), 0.8247023555794566);
    close(spearman(&x, &y).unwrap(), 0.8088235294117647);
    // Codes with gaps are the same categories.
    let (a, b) = (
        [0, 0, 0, 7, 7, 7, 2, 2, 2, 2, 0, 7],
        [0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1],
    );
    close(cramers_v(&a, &b).unwrap(), 0.4780914437337574);
}

#[test]
fn units_do_not_count() {
    let (x, y) = (normals(50, 1), normals(50, 2));
    let expected = pearson(&x, &y).unwrap();
    for (scale, shift) in [(1e200, 0.0), (1e-200, 0.0), (1.0, 1e6)] {
        let moved: Vec<f64> = x.iter().map(|x| x * scale + shift).collect();
        let got = pearson(&moved, &y).unwrap();
        assert!(
            (got - expected).abs() < 1e-8,
            "{scale} {shift}: {got} {expected}"
        );
    }
}

#[test]
fn the_correlation_ratio_is_the_share_between_categories() {
    let values = [1.0, 3.0, 2.0, 2.0];
    assert_eq!(
        correlation_ratio(&[0, 1, 0, 1], &[5.0, 9.0, 5.0, 9.0]).unwrap(),
        1.0
    );
    assert!(correlation_ratio(&[0, 0, 1, 1], &values).unwrap() < 1e-12);
    // Of two categories it is the correlation with their code.
    let (codes, x) = ([0, 1, 1, 0, 1, 0, 0], [0.3, 2.0, 1.0, -1.0, 4.0, 0.0, 1.5]);
    let numbers: Vec<f64> = codes.iter().map(|code| *code as f64).collect();
    close(
        correlation_ratio(&codes, &x).unwrap(),
        pearson(&numbers, &x).unwrap(),
    );
}

#[test]
fn constant_columns_are_named() {
    let error = MetricError::Constant {
        what: "the second column",
    };
    assert_eq!(pearson(&[1.0, 2.0], &[3.0, 3.0]), Err(error.clone()));
    assert_eq!(spearman(&[1.0, 2.0], &[3.0, 3.0]), Err(error.clone()));
    assert_eq!(cramers_v(&[0, 1], &[4, 4]), Err(error));
    assert_eq!(
        correlation_ratio(&[0, 1], &[3.0, 3.0]),
        Err(MetricError::Constant { what: "the values" })
    );
    assert!(matches!(
        pearson(&[1.0], &[1.0]),
        Err(MetricError::TooFew { needed: 2, .. })
    ));
    assert_eq!(
        spearman(&[1.0, f64::NAN], &[3.0, 4.0]),
        Err(MetricError::NotANumber {
            what: "the first column",
            place: 1
        })
    );
}
