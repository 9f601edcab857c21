//! States and their measures.

use proptest::prelude::*;
use thalweg_ode::{Components, Componentwise, Measure, Tolerance, Vector};

#[test]
fn a_vector_adds_scales_and_reads_as_a_slice() {
    let mut a = Vector::from([1.0, -2.0]);
    let sum = a.clone() + Vector::from(vec![0.5, 1.0]) * 2.0;
    assert_eq!(sum, Vector(vec![2.0, 0.0]));
    a[0] = 5.0;
    assert_eq!(a.iter().sum::<f64>(), 3.0);
    assert_eq!(a.components(), [5.0, -2.0]);
    assert_eq!(2.5.components(), [2.5]);
}

#[test]
#[should_panic(expected = "vectors of one length")]
fn vectors_of_two_lengths_do_not_add() {
    let _ = Vector::from([1.0]) + Vector::from([1.0, 2.0]);
}

#[test]
fn components_are_each_measured_by_their_own_size() {
    let tolerance = Tolerance::new(0.1, 0.5).unwrap();
    let (before, after) = (Vector::from([1.0, 0.0]), Vector::from([-2.0, 0.2]));
    let error = Vector::from([1.1, 0.4]);
    // 1.1 / 1.1 = 1, 0.4 / 0.2 = 2.
    let found = Componentwise.scaled_error(&error, &before, &after, tolerance);
    assert!((found - 2.5_f64.sqrt()).abs() < 1e-14);
    let nothing = Vector::default();
    let found = Componentwise.scaled_error(&nothing, &nothing, &nothing, tolerance);
    assert_eq!(found, 0.0);
}

#[test]
fn a_closure_measures_the_whole_state() {
    let dot = |a: &Vector, b: &Vector| a.iter().zip(b.iter()).map(|(a, b)| a * b).sum::<f64>();
    let tolerance = Tolerance::new(1.0, 0.2).unwrap();
    let (before, after) = (Vector::from([3.0, 4.0]), Vector::from([0.0, 1.0]));
    let error = Vector::from([0.0, 4.0]);
    let found = dot.scaled_error(&error, &before, &after, tolerance);
    assert!((found - 2.0).abs() < 1e-14); // 4 / (1 + 0.2 · 5)
    assert_eq!(dot.norm(&before), 5.0);
}

#[test]
fn a_state_that_is_not_finite_has_no_finite_error() {
    let tolerance = Tolerance::new(1.0, 1.0).unwrap();
    let dot = |a: &f64, b: &f64| a * b;
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(!Componentwise.is_finite(&bad));
        assert!(!dot.is_finite(&bad));
        assert!(
            Componentwise
                .scaled_error(&0.0, &1.0, &bad, tolerance)
                .is_nan()
        );
        assert!(dot.scaled_error(&0.0, &1.0, &bad, tolerance).is_nan());
        assert!(
            !Componentwise
                .scaled_error(&bad, &1.0, &1.0, tolerance)
                .is_finite()
        );
        assert!(!dot.scaled_error(&bad, &1.0, &1.0, tolerance).is_finite());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn both_measures_agree_on_one_number(error in 1e-3..3.0, before in -3.0..3.0, after in -3.0..3.0) {
        let tolerance = Tolerance::new(0.1, 0.1).unwrap();
        let dot = |a: &f64, b: &f64| a * b;
        let one = dot.scaled_error(&error, &before, &after, tolerance);
        let other = Componentwise.scaled_error(&error, &before, &after, tolerance);
        prop_assert!((one - other).abs() <= 1e-12 * one);
    }
}
