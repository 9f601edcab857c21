//! Joint distributions of categories: that they are distributions, what each factor sees, files and errors.

use crate::common::{assert_close, host, parameters};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_flow::{Activation, FlowError, Noise};
use thalweg_laws::{cast, scramble};
use thalweg_models::{
    Categorical, CategoricalConfig, ConditionalCategorical, ModelConfig, Passes, SamplingCost,
};

mod refused;

pub(crate) fn codes(rows: &[Vec<usize>], device: &Device) -> Tensor<2, Int> {
    let numbers: Vec<i64> = rows.iter().flatten().map(|code| *code as i64).collect();
    let shape = [rows.len(), rows.first().map_or(0, Vec::len)];
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

/// Every code, the last variable changing first.
pub(crate) fn all_codes(levels: &[usize]) -> Vec<Vec<usize>> {
    levels.iter().fold(vec![vec![]], |codes, levels| {
        let longer =
            |code: Vec<usize>| (0..*levels).map(move |level| [code.as_slice(), &[level]].concat());
        codes.into_iter().flat_map(longer).collect()
    })
}

fn configs() -> Vec<CategoricalConfig> {
    let of = |levels: &[usize]| CategoricalConfig::new(levels.to_vec()).with_hidden(vec![12, 10]);
    vec![
        of(&[5]),
        of(&[2, 2, 2, 2]),
        of(&[2, 3, 4]),
        of(&[4, 2, 3, 2]).with_order(vec![3, 1, 0, 2]),
        of(&[3, 3]).with_hidden(vec![]),
        of(&[3, 2, 5]).with_activation(Activation::Silu),
    ]
}

const DTYPES: [(DType, f64); 2] = [(DType::F64, 1e-12), (DType::F32, 2e-6)];

#[test]
fn the_probabilities_of_all_codes_sum_to_one() {
    for device in cpu_devices() {
        for (dtype, tolerance) in DTYPES {
            for config in configs() {
                let all = codes(&all_codes(&config.levels), &device);
                let model = cast(scramble(config.init(&device), 0.6), dtype).unwrap();
                let log_prob = model.log_prob(all.clone());
                assert_eq!(log_prob.dtype(), dtype);
                let total: f64 = host(log_prob).into_iter().map(f64::exp).sum();
                assert!((total - 1.0).abs() < tolerance, "{total} of {config:?}");

                let given = config.with_context(2).init(&device);
                let given = cast(scramble(given, 0.6), dtype).unwrap();
                let contexts = [[0.5, -1.0], [3.0, 2.0]];
                let found = contexts.map(|context| {
                    let context = Tensor::from_data([context], (&device, dtype));
                    host(given.given(&context).log_prob(all.clone()))
                });
                for found in &found {
                    let total: f64 = found.iter().copied().map(f64::exp).sum();
                    assert!((total - 1.0).abs() < tolerance, "{total}");
                }
                assert_ne!(found[0], found[1]);
            }
        }
    }
}

/// Without hidden layers the logits are sums of a bias and of weights of the codes before.
#[test]
fn the_probabilities_are_those_by_hand() {
    for device in cpu_devices() {
        let config = CategoricalConfig::new(vec![3, 2]).with_hidden(vec![]);
        // Variable 1 comes first.
        let config = config.with_order(vec![1, 0]);
        let model = cast(scramble(config.init(&device), 1.0), DType::F64).unwrap();
        let of = |name: &str| {
            let found = parameters(&model).into_iter();
            let mut found = found.filter(|(path, _)| path.ends_with(name));
            found
                .next()
                .unwrap()
                .1
                .data
                .iter::<f64>()
                .collect::<Vec<_>>()
        };
        // The binary variable stands first, then the two levels above the first of the other.
        let (weight, bias) = (of("weight"), of("bias"));
        let all = all_codes(&[3, 2]);
        let wanted: Vec<f64> = all
            .iter()
            .map(|code| {
                let is_one = code[1] as f64;
                let binary = [1.0, bias[0].exp()];
                let logit = |level: usize| bias[level] + is_one * weight[level];
                let ternary = [1.0, logit(1).exp(), logit(2).exp()];
                let p = |weights: &[f64], code: usize| weights[code] / weights.iter().sum::<f64>();
                p(&binary, code[1]).ln() + p(&ternary, code[0]).ln()
            })
            .collect();
        let found = host(model.log_prob(codes(&all, &device)));
        assert_close(&found, &wanted, 1e-12);
    }
}

#[test]
fn the_untrained_model_is_that_of_independent_smoothed_frequencies() {
    for device in cpu_devices() {
        for (dtype, tolerance) in DTYPES {
            let rows = [[0, 2], [1, 0], [1, 2], [0, 2], [1, 2]].map(|row| row.to_vec());
            let config = CategoricalConfig::new(vec![2, 4]).with_smoothing(0.25);
            let of = |rows: &[Vec<usize>], weights: Option<&[f64]>| {
                let model = cast(config.init(&device), dtype).unwrap();
                let model = model.initialize(&codes(rows, &device), weights).unwrap();
                host(model.log_prob(codes(&all_codes(&[2, 4]), &device)))
            };
            let counts = [vec![2.0, 3.0], vec![1.0, 0.0, 4.0, 0.0]];
            let p = |variable: usize, code: usize| {
                let levels = counts[variable].len() as f64;
                (counts[variable][code] + 0.25) / (5.0 + 0.25 * levels)
            };
            let all = all_codes(&[2, 4]).into_iter();
            let wanted: Vec<f64> = all
                .map(|code| (p(0, code[0]) * p(1, code[1])).ln())
                .collect();
            assert_close(&of(&rows, None), &wanted, tolerance);
            // Weights count up to a factor, and a weight of 0 is no row.
            assert_close(&of(&rows, Some(&[3e-9; 5])), &wanted, tolerance);
            let more = [rows.as_slice(), &[vec![0, 3]]].concat();
            let weights = [7.0, 7.0, 7.0, 7.0, 7.0, 0.0];
            assert_close(&of(&more, Some(&weights)), &wanted, tolerance);
            // (2 + 1 + 1)² / (4 + 1 + 1) = 8/3 effective rows, by 4.
            let found = of(&rows[..3], Some(&[2.0, 1.0, 1.0]));
            let p =
                |count: f64, levels: f64| (count * 2.0 / 3.0 + 0.25) / (8.0 / 3.0 + 0.25 * levels);
            assert_close(&found[..1], &[(p(2.0, 2.0) * p(1.0, 4.0)).ln()], tolerance);
        }
    }
}

#[test]
fn without_a_fit_it_is_uniform() {
    let config = CategoricalConfig::new(vec![2, 3, 7]);
    let device = Device::default();
    let found = host(
        config
            .init(&device)
            .log_prob(codes(&[vec![1, 2, 6]], &device)),
    );
    assert_close(&found, &[-(42f64.ln())], 1e-6);
}

/// The factor of a variable changes with the codes before it in the order, and with no other.
#[test]
fn each_variable_sees_those_before_it() {
    let device = Device::default();
    for order in [vec![0, 1, 2, 3], vec![2, 0, 3, 1]] {
        let config = CategoricalConfig::new(vec![2, 3, 4, 2])
            .with_hidden(vec![24])
            .with_order(order.clone());
        let model = scramble(config.init(&device), 0.8);
        let factors = |code: &[usize]| {
            let code = codes(&[code.to_vec()], &device);
            host(model.log_probs_by_variable(code))
        };
        let first = factors(&[0, 0, 0, 0]);
        for (place, changed) in order.iter().enumerate() {
            let mut code = vec![0; 4];
            code[*changed] = 1;
            let found = factors(&code);
            for (other_place, other) in order.iter().enumerate() {
                let differs = found[*other] != first[*other];
                assert_eq!(differs, other_place >= place, "{other} by {changed}");
            }
        }
    }
}

#[test]
fn the_factors_sum_to_the_whole() {
    for device in cpu_devices() {
        for config in configs() {
            let all = codes(&all_codes(&config.levels), &device);
            let model = scramble(config.init(&device), 0.6);
            let factors = model.log_probs_by_variable(all.clone());
            assert_eq!(factors.dims(), all.dims());
            let sums = host(factors.sum_dim(1));
            assert_close(&sums, &host(model.log_prob(all)), 1e-5);
        }
    }
}

#[test]
fn samples_come_as_often_as_they_are_probable() {
    for device in cpu_devices() {
        for config in configs() {
            let levels = config.levels.clone();
            let model = scramble(config.init(&device), 0.4);
            let n = 20_000;
            let (drawn, said) = model.sample_with_log_prob(n, &mut Noise::seeded(1));
            assert_close(&host(said), &host(model.log_prob(drawn.clone())), 1e-5);
            let mut counts = vec![0.0; levels.iter().product()];
            let numbers: Vec<i64> = drawn.into_data().iter::<i64>().collect();
            for row in numbers.chunks(levels.len()) {
                let place = row
                    .iter()
                    .zip(&levels)
                    .fold(0, |place, (code, levels)| place * levels + *code as usize);
                counts[place] += 1.0;
            }
            let p = host(model.log_prob(codes(&all_codes(&levels), &device)));
            for (count, p) in counts.iter().zip(p) {
                let (found, p) = (count / n as f64, p.exp());
                let deviation = (p * (1.0 - p) / n as f64).sqrt();
                assert!(
                    (found - p).abs() < 5.0 * deviation + 1e-4,
                    "{found}, not {p}"
                );
            }
        }
    }
}

#[test]
fn samples_of_each_condition_stand_together() {
    let device = Device::default();
    let config = CategoricalConfig::new(vec![3, 2]).with_context(1);
    let model = scramble(config.init(&device), 1.0);
    let context = Tensor::<2>::from_floats([[-2.0], [2.0]], &device);
    let drawn = model
        .given(&context)
        .sample_each(4_000, &mut Noise::seeded(2));
    assert_eq!(drawn.dims(), [8_000, 2]);
    for row in 0..2 {
        let part = drawn.clone().narrow(0, row * 4_000, 4_000);
        let context = context.clone().narrow(0, row, 1);
        let frequency = host(part.narrow(1, 0, 1).equal_elem(2).float().mean());
        let with_two = codes(&[vec![2, 0], vec![2, 1]], &device);
        let p: f64 = host(model.given(&context).log_prob(with_two))
            .into_iter()
            .map(f64::exp)
            .sum();
        assert!((frequency[0] - p).abs() < 0.035, "{frequency:?}, not {p}");
    }
}

/// Many rows go through by chunks, few at once.
#[test]
fn any_number_of_rows_is_legal() {
    let device = Device::default();
    let model = scramble(CategoricalConfig::new(vec![2, 3, 2]).init(&device), 0.5);
    let many = model.sample(100_000, &mut Noise::seeded(3));
    let whole = host(model.log_prob(many.clone()));
    let part = host(model.log_prob(many.clone().narrow(0, 70_000, 10)));
    assert_close(&whole[70_000..70_010], &part, 1e-6);
    let first = model.sample(10, &mut Noise::seeded(3));
    assert_eq!(first.into_data(), many.narrow(0, 0, 10).into_data());

    let none = codes(&[], &device).reshape([0, 3]);
    assert_eq!(model.log_prob(none.clone()).dims(), [0]);
    assert_eq!(model.log_probs_by_variable(none.clone()).dims(), [0, 3]);
    assert_eq!(host(model.loss(none)), [0.0]);
    assert_eq!(model.sample(0, &mut Noise::seeded(0)).dims(), [0, 3]);
}

#[test]
fn a_loaded_model_gives_the_same_probabilities_to_the_bit() {
    for device in cpu_devices() {
        for config in configs() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let all = codes(&all_codes(&config.levels), &device);
            let model = scramble(config.clone().init(&device), 0.5);
            model.save(&path).unwrap();
            let loaded = Categorical::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            assert_eq!(
                host(loaded.log_prob(all.clone())),
                host(model.log_prob(all.clone()))
            );

            let config = config.with_context(3);
            let model = scramble(config.init(&device), 0.5);
            model.save(&path).unwrap();
            let loaded = ConditionalCategorical::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            let context = Tensor::ones([1, 3], &device);
            let nats =
                |model: &ConditionalCategorical| host(model.given(&context).log_prob(all.clone()));
            assert_eq!(nats(&loaded), nats(&model));
            assert!(Categorical::load(&path, &device).is_err());
        }
    }
}

#[test]
fn a_sample_takes_a_step_for_each_variable() {
    let cost = |levels: &[usize]| CategoricalConfig::new(levels.to_vec()).sampling_cost();
    let sample = Passes::Incremental { features: 3 };
    assert_eq!(
        cost(&[2, 2, 5]),
        SamplingCost {
            density: Passes::One,
            sample
        }
    );
    assert_eq!(cost(&[4]), SamplingCost::ONE_PASS);
}
