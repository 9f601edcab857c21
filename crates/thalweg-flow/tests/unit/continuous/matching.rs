use std::f64::consts::FRAC_PI_2;

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{FlowMatching, Noise, Pairing, PathPoint, VectorField};

use super::fields::{BetweenNormals, assert_close, host, points};

fn exact() -> FlowMatching {
    FlowMatching::default().with_sigma_min(0.0)
}

fn normal(rows: usize, field: &BetweenNormals, noise: &mut Noise) -> Tensor<2> {
    let x = noise.normal([rows, field.features], &Device::default(), DType::F64);
    x.mul_scalar(field.deviation).add_scalar(field.mean)
}

/// Given `x_t`, the velocity has the variance `s² / ((1 − t)² + t² s²)`, whose mean over `t` is `s π / 2`.
#[test]
fn the_loss_of_the_perfect_field_is_the_variance_that_is_left() {
    let field = BetweenNormals {
        features: 4,
        mean: -1.0,
        deviation: 0.5,
    };
    let noise = &mut Noise::seeded(0);
    let data = normal(20_000, &field, noise);
    let losses = host(exact().losses(&field, data, &(), noise));
    let n = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / n;
    let variance = losses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let expected = 4.0 * 0.5 * FRAC_PI_2;
    let error = (variance / n).sqrt();
    assert!(
        (mean - expected).abs() < 4.0 * error,
        "{mean} ± {error}, {expected}"
    );
}

#[test]
fn a_point_lies_on_its_path() {
    let data = points([[3.0, -1.0], [0.5, 2.0], [7.0, 7.0]]);
    let matching = FlowMatching::default().with_sigma_min(0.1);
    let PathPoint { time, x, velocity } = matching.draw(data.clone(), &mut Noise::seeded(4));
    // From a point, its velocity leads to the data and σ of the noise; back, to the noise.
    let noise = (data.clone() - velocity.clone()).div_scalar(0.9);
    let end = x.clone() + velocity.clone() * time.clone().neg().add_scalar(1.0);
    let start = x - velocity * time;
    assert_close(&host(start), &host(noise.clone()), 1e-12);
    assert_close(&host(end), &host(data + noise.mul_scalar(0.1)), 1e-12);
}

/// One time in each stratum, and less variance of the loss than independent times have.
#[test]
fn times_are_stratified_and_the_loss_varies_less() {
    let field = BetweenNormals {
        features: 8,
        mean: 0.0,
        deviation: 0.1,
    };
    const ROWS: usize = 16;
    let mut losses = [vec![], vec![]];
    for seed in 0..300 {
        let noise = &mut Noise::seeded(seed);
        let data = normal(ROWS, &field, noise);
        let PathPoint { time, x, velocity } = exact().draw(data.clone(), noise);
        let mut strata: Vec<usize> = host(time.clone())
            .iter()
            .map(|t| (t * ROWS as f64) as usize)
            .collect();
        strata.sort_unstable();
        assert_eq!(strata, Vec::from_iter(0..ROWS));

        let start = x.clone() - velocity.clone() * time.clone();
        let independent: Tensor<2> = noise.uniform([ROWS, 1], &Device::default(), DType::F64);
        let other = start + velocity.clone() * independent.clone();
        for (losses, (t, x)) in losses.iter_mut().zip([(time, x), (independent, other)]) {
            let v = field.velocity(t, x, &());
            losses.push(host((v - velocity.clone()).square().sum())[0] / ROWS as f64);
        }
    }
    let variance = |x: &Vec<f64>| {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64
    };
    let [stratified, independent] = losses.each_ref().map(variance);
    assert!(
        stratified < 0.7 * independent,
        "{stratified} against {independent}"
    );
}

#[test]
fn one_seed_gives_one_loss() {
    let field = BetweenNormals {
        features: 2,
        mean: 1.0,
        deviation: 2.0,
    };
    let data = normal(32, &field, &mut Noise::seeded(1));
    let loss = |pairing, seed| {
        let matching = exact().with_pairing(pairing);
        host(matching.loss(&field, data.clone(), &(), &mut Noise::seeded(seed)))
    };
    for pairing in [Pairing::Independent, Pairing::OptimalTransport] {
        assert_eq!(loss(pairing, 5), loss(pairing, 5));
        assert_ne!(loss(pairing, 5), loss(pairing, 6));
    }
}

/// `Σ ‖x₁ − x₀‖²` of a draw.
fn cost(pairing: Pairing, data: &Tensor<2>, seed: u64) -> f64 {
    let matching = exact().with_pairing(pairing);
    let drawn = matching.draw(data.clone(), &mut Noise::seeded(seed));
    host(drawn.velocity.square().sum())[0]
}

#[test]
fn optimal_transport_costs_less_than_independent_pairs() {
    let device = Device::default();
    for seed in 0..10 {
        let data = Noise::seeded(seed + 100).normal([64, 3], &device, DType::F32) * 5.0;
        let [independent, optimal] = [Pairing::Independent, Pairing::OptimalTransport]
            .map(|pairing| cost(pairing, &data, seed));
        assert!(optimal < independent, "{optimal}, {independent}");
    }
}

/// Of all orders of four rows.
#[test]
fn optimal_transport_is_optimal() {
    let data = points([[0.0, 1.0], [2.0, -3.0], [-1.0, 0.5], [0.3, 0.2]]);
    let orders = (0..256).map(|code| [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6]);
    let orders = orders.filter(|order| (0..4).all(|row| order.contains(&row)));
    let orders: Vec<[usize; 4]> = orders.collect();
    assert_eq!(orders.len(), 24);
    for seed in 0..10 {
        let drawn = exact().draw(data.clone(), &mut Noise::seeded(seed));
        let noise = host(data.clone() - drawn.velocity);
        let host_data = host(data.clone());
        let least = orders.iter().map(|order| {
            let pairs = order.iter().enumerate().flat_map(|(row, other)| {
                (0..2).map(move |axis| (2 * row + axis, 2 * other + axis))
            });
            pairs.map(|(a, b)| (host_data[a] - noise[b]).powi(2)).sum()
        });
        let least = least.fold(f64::INFINITY, f64::min);
        let found = cost(Pairing::OptimalTransport, &data, seed);
        assert!((found - least).abs() < 1e-9, "{found}, {least}");
    }
}

#[test]
fn a_batch_of_one_row_or_none_passes() {
    let field = BetweenNormals {
        features: 2,
        mean: 1.0,
        deviation: 2.0,
    };
    let noise = &mut Noise::seeded(0);
    for pairing in [Pairing::Independent, Pairing::OptimalTransport] {
        let matching = exact().with_pairing(pairing);
        for rows in [0, 1] {
            let data = Tensor::<2>::zeros([rows, 2], (&Device::default(), DType::F64));
            let losses = matching.losses(&field, data, &(), noise);
            assert_eq!(losses.dims(), [rows]);
        }
    }
}

#[test]
fn settings_are_plain_data() {
    let settings = exact().with_pairing(Pairing::OptimalTransport);
    let text = serde_json::to_string(&settings).unwrap();
    assert_eq!(
        serde_json::from_str::<FlowMatching>(&text).unwrap(),
        settings
    );
}
