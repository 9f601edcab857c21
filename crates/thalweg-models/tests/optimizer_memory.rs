//! A model that is loaded goes on with the optimizer's memory that was saved beside it.
#![allow(clippy::unwrap_used)] // a helper of tests may panic as they do

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::tensor::{DType, Device, Int, Tensor};
use common::{levels, parameters};
use safetensors::SafeTensors;
use thalweg_flow::Noise;
use thalweg_flow::parameter::fresh_ids;
use thalweg_flow::precision::cast;
use thalweg_models::variational::ElboLoss;
use thalweg_models::vib::VibLoss;
use thalweg_models::{
    AutoregressiveFlow, AutoregressiveFlowConfig, ConditionalAutoregressiveFlow,
    ConditionalContinuousFlow, ConditionalCouplingFlow, ConditionalGlow, ConditionalGlowConfig,
    ConditionalVae, ConditionalVaeConfig, ContinuousFlow, ContinuousFlowConfig, CouplingFlow,
    CouplingFlowConfig, Fvae, FvaeConfig, Glow, GlowConfig, ImageSize, ModelFileError, Nice,
    NiceConfig, RealNvp, RealNvpConfig, Vae, VaeConfig, Vib, VibConfig,
};

const STEPS: u64 = 5;

/// The ids of all parameters, in order.
fn ids<M: Module>(module: &M) -> Vec<ParamId> {
    #[derive(Default)]
    struct Read(Vec<ParamId>);
    impl ModuleVisitor for Read {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.id);
        }

        fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
            self.0.push(param.id);
        }
    }
    let mut read = Read::default();
    module.visit(&mut read);
    read.0
}

fn adam() -> ModuleOptimizer {
    AdamConfig::new().init()
}

/// The model after the steps of some seeds.
fn train<M: Module>(
    mut model: M,
    optimizer: &mut ModuleOptimizer,
    seeds: std::ops::Range<u64>,
    loss: &impl Fn(&M, u64) -> Tensor<1>,
) -> M {
    for seed in seeds {
        let gradients = loss(&model, seed).backward();
        let gradients = GradientsParams::from_grads(gradients, &model);
        model = optimizer.step(1e-2, model, gradients);
    }
    model
}

type Load<M> = fn(&Path, &Device) -> Result<M, ModelFileError>;

/// Trains a model without a break, and with one in which model and memory go to files and nothing else
/// is left of them.
fn goes_on_to_the_bit<M: Module>(
    dtype: DType,
    model: M,
    save: impl Fn(&M, &Path) -> Result<(), ModelFileError>,
    load: Load<M>,
    loss: impl Fn(&M, u64) -> Tensor<1>,
) {
    let device = model.devices()[0].clone();
    let mut without = adam();
    let half = train(model, &mut without, 0..STEPS, &loss);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save(&half, &path).unwrap();
    let record = without.to_record().into_bytes().unwrap();
    let (size, wanted_ids) = (record.len(), ids(&half));
    let kept = without.clone();
    let wanted = train(half, &mut without, STEPS..2 * STEPS, &loss);

    let loaded = load(&path, &device).unwrap();
    assert_eq!(ids(&loaded), wanted_ids);
    let mut with = match dtype {
        // Burn 0.22.1 reads the numbers of a record as f32, so in f64 the memory stays where it is.
        DType::F64 => kept,
        _ => adam().load_record(OptimizerRecord::from_bytes(record).unwrap()),
    };
    let found = train(loaded, &mut with, STEPS..2 * STEPS, &loss);
    assert_eq!(parameters(&found), parameters(&wanted));
    let grown = with.to_record().into_bytes().unwrap().len();
    // Beside the numbers a few bytes of padding, which depend on the order of the parameters.
    assert!(
        grown < size + size / 5,
        "the record of {size} bytes grew to {grown}"
    );
}

fn size() -> ImageSize {
    ImageSize::new([1, 8, 8]).with_levels(17)
}

fn training() -> Device {
    Device::default().autodiff()
}

fn rows(features: usize, dtype: DType) -> Tensor<2> {
    levels([6, features], 17, 3, &Device::default()).cast(dtype)
}

fn images(dtype: DType) -> Tensor<4> {
    rows(64, dtype).reshape([6, 1, 8, 8])
}

fn labels() -> Tensor<1, Int> {
    Tensor::from_ints([0, 2, 1, 1, 0, 2], &Device::default())
}

fn glow() -> GlowConfig {
    GlowConfig::openai(size())
        .with_scales(2)
        .with_depth(1)
        .with_hidden(6)
}

macro_rules! models {
    ($($name:ident: $model:ty, $config:expr, |$this:ident, $dtype:ident, $noise:ident| $loss:expr;)*) => {$(
        #[test]
        fn $name() {
            for dtype in DTYPES {
                let model = cast($config.init(&training()), dtype).unwrap();
                goes_on_to_the_bit::<$model>(
                    dtype,
                    model,
                    |model, path| model.save(path),
                    |path, device| <$model>::load(path, device),
                    |$this, seed| {
                        let ($dtype, $noise) = (dtype, &mut Noise::seeded(seed));
                        $loss
                    },
                );
            }
        }
    )*};
}

const DTYPES: [DType; 2] = [DType::F32, DType::F64];

models! {
    a_coupling_flow: CouplingFlow, CouplingFlowConfig::realnvp(3).with_hidden(vec![8]),
        |flow, dtype, _noise| flow.loss(rows(3, dtype));
    a_spline_flow: CouplingFlow, CouplingFlowConfig::nsf(3).with_hidden(vec![8]).with_couplings(2),
        |flow, dtype, _noise| flow.loss(rows(3, dtype));
    an_autoregressive_flow: AutoregressiveFlow,
        AutoregressiveFlowConfig::nsf_ar(3).with_hidden(vec![8]).with_transforms(2),
        |flow, dtype, _noise| flow.loss(rows(3, dtype));
    a_flow_of_one_feature: CouplingFlow, CouplingFlowConfig::nsf(1).with_couplings(2),
        |flow, dtype, _noise| flow.loss(rows(1, dtype));
    a_continuous_flow: ContinuousFlow, ContinuousFlowConfig::flow_matching(3).with_hidden(vec![8]),
        |flow, dtype, noise| flow.loss(rows(3, dtype), noise).unwrap();
    a_conditional_coupling_flow: ConditionalCouplingFlow,
        CouplingFlowConfig::nsf(3).with_hidden(vec![8]).with_couplings(2).with_context(2),
        |flow, dtype, _noise| flow.given(&rows(2, dtype)).loss(rows(3, dtype));
    a_conditional_autoregressive_flow: ConditionalAutoregressiveFlow,
        AutoregressiveFlowConfig::maf(3).with_hidden(vec![8]).with_transforms(2).with_context(2),
        |flow, dtype, _noise| flow.given(&rows(2, dtype)).loss(rows(3, dtype));
    a_conditional_continuous_flow: ConditionalContinuousFlow,
        ContinuousFlowConfig::flow_matching(3).with_hidden(vec![8]).with_context(2),
        |flow, dtype, noise| flow.given(&rows(2, dtype)).loss(rows(3, dtype), noise).unwrap();
    a_nice: Nice, NiceConfig::paper(6, 17).with_hidden(8),
        |nice, dtype, noise| nice.loss(rows(6, dtype), noise).unwrap();
    a_glow: Glow, glow(), |glow, dtype, noise| glow.loss(images(dtype), noise).unwrap();
    a_realnvp: RealNvp, RealNvpConfig::paper(size()).with_scales(2).with_hidden(4).with_blocks(1),
        |flow, dtype, noise| flow.loss(images(dtype), noise).unwrap();
    a_conditional_glow: ConditionalGlow, ConditionalGlowConfig::new(glow(), 3),
        |glow, dtype, noise| glow.given(&labels()).loss(images(dtype), noise).unwrap();
    a_vae: Vae, VaeConfig::bernoulli(size(), 2), |vae, dtype, noise| {
        vae.loss(rows(64, dtype), &(), &ElboLoss::default(), noise).unwrap()
    };
    a_conditional_vae: ConditionalVae,
        ConditionalVaeConfig::new(VaeConfig::bernoulli(size(), 2), 3), |vae, dtype, noise| {
        vae.loss(rows(64, dtype), &labels(), &ElboLoss::default(), noise).unwrap()
    };
    an_fvae: Fvae, fvae(), |fvae, dtype, noise| fvae.loss(images(dtype), noise).unwrap();
    a_vib: Vib, VibConfig::new(4, 3).with_hidden(vec![8]).with_width(2), |vib, dtype, noise| {
        vib.loss(rows(4, dtype), labels(), &VibLoss::new(1e-3), noise).unwrap()
    };
}

fn fvae() -> FvaeConfig {
    let mut config = FvaeConfig::fvae_small(size()).with_stages(vec![4, 8]);
    (config.flow.scales, config.flow.depth, config.flow.hidden) = (1, 1, 4);
    config
}

/// One optimizer may train two models of one configuration, so these share no id.
#[test]
fn models_that_are_made_apart_share_no_id() {
    let config = CouplingFlowConfig::realnvp(3).with_hidden(vec![8]);
    let [one, other] = [(); 2].map(|()| config.init(&Device::default()));
    let all: BTreeSet<ParamId> = ids(&one).into_iter().chain(ids(&other)).collect();
    assert_eq!(all.len(), 2 * ids(&one).len());
}

#[test]
fn a_copy_has_new_ids_where_one_asks_for_them() {
    let one = glow().init(&training());
    assert_eq!(ids(&one), ids(&one.clone()));
    let other = fresh_ids(one.clone());
    let all: BTreeSet<ParamId> = ids(&one).into_iter().chain(ids(&other)).collect();
    assert_eq!(all.len(), 2 * ids(&one).len());
    assert_eq!(parameters(&one), parameters(&other));
}

/// A file of an earlier version, without ids, is a file with other metadata.
#[test]
fn files_without_ids_are_read_too() {
    let nice = NiceConfig::paper(6, 17)
        .with_hidden(8)
        .init(&Device::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    nice.save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let mut metadata = header.metadata().clone().unwrap();
    metadata.remove("thalweg.ids");
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut views = tensors.tensors();
    views.sort_by(|a, b| a.0.cmp(&b.0));
    // The checksum that such a file was written with.
    let mut hasher = crc32fast::Hasher::new();
    for key in ["thalweg.version", "thalweg.model", "thalweg.config"] {
        hasher.update(metadata[key].as_bytes());
    }
    for (name, view) in &views {
        hasher.update(format!("{name} {} {:?}", view.dtype(), view.shape()).as_bytes());
        hasher.update(view.data());
    }
    let checksum = format!("{:08x}", hasher.finalize());
    metadata.insert("thalweg.crc32".to_owned(), checksum);
    std::fs::write(
        &path,
        safetensors::serialize(views, Some(metadata)).unwrap(),
    )
    .unwrap();

    let loaded = Nice::load(&path, &Device::default()).unwrap();
    assert_eq!(parameters(&loaded), parameters(&nice));
    let all: BTreeSet<ParamId> = ids(&loaded).into_iter().chain(ids(&nice)).collect();
    assert_eq!(all.len(), 2 * ids(&nice).len());
}
