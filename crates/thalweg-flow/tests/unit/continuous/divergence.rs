use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{Continuous, Divergence, Integration, Noise, Scheme, TimeMlpConfig};

use super::fields::{Linear, assert_close, host, points};

fn estimate(seed: u64, probes: usize) -> Divergence {
    Divergence::Hutchinson { seed, probes }
}

/// `εᵀ diag(a) ε = Σ a` for signs `ε`.
#[test]
fn the_estimate_of_a_diagonal_jacobian_is_exact() {
    let diagonal = Linear::new([[0.5, 0.0, 0.0], [0.0, -2.0, 0.0], [0.0, 0.0, 0.25]]);
    let integration = Integration::fixed(Scheme::Midpoint, 2);
    for seed in 0..5 {
        let flow = Continuous::new(diagonal.clone())
            .with_integration(integration)
            .with_divergence(estimate(seed, 1));
        let found = flow
            .try_inverse(points([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]), &())
            .unwrap();
        assert_close(&host(found.log_det), &[-1.25; 2], 1e-12);
    }
}

#[test]
fn the_estimate_is_unbiased_and_narrows_with_probes() {
    let device = Device::default();
    let field = TimeMlpConfig::new(5, vec![12, 12]).init(&mut Noise::seeded(1), &device);
    let flow = Continuous::new(field).with_integration(Integration::fixed(Scheme::Midpoint, 1));
    let x: Tensor<2> = Noise::seeded(2).normal([1, 5], &device, DType::F32);
    let log_det = |divergence| {
        let flow = flow.clone().with_divergence(divergence);
        host(flow.try_forward(x.clone(), &()).unwrap().log_det)[0]
    };
    let exact = log_det(Divergence::Exact);
    let moments = |probes| {
        let drawn: Vec<f64> = (0..400)
            .map(|seed| log_det(estimate(seed, probes)))
            .collect();
        let n = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / n;
        let squares = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        (mean, squares / (n - 1.0))
    };
    let ((one, variance), (many, less)) = (moments(1), moments(16));
    assert!(
        (one - exact).abs() < 4.0 * (variance / 400.0).sqrt(),
        "{one}, {exact}"
    );
    assert!(
        (many - exact).abs() < 4.0 * (less / 400.0).sqrt(),
        "{many}, {exact}"
    );
    let ratio = variance / less;
    assert!((10.0..25.0).contains(&ratio), "16 probes: {ratio}");
}

/// The probe of a row depends on its number alone, and the same seed draws it again.
#[test]
fn probes_do_not_depend_on_the_rows_behind() {
    let device = Device::default();
    let field = TimeMlpConfig::new(4, vec![8]).init(&mut Noise::seeded(1), &device);
    let flow = Continuous::new(field)
        .with_integration(Integration::fixed(Scheme::Euler, 2))
        .with_divergence(estimate(7, 2));
    let x: Tensor<2> = Noise::seeded(2).normal([5, 4], &device, DType::F32);
    let all = host(flow.try_forward(x.clone(), &()).unwrap().log_det);
    let again = host(flow.try_forward(x.clone(), &()).unwrap().log_det);
    let first = host(flow.try_forward(x.narrow(0, 0, 2), &()).unwrap().log_det);
    assert_eq!(all, again);
    assert_close(&first, &all[..2], 1e-6);
}

/// The way back has the probes of the way there.
#[test]
fn estimated_log_determinants_cancel() {
    let device = Device::default();
    let field = TimeMlpConfig::new(3, vec![8]).init(&mut Noise::seeded(1), &device);
    let flow = Continuous::new(field)
        .with_integration(Integration::fixed(Scheme::Rk4, 20))
        .with_divergence(estimate(3, 1));
    let x: Tensor<2> = Noise::seeded(2).normal([5, 3], &device, DType::F32);
    let there = flow.try_forward(x, &()).unwrap();
    let back = flow.try_inverse(there.value, &()).unwrap();
    let sum = host(there.log_det + back.log_det);
    assert_close(&sum, &[0.0; 5], 1e-5);
}

/// Deep fields of many features are estimated, those with two hidden layers and those of few features are not.
#[test]
fn auto_is_exact_where_that_is_cheap() {
    let device = Device::default();
    let compare = |features, hidden: &[usize]| {
        let field = TimeMlpConfig::new(features, hidden.to_vec());
        let field = field.init(&mut Noise::seeded(1), &device);
        let flow = Continuous::new(field).with_integration(Integration::fixed(Scheme::Euler, 1));
        let x: Tensor<2> = Noise::seeded(2).normal([2, features], &device, DType::F32);
        let log_det = |divergence| {
            let flow = flow.clone().with_divergence(divergence);
            host(flow.try_forward(x.clone(), &()).unwrap().log_det)
        };
        let auto = log_det(Divergence::Auto);
        [Divergence::Exact, estimate(0, 1)].map(|other| log_det(other) == auto)
    };
    assert_eq!(compare(16, &[6, 6, 6]), [true, false]);
    assert_eq!(compare(17, &[6, 6, 6]), [false, true]);
    assert_eq!(compare(17, &[6, 6]), [true, false]);
}

#[test]
#[should_panic(expected = "take 1 or more")]
fn an_estimate_needs_a_probe() {
    let _ = Continuous::new(Linear::new([[1.0]])).with_divergence(estimate(0, 0));
}
