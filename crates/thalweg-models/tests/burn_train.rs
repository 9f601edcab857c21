//! The models in burn-train's loop, on two devices.

use std::sync::Arc;

use burn::data::dataloader::DataLoader;
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{DType, Device, Int, Tensor};
use burn_train::metric::LossMetric;
use burn_train::{
    ExecutionStrategy, InferenceStep, Learner, MultiDeviceOptim, SupervisedTraining, TrainStep,
};
use tempfile::TempDir;
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_models::burn_train::{DistributedError, Loader, Seeded, distributed};
use thalweg_models::vib::VibLoss;
use thalweg_models::{
    AutoregressiveFlowConfig, CategoricalConfig, ContinuousFlowConfig, CouplingFlow,
    CouplingFlowConfig, NiceConfig, VibConfig,
};

const RATE: f64 = 0.01;
const BATCH: usize = 4;
const EPOCHS: usize = 2;

fn rows(device: &Device) -> Tensor<2> {
    Noise::seeded(5).normal([24, 2], device, DType::F32)
}

fn flow(device: &Device) -> CouplingFlow {
    let config = CouplingFlowConfig::realnvp(2)
        .with_couplings(2)
        .with_hidden(vec![8]);
    config.init(&device.clone().autodiff())
}

fn sgd() -> ModuleOptimizer {
    SgdConfig::new().init()
}

fn density(flow: &CouplingFlow, device: &Device) -> Vec<f32> {
    let log_prob = flow.valid().log_prob(rows(device));
    log_prob.try_into_vec_as::<f32>().expect("numbers")
}

/// What Burn's two devices are to do, by hand on one: each has half of the rows, and a step is the
/// mean over a batch of each.
fn by_hand(device: &Device) -> CouplingFlow {
    let halves = [0, 12].map(|start| Loader::new(rows(device), BATCH, 0).slice(start, start + 12));
    let (mut flow, mut optimizer) = (flow(device), sgd());
    for _ in 0..EPOCHS {
        let [first, second] = &halves;
        for (a, b) in first.iter().zip(second.iter()) {
            let [a, b] = [a, b].map(|batch| batch.expect("a batch").rows);
            let joint = Tensor::cat(vec![a, b], 0);
            let gradients = GradientsParams::from_grads(flow.loss(joint).backward(), &flow);
            flow = optimizer.step(RATE, flow, gradients);
        }
    }
    flow
}

#[test]
fn two_devices_make_the_step_of_one_on_both_batches() {
    let devices = cpu_devices();
    let main = &devices[0];
    if devices.len() == 1 {
        println!("skipped for two backends: one is compiled in");
    }
    // The first one beside itself, and beside each other one.
    for devices in devices.iter().map(|other| [main, other]) {
        let folder = TempDir::new().expect("a folder");
        let loader = || Arc::new(Loader::new(rows(main), BATCH, 0));
        let train = devices.map(|device| device.clone().autodiff()).to_vec();
        // Burn adds the devices' mean gradients up.
        let rate = RATE / devices.len() as f64;
        let result = SupervisedTraining::new(folder.path(), loader(), loader())
            .metrics((LossMetric::new(),))
            .num_epochs(EPOCHS)
            .with_training_strategy(
                ExecutionStrategy::multi(train, MultiDeviceOptim::OptimMainDevice).into(),
            )
            .launch(Learner::new(flow(main), sgd(), rate));
        let (found, expected) = (density(&result.model, main), density(&by_hand(main), main));
        assert_ne!(expected, density(&flow(main), main), "nothing was learned");
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5, "{found} not {expected}");
        }
    }
}

#[test]
fn a_step_is_the_loss_of_its_seed() {
    let device = Device::default();
    let nice = NiceConfig::paper(4, 17)
        .with_hidden(8)
        .init(&device.clone().autodiff());
    let rows = Tensor::<2>::ones([3, 4], &device);
    let item = |seed| Seeded {
        rows: rows.clone(),
        seed,
    };
    let value = |seed| {
        InferenceStep::step(&nice, item(seed))
            .loss
            .into_scalar::<f64>()
    };
    let loss = nice.loss(rows.clone(), &mut Noise::seeded(7)).unwrap();
    assert_eq!(value(7), loss.into_scalar::<f64>());
    assert_ne!(value(7), value(8));
    assert!(!TrainStep::step(&nice, item(7)).grads.is_empty());
}

/// The step of each flow of vectors is its loss, with and without a condition.
#[test]
fn flows_of_vectors_take_rows_and_conditions() {
    let device = Device::default();
    let training = device.clone().autodiff();
    let x: Tensor<2> = Noise::seeded(1).normal([6, 2], &device, DType::F32);
    let context: Tensor<2> = Noise::seeded(2).normal([6, 3], &device, DType::F32);
    let alone = || Seeded {
        rows: x.clone(),
        seed: 7,
    };
    let pair = || Seeded {
        rows: (x.clone(), context.clone()),
        seed: 7,
    };
    let noise = || Noise::seeded(7);
    macro_rules! same {
        ($config:expr, |$flow:ident| $loss:expr, |$given:ident| $given_loss:expr) => {{
            let $flow = $config.init(&training);
            let step = TrainStep::step(&$flow, alone());
            assert_eq!(step.item.loss.into_data(), $loss.into_data());
            assert!(!step.grads.is_empty());
            let model = $config.with_context(3).init(&training);
            let $given = model.given(&context);
            let step = TrainStep::step(&model, pair());
            assert_eq!(step.item.loss.into_data(), $given_loss.into_data());
            assert!(!step.grads.is_empty());
        }};
    }
    same!(
        CouplingFlowConfig::nsf(2).with_hidden(vec![8]),
        |flow| flow.loss(x.clone()),
        |given| given.loss(x.clone())
    );
    same!(
        AutoregressiveFlowConfig::nsf_ar(2).with_hidden(vec![8]),
        |flow| flow.loss(x.clone()),
        |given| given.loss(x.clone())
    );
    same!(
        ContinuousFlowConfig::flow_matching(2).with_hidden(vec![8]),
        |flow| flow.loss(x.clone(), &mut noise()).expect("a loss"),
        |given| given.loss(x.clone(), &mut noise()).expect("a loss")
    );
}

#[test]
fn models_of_categories_take_codes() {
    let device = Device::default();
    let training = device.clone().autodiff();
    let rows = Tensor::<2, Int>::from_ints([[0, 2], [1, 0], [1, 1]], &device);
    let seed = 0;
    let config = CategoricalConfig::new(vec![2, 3]).with_hidden(vec![4]);
    let model = config.init(&training);
    let expected = model.loss(rows.clone());
    let loader = Loader::new(rows.clone(), 3, 0);
    assert_eq!(loader.num_items(), 3);
    let step = TrainStep::step(
        &model,
        Seeded {
            rows: rows.clone(),
            seed,
        },
    );
    assert_eq!(step.item.loss.into_data(), expected.into_data());
    assert!(!step.grads.is_empty());

    let model = config.with_context(1).init(&training);
    let context = Tensor::<2>::from_floats([[0.5], [1.0], [-2.0]], &device);
    let expected = model.given(&context).loss(rows.clone());
    let step = TrainStep::step(
        &model,
        Seeded {
            rows: (rows, context),
            seed,
        },
    );
    assert_eq!(step.item.loss.into_data(), expected.into_data());
    assert!(!step.grads.is_empty());
}

#[test]
fn models_given_labels_take_pairs_of_rows() {
    let device = Device::default();
    let labels = Tensor::<1, Int>::from_ints([0, 1, 2, 1, 0], &device);
    let rows = Tensor::<2>::ones([5, 16], &device);
    let vib = VibConfig::new(16, 3)
        .with_hidden(vec![8])
        .init(&device.clone().autodiff());
    let loader = Loader::new((rows.clone(), labels.clone()), 5, 0).slice(1, 5);
    let batch = loader.iter().next().expect("a batch").expect("rows");
    let (x, y) = batch.rows.clone();
    assert_eq!((x.dims(), y.dims(), loader.num_items()), ([4, 16], [4], 4));
    let seen: Vec<i64> = y.clone().into_data().iter().collect();
    assert_eq!(
        {
            let mut seen = seen;
            seen.sort_unstable();
            seen
        },
        [0, 1, 1, 2]
    );
    let expected = vib
        .loss(x, y, &VibLoss::default(), &mut Noise::seeded(batch.seed))
        .unwrap();
    let output = TrainStep::step(&vib, batch);
    let losses = [expected, output.item.loss].map(|loss| loss.into_scalar::<f64>());
    assert_eq!(losses[0], losses[1]);
    assert!(!output.grads.is_empty());
}

#[test]
fn a_loader_deals_out_every_row_in_each_epoch_with_seeds_of_its_own() {
    let device = Device::default();
    let loader = Loader::new(rows(&device), 5, 3);
    let epoch = || -> (Vec<f32>, Vec<u64>, Vec<usize>) {
        let batches: Vec<Seeded<Tensor<2>>> =
            loader.iter().map(|batch| batch.expect("a batch")).collect();
        let values = batches.iter().flat_map(|batch| {
            let values = batch.rows.clone().try_into_vec_as::<f32>();
            values.expect("numbers")
        });
        let seeds = batches.iter().map(|batch| batch.seed).collect();
        let sizes = batches.iter().map(|batch| batch.rows.dims()[0]).collect();
        (values.collect(), seeds, sizes)
    };
    let (mut first, first_seeds, sizes) = epoch();
    let (mut second, second_seeds, _) = epoch();
    assert_eq!(sizes, [5, 5, 5, 5, 4]);
    assert_ne!(first, second);
    let mut all = rows(&device).try_into_vec_as::<f32>().expect("numbers");
    for values in [&mut first, &mut second, &mut all] {
        values.sort_by(f32::total_cmp);
    }
    assert_eq!((&first, &second), (&all, &all));
    assert!(first_seeds.iter().all(|seed| !second_seeds.contains(seed)));
}

#[test]
fn no_collectives_is_an_error_and_no_panic() {
    let devices = cpu_devices();
    let error = distributed(devices).map(|_| ()).expect_err("a CPU");
    let message = error.to_string();
    assert!(
        message.contains("which Burn 0.22 has for CUDA alone, not for Device<"),
        "{message}"
    );
    assert_eq!(
        distributed(vec![]).map(|_| ()),
        Err(DistributedError::NoDevices)
    );
}
