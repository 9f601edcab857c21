//! Gradients of categorical models, weights of rows, and that they learn known distributions.

use crate::categorical::{all_codes, codes};
use crate::common::{assert_close, gradients, host};
use burn::module::{Module, ModuleMapper, Param};
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_data::Batches;
use thalweg_device::cpu_devices;
use thalweg_flow::{Activation, Noise};
use thalweg_laws::{cast, scramble};
use thalweg_models::{Categorical, CategoricalConfig, ConditionalCategorical};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

/// Adds `step` to the number `index` among those of all parameters.
struct Shift {
    index: usize,
    step: f64,
    seen: usize,
}

impl ModuleMapper for Shift {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let first = self.seen;
        param.map(|tensor| {
            let (shape, device, dtype) = (tensor.dims(), tensor.device(), tensor.dtype());
            let mut numbers: Vec<f64> = tensor.into_data().iter::<f64>().collect();
            self.seen += numbers.len();
            if (first..self.seen).contains(&self.index) {
                numbers[self.index - first] += self.step;
            }
            let data = burn::tensor::TensorData::new(numbers, shape);
            Tensor::from_data(data, (&device, dtype))
        })
    }
}

/// Each gradient is the slope, 0 under a mask and not 0 elsewhere.
#[test]
fn gradients_are_slopes() {
    for device in cpu_devices() {
        let config = CategoricalConfig::new(vec![2, 3, 3])
            .with_hidden(vec![6])
            .with_activation(Activation::Tanh);
        let model = cast(scramble(config.init(&device), 0.7), DType::F64).unwrap();
        let all = codes(&all_codes(&[2, 3, 3]), &device);
        let weights = Noise::seeded(1).uniform([18], &device, DType::F64);
        let loss = |model: &Categorical| model.loss_weighted(all.clone(), weights.clone());
        let trained = model.clone().train();
        let found = gradients(&trained, &loss(&trained).backward());
        // Those of weights come transposed, [outputs, inputs].
        let mut slopes = vec![];
        let count: usize = found.values().map(Vec::len).sum();
        for index in 0..count {
            let at = |step: f64| {
                let mut shift = Shift {
                    index,
                    step,
                    seen: 0,
                };
                host(loss(&model.clone().map(&mut shift)))[0]
            };
            slopes.push((at(1e-5) - at(-1e-5)) / 2e-5);
        }
        // Parameters in the order of the module: weights, then biases, of each layer.
        let transposed = |numbers: &[f64], inputs: usize| -> Vec<f64> {
            let outputs = numbers.len() / inputs;
            let at = |k: usize| numbers[k % outputs * inputs + k / outputs];
            (0..numbers.len()).map(at).collect()
        };
        let of = |name: &str| found[&format!("network.layers.{name}")].clone();
        let wanted = [
            transposed(&of("0.weight"), 5),
            of("0.bias"),
            transposed(&of("1.weight"), 6),
            of("1.bias"),
        ]
        .concat();
        assert_close(&slopes, &wanted, 1e-7);
        // Three hidden units see one input and three see three; each output of the middle variable is seen by
        // three, of the last by six.
        let unmasked = 3 + 3 * 3 + 6 + 2 * 3 + 2 * 6 + 5;
        let nonzero = wanted.iter().filter(|slope| slope.abs() > 1e-9).count();
        assert_eq!(nonzero, unmasked);
    }
}

#[test]
fn a_weight_counts_as_repeated_rows() {
    let device = Device::default();
    let model = scramble(CategoricalConfig::new(vec![2, 3]).init(&device), 0.5);
    let rows = codes(&[vec![0, 0], vec![1, 2], vec![0, 1]], &device);
    let weights = Tensor::<1>::from_floats([4.0, 0.0, 2.0], &device);
    let twice = codes(&[vec![0, 0], vec![0, 0], vec![0, 1]], &device);
    let found = host(model.loss_weighted(rows.clone(), weights));
    assert_close(&found, &host(model.loss(twice)), 1e-6);
    let nothing = Tensor::<1>::zeros([3], &device);
    assert_eq!(host(model.loss_weighted(rows, nothing)), [0.0]);
}

#[test]
#[should_panic(expected = "one weight for each of 2 rows, got 1")]
fn a_weight_for_each_row_is_needed() {
    let device = Device::default();
    let model = CategoricalConfig::new(vec![2]).init(&device);
    let rows = codes(&[vec![0], vec![1]], &device);
    model.loss_weighted(rows, Tensor::ones([1], &device));
}

/// A joint distribution of three variables, far from independent.
fn joint(levels: &[usize], sharpness: f64) -> Vec<f64> {
    let raw = all_codes(levels).into_iter().map(|code| {
        let phase: usize = code
            .iter()
            .enumerate()
            .map(|(k, c)| (k + 2) * c * (c + 1))
            .sum();
        (sharpness * (phase as f64).sin()).exp()
    });
    let raw: Vec<f64> = raw.collect();
    let total: f64 = raw.iter().sum();
    raw.into_iter().map(|p| p / total).collect()
}

/// Rows as often as their probability says: the error of a fit is then that of the model, not of the sample.
fn rows_of(levels: &[usize], p: &[f64], rows: usize) -> Vec<Vec<usize>> {
    let each = all_codes(levels).into_iter().zip(p);
    let repeat = |(code, p): (Vec<usize>, &f64)| vec![code; (p * rows as f64).round() as usize];
    each.flat_map(repeat).collect()
}

/// `Σ p ln (p / q)`.
fn divergence(p: &[f64], log_q: &[f64]) -> f64 {
    p.iter()
        .zip(log_q)
        .map(|(p, log_q)| p * (p.ln() - log_q))
        .sum()
}

#[test]
fn a_known_joint_distribution_is_recovered() {
    let device = Device::default();
    let levels = [3, 2, 4];
    let p = joint(&levels, 1.5);
    let all = codes(&all_codes(&levels), &device);
    for order in [vec![], vec![2, 0, 1]] {
        let rows = codes(&rows_of(&levels, &p, 4_000), &device);
        let config = CategoricalConfig::new(levels.to_vec())
            .with_hidden(vec![32])
            .with_order(order);
        let model = config.init(&device.clone().autodiff());
        let model = model.initialize(&rows, None).unwrap();
        let before = divergence(&p, &host(model.valid().log_prob(all.clone())));
        let batches = Batches::new(rows.float(), 250, 0);
        let run = Trainer::new(20, 1e-2).fit(
            model,
            SingleGradient::new(AdamConfig::new().init()),
            &Data::train(|epoch| batches.epoch(epoch)),
            |model: &Categorical, x: Tensor<2>, _| model.loss(x.int()),
            &mut (),
        );
        let after = divergence(&p, &host(run.into_best().valid().log_prob(all.clone())));
        assert!(
            before > 0.2 && after < 0.02,
            "{before} nats before, {after} after"
        );
    }
}

#[test]
fn a_known_conditional_distribution_is_recovered() {
    let device = Device::default();
    let levels = [2, 3];
    let all = codes(&all_codes(&levels), &device);
    let p = [joint(&levels, 1.5), joint(&levels, -1.0)];
    let of = |x: f32| Tensor::<2>::from_floats([[x]], &device);
    let parts = [(&p[0], -1.0), (&p[1], 1.0)].map(|(p, x)| {
        let rows = codes(&rows_of(&levels, p, 2_000), &device).float();
        let context = of(x).expand([rows.dims()[0], 1]);
        Tensor::cat(vec![rows, context], 1)
    });
    let model = CategoricalConfig::new(levels.to_vec())
        .with_hidden(vec![16])
        .with_context(1)
        .init(&device.clone().autodiff());
    let batches = Batches::new(Tensor::cat(parts.to_vec(), 0), 250, 0);
    let run = Trainer::new(20, 1e-2).fit(
        model,
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |model: &ConditionalCategorical, x: Tensor<2>, _| {
            let (codes, context) = (x.clone().narrow(1, 0, 2), x.narrow(1, 2, 1));
            model.given(&context).loss(codes.int())
        },
        &mut (),
    );
    let model = run.into_best().valid();
    for (p, x) in [(&p[0], -1.0), (&p[1], 1.0)] {
        let found = divergence(p, &host(model.given(&of(x)).log_prob(all.clone())));
        assert!(found < 0.02, "{found} nats at {x}");
    }
}

/// Rows are one of two patterns of 300 codes, of which one in ten is another level.
#[test]
fn a_wide_table_is_learned_and_sampled() {
    let device = Device::default();
    let (variables, rows) = (300, 400);
    let u: Tensor<2> = Noise::seeded(5).uniform([rows, variables + 1], &device, DType::F32);
    let row = |u: &[f64]| -> Vec<usize> {
        let pattern = |k: usize| k.is_multiple_of(2) ^ (u[0] < 0.5);
        let code = |(k, u): (usize, &f64)| usize::from(pattern(k) ^ (*u < 0.1));
        u[1..].iter().enumerate().map(code).collect()
    };
    let data: Vec<Vec<usize>> = host(u).chunks(variables + 1).map(row).collect();
    let data = codes(&data, &device);
    let config = CategoricalConfig::new(vec![2; variables]).with_hidden(vec![128]);
    let model = config.init(&device.clone().autodiff());
    let model = model.initialize(&data, None).unwrap();
    let held_out = data.clone().narrow(0, 300, 100);
    let nats = |model: &Categorical| {
        let all = host(model.log_prob(held_out.clone()));
        all.iter().sum::<f64>() / all.len() as f64
    };
    let before = nats(&model.valid());
    let batches = Batches::new(data.narrow(0, 0, 300).float(), 100, 0);
    let run = Trainer::new(8, 3e-3).fit(
        model,
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |model: &Categorical, x: Tensor<2>, _| model.loss(x.int()),
        &mut (),
    );
    let model = run.into_best().valid();
    let after = nats(&model);
    // Independent variables have 300 ln 2 = 208 nats, the patterns 300 · 0.325 + ln 2 = 98.
    assert!(
        before < -200.0 && after > -125.0,
        "{before} nats before, {after} after"
    );
    let (drawn, said): (Tensor<2, Int>, _) = model.sample_with_log_prob(50, &mut Noise::seeded(1));
    assert_close(&host(said), &host(model.log_prob(drawn)), 1e-4);
}
