//! Many rows, which models take by chunks, give what the batch as a whole gives: on an autodiff device a model
//! keeps its batch whole. Wide layers make the chunks small.

use crate::common::{assert_close, host, levels};
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_flow::{Activation, Integration, Noise, Scheme, Variable};
use thalweg_laws::scramble;
use thalweg_models::vae::VaeNetwork;
use thalweg_models::variational::KlForm;
use thalweg_models::{
    ConditionalVaeConfig, ContinuousFlowConfig, CouplingFlowConfig, FvaeConfig, ImageSize,
    NiceConfig, VaeConfig,
};

/// Chunks of 64 rows for fused operations, and 16 of those divide a batch.
const WIDE: usize = 1 << 13;
const ROWS: usize = 15 * 64 + 10;

fn normal(shape: [usize; 2], seed: u64) -> Tensor<2> {
    Noise::seeded(seed).normal(shape, &Device::default(), DType::F32)
}

/// The numbers of a tensor of either device.
fn plain<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    match x.is_autodiff() {
        true => host(x.inner()),
        false => host(x),
    }
}

fn both<T>(make: impl Fn(&Device) -> T) -> [T; 2] {
    let device = Device::default();
    [make(&device), make(&device.clone().autodiff())]
}

/// Asserts that several results of two models are alike.
fn assert_alike<const N: usize>(results: impl Fn(usize) -> [Vec<f64>; N], tolerance: f64) {
    let (chunked, whole) = (results(0), results(1));
    for (chunked, whole) in chunked.iter().zip(&whole) {
        assert!(!chunked.is_empty());
        assert_close(chunked, whole, tolerance);
    }
}

#[test]
fn vectors_under_a_condition() {
    let config = CouplingFlowConfig::realnvp(3).with_couplings(2);
    let config = config.with_hidden(vec![WIDE]).with_context(2);
    let models = both(|device| scramble(config.init(device), 0.01));
    for conditions in [1, ROWS] {
        let (x, context) = (normal([ROWS, 3], 1), normal([conditions, 2], 2));
        assert_alike(
            |index| {
                let given = models[index].given(&context);
                [
                    plain(given.log_prob(x.clone())),
                    plain(given.encode(x.clone())),
                    plain(given.decode(x.clone())),
                    plain(given.sample(ROWS, 0.8, &mut Noise::seeded(3))),
                ]
            },
            1e-4,
        );
        let given = models[0].given(&context);
        let batched = given.log_probs(&x, 100).expect("finite");
        assert_close(&batched, &plain(given.log_prob(x)), 1e-4);
    }
    let context = normal([2, 2], 2);
    let draws = |index: usize| {
        let given = models[index].given(&context);
        [plain(given.sample_each(
            ROWS / 2,
            1.0,
            &mut Noise::seeded(4),
        ))]
    };
    assert_alike(draws, 1e-4);
}

#[test]
fn continuous_flows_within_their_tolerance() {
    let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![64, 64]);
    let models = both(|device| scramble(config.init(device), 0.2));
    // The exact divergence of two hidden layers is cheap: 4,096 rows a chunk.
    let rows = 4096 + 1;
    let x = normal([rows, 2], 1);
    let fixed = Integration::fixed(Scheme::Rk4, 3);
    let evaluate = |index: usize, integration| {
        let found = models[index].evaluate_with(x.clone(), integration);
        let found = found.expect("no stiff field");
        (plain(found.log_prob), found.report)
    };
    let (chunked, whole) = (evaluate(0, fixed), evaluate(1, fixed));
    assert_close(&chunked.0, &whole.0, 1e-5);
    assert_eq!(chunked.1, whole.1);
    let adaptive = Integration::adaptive(Scheme::DormandPrince, 1e-5);
    let (chunked, whole) = (evaluate(0, adaptive), evaluate(1, adaptive));
    assert_close(&chunked.0, &whole.0, 1e-3);
    assert!(chunked.1.evaluations > 0);

    let [wide, wide_whole] = both(|device| {
        let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![WIDE]);
        scramble(config.init(device), 0.01)
    });
    let sample = |model: &thalweg_models::ContinuousFlow| {
        let noise = &mut Noise::seeded(2);
        let samples = model.sample_with(ROWS, fixed, 1.0, noise);
        let path = model.path(ROWS, &[0.5, 1.0], 1.0, noise).expect("finite");
        let path: Vec<f64> = path.into_iter().flat_map(plain).collect();
        (plain(samples.expect("no stiff field")), path)
    };
    let (found, wanted) = (sample(&wide), sample(&wide_whole));
    assert_close(&found.0, &wanted.0, 1e-5);
    assert_close(&found.1, &wanted.1, 1e-3);
}

#[test]
fn levels_with_their_noise() {
    let device = Device::default();
    let config = NiceConfig::paper(8, 17).with_hidden(WIDE).with_depth(1);
    let models = both(|device| scramble(config.init(device), 0.01));
    let x = levels([ROWS, 8], 17, 1, &device);
    assert_alike(
        |index| {
            let (model, noise) = (&models[index], &mut Noise::seeded(2));
            let log_prob = model.log_prob(x.clone(), noise).expect("levels");
            let codes = model.encode_levels(x.clone(), noise).expect("levels");
            [
                plain(log_prob),
                codes.rows().into_iter().flat_map(plain).collect(),
                plain(model.sample(ROWS, 1.0, noise)),
            ]
        },
        1e-4,
    );
}

#[test]
fn autoencoders_of_labelled_images() {
    let device = Device::default();
    let vae = VaeConfig::bernoulli(ImageSize::new([1, 2, 2]).with_levels(17), 2);
    let vae = vae.with_network(VaeNetwork::Mlp {
        hidden: vec![WIDE],
        activation: Activation::Tanh,
    });
    let models = both(|device| ConditionalVaeConfig::new(vae.clone(), 3).init(device));
    let x = levels([ROWS, 4], 17, 1, &device);
    let labels: Vec<i64> = (0..ROWS as i64).map(|row| row % 3).collect();
    let labels = Tensor::<1, Int>::from_ints(labels.as_slice(), &device);
    assert_alike(
        |index| {
            let (model, noise) = (&models[index], &mut Noise::seeded(2));
            let elbo = model.elbo(x.clone(), &labels, KlForm::Analytic, noise);
            [
                plain(elbo.expect("levels").bound()),
                model
                    .importance(x.clone(), &labels, 2, noise)
                    .expect("levels"),
                plain(model.sample(ROWS, &labels, 1.0, noise)),
            ]
        },
        1e-4,
    );
}

#[test]
fn the_bound_of_an_f_vae() {
    let device = Device::default();
    let config = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16]));
    let [chunked, whole] = both(|device| config.init(device));
    // Enough rows for 16 chunks of 16, the smallest.
    let rows = 257;
    let numbers = levels([rows, 3 * 16 * 16], 256, 1, &device);
    let x: Tensor<4> = numbers.reshape([rows, 3, 16, 16]);
    let bound = |model: &thalweg_models::Fvae| {
        let found = model.bound(x.clone(), &mut Noise::seeded(2));
        plain(found.expect("levels"))
    };
    assert_close(&bound(&chunked), &bound(&whole), 1e-4);
}
