use thalweg_metrics::{MetricError, ks_one_sample_uniform, ks_two_sample, ks_two_sample_weighted};

use crate::{GOLDEN, ROOT, close, normals, spread};

fn powers(count: usize, step: f64, power: f64) -> Vec<f64> {
    spread(count, step).iter().map(|x| x.powf(power)).collect()
}

#[test]
fn one_sample_agrees_with_scipy() {
    // `scipy.stats.ks_1samp(x, uniform.cdf, method="exact")`: the number of values, D, p and the error of p beside p.
    let cases = [
        (5, 0.22500480734431416, 0.9129511927573307, 1e-12),
        (30, 0.09088549819978181, 0.9462720088926424, 1e-12),
        (100, 0.07139150797947225, 0.661192252562802, 1e-12),
        (400, 0.05361590584768616, 0.19331500107809008, 1e-3),
        (5000, 0.05168241508499699, 4.7792132338905364e-12, 2e-2),
    ];
    for (count, statistic, p_value, error) in cases {
        let test = ks_one_sample_uniform(&powers(count, GOLDEN, 1.15)).unwrap();
        close(test.statistic, statistic);
        let off = (test.p_value / p_value - 1.0f64).abs();
        assert!(off < error, "{count}: {} is off by {off}", test.p_value);
    }
}

#[test]
fn two_samples_agree_with_scipy() {
    // `scipy.stats.ks_2samp(x, y)`; the last has more pairs than the exact law is taken for.
    let cases = [
        (7, 5, 0.22857142857142856, 0.98989898989899, 1e-12),
        (20, 33, 0.15606060606060607, 0.8623289971790239, 1e-12),
        (300, 250, 0.10333333333333333, 0.1011142642749309, 1e-10),
        (3000, 4000, 0.097, 1.7624586260366716e-14, 0.05),
    ];
    for (n, m, statistic, p_value, error) in cases {
        let test = ks_two_sample(&powers(n, GOLDEN, 1.0), &powers(m, ROOT, 1.3)).unwrap();
        close(test.statistic, statistic);
        let off = (test.p_value / p_value - 1.0f64).abs();
        assert!(off < error, "{n} {m}: {} is off by {off}", test.p_value);
    }
    let tied = ks_two_sample(&[0.1, 0.2, 0.2, 0.5, 0.5, 0.9], &[0.2, 0.2, 0.3, 0.5, 0.8]).unwrap();
    close(tied.statistic, 1.0 / 6.0);
    close(tied.p_value, 1.0);
}

#[test]
fn p_values_of_equal_distributions_are_uniform() {
    let tests = |measure: &dyn Fn(u64) -> f64| {
        let p_values: Vec<f64> = (0..200).map(measure).collect();
        ks_one_sample_uniform(&p_values).unwrap().p_value
    };
    // Without a common divisor of the sizes, distances take many values and p-values nearly all.
    let samples = |seed: u64| (normals(150, 2 * seed), normals(199, 2 * seed + 1));
    let exact = tests(&|seed| {
        let (a, b) = samples(seed);
        ks_two_sample(&a, &b).unwrap().p_value
    });
    assert!(exact > 0.01, "{exact}");
    // The law of weighted samples is approximate, so that only a share of small values is held.
    let rejected = (0..300).filter(|seed| {
        let (a, b) = samples(*seed);
        let weights: Vec<f64> = spread(150, GOLDEN).iter().map(|w| 0.2 + w).collect();
        let test = ks_two_sample_weighted((&a, &weights), (&b, &[1.0; 199])).unwrap();
        test.p_value < 0.05
    });
    let rejected = rejected.count();
    assert!((2..=27).contains(&rejected), "{rejected}");
}

#[test]
fn weights_move_the_distribution() {
    let a = [1.0, 2.0, 3.0];
    let test = ks_two_sample_weighted((&a, &[2.0, 1.0, 1.0]), (&a, &[1.0, 1.0, 2.0])).unwrap();
    close(test.statistic, 0.25);
    let equal = ks_two_sample_weighted((&a, &[1.0; 3]), (&[3.0, 4.0], &[5.0; 2])).unwrap();
    close(
        equal.statistic,
        ks_two_sample(&a, &[3.0, 4.0]).unwrap().statistic,
    );
}

#[test]
fn a_value_without_place_is_an_error() {
    assert!(matches!(
        ks_one_sample_uniform(&[0.5, 1.5]),
        Err(MetricError::Bound {
            place: 1,
            value: 1.5,
            ..
        })
    ));
    assert!(matches!(
        ks_two_sample(&[0.5], &[f64::NAN]),
        Err(MetricError::NotANumber {
            what: "the second sample",
            place: 0
        })
    ));
    assert!(matches!(
        ks_two_sample(&[], &[1.0]),
        Err(MetricError::TooFew { got: 0, .. })
    ));
    // Rows far outside are as infinite ones.
    let test = ks_two_sample(&[f64::NEG_INFINITY, 0.0], &[1.0, f64::INFINITY]).unwrap();
    assert_eq!(test.statistic, 1.0);
}
