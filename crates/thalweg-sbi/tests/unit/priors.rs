//! Densities are normalized, draws follow them, and wrong arguments are errors.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_flow::Support;
use thalweg_sbi::{Gamma, LogNormal, Normal, Prior, Product, SbiError, Uniform};

fn singles() -> Vec<(&'static str, Box<dyn Prior>)> {
    vec![
        ("uniform", Box::new(Uniform::new([[-1.0, 3.0]]).unwrap())),
        ("normal", Box::new(Normal::new(&[1.0], &[0.5]).unwrap())),
        (
            "log-normal",
            Box::new(LogNormal::new(&[-0.125], &[0.5]).unwrap()),
        ),
        ("gamma", Box::new(Gamma::new(&[2.5], &[0.7]).unwrap())),
    ]
}

/// The middles of cells of the support, and the widths of the cells: of a fine grid on the line.
fn grid(support: Support) -> impl Iterator<Item = (f64, f64)> {
    let step = 1e-3;
    (-30_000..30_000).map(move |k| {
        let ends = [f64::from(k), f64::from(k + 1)].map(|y| support.of_line(y * step));
        (
            support.of_line((f64::from(k) + 0.5) * step),
            ends[1] - ends[0],
        )
    })
}

#[test]
fn densities_of_one_parameter_have_an_integral_of_one_and_the_moments_of_their_draws() {
    for (name, prior) in singles() {
        let moments =
            grid(prior.supports()[0]).fold([0.0; 3], |[mass, mean, square], (t, width)| {
                let p = prior.log_prob(&[t]).exp() * width;
                [mass + p, mean + p * t, square + p * t * t]
            });
        let [mass, mean, square] = moments;
        assert!((mass - 1.0).abs() < 1e-5, "{name}: {mass}");
        let deviation = (square - mean * mean).sqrt();
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<f64> = (0..20_000).map(|_| prior.sample(rng)[0]).collect();
        let count = draws.len() as f64;
        let drawn = draws.iter().sum::<f64>() / count;
        let z = (drawn - mean) / (deviation / count.sqrt());
        assert!(z.abs() < 4.0, "{name}: mean {drawn}, not {mean}");
        let spread = draws.iter().map(|t| (t - drawn).powi(2)).sum::<f64>() / count;
        assert!(
            (spread.sqrt() / deviation - 1.0).abs() < 0.04,
            "{name}: {spread}"
        );
        assert!(
            draws.iter().all(|t| prior.supports()[0].contains(*t)),
            "{name}"
        );
    }
}

#[test]
fn correlated_numbers_have_their_density_and_their_covariance() {
    // ln N(θ; μ, Σ) written out for two numbers.
    let [a, b, c] = [0.5, -0.3, 0.8];
    let prior = Normal::correlated(&[1.0, -2.0], &[a, b, b, c]).unwrap();
    let (u, v, det) = (0.4, 1.1, a * c - b * b);
    let square = (c * u * u - 2.0 * b * u * v + a * v * v) / det;
    let expected = -0.5 * square - 0.5 * det.ln() - std::f64::consts::TAU.ln();
    let found = prior.log_prob(&[1.0 + u, -2.0 + v]);
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let draws: Vec<Vec<f64>> = (0..40_000).map(|_| prior.sample(rng)).collect();
    let product = |draw: &Vec<f64>| (draw[0] - 1.0) * (draw[1] + 2.0);
    let covariance = draws.iter().map(product).sum::<f64>() / draws.len() as f64;
    assert!((covariance - b).abs() < 0.015, "{covariance}");
}

#[test]
fn a_product_is_the_sum_of_logarithms_in_order() {
    let box_of_two = || Uniform::new([[0.0, 2.0], [0.0, 4.0]]).unwrap();
    let prior = Product::new()
        .and(box_of_two())
        .and(Normal::new(&[0.0], &[1.0]).unwrap());
    assert_eq!(prior.dims(), 3);
    let expected = -(8.0_f64).ln() - 0.5 - 0.5 * std::f64::consts::TAU.ln();
    assert!((prior.log_prob(&[1.0, 1.0, 1.0]) - expected).abs() < 1e-12);
    assert_eq!(prior.log_prob(&[3.0, 1.0, 1.0]), f64::NEG_INFINITY);
    assert_eq!(prior.sample(&mut ChaCha8Rng::seed_from_u64(0)).len(), 3);
}

#[test]
fn outside_of_the_support_there_is_no_density() {
    for (name, prior) in singles() {
        if name != "normal" {
            assert_eq!(prior.log_prob(&[-1.5]), f64::NEG_INFINITY, "{name}");
        }
    }
}

#[test]
fn wrong_arguments_are_errors_that_name_the_number() {
    let text = |error: Result<Box<dyn Prior>, SbiError>| match error {
        Ok(_) => panic!("it is no error"),
        Err(error) => error.to_string(),
    };
    fn boxed<P: Prior + 'static>(prior: P) -> Box<dyn Prior> {
        Box::new(prior)
    }
    let cases = [
        (
            Uniform::new([]).map(boxed),
            "a uniform prior has no parameters",
        ),
        (
            Uniform::new([[0.0, 1.0], [2.0, 2.0]]).map(boxed),
            "parameter 1 lies between 2 and 2",
        ),
        (
            Normal::new(&[0.0, 1.0], &[1.0]).map(boxed),
            "2 means, but 1 deviations",
        ),
        (
            Normal::new(&[0.0], &[-1.0]).map(boxed),
            "a standard deviation is -1 (entry 0)",
        ),
        (
            Normal::new(&[f64::NAN], &[1.0]).map(boxed),
            "a mean is NaN (entry 0)",
        ),
        (
            Normal::correlated(&[0.0, 0.0], &[1.0, 1.0, 1.0, 1.0]).map(boxed),
            "not positive definite",
        ),
        (
            Gamma::new(&[1.0], &[0.0]).map(boxed),
            "a scale is 0 (entry 0)",
        ),
    ];
    for (error, expected) in cases {
        let found = text(error);
        assert!(found.contains(expected), "{found}");
    }
}
